"""Agreement with the project's yardstick, where the checkout has it."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.signal import lfilter

import tsgan_evaluation as judges

PATH = Path(__file__).resolve().parents[2].parent / "shared" / "yardstick.py"
RNG = np.random.default_rng(0)
WALK = np.asarray(lfilter([1], [1, -0.97], RNG.normal(size=(1023, 3)), axis=0))
WINDOWS = np.lib.stride_tricks.sliding_window_view(WALK, 24, axis=0).transpose(0, 2, 1)
REAL = (WINDOWS - WINDOWS.min((0, 1))) / np.ptp(WINDOWS, (0, 1))
SYNTHETIC = (0.7 * REAL[RNG.permutation(1000)] + 0.3 * REAL[RNG.permutation(1000)]).clip(0, 1)


@pytest.fixture(scope="module")
def yardstick() -> ModuleType:
    if not PATH.exists():
        pytest.skip("no shared/yardstick.py beside the repository")
    spec = spec_from_file_location("yardstick", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", [0, 1])
def test_discriminative_score_to_the_digit(yardstick: ModuleType, seed: int) -> None:
    for hidden in (1, 32):
        expected = yardstick.discriminative(REAL, SYNTHETIC, hidden, seed, steps=20)
        assert judges.discriminative_score(REAL, SYNTHETIC, hidden, seed, steps=20) == expected


@pytest.mark.parametrize("seed", [0, 1])
def test_feature_judge(yardstick: ModuleType, seed: int) -> None:
    expected = yardstick.feature_judge(REAL, SYNTHETIC, seed, count=600, kernels=60)
    verdict = judges.feature_judge(REAL, SYNTHETIC, seed, count=600, kernels=60)
    assert verdict.auc == pytest.approx(expected, abs=1e-9)
    assert verdict.low < verdict.auc < verdict.high


def test_autocorrelation_correlation_and_ks(yardstick: ModuleType) -> None:
    lags = (1, 2, 4, 8)
    difference = [np.abs(yardstick.autocorrelation(REAL, k) - yardstick.autocorrelation(SYNTHETIC, k)) for k in lags]
    assert judges.autocorrelation_difference(REAL, SYNTHETIC) == pytest.approx(np.mean(difference))
    correlation = np.abs(yardstick.correlations(REAL) - yardstick.correlations(SYNTHETIC)).mean()
    assert judges.correlation_difference(REAL, SYNTHETIC) == pytest.approx(correlation)
    # The yardstick looks at every seventh cell only, which is another set of one-step sequences.
    real, synthetic = (x.reshape(-1, 1, 3)[::7] for x in (REAL, SYNTHETIC))
    ks = np.mean([yardstick.ks_2samp(real[:, 0, c], synthetic[:, 0, c]).statistic for c in range(3)])
    assert judges.kolmogorov_smirnov(real, synthetic) == pytest.approx(ks)
