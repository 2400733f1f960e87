from collections.abc import Callable

import numpy as np
import pytest

from tsgan_evaluation import correlation_difference, correlational_score

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
