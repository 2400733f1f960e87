"""The hand-written recurrence is plain autograd's, value and gradient."""

import pytest
import torch
from torch import Tensor

from tsgan.flags import TEMPERATURE
from tsgan.recurrence import BOUND, SLOPE, Constants, Holds, Path, rollout
from tsgan.recurrence_numpy import rollout_numpy

N, B, D, H, P = 3, 2, 3, 3, 2
HOLDS = Holds(torch.tensor([0]), torch.tensor([2]), torch.tensor([0.1], dtype=torch.float64))
WIDE = 5 * H + 2 * P * D


def reference(constants: Constants, known: Tensor, state: list[Tensor], weights: list[Tensor]) -> Tensor:
    h, c, x, last = state
    from_state, head, readout = weights
    levels = []
    for known_k in known:
        level = x.clamp(-BOUND, BOUND)
        size = torch.log(last**2 + constants.floor)
        q = torch.cat([level, level**2, size, last.clamp(-BOUND, BOUND), h], 1)
        gates, a, r = (known_k + q @ from_state).split([4 * H, H, 2 * P * D], 1)
        i, f, o, g = gates.chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * torch.tanh(g / 2)
        h = o.sigmoid() * c.tanh()
        log_scale, mean = (r + torch.nn.functional.leaky_relu(a + h @ head, SLOPE) @ readout).chunk(2, 1)
        e = log_scale.clamp(constants.low, constants.high).exp() * mean
        for e_j in e.split(D, 1):
            before, x = x, constants.rho * x + e_j
            if constants.holds is not None:
                values, flags, thresholds = constants.holds
                soft = torch.sigmoid((x[:, flags] - thresholds) / TEMPERATURE)
                up = (x[:, flags] > thresholds).to(x) + soft - soft.detach()
                kept = up * before[:, values] + (1 - up) * x[:, values]
                x = x.index_copy(1, values, kept)
            levels.append(x)
        last = constants.gain * e_j
    return torch.stack(levels).view(N, P, B, D)


def problem(scale: float) -> tuple[Constants, list[Tensor]]:
    draw = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return scale * torch.randn(*shape, dtype=torch.float64, generator=draw)

    shapes = [(N, B, WIDE), (B, H), (B, H), (B, D), (B, D), (4 * D + H, WIDE), (H, H), (H, 2 * P * D)]
    inputs = [normal(*shape).requires_grad_() for shape in shapes]
    bound = torch.ones(P * D, dtype=torch.float64)
    ones = torch.ones(D, dtype=torch.float64)
    return Constants(0.9 * ones, 1.3 * ones, 0.1 * ones, -0.5 * bound, 0.5 * bound), inputs


def run(constants: Constants, inputs: list[Tensor], known: Tensor) -> Path:
    h, c, x, last, from_state, head, readout = inputs[1:]
    return rollout(known, (h, c, x, last), from_state, head, readout, constants)


@pytest.mark.parametrize("holds", [None, HOLDS], ids=["no holds", "holds"])
@pytest.mark.parametrize("scale", [0.3, 2.0], ids=["inside the bounds", "beyond the bounds"])
def test_values_and_gradients_are_those_of_plain_autograd(scale: float, holds: Holds | None) -> None:
    constants, inputs = problem(scale)
    constants = constants._replace(holds=holds)
    ours = run(constants, inputs, inputs[0]).x
    theirs = reference(constants, inputs[0], inputs[1:5], inputs[5:])
    torch.testing.assert_close(ours, theirs)
    weight = torch.randn(ours.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    for mine, plain in zip(
        torch.autograd.grad((ours * weight).sum(), inputs), torch.autograd.grad((theirs * weight).sum(), inputs), strict=True
    ):
        torch.testing.assert_close(mine, plain, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("holds", [None, HOLDS], ids=["no holds", "holds"])
@pytest.mark.parametrize("scale", [0.3, 2.0], ids=["inside the bounds", "beyond the bounds"])
def test_numpy_computes_the_same(scale: float, holds: Holds | None) -> None:
    constants, inputs = problem(scale)
    constants = constants._replace(holds=holds)
    known, h, c, x, last, from_state, head, readout = (tensor.detach() for tensor in inputs)
    problem_of_both = known, (h, c, x, last), from_state, head, readout, constants
    ours, theirs = rollout_numpy(*problem_of_both), rollout(*problem_of_both)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other)


def test_a_held_value_stays_exactly_while_its_flag_is_up() -> None:
    constants, inputs = problem(2.0)
    x = run(constants._replace(holds=HOLDS), inputs, inputs[0]).x.flatten(0, 1)
    up = x[1:, :, 2] > 0.1
    assert 0 < up.sum() < up.numel()
    torch.testing.assert_close(up, x[1:, :, 0] == x[:-1, :, 0])


def test_a_rollout_in_two_parts_is_one_rollout() -> None:
    constants, inputs = problem(0.3)
    whole = run(constants, inputs, inputs[0])
    first = run(constants, inputs, inputs[0][:1])
    middle = [inputs[0], first.h[-1], first.c[-1], first.x[-1, -1], first.last[-1], *inputs[5:]]
    second = run(constants, middle, inputs[0][1:])
    torch.testing.assert_close(torch.cat([first.x, second.x]), whole.x)


def test_gradients_are_those_of_finite_differences() -> None:
    constants, inputs = problem(0.3)
    assert torch.autograd.gradcheck(lambda *parts: run(constants, list(parts), parts[0]).x, inputs)


def test_states_carry_no_gradients() -> None:
    constants, inputs = problem(0.3)
    path = run(constants, inputs, inputs[0])
    assert path.x.requires_grad
    assert not any(state.requires_grad for state in (path.h, path.c, path.last))
