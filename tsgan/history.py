"""Latent channels of real rows: where nothing is seen, what may stand there."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tsgan.flags import codes
from tsgan.prewhitening import Prewhitening

BESIDE = 0.1  # the threshold
DRAWS = 256  # among which one that gives the flags seen is looked for


def latent_channels(prior: Prewhitening, values: Tensor, flags: Tensor, generator: torch.Generator) -> Tensor:
    """Latent channels (B, T, D) that :meth:`tsgan.networks.Generator.observe` turns into these flags.

    A hidden value is the last one seen. Flags' channels have the mean of all that give these flags; in the last row, from
    which a rollout may go on, they are drawn.

    Parameters
    ----------
    prior : Prewhitening
    values : Tensor of shape (B, T, C)
    flags : Tensor of shape (B, T, M)
        0 or 1.
    generator : torch.Generator
    """
    seen = prior.seen(flags).expand(values.shape) > 0
    row = torch.arange(values.shape[1], device=values.device)[None, :, None]
    last_seen = torch.where(seen, row, 0).cummax(1).values
    levels = torch.gather(values * seen, 1, last_seen)
    latent = [levels]
    for group in prior.layout.groups:
        code = codes(flags[..., group].flatten(0, 1).long()).view(flags.shape[:2])
        channels = state_means(prior.threshold[group])[code]
        draws = torch.randn(DRAWS, len(code), channels.shape[2], generator=generator, device=values.device)
        states = torch.nn.functional.pad(draws - prior.threshold[group], (1, 0)).argmax(-1)
        fits = (states == code[:, -1]).float()  # (DRAWS, B)
        drawn = draws[fits.argmax(0), torch.arange(len(code), device=values.device)]
        channels[:, -1] = torch.where(fits.amax(0)[:, None] > 0, drawn, channels[:, -1])
        latent.append(channels)
    return torch.cat(latent, 2)


def state_means(thresholds: Tensor) -> Tensor:
    """Means (1 + K, K) of independent normal channels given which flag is up, if any; within the states themselves."""
    draws = torch.as_tensor(np.random.default_rng(0).standard_normal((20_000, len(thresholds))), dtype=thresholds.dtype)
    draws = draws.to(thresholds.device)
    states = torch.nn.functional.pad(draws - thresholds, (1, 0)).argmax(1)
    means = draws.new_zeros(len(thresholds) + 1, len(thresholds))
    for state in range(len(means)):
        inside = draws[states == state]
        means[state] = inside.mean(0) if len(inside) else thresholds - BESIDE  # rarer than any draw
        if state and not len(inside):
            means[state, state - 1] += 2 * BESIDE
    return means
