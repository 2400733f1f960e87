from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats.contingency import association

from tsgan_evaluation import correlation_difference, correlational_score
from tsgan_evaluation._validation import DataError
from tsgan_evaluation.dependence import (
    association_difference,
    correlation_ratio,
    cramers_v,
    cross_correlation_difference,
)

Metric = Callable[[np.ndarray, np.ndarray], float]

RNG = np.random.default_rng(0)
MIX = np.array([[1, 0.6, 0.3], [0, 1, 0.6], [0, 0, 1]])
REAL, SYNTHETIC = RNG.normal(size=(200, 10, 3)) @ MIX, RNG.normal(size=(150, 10, 3))


def letter(real: np.ndarray, synthetic: np.ndarray) -> float:
    """The literature's steps one by one: standardise, multiply every pair of columns, average, add up, divide by 10."""
    total = 0.0
    z, y = ((x - x.mean((0, 1))) / x.std((0, 1), ddof=1) for x in (real, synthetic))
    for i in range(real.shape[2]):
        for j in range(i + 1):
            total += abs((z[..., i] * z[..., j]).mean() - (y[..., i] * y[..., j]).mean())
    return total / 10


def test_correlational_score_is_the_literatures_to_the_letter() -> None:
    assert correlational_score(REAL, SYNTHETIC) == pytest.approx(letter(REAL, SYNTHETIC), rel=1e-12)


def test_correlational_score_by_hand() -> None:
    x = np.array([[[1.0, 1.0], [-1.0, -1.0]]])  # correlation 1 against -1, each times (2 - 1) / 2
    assert correlational_score(x, x * [1, -1]) == pytest.approx((0.5 + 0.5) / 10)


def test_correlation_difference_agrees_with_numpy() -> None:
    expected = np.abs(np.corrcoef(REAL.reshape(-1, 3).T) - np.corrcoef(SYNTHETIC.reshape(-1, 3).T)).mean()
    assert correlation_difference(REAL, SYNTHETIC) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("metric", [correlational_score, correlation_difference])
class TestBoth:
    def test_0_for_the_same_data(self, metric: Metric) -> None:
        assert metric(REAL, REAL) == 0

    def test_sees_columns_shuffled_against_each_other(self, metric: Metric) -> None:
        apart = np.stack([RNG.permutation(REAL[..., c]) for c in range(3)], 2)
        assert metric(REAL, apart) > 0.1

    def test_ignores_scale_shift_and_time(self, metric: Metric) -> None:
        assert metric(REAL, REAL[::-1, ::-1] * [1, 2, 3] + 1e6) == pytest.approx(0, abs=1e-9)

    def test_one_column_scores_0(self, metric: Metric) -> None:
        assert metric(REAL[..., :1], SYNTHETIC[..., :1]) == pytest.approx(0, abs=1e-4)

    def test_a_constant_column_is_uncorrelated(self, metric: Metric) -> None:
        constant = np.where(np.arange(3) == 2, 0.1, SYNTHETIC)
        assert metric(constant, SYNTHETIC) < 0.05

    def test_missing_cells_cost_precision_only(self, metric: Metric) -> None:
        gappy = np.where(RNG.random(REAL.shape) < 0.3, np.nan, REAL)
        assert metric(REAL, gappy) < 0.05


def test_missing_cells_are_left_out_pair_by_pair() -> None:
    gappy = REAL.copy()
    gappy[:50, :, 0] = np.nan
    difference = correlation_difference(gappy, SYNTHETIC)
    kept, full = (np.corrcoef(x.reshape(-1, 3).T) for x in (REAL[50:], REAL))
    expected = full.copy()
    expected[0, 1:] = expected[1:, 0] = kept[0, 1:]
    assert difference == pytest.approx(np.abs(expected - np.corrcoef(SYNTHETIC.reshape(-1, 3).T)).mean(), rel=1e-12)


def test_cross_correlations_see_a_lag_that_the_correlational_score_cannot() -> None:
    noise = RNG.normal(size=(300, 30, 2))
    leads = np.stack([noise[:, 2:, 0], noise[:, :-2, 0] + noise[:, 2:, 1]], 2)
    follows = np.stack([noise[:, :-2, 0], noise[:, 2:, 0] + noise[:, 2:, 1]], 2)
    assert cross_correlation_difference(leads, follows) > 0.15
    assert correlational_score(leads, follows) < 0.01
    assert cross_correlation_difference(leads, leads) == 0


def test_cross_correlations_agree_with_numpy_at_lag_1() -> None:
    x, y = REAL[:, :3], SYNTHETIC[:, :3]  # 3 steps have lag 1 alone
    total = 0.0
    for i in range(3):
        for j in set(range(3)) - {i}:
            r, s = (np.corrcoef(z[:, 1:, i].ravel(), z[:, :-1, j].ravel())[0, 1] for z in (x, y))
            total += abs(r - s)
    assert cross_correlation_difference(x, y) == pytest.approx(total / 6)


def test_one_column_has_no_cross_correlation() -> None:
    with pytest.raises(DataError, match="only one column"):
        cross_correlation_difference(REAL[..., :1], REAL[..., :1])


def test_correlation_ratio_and_cramers_v_by_hand() -> None:
    kind = np.array([0.0, 0, 1, 1, np.nan])
    assert correlation_ratio(kind, np.array([1.0, 1, 5, 5, 9])) == pytest.approx(1)
    assert correlation_ratio(kind, np.array([1.0, 3, 1, 3, 9])) == pytest.approx(0)
    assert correlation_ratio(kind, np.array([0.0, 2, 2, 4, 9])) == pytest.approx(np.sqrt(0.5))
    assert correlation_ratio(kind, np.full(5, 0.1)) == 0
    assert cramers_v(kind, np.array([7.0, 7, 2, 2, 2])) == pytest.approx(1)
    assert cramers_v(kind, np.array([7.0, 2, 7, 2, 2])) == pytest.approx(0)
    assert cramers_v(kind, np.ones(5)) == 0


def test_cramers_v_agrees_with_scipy() -> None:
    a, b = RNG.integers(0, 3, 500), RNG.integers(0, 4, 500)
    b = np.where(RNG.random(500) < 0.5, a, b)
    table = np.array([[((a == i) & (b == j)).sum() for j in range(4)] for i in range(3)])
    assert cramers_v(a.astype(float), b.astype(float)) == pytest.approx(association(table, method="cramer"))


def test_associations_see_categories_shuffled_against_numbers() -> None:
    kind = RNG.integers(0, 3, (200, 5, 1)).astype(float)
    real = np.concatenate([kind, kind + RNG.normal(size=kind.shape)], 2)
    shuffled = np.concatenate([RNG.permutation(kind), real[..., 1:]], 2)
    assert association_difference(real, real, [True, False]) == 0
    assert association_difference(real, shuffled, [True, False]) > 0.4
    with pytest.raises(DataError, match="no category beside another"):
        association_difference(real, real, [False, False])
