import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from scipy.signal import lfilter

from tsgan_evaluation._validation import DataError
from tsgan_evaluation.embedding import coverage, density, embed, frechet_distance, precision, recall

RNG = np.random.default_rng(0)


def test_the_frechet_distance_of_moments_is_the_textbooks() -> None:
    a, b = RNG.normal(size=(500, 3)), RNG.normal(size=(400, 3)) @ RNG.normal(size=(3, 3)) + 1
    s, r = np.cov(a.T), np.cov(b.T)
    root = np.asarray(sqrtm(s @ r)).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s + r - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(a, a + 2) == pytest.approx(12)


def line(*places: float) -> np.ndarray:
    return np.array(places)[:, None]


def test_precision_recall_density_and_coverage_by_hand() -> None:
    real = line(0, 1, 2, 3, 4, 5)  # reaches, to the fifth neighbour: 5, 4, 3, 3, 4, 5
    inside, outside = line(2, 2, 2, 3, 3, 3), line(100, 101, 102, 103, 104, 105)
    half = np.concatenate([inside[:3], outside[:3]])
    assert precision(real, inside) == precision(real, real) == 1
    assert precision(real, outside) == 0
    assert precision(real, half) == 0.5
    assert recall(real, outside) == 0
    assert coverage(real, inside) == 1
    assert coverage(real, outside) == 0
    assert density(real, line(2, 2, 2, 2, 2, 2)) == pytest.approx(6 / 5)
    # 9 is within reach of 5 (at 4, reach 5) only: 0, 1, 2, 3 and 4 reach to 5, 5, 5, 6 and 8.
    assert density(real, line(*[9] * 6)) == pytest.approx(1 / 5)


def test_a_lost_mode_costs_recall_and_coverage_not_precision() -> None:
    mode = RNG.integers(0, 2, 600)[:, None] * 10 + RNG.normal(size=(600, 2))
    one = RNG.normal(size=(600, 2))
    assert precision(mode, one) > 0.95
    assert recall(mode, one) < 0.6
    assert coverage(mode, one) < 0.6


def test_an_outlier_fools_recall_and_not_coverage() -> None:
    real = RNG.normal(size=(300, 2))
    wide = 8 * RNG.normal(size=(300, 2))
    assert recall(real, wide) > 0.9
    assert coverage(real, wide) < 0.7


def ar1(n: int, rho: float) -> np.ndarray:
    return np.asarray(lfilter([1], [1, -rho], RNG.normal(size=(n, 74, 2)), axis=1))[:, 50:]


def test_the_learned_space_tells_laws_apart_and_equal_ones_not() -> None:
    real = ar1(400, 0.9)
    same, other = (frechet_distance(*embed(real, x, steps=60)) for x in (ar1(400, 0.9), ar1(400, 0.5)))
    assert other > 10 * same


def test_units_do_not_matter() -> None:
    real, other = ar1(100, 0.9), ar1(100, 0.5)
    a, b = embed(real, other, steps=3), embed(5 + 1e3 * real, 5 + 1e3 * other, steps=3)
    np.testing.assert_allclose(a[1], b[1], atol=1e-3)


def test_a_seed_gives_the_same_space_and_leaves_the_global_state_alone() -> None:
    real, before = ar1(100, 0.9), torch.get_rng_state()
    first, again, other = (embed(real, real, seed=s, steps=3)[1] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_what_cannot_be_embedded_says_why() -> None:
    with pytest.raises(DataError, match="at least 32 sequences"):
        embed(ar1(10, 0.5), ar1(100, 0.5))
    with pytest.raises(DataError, match="no real column varies"):
        embed(np.ones((50, 8, 1)), np.ones((50, 8, 1)))
    with pytest.raises(DataError, match="5 windows are too few"):
        precision(line(*range(5)), line(*range(9)))
    with pytest.raises(DataError, match="5 windows are too few for moments of 3 features"):
        frechet_distance(RNG.normal(size=(5, 3)), RNG.normal(size=(50, 3)))


@pytest.mark.parametrize("steps", [3, 4, 5])
def test_short_windows_are_enough(steps: int) -> None:
    assert np.isfinite(embed(ar1(40, 0.5)[:, :steps], ar1(40, 0.5)[:, :steps], steps=3)[0]).all()
