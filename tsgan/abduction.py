"""The generator's state after a history: what noise must have been there, and where the recurrence then stands."""

from __future__ import annotations

import torch
from torch import Tensor

from tsgan.networks import Generator, State
from tsgan.recurrence import BOUND, SLOPE

ROUNDS = 2  # noise and hidden state depend on each other
RIDGE = 0.2  # squared deviation of standardised innovations that the noise need not explain
MOST = 4.0  # of the noise
STILL = 1e-6  # scale of channels that never move


@torch.no_grad()
def read_history(network: Generator, x: Tensor, conditions: Tensor, generator: torch.Generator) -> State:
    """Run the recurrence of :func:`tsgan.recurrence.rollout` along a history.

    Levels and innovations are those of the data. The noise, which the hidden state has read, is what explains the
    innovations: a patch has as many of them as there is noise, and their mean is affine in it given the hidden state, so
    that a few rounds of (least squares for the noise, hidden state given the noise) find both. Slow noise and what came
    before are drawn.

    Parameters
    ----------
    network : Generator
    x : Tensor of shape (B, 1 + N P, D)
        Latent channels; the first row is only gone on from.
    conditions : Tensor of shape (N, B, K)
        Known when each patch begins.
    generator : torch.Generator

    Returns
    -------
    State
        After the last row.
    """
    n, batch, _ = conditions.shape
    p, d = network.patch_size, network.n_latent
    prior = network.prewhitening
    state = network.cold(batch, conditions[0], generator)
    h, c, last = state.h, state.c, state.last
    slow = network.slow_noise(state.slow, n, generator)
    e = (x[:, 1:] - prior.rho * x[:, :-1]).view(batch, n, p * d)
    known = network.from_known(torch.cat([x.new_zeros(n, batch, p * d), slow, conditions], 2))
    of_noise = network.from_known.weight[:, : p * d]
    mixing = of_noise[-p * d :]
    solver = torch.linalg.solve(mixing.T @ mixing + RIDGE * torch.eye(p * d, device=x.device), mixing.T)
    for k in range(n):
        level = x[:, k * p]
        size = torch.log(last * last + prior.size_floor)
        bounded = level.clamp(-BOUND, BOUND)
        inputs = torch.cat([bounded, bounded * bounded, size, last.clamp(-BOUND, BOUND), h], 1)
        before = known[k] + network.from_state(inputs)
        z = x.new_zeros(batch, p * d)
        for attempt in range(ROUNDS + 1):
            gates, a, out = (before + z @ of_noise.T).split(network.split, 1)
            i, f, o, g = gates.chunk(4, 1)
            new_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g / 2)
            new_h = torch.sigmoid(o) * torch.tanh(new_c)
            if attempt == ROUNDS:
                break
            head = torch.nn.functional.leaky_relu(a + network.head(new_h), SLOPE)
            log_scale, mean = (out + network.readout(head)).chunk(2, 1)
            scale = torch.exp(torch.clamp(log_scale, network.scale_low, network.scale_high))
            missed = torch.where(scale > STILL, e[:, k] / scale - mean, 0.0).clamp(-BOUND, BOUND)
            z = ((missed + z @ mixing.T) @ solver.T).clamp(-MOST, MOST)
        h, c, last = new_h, new_c, e[:, k, -d:] * prior.size_gain
    return State(h, c, x[:, -1], last, slow[-1])
