from dataclasses import replace

import numpy as np
import pytest

from tsgan_evaluation import METRICS
from tsgan_evaluation.verdict import floor_bound, verdict

KS, AUC, P = METRICS["ks"], METRICS["feature_judge"], METRICS["precision"]
TWENTY = np.linspace(0.01, 0.029, 20).tolist()


def test_of_twenty_splits_the_bound_is_the_largest() -> None:
    assert floor_bound(KS, TWENTY, 0.5) == max(TWENTY)


@pytest.mark.parametrize("n", [2, 3, 5, 20])
def test_a_value_of_the_floors_law_is_beyond_the_bound_once_in_twenty(n: int) -> None:
    rng = np.random.default_rng(0)
    alarms = [verdict(KS, x[1:].tolist(), x[0]) != "as real" for x in rng.normal(0.3, 0.02, (4000, n + 1))]
    assert 0.02 < np.mean(alarms) < 0.065


def test_three_times_as_far_is_visible_and_beyond_is_bad() -> None:
    verdicts = [verdict(KS, TWENTY, x) for x in (0.02, 0.029, 0.03, 0.086, 0.09)]
    assert verdicts == ["as real", "as real", "visible", "visible", "bad"]


def test_less_than_the_best_is_no_fault_where_faults_lie_above() -> None:
    ratio = replace(METRICS["next_step"])
    assert verdict(ratio, [0.98, 1.01, 0.99], 0.5) == "as real"


def test_higher_is_better_is_judged_below() -> None:
    floors = [0.95, 0.96, 0.94, 0.95]
    assert 0.9 < floor_bound(P, floors, 0.5) < 0.94
    assert [verdict(P, floors, x) for x in (1.0, 0.95, 0.9, 0.3)] == ["as real", "as real", "visible", "bad"]


def test_an_auc_is_judged_on_both_sides_though_halves_lie_on_one() -> None:
    floors = [0.42, 0.44, 0.46, 0.43, 0.45]
    assert [verdict(AUC, floors, x) for x in (0.5, 0.52, 0.44, 0.6, 0.9)] == [
        "as real",
        "as real",
        "as real",
        "visible",
        "bad",
    ]
    assert [verdict(AUC, floors, x) for x in (0.36, 0.1)] == ["visible", "bad"]


def test_the_worst_values_are_bad_however_wide_the_floor() -> None:
    assert verdict(AUC, [0.3, 0.4, 0.25], 1.0) == "bad"
    assert floor_bound(AUC, [0.1, 0.9], 0.6) == 1


def test_without_two_splits_there_is_no_verdict() -> None:
    assert verdict(KS, [0.1], 0.1) == verdict(KS, [], 0.1) == ""


@pytest.mark.parametrize("n", [5, 20])
def test_of_all_columns_together_one_is_beyond_the_bound_once_in_twenty(n: int) -> None:
    rng = np.random.default_rng(0)
    draws = rng.normal(0.3, 0.02, (2000, 6, n + 1))
    alarms = [any(verdict(KS, x[1:].tolist(), x[0], columns=6) != "as real" for x in columns) for columns in draws]
    assert 0.01 < np.mean(alarms) < 0.065


def test_a_margin_is_as_real_though_halves_saw_nothing() -> None:
    rare = METRICS["repeats"]
    assert [verdict(rare, [0.0] * 20, x) for x in (0.004, 0.006, 0.5)] == ["as real", "visible", "bad"]
    assert floor_bound(rare, [0.0] * 20, 0.1) == rare.margin
    assert floor_bound(rare, [0.01] * 20, 0.1) == 0.01


def test_halves_that_differ_as_much_as_the_metric_can_give_no_verdict() -> None:
    floors = [0.35, 0.9, 0.6]
    assert floor_bound(AUC, floors, 1.0) == 1.0
    assert verdict(AUC, floors, 1.0) == ""
    assert verdict(AUC, floors, 0.7) == ""
