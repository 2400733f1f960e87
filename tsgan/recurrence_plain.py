"""The generator's recurrence as PyTorch's own autograd has it, with any cell."""

from __future__ import annotations

import torch
from torch import Tensor

from tsgan.cells import Cell
from tsgan.flags import TEMPERATURE
from tsgan.recurrence import BOUND, SLOPE, Constants, Path


def rollout_plain(
    known: Tensor,
    state: tuple[Tensor, Tensor, Tensor, Tensor],
    from_state: Tensor,
    head: Tensor,
    readout: Tensor,
    constants: Constants,
    cell: Cell,
) -> Path:
    """As :func:`tsgan.recurrence.rollout`, with the cell's gates in place of the LSTM's.

    It is what that one is tested against, and how the GRU runs: an iteration of training takes a fifth more of a core
    than the LSTM's (30.6 and 31.7 ms in place of 25.2 and 26.2; ``python -m benchmarks.speed --repeats 20 --cell gru``), so
    that a backward pass of its own would win little. Sampling on a CPU goes without NumPy.
    """
    (h, c, x, last), d = state, state[2].shape[1]
    hidden, wide, steps = h.shape[1], 2 * len(constants.low), len(constants.low) // d
    recurrent = from_state[4 * d :, (cell.gates - 1) * hidden : cell.gates * hidden]
    levels, after = [], []
    for known_k in known.unbind():
        level = x.clamp(-BOUND, BOUND)
        size = torch.log(last * last + constants.floor)
        inputs = torch.cat([level, level * level, size, last.clamp(-BOUND, BOUND), h], 1)
        gates, a, r = torch.addmm(known_k, inputs, from_state).split([cell.gates * hidden, hidden, wide], 1)
        h, c = cell.step(gates, h, c, recurrent)
        a = torch.nn.functional.leaky_relu(torch.addmm(a, h, head), SLOPE)
        log_scale, mean = torch.addmm(r, a, readout).chunk(2, 1)
        e = (log_scale.clamp(constants.low, constants.high).exp() * mean).chunk(steps, 1)
        for e_j in e:
            before, x = x, torch.addcmul(e_j, constants.rho, x)
            if constants.holds is not None:
                values, flags, thresholds = constants.holds
                soft = torch.sigmoid((x[:, flags] - thresholds) / TEMPERATURE)
                gap = before[:, values] - x[:, values]
                kept = torch.where(x[:, flags] > thresholds, before[:, values], x[:, values])
                kept = kept + gap.detach() * (soft - soft.detach())  # zeros, with a gradient: straight through
                x = x.index_copy(1, values, kept)
            levels.append(x)
        last = constants.gain * e[-1]
        after.append((h, c, last))
    h_s, c_s, lasts = (torch.stack(parts).detach() for parts in zip(*after, strict=True))
    return Path(torch.stack(levels).view(len(known), steps, *x.shape), h_s, c_s, lasts)
