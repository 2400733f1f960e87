"""The generator's recurrence without gradients, on a CPU: NumPy's small operations cost a fifth of PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tsgan.recurrence import BOUND, SLOPE, Constants, Path

FloatArray = NDArray[np.float32]


def rollout_numpy(
    known: Tensor,
    state: tuple[Tensor, Tensor, Tensor, Tensor],
    from_state: Tensor,
    head: Tensor,
    readout: Tensor,
    constants: Constants,
) -> Path:
    """As :func:`tsgan.recurrence.rollout`, of tensors on the CPU."""
    h_0, c_0, x, last = (part.numpy() for part in state)
    n, batch, outputs = known.shape
    d, hidden, gates = x.shape[1], h_0.shape[1], 4 * h_0.shape[1]
    rho, gain, floor, low, high = (part.numpy() for part in constants[:5])
    p = len(low) // d

    # A sigmoid is (1 + tanh(a / 2)) / 2, and the candidate stands doubled: with halved gates all four are tanh.
    halves = np.ones(outputs, dtype=x.dtype)
    halves[:gates] = 0.5
    # In one layout whatever that of the tensors is: it decides how products are rounded.
    given, weights = known.numpy() * halves, np.multiply(from_state.numpy(), halves, order="C")
    to_head, to_out = np.ascontiguousarray(head.numpy()), np.ascontiguousarray(readout.numpy())

    def new(*shape: int) -> FloatArray:
        return np.empty(shape, dtype=x.dtype)

    levels, hs, cells, lasts = new(n, p, batch, d), new(n, batch, hidden), new(n, batch, hidden), new(n, batch, d)
    inputs, pre, act = new(batch, 4 * d + hidden), new(batch, outputs), new(batch, gates)
    level, square, size, before, h = np.split(inputs, np.arange(1, 5) * d, axis=1)
    gates_pre, head_pre, out_pre = np.split(pre, [gates, gates + hidden], axis=1)
    i, f, o, g = np.split(act, 4, axis=1)
    a, spare, out, e = new(batch, hidden), new(batch, hidden), new(batch, 2 * p * d), new(batch, p * d)
    log_scale, mean = np.split(out, 2, axis=1)
    e_steps = np.split(e, p, axis=1)
    flag_of, threshold = _holds(constants, d)
    h[:], c = h_0, c_0
    for k in range(n):
        _bounded(x, -BOUND, BOUND, level)
        np.multiply(level, level, out=square)
        np.multiply(last, last, out=size)
        np.log(np.add(size, floor, out=size), out=size)
        _bounded(last, -BOUND, BOUND, before)
        np.add(np.matmul(inputs, weights, out=pre), given[k], out=pre)
        # LSTM cell.
        np.tanh(gates_pre, out=act)
        np.add(np.multiply(i, g, out=spare), g, out=spare)
        np.multiply(np.add(f, 1, out=f), c, out=cells[k])
        c = np.multiply(np.add(cells[k], spare, out=cells[k]), 0.5, out=cells[k])
        np.multiply(np.tanh(c, out=spare), 0.5, out=spare)
        np.multiply(np.add(o, 1, out=o), spare, out=hs[k])
        h[:] = hs[k]
        # Head.
        np.add(np.matmul(hs[k], to_head, out=a), head_pre, out=a)
        np.maximum(a, np.multiply(a, SLOPE, out=spare), out=a)
        np.add(np.matmul(a, to_out, out=out), out_pre, out=out)
        np.multiply(np.exp(_bounded(log_scale, low, high, e), out=e), mean, out=e)
        # Integration.
        for now, innovation in zip(levels[k], e_steps, strict=True):
            np.add(np.multiply(x, rho, out=now), innovation, out=now)
            if flag_of is not None:
                np.copyto(now, x, where=now[:, flag_of] > threshold)
            x = now
        last = np.multiply(e_steps[-1], gain, out=lasts[k])
    return Path(*(torch.from_numpy(part) for part in (levels, hs, cells, lasts)))


def _bounded(x: FloatArray, low: Any, high: Any, out: FloatArray) -> FloatArray:
    """As ``numpy.clip``, which takes longer to begin than to compute."""
    np.maximum(x, low, out=out)
    np.minimum(out, high, out=out)
    return out


def _holds(constants: Constants, d: int) -> tuple[Any, Any]:
    """For each of D channels the one whose excess over a threshold holds it: itself over infinity where none does."""
    if constants.holds is None:
        return None, None
    flag_of, threshold = np.arange(d), np.full(d, np.inf, dtype=constants.rho.numpy().dtype)
    flag_of[constants.holds.values.numpy()] = constants.holds.flags.numpy()
    threshold[constants.holds.values.numpy()] = constants.holds.thresholds.numpy()
    return flag_of, threshold
