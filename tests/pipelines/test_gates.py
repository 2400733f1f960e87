"""Gates hold or say why not."""

from math import nan

import pytest

from tsgan.exceptions import InputError
from tsgan_pipelines.gates import broken, check_gates, parse_bound

SCORES = {"judge_auc": 0.8, "closest_record_ratio": nan}


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [("<= 0.8", 0.8, True), ("<0.8", 0.8, False), (" >= -1e3", -1.0, True), ("> 0", 0.0, False), ("<= 1", nan, False)],
)
def test_bounds(text: str, value: float, holds: bool) -> None:
    assert parse_bound(text).holds(value) is holds


@pytest.mark.parametrize("text", ["0.8", "== 1", "<= much", "", "<= 1 2"])
def test_what_is_no_bound_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a bound is a sign and a number"):
        parse_bound(text)


def test_broken_gates_say_what_was_found_and_wanted() -> None:
    assert broken({"quality": {"judge_auc": "<= 0.85"}}, SCORES, {}) == []
    assert broken({"quality": {"judge_auc": "<= 0.75"}}, SCORES, {}) == ["quality: judge_auc is 0.8, wanted <= 0.75"]


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ({}, "not computed"),
        ({"closest_record_ratio": "not computed, because there is one row"}, "not computed, because there is one row"),
    ],
)
def test_what_was_not_computed_passes_no_gate_and_says_why(why: dict[str, str], told: str) -> None:
    reasons = broken({"privacy": {"closest_record_ratio": ">= 0"}}, SCORES, why)
    assert reasons == [f"privacy: closest_record_ratio was {told}, wanted >= 0"]


def test_a_gate_on_no_score_is_a_mistake() -> None:
    with pytest.raises(InputError, match="no such score; there are 'judge_auc', 'closest_record_ratio'"):
        check_gates({"quality": {"auc": "<= 1"}}, dict.fromkeys(SCORES, ""), SCORES)


def test_a_gate_on_a_score_that_will_not_be_computed_is_a_mistake() -> None:
    gates = {"quality": {"judge_auc": "<= 1"}, "privacy": {"ratio": "<= 1", "copies": "<= 1"}}
    known = {"judge_auc": "feature_judge", "ratio": "ratio", "copies": "copies"}
    words = "gates.quality.judge_auc, gates.privacy.copies: not among evaluation.metrics; add feature_judge and copies, "
    with pytest.raises(InputError) as caught:
        check_gates(gates, known, ["ratio"])
    assert str(caught.value) == words + "or remove the gate: `gates: {quality: {}, privacy: {}}`"
    check_gates(gates, known, known)
