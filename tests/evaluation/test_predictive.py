import numpy as np
import pytest
import torch
from scipy.signal import lfilter

from tsgan_evaluation._validation import DataError
from tsgan_evaluation.predictive import forecast_ratio, next_step_ratio, predictive_score

RNG = np.random.default_rng(0)


def ar1(n: int, rho: float = 0.9) -> np.ndarray:
    return np.asarray(lfilter([1], [1, -rho], RNG.normal(size=(n, 74, 2)), axis=1))[:, 50:]


REAL = ar1(400)


@pytest.mark.parametrize("ratio", [forecast_ratio, next_step_ratio])
class TestRatio:
    def test_another_draw_teaches_as_much(self, ratio: object) -> None:
        assert ratio(REAL, ar1(400)) == pytest.approx(1, abs=0.03)  # type: ignore[operator]

    def test_the_wrong_law_teaches_less(self, ratio: object) -> None:
        assert ratio(REAL, ar1(400, rho=-0.5)) > 1.2  # type: ignore[operator]

    def test_units_do_not_matter(self, ratio: object) -> None:
        other, unit = ar1(400, rho=0.5), np.array([1e3, 1e-3])
        assert ratio(REAL * unit, other * unit) == pytest.approx(ratio(REAL, other))  # type: ignore[operator]


def test_a_wrong_ar1_costs_what_the_closed_form_says() -> None:
    # The error of forecasting rho x with a x instead: normal, of variance 1 + (rho - a)^2 var(x).
    expected = np.sqrt(1 + 0.4**2 / (1 - 0.81))
    assert next_step_ratio(ar1(4000), ar1(4000, rho=0.5)) == pytest.approx(expected, rel=0.03)


def test_missing_cells_are_neither_forecast_nor_counted() -> None:
    gappy = np.where(RNG.random(REAL.shape) < 0.2, np.nan, REAL)
    assert forecast_ratio(gappy, np.where(RNG.random(REAL.shape) < 0.2, np.nan, ar1(400))) == pytest.approx(1, abs=0.05)


def test_real_blocks_are_never_divided() -> None:
    with pytest.raises(DataError, match="lie in one block"):
        forecast_ratio(REAL, REAL, np.zeros(400))


def test_what_cannot_be_compared_says_why() -> None:
    with pytest.raises(DataError, match="no real column varies"):
        forecast_ratio(np.ones_like(REAL), REAL)
    with pytest.raises(DataError, match="at least 20 sequences"):
        forecast_ratio(REAL[:10], REAL)
    with pytest.raises(DataError, match="there is only one"):
        predictive_score(REAL[..., :1], REAL[..., :1])


def unit(x: np.ndarray) -> np.ndarray:
    return np.asarray((x - x.min((0, 1))) / np.ptp(x, (0, 1)))


def test_the_protocol_learns_what_can_be_learned() -> None:
    # The last column is the first one a step later.
    noise = RNG.random((500, 9))
    real = np.stack([noise[:, 1:], noise[:, :-1]], 2)
    learned = predictive_score(real, real, steps=400)
    shuffled = predictive_score(real, RNG.permuted(real, axis=1), steps=400)
    assert learned < 0.9 * shuffled


def test_a_seed_gives_the_same_figure_again_and_leaves_the_global_state_alone() -> None:
    before = torch.get_rng_state()
    x = unit(REAL)
    assert predictive_score(x, x, seed=1, steps=5) == predictive_score(x, x, seed=1, steps=5)
    assert predictive_score(x, x, seed=1, steps=5) != predictive_score(x, x, seed=2, steps=5)
    assert torch.equal(torch.get_rng_state(), before)
