import numpy as np
import pytest
from scipy.stats import ks_2samp

from tsgan_evaluation import kolmogorov_smirnov

RNG = np.random.default_rng(0)
REAL, SYNTHETIC = RNG.normal(size=(40, 12, 3)), RNG.normal(0.2, 1.1, size=(50, 12, 3))


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
