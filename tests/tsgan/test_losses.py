"""Each loss by hand: value, gradient, and the best linear critic where it is known."""

from collections.abc import Callable
from math import log

import numpy as np
import pytest
import torch
from scipy.special import ndtri
from torch import Tensor

from tsgan.losses import LOSSES

L = log(3)  # a logit of 3/4
BY_HAND = {  # D(x), D(y); the critic's loss, its gradients in both; the generator's, its gradient in D(y)
    "wgan-gp": ([3.0, 1.0], [0.0, 1.0], -1.5, [-0.5, -0.5], [0.5, 0.5], -0.5, [-0.5, -0.5]),
    "wgan": ([3.0, 1.0], [0.0, 1.0], -1.5, [-0.5, -0.5], [0.5, 0.5], -0.5, [-0.5, -0.5]),
    "minimax": ([0.0, L], [0.0, -L], log(8 / 3), [-0.25, -0.125], [0.25, 0.125], -log(8 / 3) / 2, [-0.25, -0.125]),
    "non-saturating": ([0.0, L], [0.0, -L], log(8 / 3), [-0.25, -0.125], [0.25, 0.125], log(8) / 2, [-0.25, -0.375]),
    "least-squares": ([1.0, 3.0], [0.0, 2.0], 2.0, [0.0, 1.0], [0.0, 1.0], 0.5, [-0.5, 0.5]),
    "hinge": ([2.0, 0.0], [-3.0, 1.0], 1.5, [0.0, -0.5], [0.0, 0.5], 1.0, [-0.5, -0.5]),
    "relativistic": ([0.0, L], [0.0, 0.0], log(8 / 3) / 2, [-0.25, -0.125], [0.25, 0.125], log(8) / 2, [-0.25, -0.375]),
}


@pytest.mark.parametrize("name", LOSSES)
def test_values_and_gradients_are_those_by_hand(name: str) -> None:
    real, fake, critic, of_real, of_fake, generator, of_generated = BY_HAND[name]
    d_real, d_fake = torch.tensor(real, requires_grad=True), torch.tensor(fake, requires_grad=True)
    loss = LOSSES[name].critic(d_real, d_fake)
    assert loss.item() == pytest.approx(critic)
    for found, expected in zip(torch.autograd.grad(loss, [d_real, d_fake]), (of_real, of_fake), strict=True):
        torch.testing.assert_close(found, torch.tensor(expected))
    loss = LOSSES[name].generator(lambda: d_real.detach(), d_fake)
    assert loss.item() == pytest.approx(generator)
    torch.testing.assert_close(torch.autograd.grad(loss, d_fake)[0], torch.tensor(of_generated))


@pytest.mark.parametrize("name", LOSSES)
def test_only_a_relativistic_generator_asks_for_real_scores(name: str) -> None:
    asked = []

    def scores() -> Tensor:
        asked.append(name)
        return torch.zeros(2)

    LOSSES[name].generator(scores, torch.zeros(2))
    assert bool(asked) == (name == "relativistic")


def test_losses_stay_finite_and_keep_their_gradient_where_scores_are_huge() -> None:
    for loss in LOSSES.values():
        far = torch.tensor([1e4, -1e4], requires_grad=True)
        total = loss.critic(far, -far) + loss.generator(lambda: torch.zeros(2), far)
        assert torch.isfinite(total)
        assert torch.isfinite(torch.autograd.grad(total, far)[0]).all()


def normal(mean: float, deviation: float = 1.0) -> Tensor:
    """Quantiles of a normal law, in place of a sample."""
    return mean + deviation * torch.as_tensor(ndtri((np.arange(20_000) + 0.5) / 20_000))


def slope_at(loss: Callable[[Tensor, Tensor], Tensor], weights: list[float], x: Tensor, y: Tensor) -> Tensor:
    """Gradient of the critic's loss in a and b of D(v) = a + b v."""
    w = torch.tensor(weights, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(loss(w[0] + w[1] * x, w[0] + w[1] * y), w)[0]


NOTHING = torch.zeros(2, dtype=torch.float64)


@pytest.mark.parametrize("name", ["minimax", "non-saturating"])
def test_the_best_linear_critic_of_two_normals_is_their_log_ratio(name: str) -> None:
    # log N(v; m, 1) - log N(v; n, 1) = (m - n) v - (m^2 - n^2) / 2
    m, n = 0.8, -0.2
    found = slope_at(LOSSES[name].critic, [-(m**2 - n**2) / 2, m - n], normal(m), normal(n))
    torch.testing.assert_close(found, NOTHING, atol=1e-4, rtol=0)


def test_the_best_linear_relativistic_critic_is_the_log_ratio_of_the_differences() -> None:
    # D(x) - D(y) = b (x - y), of differences N(m, s^2) against N(-m, s^2): b = 2 m / s^2
    m, s = 0.8, 1.5
    found = slope_at(LOSSES["relativistic"].critic, [0.3, 2 * m / s**2], normal(m, s), torch.zeros(20_000))
    torch.testing.assert_close(found, NOTHING, atol=1e-4, rtol=0)


def test_the_best_linear_critic_of_least_squares_is_a_regression_of_the_labels() -> None:
    draw = np.random.default_rng(0)
    x, y = draw.normal(1.0, 1.0, 50), draw.normal(0.0, 2.0, 50)
    design = np.stack([np.ones(100), np.concatenate([x, y])], 1)
    best = np.linalg.lstsq(design, np.repeat([1.0, 0.0], 50), rcond=None)[0]
    found = slope_at(LOSSES["least-squares"].critic, best.tolist(), torch.as_tensor(x), torch.as_tensor(y))
    torch.testing.assert_close(found, NOTHING, atol=1e-9, rtol=0)


def test_the_best_hinge_critic_of_two_points_has_them_at_its_margins() -> None:
    x, y = torch.full((4,), 2.0, dtype=torch.float64), torch.full((4,), -1.0, dtype=torch.float64)
    loss = LOSSES["hinge"].critic
    a, b = -1 / 3, 2 / 3  # D(2) = 1, D(-1) = -1
    assert loss(a + b * x, a + b * y).item() == pytest.approx(0, abs=1e-12)
    assert loss(a + 0.9 * b * x, a + 0.9 * b * y).item() > 0.01


def test_the_best_clipped_linear_critic_has_all_weights_at_the_bound() -> None:
    clip = LOSSES["wgan"].clip
    assert clip is not None
    x, y = torch.tensor([[1.0, -3.0], [2.0, 0.0]]), torch.zeros(2, 2)
    w = torch.zeros(2, requires_grad=True)
    for _ in range(20):
        (gradient,) = torch.autograd.grad(LOSSES["wgan"].critic(x @ w, y @ w), w)
        with torch.no_grad():
            w -= 0.01 * gradient
            w.clamp_(-clip, clip)
    torch.testing.assert_close(w.detach(), clip * torch.tensor([1.0, -1.0]))  # the signs of E[x] - E[y]
