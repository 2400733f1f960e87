import numpy as np
import pytest
from scipy.signal import lfilter

from tsgan_evaluation import autocorrelation, autocorrelation_difference

RNG = np.random.default_rng(0)


def ar1(rho: float, shape: tuple[int, int, int]) -> np.ndarray:
    return np.asarray(lfilter([1], [1, -rho], RNG.normal(size=shape), axis=1))


LONG = ar1(0.8, (40, 3000, 2))
SHORT = ar1(0.8, (300, 24, 2))


@pytest.mark.parametrize("lag", [1, 2, 5])
def test_an_ar1_has_autocorrelation_rho_to_the_lag(lag: int) -> None:
    np.testing.assert_allclose(autocorrelation(LONG, lag), 0.8**lag, atol=0.02)


def test_agrees_with_sums_by_hand() -> None:
    x = np.array([[[1.0], [2.0], [6.0]]])  # centred: -2, -1, 3
    assert autocorrelation(x, 1)[0] == pytest.approx(((2 - 3) / 2) / (14 / 3))


def test_is_0_for_the_same_data() -> None:
    assert autocorrelation_difference(SHORT, SHORT) == 0


def test_sees_shuffled_time() -> None:
    assert autocorrelation_difference(SHORT, RNG.permuted(SHORT, axis=1)) > 0.2


def test_ignores_scale_shift_and_the_direction_of_time() -> None:
    assert autocorrelation_difference(SHORT, 3 - 5 * SHORT[:, ::-1]) == pytest.approx(0)


def test_missing_cells_cost_precision_only() -> None:
    gappy = np.where(RNG.random(LONG.shape) < 0.3, np.nan, LONG)
    np.testing.assert_allclose(autocorrelation(gappy, 1), 0.8, atol=0.02)


def test_a_sequence_or_lag_without_observed_cells_counts_for_nothing() -> None:
    with_empty = np.concatenate([SHORT, np.full((1, 24, 2), np.nan)])
    np.testing.assert_allclose(autocorrelation(with_empty, 1), autocorrelation(SHORT, 1))
    assert autocorrelation(np.where(np.arange(24)[:, None] % 2, np.nan, SHORT), 1).tolist() == [0, 0]


def test_a_constant_column_has_autocorrelation_0() -> None:
    assert autocorrelation(np.full((5, 24, 1), 0.1), 1).tolist() == [0]


def test_lags_beyond_the_sequence_are_dropped() -> None:
    short = SHORT[:, :5]
    other = RNG.permuted(short, axis=1)
    assert autocorrelation_difference(short, other, lags=(1, 2, 4, 8)) == autocorrelation_difference(
        short, other, lags=(1, 2, 4)
    )


def test_lags_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="lag is 24; sequences of 24 steps have lags from 1 to 23"):
        autocorrelation(SHORT, 24)
    with pytest.raises(ValueError, match=r"lags are \(24, 30\); sequences of 24 steps"):
        autocorrelation_difference(SHORT, SHORT, lags=(24, 30))
