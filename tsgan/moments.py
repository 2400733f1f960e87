"""Population moments of the critic's space that the generator matches besides the critic's verdict."""

from __future__ import annotations

import torch
from torch import Tensor

LAGS = (0, 1, 2, 4, 8)
MOMENTUM = 0.9
LEAST_SPREAD = 0.02  # of a moment that hardly varies between windows


def window_moments(view: Tensor) -> list[Tensor]:
    """Means, mean absolute values and (lagged) second moments of each window.

    Parameters
    ----------
    view : Tensor of shape (B, T, V)

    Returns
    -------
    list of Tensor of shape (B, V), (B, V), then (B, V, V) for each lag
    """
    steps = view.shape[1]
    moments = [view.mean(1), view.abs().mean(1)]
    moments += [view[:, lag:].transpose(1, 2) @ view[:, : steps - lag] / (steps - lag) for lag in LAGS if lag < steps]
    return moments


def batch_moments(view: Tensor) -> Tensor:
    """The same averaged over windows, as one vector."""
    steps, batch, v = view.shape[1], view.shape[0], view.shape[2]
    rows = view.transpose(0, 1).reshape(-1, v)  # steps first: a lag is then an offset of rows
    moments = [rows.mean(0), rows.abs().mean(0)]
    for lag in LAGS:
        if lag < steps:
            late, early = rows[lag * batch :], rows[: (steps - lag) * batch]
            moments.append((late.T @ early / len(late)).flatten())
    return torch.cat(moments)


class MomentMatching:
    """Squared standardised differences of moments, their running mean in place of the batch's.

    Parameters
    ----------
    real : Tensor of shape (B, T, V)
        Windows of the training data; only their moments are kept.
    """

    def __init__(self, real: Tensor) -> None:
        self.target = batch_moments(real)
        spread = torch.cat([m.std(0, unbiased=False).flatten() for m in window_moments(real)])
        self.spread = spread.clamp(min=LEAST_SPREAD)
        self.difference = torch.zeros_like(self.target)
        self.weight = 0.0

    def __call__(self, fake: Tensor) -> Tensor:
        """Loss whose gradient is that of the mean squared difference at its running mean (less noisy than the batch's)."""
        difference = (batch_moments(fake) - self.target) / self.spread
        self.difference = torch.lerp(difference.detach(), self.difference, MOMENTUM)
        self.weight = MOMENTUM * self.weight + 1 - MOMENTUM
        return 2 * (self.difference / self.weight * difference).mean()
