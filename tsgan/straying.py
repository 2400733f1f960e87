"""Latent channels of events, kept where they matter.

The critic sees events, not the channels that raise them, and a channel far beyond its threshold changes none: no gradient
brings it back. In rollouts of days by the minute they strayed by dozens of deviations, and what follows the clock in the
data no longer did.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tsgan.prewhitening import Prewhitening

REACH, BEYOND = 2.5, 1.0  # deviations; at least so many beyond the threshold, of rare events


def straying(prior: Prewhitening, x: Tensor) -> Tensor:
    """Mean squares of what lies beyond reach, summed over the latent channels of events that come and go.

    Holds are left out: with them drawn back as well, rollouts came to hold all of their values for good (docs/method.md).

    Parameters
    ----------
    prior : Prewhitening
    x : Tensor of shape (B, T, D)
        Latent channels of rollouts.
    """
    layout = prior.layout
    flags = [k for k in range(prior.n_flags) if k not in layout.holds and prior.n_values + k not in layout.static]
    if not flags:
        return x.new_zeros(())
    reach = (prior.threshold[flags].abs() + BEYOND).clamp(min=REACH)
    beyond = (x[..., [prior.n_values + k for k in flags]].abs() - reach).clamp(min=0)
    return torch.sum(beyond.square().mean((0, 1)))
