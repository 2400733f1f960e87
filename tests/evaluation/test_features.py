from functools import partial

import numpy as np
import pytest
from scipy.signal import lfilter
from sklearn.metrics import roc_auc_score

from tsgan_evaluation import autocorrelation_difference, feature_judge, kolmogorov_smirnov
from tsgan_evaluation.features import _block_wins

RNG = np.random.default_rng(0)
quick = partial(feature_judge, kernels=120)


def jumps_and_decays(n: int) -> np.ndarray:
    """AR(1) with exponential innovations: up at once, down slowly, so that time has a direction."""
    innovations = RNG.exponential(size=(n, 80, 2))
    return np.asarray(lfilter([1], [1, -0.8], innovations, axis=1))[:, -24:]


def smooth(n: int) -> np.ndarray:
    return np.asarray(lfilter([1], np.poly([0.95, 0.95]), RNG.normal(size=(n, 200, 2)), axis=1))[:, -24:]


REAL = jumps_and_decays(500)


def test_two_draws_of_a_process_cannot_be_told_apart() -> None:
    verdict = quick(REAL, jumps_and_decays(500))
    assert 0.43 < verdict.auc < 0.57
    assert verdict.low < 0.5 < verdict.high


def test_copies_score_far_below_a_half() -> None:
    verdict = quick(REAL, REAL[RNG.integers(0, 500, 500)], kernels=300)
    assert verdict.high < 0.45


def test_sees_reversed_time_which_marginal_and_autocorrelation_cannot() -> None:
    backwards = jumps_and_decays(500)[:, ::-1]
    assert quick(REAL, backwards).low > 0.9
    assert kolmogorov_smirnov(REAL, REAL[:, ::-1]) == 0
    assert autocorrelation_difference(REAL, REAL[:, ::-1]) == pytest.approx(0)


def test_sees_shuffled_time() -> None:
    assert quick(REAL, RNG.permuted(jumps_and_decays(500), axis=1)).low > 0.95


def test_sees_one_percent_of_noise_on_a_smooth_series() -> None:
    real, synthetic = smooth(500), smooth(500)
    assert quick(real, synthetic + 0.01 * real.std() * RNG.normal(size=real.shape)).auc > 0.7


def test_sees_a_scaled_column() -> None:
    assert quick(REAL, jumps_and_decays(500) * [1, 1.5]).auc > 0.8


def test_ignores_units() -> None:
    other = jumps_and_decays(500)
    assert quick(REAL, other).auc == pytest.approx(quick(7 + 2.0**10 * REAL, 7 + 2.0**10 * other).auc, abs=1e-3)


def test_a_seed_gives_the_same_verdict_and_another_seed_another() -> None:
    other = jumps_and_decays(500)
    assert quick(REAL, other, seed=1) == quick(REAL, other, seed=1) != quick(REAL, other, seed=2)


def test_sides_may_differ_in_size() -> None:
    assert 0.4 < quick(REAL, jumps_and_decays(100)).auc < 0.6


def test_too_few_blocks_are_refused() -> None:
    with pytest.raises(ValueError, match="real has 9 blocks of time or entities; 5 folds need at least 10"):
        feature_judge(REAL, REAL, blocks=9)


def test_wins_over_pairs_are_the_area_under_the_roc_curve() -> None:
    a, b = RNG.integers(0, 20, 60).astype(float), RNG.integers(3, 23, 40).astype(float)
    wins, pairs = _block_wins(a, np.arange(60) // 12, b, np.arange(40) // 10)
    assert wins.shape == (5, 4)
    expected = roc_auc_score(np.repeat([1, 0], [60, 40]), np.r_[a, b])
    assert wins.sum() / pairs.sum() == pytest.approx(expected, rel=1e-12)
