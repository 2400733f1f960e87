import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import ks_2samp

from tsgan_evaluation import autocorrelation, autocorrelation_difference
from tsgan_evaluation._validation import DataError
from tsgan_evaluation.temporal import (
    increment_distance,
    powers_of_two,
    profile_distance,
    spectrum,
    spectrum_distance,
    volatility_difference,
)

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


def test_agrees_with_statsmodels_where_it_is() -> None:
    acf = pytest.importorskip("statsmodels.tsa.stattools").acf
    x = LONG[:1, :, :1]
    # Its sums are divided by the number of steps, ours by the number of pairs.
    expected = acf(x[0, :, 0], nlags=5)[5] * 3000 / 2995
    assert autocorrelation(x, 5)[0] == pytest.approx(expected, rel=1e-9)


def test_default_lags_are_powers_of_two_up_to_a_third_of_the_steps() -> None:
    assert powers_of_two(24) == [1, 2, 4, 8]
    assert powers_of_two(168) == [1, 2, 4, 8, 16, 32]
    assert powers_of_two(2) == [1]


def test_volatility_sees_bursts_that_autocorrelation_cannot() -> None:
    spread = np.exp(ar1(0.9, (400, 60, 1)) / 2)
    bursts = spread * RNG.normal(size=spread.shape)
    levels = bursts.cumsum(1)
    calm = RNG.permuted(bursts, axis=1).cumsum(1)
    assert volatility_difference(levels, calm) > 0.1
    assert increment_distance(levels, calm) < 0.05


def test_one_jump_does_not_decide_the_volatility() -> None:
    calm = RNG.normal(size=(300, 24, 1)).cumsum(1)
    jump = calm.copy()
    jump[0, 11], jump[0, 12] = 60, -60
    assert volatility_difference(calm, jump) < 0.05


def test_increments_agree_with_scipy() -> None:
    other = ar1(0.5, (300, 24, 2))
    a, b = (np.diff(x[..., 0], axis=1).ravel() for x in (SHORT, other))
    assert increment_distance(SHORT[..., :1], other[..., :1]) == pytest.approx(ks_2samp(a, b, method="asymp").statistic)


def test_a_sine_has_its_variance_at_its_frequency() -> None:
    waves = np.sin(2 * np.pi * 6 / 48 * np.arange(48) + RNG.uniform(0, 6, 50)[:, None])[..., None]
    shares = spectrum(waves)[:, 0]
    assert shares.sum() == pytest.approx(1)
    assert shares.argmax() == 5
    assert shares[4:7].sum() > 0.99


def test_the_spectrum_of_an_ar1_has_its_shape() -> None:
    frequency = np.arange(1, 129) / 256
    expected = 1 / np.abs(1 - 0.8 * np.exp(-2j * np.pi * frequency)) ** 2
    found = spectrum(ar1(0.8, (400, 306, 1))[:, 50:])[:, 0]
    np.testing.assert_allclose(found[5:-5], (expected / expected.sum())[5:-5], rtol=0.35)


def test_spectra_see_fine_noise_and_ignore_reversed_time() -> None:
    smooth = np.asarray(lfilter([1], np.poly([0.95, 0.95]), RNG.normal(size=(300, 200, 1)), axis=1))[:, -24:]
    noisy = smooth + 0.01 * smooth.std() * RNG.normal(size=smooth.shape)
    assert spectrum_distance(smooth, noisy) > 0.3
    assert spectrum_distance(smooth, 7 - 2 * smooth[:, ::-1]) == pytest.approx(0, abs=1e-6)


def test_a_column_that_does_not_vary_has_no_spectrum() -> None:
    with pytest.raises(DataError, match="does not vary within its sequences"):
        spectrum_distance(np.full((3, 8, 1), 0.1), SHORT[..., :1][:, :8])


def test_profiles_by_hand() -> None:
    phases = np.array([[0, 1, 0, 1]])
    real = np.array([[[0.0], [2], [0], [2]]])  # profile -1, 1, deviation 1
    flat = np.array([[[5.0], [5], [5], [5]]])
    assert profile_distance(real, real + 3, (phases, phases)) == 0
    assert profile_distance(real, flat, (phases, phases)) == pytest.approx(1)
    with pytest.raises(DataError, match="fewer than two phases"):
        profile_distance(real, real, (phases, phases + 1))
    with pytest.raises(DataError, match="real column is constant"):
        profile_distance(flat, real, (phases, phases))
