"""Penalties against closed forms and against double backward."""

import pytest
import torch
from torch import Tensor, nn

from tsgan import penalties
from tsgan.losses import wasserstein
from tsgan.penalties import PENALTIES


@pytest.fixture
def draw() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_mixture_has_one_uniform_weight_a_sequence(draw: torch.Generator) -> None:
    x, y = torch.ones(2000, 5, 3), torch.zeros(2000, 5, 3)
    (mixed,) = penalties.mixture(x, y, draw)
    weight = mixed[:, 0, 0]
    assert (mixed == weight[:, None, None]).all()
    assert weight.mean() == pytest.approx(0.5, abs=0.03)
    assert weight.std() == pytest.approx(12**-0.5, abs=0.02)


@pytest.mark.parametrize(
    ("name", "slope", "expected"),
    [
        ("two-sided", 0.5, 0.25),
        ("two-sided", 3.0, 4.0),
        ("one-sided", 0.5, 0.0),
        ("one-sided", 3.0, 4.0),
        ("r1r2", 3.0, 4.5),
    ],
)
def test_penalties_of_slopes(name: str, slope: float, expected: float) -> None:
    assert PENALTIES[name].of_slopes(torch.tensor([slope, slope])).item() == pytest.approx(expected)


def test_r1_and_r2_are_at_real_and_at_generated_sequences(draw: torch.Generator) -> None:
    x, y = torch.ones(3, 2, 2), torch.zeros(3, 2, 2)
    assert PENALTIES["r1r2"].points(x, y, draw) == [x, y]


@pytest.mark.parametrize("double_backward", [True, False])
def test_the_slope_of_a_linear_critic_is_its_norm(double_backward: bool, draw: torch.Generator) -> None:
    w = torch.randn(4, 2, dtype=torch.float64, generator=draw)

    def critic(v: Tensor) -> Tensor:
        return (v * w).sum((1, 2))

    v = torch.randn(7, 4, 2, dtype=torch.float64, generator=draw)
    if double_backward:
        found = penalties.exact_slopes(critic, v)
    else:
        ahead = 0.1 * penalties.directions(critic, v)
        found = penalties.slopes(critic(v + ahead), critic(v - ahead), 0.1)
    torch.testing.assert_close(found, w.norm().expand(7))


def test_a_slope_is_of_each_sequence_not_of_the_batch(draw: torch.Generator) -> None:
    def critic(v: Tensor) -> Tensor:
        return v.flatten(1).sum(1) * torch.arange(len(v))

    found = penalties.exact_slopes(critic, torch.randn(3, 2, 2, generator=draw))
    torch.testing.assert_close(found, torch.tensor([0.0, 2.0, 4.0]))  # of four coordinates


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize(("h", "tolerance"), [(0.1, 5e-3), (0.01, 5e-5)])
def test_first_derivatives_give_the_gradient_of_double_backward(
    name: str, h: float, tolerance: float, draw: torch.Generator
) -> None:
    critic = nn.Sequential(nn.Flatten(), nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1), nn.Flatten(0)).double()
    with torch.no_grad():
        for weight in critic.parameters():
            weight.normal_(std=0.3, generator=draw)
        list(critic.parameters())[2].mul_(4)  # slopes on both sides of 1
    v = torch.randn(5, 4, 2, dtype=torch.float64, generator=draw)
    weights = list(critic.parameters())[:-1]  # the last bias has no part in a slope
    of_slopes = PENALTIES[name].of_slopes
    reference = torch.autograd.grad(of_slopes(penalties.exact_slopes(critic, v)), weights, allow_unused=True)
    ahead = h * penalties.directions(critic, v)
    ours = torch.autograd.grad(of_slopes(penalties.slopes(critic(v + ahead), critic(v - ahead), h)), weights)
    for mine, exact in zip(ours, reference, strict=True):
        assert exact is not None
        assert exact.norm() > 0
        assert (mine - exact).norm() <= tolerance * exact.norm()


@pytest.mark.parametrize("name", PENALTIES)
def test_the_best_linear_critic_under_a_penalty_has_its_closed_form(name: str, draw: torch.Generator) -> None:
    x, y = torch.randn(2, 20, 3, 1, generator=draw)
    apart, weight = (x.mean(0) - y.mean(0)).flatten(), 10.0
    # E[D(y)] - E[D(x)] = -w d: least at (1 + |d| / 2 lambda) d / |d|, and for R1 and R2, together |w|^2, at d / 2 lambda.
    best = apart / (2 * weight) if name == "r1r2" else apart / apart.norm() * (1 + apart.norm() / (2 * weight))
    w: Tensor = best.clone().requires_grad_()

    def critic(v: Tensor) -> Tensor:
        return (v[..., 0] * w).sum(1)

    loss = wasserstein(critic(x), critic(y))
    for points in PENALTIES[name].points(x, y, draw):
        ahead = 0.1 * penalties.directions(critic, points)
        slopes = penalties.slopes(critic(points + ahead), critic(points - ahead), 0.1)
        loss = loss + weight * PENALTIES[name].of_slopes(slopes)
    (gradient,) = torch.autograd.grad(loss, w)
    torch.testing.assert_close(gradient, torch.zeros(3), atol=1e-4, rtol=0)
