import numpy as np
import pytest

from tsgan_evaluation import NoiseFloor, kolmogorov_smirnov, noise_floor
from tsgan_evaluation.floor import alternating_halves

SERIES = np.arange(500.0)
WINDOWS = np.lib.stride_tricks.sliding_window_view(SERIES, 10)[..., None]  # (491, 10, 1), each cell its own time


@pytest.mark.parametrize("shift", [0, 17])
def test_halves_share_no_step(shift: int) -> None:
    even, odd = alternating_halves(WINDOWS, size=40, gap=9, shift=shift)
    assert not np.intersect1d(even, odd).size
    assert len(even) + len(odd) > 0.7 * len(WINDOWS)


def test_a_smaller_gap_would_share_steps() -> None:
    assert np.intersect1d(*alternating_halves(WINDOWS, size=40, gap=8)).size


def test_the_metric_sees_disjoint_halves_of_several_sizes() -> None:
    seen = []

    def metric(even: np.ndarray, odd: np.ndarray) -> float:
        assert not np.intersect1d(even, odd).size
        seen.append((len(even), len(odd)))
        return float(len(seen))

    assert noise_floor(metric, np.tile(WINDOWS, (1, 1, 2)), repeats=4) == NoiseFloor(median=2.5, high=4)
    assert len(set(seen)) > 1


def test_the_floor_of_independent_sequences_is_that_of_two_samples() -> None:
    rng = np.random.default_rng(0)
    floor = noise_floor(kolmogorov_smirnov, rng.normal(size=(2000, 5, 1)), gap=0)
    samples = [kolmogorov_smirnov(*rng.normal(size=(2, 1000, 5, 1))) for _ in range(5)]
    assert floor.median == pytest.approx(np.median(samples), rel=0.5)
    assert floor.median <= floor.high


def test_a_drifting_series_has_a_higher_floor() -> None:
    rng = np.random.default_rng(0)
    still = rng.normal(size=(500, 10, 1))
    drifting = still + np.linspace(0, 20, 500)[:, None, None]
    floors = [noise_floor(kolmogorov_smirnov, x).median for x in (still, drifting)]
    assert floors[1] > floors[0]


def test_too_few_sequences_are_refused_with_the_least_and_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"real has 19 sequences; halves with gaps of 9 need at least 20.*gap=0"):
        noise_floor(kolmogorov_smirnov, WINDOWS[:19])
    assert noise_floor(kolmogorov_smirnov, WINDOWS[:20]).high == 1


def test_a_metrics_refusal_says_whose_halves_it_refused() -> None:
    def refuse(even: np.ndarray, odd: np.ndarray) -> float:
        raise ValueError("too few")

    with pytest.raises(ValueError, match=r"no noise floor from halves of \d+ and \d+ of the 491 real.*too few"):
        noise_floor(refuse, WINDOWS)


def test_repeats_and_gap_are_checked() -> None:
    with pytest.raises(ValueError, match="repeats is 0 and gap -1"):
        noise_floor(kolmogorov_smirnov, WINDOWS, repeats=0, gap=-1)
