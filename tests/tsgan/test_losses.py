"""Objectives against closed forms and against double backward."""

import pytest
import torch
from torch import Tensor, nn

from tsgan import losses


@pytest.fixture
def draw() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_critic_wants_real_scores_above_generated_ones() -> None:
    assert losses.wasserstein(torch.tensor([3.0, 1.0]), torch.tensor([0.0, 1.0])) == pytest.approx(-1.5)
    assert losses.generator_loss(torch.tensor([0.0, 1.0])) == pytest.approx(-0.5)


def test_mixture_has_one_uniform_weight_a_sequence(draw: torch.Generator) -> None:
    x, y = torch.ones(2000, 5, 3), torch.zeros(2000, 5, 3)
    mixed = losses.mixture(x, y, draw)
    weight = mixed[:, 0, 0]
    assert (mixed == weight[:, None, None]).all()
    assert weight.mean() == pytest.approx(0.5, abs=0.03)
    assert weight.std() == pytest.approx(12**-0.5, abs=0.02)


@pytest.mark.parametrize("double_backward", [True, False])
def test_penalty_of_a_linear_critic_is_its_norm_less_one_squared(double_backward: bool, draw: torch.Generator) -> None:
    w = torch.randn(4, 2, dtype=torch.float64, generator=draw)

    def critic(v: Tensor) -> Tensor:
        return (v * w).sum((1, 2))

    v = torch.randn(7, 4, 2, dtype=torch.float64, generator=draw)
    if double_backward:
        penalty = losses.gradient_penalty(critic, v)
    else:
        ahead = 0.1 * losses.directions(critic, v)
        penalty = losses.directional_penalty(critic(v + ahead), critic(v - ahead), 0.1)
    assert penalty.item() == pytest.approx((w.norm().item() - 1) ** 2)


def test_norm_is_of_each_sequence_not_of_the_batch(draw: torch.Generator) -> None:
    def critic(v: Tensor) -> Tensor:
        return v.flatten(1).sum(1) * torch.arange(len(v))  # slopes 0, 2, 4 of sequences of four coordinates

    v = torch.randn(3, 2, 2, generator=draw)
    assert losses.gradient_penalty(critic, v).item() == pytest.approx(((0 - 1) ** 2 + (2 - 1) ** 2 + (4 - 1) ** 2) / 3)


@pytest.mark.parametrize(("h", "tolerance"), [(0.1, 2e-3), (0.01, 2e-5)])
def test_directional_penalty_has_the_gradient_of_double_backward(h: float, tolerance: float, draw: torch.Generator) -> None:
    critic = nn.Sequential(nn.Flatten(), nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1), nn.Flatten(0)).double()
    with torch.no_grad():
        for weight in critic.parameters():
            weight.normal_(std=0.3, generator=draw)
    v = torch.randn(5, 4, 2, dtype=torch.float64, generator=draw)
    weights = list(critic.parameters())[:-1]  # the last bias has no part in a slope
    reference = torch.autograd.grad(losses.gradient_penalty(critic, v), weights, allow_unused=True)
    ahead = h * losses.directions(critic, v)
    ours = torch.autograd.grad(losses.directional_penalty(critic(v + ahead), critic(v - ahead), h), weights)
    for mine, exact in zip(ours, reference, strict=True):
        assert exact is not None
        assert (mine - exact).norm() <= tolerance * exact.norm()
