"""The hand-written recurrence is plain autograd's, value and gradient; plain cells are PyTorch's."""

import pytest
import torch
from torch import Tensor

from tsgan.cells import CELLS, Cell
from tsgan.recurrence import Constants, Holds, Path, rollout
from tsgan.recurrence_numpy import rollout_numpy
from tsgan.recurrence_plain import rollout_plain

N, B, D, H, P = 3, 2, 3, 3, 2
HOLDS = Holds(torch.tensor([0]), torch.tensor([2]), torch.tensor([0.1], dtype=torch.float64))


def problem(scale: float, cell: Cell = CELLS["lstm"]) -> tuple[Constants, list[Tensor]]:
    wide = (cell.gates + 1) * H + 2 * P * D
    draw = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return scale * torch.randn(*shape, dtype=torch.float64, generator=draw)

    shapes = [(N, B, wide), (B, H), (B, cell.memory * H), (B, D), (B, D), (4 * D + H, wide), (H, H), (H, 2 * P * D)]
    inputs = [normal(*shape).requires_grad_() for shape in shapes]
    bound = torch.ones(P * D, dtype=torch.float64)
    ones = torch.ones(D, dtype=torch.float64)
    return Constants(0.9 * ones, 1.3 * ones, 0.1 * ones, -0.5 * bound, 0.5 * bound), inputs


def run(constants: Constants, inputs: list[Tensor], known: Tensor) -> Path:
    h, c, x, last, from_state, head, readout = inputs[1:]
    return rollout(known, (h, c, x, last), from_state, head, readout, constants)


def plain(constants: Constants, inputs: list[Tensor], cell: Cell) -> Path:
    known, h, c, x, last, from_state, head, readout = inputs
    return rollout_plain(known, (h, c, x, last), from_state, head, readout, constants, cell)


@pytest.mark.parametrize("holds", [None, HOLDS], ids=["no holds", "holds"])
@pytest.mark.parametrize("scale", [0.3, 2.0], ids=["inside the bounds", "beyond the bounds"])
def test_values_and_gradients_are_those_of_plain_autograd(scale: float, holds: Holds | None) -> None:
    constants, inputs = problem(scale)
    constants = constants._replace(holds=holds)
    ours = run(constants, inputs, inputs[0]).x
    theirs = plain(constants, inputs, CELLS["lstm"]).x
    torch.testing.assert_close(ours, theirs)
    weight = torch.randn(ours.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    for mine, other in zip(
        torch.autograd.grad((ours * weight).sum(), inputs), torch.autograd.grad((theirs * weight).sum(), inputs), strict=True
    ):
        torch.testing.assert_close(mine, other, rtol=1e-8, atol=1e-8)


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


@pytest.mark.parametrize("cell", CELLS)
def test_a_held_value_stays_exactly_while_its_flag_is_up(cell: str) -> None:
    constants, inputs = problem(2.0, CELLS[cell])
    threshold = {"lstm": 0.1, "gru": -100.0}[cell]
    constants = constants._replace(holds=HOLDS._replace(thresholds=torch.full((1,), threshold, dtype=torch.float64)))
    path = run(constants, inputs, inputs[0]) if cell == "lstm" else plain(constants, inputs, CELLS[cell])
    x = path.x.flatten(0, 1)
    up = x[1:, :, 2] > threshold
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


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_the_one_of_pytorch(cell: str) -> None:
    theirs = (torch.nn.LSTMCell if cell == "lstm" else torch.nn.GRUCell)(2, H, bias=False, dtype=torch.float64)
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in theirs.parameters():
            weight.normal_(generator=draw)
    x, h, c = (torch.randn(B, width, dtype=torch.float64, generator=draw) for width in (2, H, H))
    gates = x @ theirs.weight_ih.T + h @ theirs.weight_hh.T
    if cell == "lstm":
        i, f, g, o = gates.chunk(4, 1)  # PyTorch's order
        gates = torch.cat([i, f, o, 2 * g], 1)
        expected = theirs(x, (h, c))
    else:
        expected = (theirs(x, h), c)
    for mine, other in zip(CELLS[cell].step(gates, h, c, theirs.weight_hh[-H:].T), expected, strict=True):
        torch.testing.assert_close(mine, other)


@pytest.mark.parametrize("holds", [None, HOLDS], ids=["no holds", "holds"])
def test_the_plain_recurrence_of_a_gru_has_the_gradient_of_finite_differences(holds: Holds | None) -> None:
    constants, inputs = problem(0.3, CELLS["gru"])
    constants = constants._replace(holds=holds)
    if holds is not None:  # a jump has no finite difference: the thresholds are out of reach
        constants = constants._replace(holds=holds._replace(thresholds=holds.thresholds + 100.0))
    assert torch.autograd.gradcheck(lambda *parts: plain(constants, list(parts), CELLS["gru"]).x, inputs)


@pytest.mark.parametrize("cell", CELLS)
def test_states_carry_no_gradients(cell: str) -> None:
    constants, inputs = problem(0.3, CELLS[cell])
    path = run(constants, inputs, inputs[0]) if cell == "lstm" else plain(constants, inputs, CELLS[cell])
    assert path.x.requires_grad
    assert not any(state.requires_grad for state in (path.h, path.c, path.last))
