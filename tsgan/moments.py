"""Population moments of the critic's space that the generator matches besides the critic's verdict."""

from __future__ import annotations

import torch
from torch import Tensor

LAGS = (0, 1, 2, 4, 8)
MOMENTUM = 0.9  # of the running mean over batches
LEAST_SPREAD = 0.02  # of a moment that hardly varies between windows


def ramp(steps: int, like: Tensor) -> Tensor:
    """-1 to 1 over a window, shape (T, 1): weighted with it, a mean tells a drift."""
    return torch.linspace(-1, 1, steps, device=like.device)[:, None]


def window_moments(view: Tensor) -> list[Tensor]:
    """Means, drifts of means and of squares, mean absolute values and (lagged) second moments of each window.

    Parameters
    ----------
    view : Tensor of shape (B, T, V)

    Returns
    -------
    list of Tensor of shape (B, V) four times, then (B, V V) for each lag
    """
    steps = view.shape[1]
    tilt = ramp(steps, view)
    moments = [view.mean(1), (view * tilt).mean(1), (view**2 * tilt).mean(1), view.abs().mean(1)]
    for lag in LAGS:
        if lag < steps:
            products = view[:, lag:].transpose(1, 2) @ view[:, : steps - lag] / (steps - lag)
            moments.append(products.flatten(1))
    return moments


def batch_moments(view: Tensor) -> list[Tensor]:
    """The same averaged over windows."""
    batch, steps, v = view.shape
    rows = view.transpose(0, 1).reshape(-1, v)  # steps first: a lag is then an offset of rows
    by_step = rows.view(steps, batch, v)
    tilt = ramp(steps, view)
    drifts = (by_step.mean(1) * tilt).mean(0), ((by_step**2).mean(1) * tilt).mean(0)
    moments = [rows.mean(0), *drifts, rows.abs().mean(0)]
    for lag in LAGS:
        if lag < steps:
            late, early = rows[lag * batch :], rows[: (steps - lag) * batch]
            moments.append((late.T @ early / len(late)).flatten())
    return moments


class MomentMatching:
    """Squared standardised differences of moments, their running mean in place of the batch's.

    Parameters
    ----------
    real : Tensor of shape (B, T, V)
        Windows of the training data; only their moments are kept.
    momentum : float, default=0.9
        Of the running mean, in [0, 1): the fewer windows a batch has, the longer.
    """

    def __init__(self, real: Tensor, momentum: float = MOMENTUM) -> None:
        self.target = torch.cat(batch_moments(real))
        spread = torch.cat([m.std(0, unbiased=False) for m in window_moments(real)])
        self.spread = spread.clamp(min=LEAST_SPREAD)
        # Every kind of moment counts the same, however many there are of it.
        self.share = torch.cat([torch.full_like(m, 1 / len(m)) for m in batch_moments(real)])
        self.difference = torch.zeros_like(self.target)
        self.momentum, self.weight = momentum, 0.0

    def __call__(self, fake: Tensor) -> Tensor:
        """Sum over kinds of mean squares, with the gradient at the running mean, less noisy than the batch's."""
        difference = (torch.cat(batch_moments(fake)) - self.target) / self.spread
        self.difference = torch.lerp(difference.detach(), self.difference, self.momentum)
        self.weight = self.momentum * self.weight + 1 - self.momentum
        return 2 * (self.share * (self.difference / self.weight) * difference).sum()
