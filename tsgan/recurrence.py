"""The generator's recurrence as one node of the autograd graph.

At the sizes of this package (batches of 64, some 100 hidden units) a rollout is bound by the number of small operations and
by the bookkeeping of their gradients, not by arithmetic. Here its steps work in preallocated buffers, the backward pass is
written out, and the gradients of all weights are one product each at the end. It runs on any device.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from tsgan.flags import TEMPERATURE

BOUND = 5.0  # of levels and innovations as inputs: a rollout that strays must not be driven further away by them
SLOPE = 0.2  # of the leaky rectifier


class Holds(NamedTuple):
    """Channels ``values`` (G,) that stay while the channels ``flags`` (G,) exceed ``thresholds`` (G,)."""

    values: Tensor
    flags: Tensor
    thresholds: Tensor


class Constants(NamedTuple):
    """AR(1) coefficients (D,), gain and floor of the log size (D,), bounds of the log scale (P D,), holds if any."""

    rho: Tensor
    gain: Tensor
    floor: Tensor
    low: Tensor
    high: Tensor
    holds: Holds | None = None


class Path(NamedTuple):
    """Levels (N, P, B, D), and after each patch h, c (N, B, H) and last (N, B, D); only the levels carry gradients."""

    x: Tensor
    h: Tensor
    c: Tensor
    last: Tensor


class _Rollout(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        known: Tensor,
        h: Tensor,
        c: Tensor,
        x: Tensor,
        last: Tensor,
        from_state: Tensor,
        head: Tensor,
        readout: Tensor,
        constants: Constants,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        n, batch, _ = known.shape
        d, hidden = x.shape[1], h.shape[1]
        steps = len(constants.low) // d
        new = known.new_empty
        inputs = new(n + 1, batch, 4 * d + hidden)  # level, its square, size, last, h
        act, cells, tanh_cells = new(n, batch, 4 * hidden), new(n + 1, batch, hidden), new(n, batch, hidden)
        heads, scale, e = new(n, batch, hidden), *new(2, n, batch, steps * d)
        levels, first, scaled, squared = new(n, steps, batch, d), *new(2, n, batch, d), new(n, batch, d)
        last_after = new(n, batch, d)
        after = last_after.unbind()
        inside = new(n, batch, steps * d, dtype=torch.bool)
        holds = constants.holds
        gap, up = new(2, n * steps, batch, 0 if holds is None else len(holds.values)).unbind()
        pre = new(batch, known.shape[2])
        gates_pre, head_pre, out_pre = pre.split([4 * hidden, hidden, 2 * steps * d], 1)
        # Views of every patch are made at once: thousands of slices would cost as much as the arithmetic.
        level, square, size, lasts, hs = (part.unbind() for part in inputs.split([d, d, d, d, hidden], 2))
        gates = [part.unbind() for part in act.split(hidden, 2)]
        e_steps, x_steps = by_step(e, d), levels.flatten(0, 1).unbind()
        hs[0].copy_(h)
        cells[0] = c
        patches = zip(
            known.unbind(), inputs.unbind(), act.unbind(), *gates, cells.unbind(), cells[1:].unbind(), tanh_cells.unbind(),
            heads.unbind(), scale.unbind(), inside.unbind(), e.unbind(), first.unbind(), scaled.unbind(),
            squared.unbind(), strict=False,
        )  # fmt: skip
        for k, views in enumerate(patches):
            (known_k, inputs_k, act_k, i, f, o, g, c, new_c, tanh_c, a, scale_k, inside_k, e_k, first_k,
             scaled_k, squared_k) = views  # fmt: skip
            first_k.copy_(x)
            scaled_k.copy_(last)
            torch.clamp(x, -BOUND, BOUND, out=level[k])
            torch.mul(level[k], level[k], out=square[k])
            torch.addcmul(constants.floor, last, last, out=squared_k)
            torch.log(squared_k, out=size[k])
            torch.clamp(last, -BOUND, BOUND, out=lasts[k])
            torch.addmm(known_k, inputs_k, from_state, out=pre)
            # LSTM cell; the candidate's pre-activation a is held as 2 a, and tanh(a) = 2 sigmoid(2 a) - 1.
            torch.sigmoid(gates_pre, out=act_k)
            torch.mul(f, c, out=new_c).addcmul_(i, g, value=2.0).sub_(i)
            torch.tanh(new_c, out=tanh_c)
            h = torch.mul(o, tanh_c, out=hs[k + 1])
            # Head: log scale and mean of the patch's innovations.
            torch.nn.functional.leaky_relu_(torch.addmm(head_pre, h, head, out=a), SLOPE)
            log_scale, mean = torch.addmm(out_pre, a, readout).chunk(2, 1)
            torch.clamp(log_scale, constants.low, constants.high, out=scale_k)
            torch.eq(log_scale, scale_k, out=inside_k)
            torch.mul(scale_k.exp_(), mean, out=e_k)
            # Integration.
            for j in range(k * steps, (k + 1) * steps):
                before, x = x, torch.addcmul(e_steps[j], x, constants.rho, out=x_steps[j])
                if holds is not None:
                    torch.sub(before[:, holds.values], x[:, holds.values], out=gap[j])
                    torch.gt(x[:, holds.flags], holds.thresholds, out=up[j])
                    x[:, holds.values] = torch.where(up[j] > 0, before[:, holds.values], x[:, holds.values])
            last = torch.mul(e_steps[j], constants.gain, out=after[k])
        ctx.constants = constants
        ctx.save_for_backward(
            inputs,
            act,
            cells,
            tanh_cells,
            heads,
            scale,
            e,
            inside,
            first,
            scaled,
            squared,
            gap,
            up,
            levels,
            from_state,
            head,
            readout,
        )
        states = inputs[1:, :, 4 * d :], cells[1:], last_after
        ctx.mark_non_differentiable(*states)
        return levels, *states

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (
            inputs, act, cells, tanh_cells, heads, scale, e, inside, first, scaled, squared, gap, up, levels, from_state,
            head, readout
        ) = ctx.saved_tensors  # fmt: skip
        constants, grad_levels = ctx.constants, grads[0]
        n, batch, wide = e.shape
        hidden, d = heads.shape[2], first.shape[2]
        steps, holds = wide // d, constants.holds
        if holds is not None:
            flag = torch.sigmoid((levels.flatten(0, 1)[..., holds.flags] - holds.thresholds) / TEMPERATURE)
            of_flag = gap * flag * (1 - flag) / TEMPERATURE  # straight through
        # Derivatives that do not depend on the gradient, for all patches at once.
        slope = torch.addcmul(act, act, act, value=-1.0)
        i, _, o, g = act.split(hidden, 2)
        of_i, of_f, of_o, of_g = slope.split(hidden, 2)
        of_i.mul_(2.0 * g - 1.0)
        of_f.mul_(cells[:-1])
        of_o.mul_(tanh_cells)
        of_g.mul_(i).mul_(2.0)
        of_cell = torch.addcmul(o, o * tanh_cells, tanh_cells, value=-1.0)
        of_scale = e * inside
        of_head = torch.full_like(heads, SLOPE).masked_fill_(heads > 0, 1.0)
        of_size = 2.0 * scaled / squared
        of_last = (scaled.abs() < BOUND).to(first)
        of_level = (first.abs() < BOUND).to(first)
        of_square = 2.0 * inputs[:-1, :, :d] * of_level

        grad_pre, grad_e = act.new_empty(n, batch, from_state.shape[1]), torch.empty_like(e)
        grad_c = act.new_zeros(batch, hidden)
        grad_x, grad_scaled = act.new_zeros(batch, d), act.new_zeros(batch, d)
        grad_inputs = act.new_zeros(batch, inputs.shape[2])
        grad_level, grad_square, grad_size, grad_last, grad_h = grad_inputs.split([d, d, d, d, hidden], 1)
        grad_gates, grad_a, grad_out = (part.unbind() for part in grad_pre.split([4 * hidden, hidden, 2 * wide], 2))
        grad_scale, grad_mean = (part.unbind() for part in grad_pre[:, :, -2 * wide :].chunk(2, 2))
        e_steps, x_steps = by_step(grad_e, d), grad_levels.flatten(0, 1).unbind()
        slopes, forget = slope.unbind(), act[:, :, hidden : 2 * hidden].unbind()
        constant = (of_cell, of_scale, scale, of_head, of_size, of_last, of_level, of_square, grad_e, grad_pre)
        outer = [t.unbind() for t in constant]
        state_t, head_t, readout_t = from_state.t(), head.t(), readout.t()
        for k in range(n - 1, -1, -1):
            cell_k, of_scale_k, scale_k, head_k, size_k, last_k, level_k, square_k, grad_e_k, grad_pre_k = (
                t[k] for t in outer
            )
            for j in range((k + 1) * steps - 1, k * steps - 1, -1):
                total = torch.add(grad_x, x_steps[j], out=e_steps[j])
                if holds is None:
                    grad_x = total * constants.rho
                    continue
                of_held = total[:, holds.values]
                total[:, holds.flags] += of_held * of_flag[j]
                kept = of_held * up[j]
                total[:, holds.values] = of_held - kept
                grad_x = total * constants.rho
                grad_x[:, holds.values] += kept
            e_steps[(k + 1) * steps - 1].addcmul_(grad_scaled, constants.gain)
            torch.mul(grad_e_k, of_scale_k, out=grad_scale[k])
            torch.mul(grad_e_k, scale_k, out=grad_mean[k])
            torch.mm(grad_out[k], readout_t, out=grad_a[k]).mul_(head_k)
            total_h = torch.addmm(grad_h, grad_a[k], head_t)
            grad_c.addcmul_(total_h, cell_k)
            by_gate = torch.cat([grad_c, grad_c, total_h, grad_c], 1)
            torch.mul(slopes[k], by_gate, out=grad_gates[k])
            grad_c.mul_(forget[k])
            torch.mm(grad_pre_k, state_t, out=grad_inputs)
            grad_x.addcmul_(grad_level, level_k).addcmul_(grad_square, square_k)
            grad_scaled = torch.mul(grad_last, last_k).addcmul_(grad_size, size_k)
        flat = grad_pre.view(n * batch, -1)
        _, head_grad, out_grad = flat.split([4 * hidden, hidden, 2 * wide], 1)
        return (
            grad_pre,
            grad_h,
            grad_c,
            grad_x,
            grad_scaled,
            inputs[:-1].reshape(n * batch, -1).t() @ flat,
            inputs[1:, :, 4 * d :].reshape(n * batch, hidden).t() @ head_grad,
            heads.view(n * batch, hidden).t() @ out_grad,
            None,
        )


def by_step(wide: Tensor, d: int) -> list[Tensor]:
    """Views (B, D) of each of the N P steps of (N, B, P D)."""
    return [step for patch in wide.unbind() for step in patch.split(d, 1)]


def rollout(
    known: Tensor,
    state: tuple[Tensor, Tensor, Tensor, Tensor],
    from_state: Tensor,
    head: Tensor,
    readout: Tensor,
    constants: Constants,
) -> Path:
    """Run the generator's recurrence over patches.

    Per patch, with ``q = [x, x^2, s, u, h]`` of the last patch's end (level, its square, innovation's log size and itself,
    hidden state)::

        gates, a, r = known + q from_state          split in 4 H, H, 2 P D
        h, c = LSTM(gates, c)                        (Hochreiter & Schmidhuber 1997, with forget gate)
        log_scale, mean = r + leaky_relu(a + h head) readout
        e = exp(clamp(log_scale, low, high)) mean    innovations, (P, D)
        x_j = rho x_{j-1} + e_j,  u = gain e_P,  s = log(u^2 + floor)

    and where a hold's flag is up after that, its value is put back to that of x_{j-1}.

    Parameters
    ----------
    known : Tensor of shape (N, B, 4 H + H + 2 P D)
        Share of noise and conditions; the gates are input, forget, output and twice the candidate.
    state : (h, c, x, last), Tensors of shape (B, H), (B, H), (B, D), (B, D)
    from_state : Tensor of shape (4 D + H, 4 H + H + 2 P D)
    head : Tensor of shape (H, H)
    readout : Tensor of shape (H, 2 P D)
    constants : Constants

    Returns
    -------
    Path
        Differentiable once: the penalty of :func:`tsgan.losses.directional_penalty` needs no more.
    """
    return Path(*_Rollout.apply(known, *state, from_state, head, readout, constants))  # type: ignore[no-untyped-call]
