import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import ks_2samp, wasserstein_distance

from tsgan_evaluation._validation import DataError
from tsgan_evaluation.marginal import (
    atom_mass_difference,
    kolmogorov_smirnov,
    ks_p_value,
    missing_rate_difference,
    range_violations,
    repeats_difference,
    total_variation,
    wasserstein,
)

RNG = np.random.default_rng(0)
REAL, SYNTHETIC = RNG.normal(size=(40, 12, 3)), RNG.normal(0.2, 1.1, size=(50, 12, 3))


def ar1(n: int, rho: float = 0.95) -> np.ndarray:
    return np.asarray(lfilter([1], [1, -rho], RNG.normal(size=(n, 150, 1)), axis=1))[:, 50:]


def cells(*values: float) -> np.ndarray:
    return np.array(values)[:, None, None]


def test_agrees_with_scipy_column_by_column() -> None:
    expected = [ks_2samp(REAL[..., c].ravel(), SYNTHETIC[..., c].ravel()).statistic for c in range(3)]
    assert kolmogorov_smirnov(REAL, SYNTHETIC) == pytest.approx(np.mean(expected))


def test_is_0_for_the_same_data_and_1_for_disjoint_ranges() -> None:
    assert kolmogorov_smirnov(REAL, REAL) == 0
    assert kolmogorov_smirnov(REAL, REAL + 100) == 1


def test_sees_a_scaled_column() -> None:
    assert kolmogorov_smirnov(REAL, REAL * [1, 1, 2]) > 0.05


def test_ignores_order_in_time_and_dependence() -> None:
    shuffled = RNG.permuted(REAL.reshape(-1, 3), axis=0).reshape(REAL.shape)
    assert kolmogorov_smirnov(REAL, shuffled) == 0


def test_leaves_missing_cells_out() -> None:
    longer = np.concatenate([SYNTHETIC, np.full_like(SYNTHETIC, np.nan)])
    assert kolmogorov_smirnov(REAL, longer) == kolmogorov_smirnov(REAL, SYNTHETIC)


class TestPValue:
    def test_rejects_equal_laws_seldom_where_the_naive_test_does_often(self) -> None:
        pairs = [(ar1(30), ar1(30)) for _ in range(60)]
        naive = np.mean([ks_2samp(a.ravel(), b.ravel(), method="asymp").pvalue < 0.05 for a, b in pairs])
        ours = np.mean([ks_p_value(a, b) < 0.05 for a, b in pairs])
        assert naive > 0.5
        assert ours < 0.15

    def test_sees_a_shift(self) -> None:
        assert ks_p_value(ar1(30), ar1(30) + 3) < 0.02

    def test_rows_belong_to_sequences_as_told(self) -> None:
        a, b = ar1(30), ar1(30)
        rows = a.reshape(-1, 1, 1), b.reshape(-1, 1, 1)
        owners = np.repeat(np.arange(30), 100), np.repeat(np.arange(30), 100)
        assert ks_p_value(*rows, owners) == ks_p_value(a, b)

    def test_few_sequences_are_refused(self) -> None:
        with pytest.raises(DataError, match="4 sequences are too few to resample"):
            ks_p_value(ar1(4), ar1(30))


def test_wasserstein_agrees_with_scipy_in_standard_deviations() -> None:
    a, b = REAL[..., 0].ravel(), SYNTHETIC[..., 0].ravel()
    assert wasserstein(REAL[..., :1], SYNTHETIC[..., :1]) == pytest.approx(wasserstein_distance(a, b) / a.std())
    assert wasserstein(5 * REAL, 5 * (REAL + REAL.std((0, 1)))) == pytest.approx(1)


def test_wasserstein_has_no_unit_where_the_real_column_is_constant() -> None:
    with pytest.raises(DataError, match="real column is constant"):
        wasserstein(np.full_like(REAL, 0.1), REAL)


def test_total_variation_by_hand() -> None:
    assert total_variation(cells(0, 0, 1, 1), cells(0, 1, 2, 2)) == pytest.approx((0.25 + 0.25 + 0.5) / 2)
    assert total_variation(cells(0, 1), cells(2, 3)) == 1


def test_missing_rates_by_hand() -> None:
    assert missing_rate_difference(cells(1, np.nan), cells(1, 2, 3, np.nan)) == pytest.approx(0.25)


def test_atoms_lost_and_invented_are_seen_and_continuous_columns_have_none() -> None:
    rain = np.where(RNG.random((50, 20, 1)) < 0.6, 0, RNG.exponential(size=(50, 20, 1)))
    smeared = np.where(rain == 0, 1e-3 * RNG.random(rain.shape), rain)
    assert atom_mass_difference(rain, smeared) == pytest.approx((rain == 0).mean())
    assert atom_mass_difference(smeared, rain) == pytest.approx((rain == 0).mean())
    assert atom_mass_difference(REAL, SYNTHETIC) == 0


def test_repeats_by_hand() -> None:
    one, none, gappy, apart = (
        np.array(x, dtype=float)[None, :, None] for x in ([1, 1, 2], [1, 2, 3], [1, 1, np.nan], [1, np.nan, 2])
    )
    assert repeats_difference(one, none) == pytest.approx(0.5)
    assert repeats_difference(one, gappy) == pytest.approx(0.5)
    with pytest.raises(DataError, match="no two observed steps in a row"):
        repeats_difference(apart, one)


def test_range_violations_by_hand() -> None:
    assert range_violations(cells(0, 1), cells(-1, 0.5, 1, 2)) == pytest.approx(0.5)
