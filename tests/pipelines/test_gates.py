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
    assert broken({"quality": {"judge_auc": "<= 0.85"}}, SCORES) == []
    assert broken({"quality": {"judge_auc": "<= 0.75"}}, SCORES) == ["quality: judge_auc is 0.8, wanted <= 0.75"]
    assert len(broken({"privacy": {"closest_record_ratio": ">= 0"}}, SCORES)) == 1  # what was not computed passes no gate


def test_a_gate_on_no_score_is_a_mistake() -> None:
    with pytest.raises(InputError, match="no such score; there are 'judge_auc', 'closest_record_ratio'"):
        check_gates({"quality": {"auc": "<= 1"}}, SCORES)
