"""Thresholds at which events have the shares that they have in the data."""

from __future__ import annotations

import torch
from torch import Tensor

from tsgan.flags import LEAST_SHARE
from tsgan.prewhitening import Prewhitening

ROWS = 20_000  # steps that thresholds of several events are read off
SWEEPS, STILL = 10, 1e-3  # over several events of a column, each given the others, until thresholds stay


def settle(prior: Prewhitening, groups: list[slice], latent: Tensor, flags: Tensor) -> None:
    """Move the thresholds so that latent channels (rows, M) have the shares of events of flags (rows', M)."""
    threshold, layout = prior.threshold, prior.layout
    for group in groups:
        own, real = latent, flags
        if group.start in layout.holds:  # counts where there is a value to hold
            beside = layout.events_beside(group.start)
            own, real = own[(own[:, beside] <= threshold[beside]).all(1)], real[~real[:, beside].any(1)]
        if len(own) and len(real):
            share = real[:, group].float().mean(0).clamp(LEAST_SHARE, 1 - LEAST_SHARE)
            threshold[group] = thresholds_for(own[:, group], share, threshold[group])


def thresholds_for(own: Tensor, share: Tensor, start: Tensor | None = None) -> Tensor:
    """Thresholds (K,) at which latent channels (rows, K) have these shares (K,) of events."""
    threshold = torch.zeros_like(share) if start is None else start.clone()
    if len(share) > 1:
        own = own[torch.linspace(0, len(own) - 1, min(ROWS, len(own)), device=own.device).long()]
    for _ in range(SWEEPS if len(share) > 1 else 1):
        before = threshold.clone()
        for k in range(len(share)):  # an event is up where its excess is above those of the others, and above 0
            excess = own - threshold
            excess[:, k] = 0.0
            lead = (own[:, k] - excess.amax(1).clamp(min=0)).sort().values
            threshold[k] = lead[((1 - share[k]) * (len(lead) - 1)).long()]
        if (threshold - before).abs().max() < STILL:
            break
    return threshold
