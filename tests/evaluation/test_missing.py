import numpy as np
import pytest

from tsgan_evaluation import discriminative_score, feature_judge
from tsgan_evaluation._missing import fill_and_mask


def test_missing_cells_become_the_real_mean_and_a_mask() -> None:
    real = np.array([[[1.0, 5.0], [3.0, 7.0]]])
    synthetic = np.array([[[np.nan, 0.0], [9.0, 0.0]]])
    filled, synthetic_filled = fill_and_mask(real, synthetic)
    np.testing.assert_array_equal(filled, [[[1, 5, 0], [3, 7, 0]]])
    np.testing.assert_array_equal(synthetic_filled, [[[2, 0, 1], [9, 0, 0]]])


def test_complete_data_get_no_mask() -> None:
    x = np.ones((2, 3, 4))
    assert [side.shape for side in fill_and_mask(x, x)] == [(2, 3, 4), (2, 3, 4)]


@pytest.fixture
def missingness() -> tuple[np.ndarray, np.ndarray]:
    """Equal laws but for what is missing: a fifth at random, and every fifth step."""
    rng = np.random.default_rng(0)
    real, synthetic = rng.normal(size=(2, 400, 10, 1))
    real[rng.random(real.shape) < 0.2] = np.nan
    synthetic[:, ::5] = np.nan
    return real, synthetic


def test_the_judges_see_missingness_itself(missingness: tuple[np.ndarray, np.ndarray]) -> None:
    assert feature_judge(*missingness, kernels=60).auc > 0.95
    assert discriminative_score(*missingness, hidden_size=8, steps=300) > 0.3
