"""Events (missing cells, atoms, categories) as thresholds of latent Gaussian channels.

A column with ``K`` events besides its ordinary state has ``K`` latent AR(1) channels; the greatest excess over its
threshold wins, and where none exceeds there is no event. With one event this is the probit model, with several a
multinomial probit with independent utilities (McFadden 1974 for the family); thresholds give the shares, the AR(1)
coefficient the persistence.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import multivariate_normal, norm
from torch import Tensor, nn

TEMPERATURE = 0.3  # of the gradient's sigmoid
RHO_MAX = 0.9995
LEAST_SHARE = 1e-4
DRAWS = 10_000  # for what has no formula


def raise_flags(excess: Tensor, groups: list[slice]) -> Tensor:
    """Flags of latent channels: hard, with the gradient of a softmax (straight-through; Bengio et al. 2013).

    Parameters
    ----------
    excess : Tensor of shape (..., M)
        Latent channels over their thresholds.
    groups : list of slice
        Flags of which at most one is up.
    """
    soft, hard = torch.sigmoid(excess / TEMPERATURE), (excess > 0).to(excess)
    if any(group.stop - group.start > 1 for group in groups):
        softs, hards = [], []
        for group in groups:
            if group.stop - group.start == 1:
                softs.append(soft[..., group])
                hards.append(hard[..., group])
                continue
            padded = nn.functional.pad(excess[..., group], (1, 0))  # no event: an excess of 0
            softs.append(torch.softmax(padded / TEMPERATURE, -1)[..., 1:])
            hards.append(nn.functional.one_hot(padded.argmax(-1), padded.shape[-1])[..., 1:].to(excess))
        soft, hard = torch.cat(softs, -1), torch.cat(hards, -1)
    return hard + (soft - soft.detach())


def fit_events(flags: Tensor, owner: Tensor, static: bool) -> tuple[Tensor, float]:
    """Thresholds (K,) and AR(1) coefficient of a column's latent channels.

    Parameters
    ----------
    flags : Tensor of shape (rows, K), bool
    owner : Tensor of shape (rows,)
        Number of the sequence of each row, -1 for rows that do not count.
    static : bool
        Whether the column never changes: the coefficient is then 1.
    """
    code = codes(flags)
    thresholds = torch.as_tensor(latent_thresholds(shares(code[owner >= 0], flags.shape[1])))
    if static:
        return thresholds, 1.0
    follows = (owner[:-1] == owner[1:]) & (owner[:-1] >= 0)
    if flags.shape[1] == 1:
        follows &= flags[:-1, 0]  # of one event its own persistence counts: the rest has it in the mean anyhow
    stay = float((follows & (code[1:] == code[:-1])).sum() / follows.sum().clamp(min=1))
    return thresholds, latent_rho(thresholds.numpy(), stay)


def codes(flags: Tensor) -> Tensor:
    """0 where no flag is up, else 1 plus its place, (rows, K) to (rows,)."""
    return (flags * torch.arange(1, flags.shape[1] + 1, device=flags.device)).sum(1)


def shares(code: Tensor, events: int) -> NDArray[np.float64]:
    """Share of each of the events, shape (K,), none of them nothing or all."""
    counts = torch.bincount(code, minlength=events + 1)[1:].double() / max(len(code), 1)
    return counts.clamp(LEAST_SHARE, 1 - LEAST_SHARE).numpy()


def latent_thresholds(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Thresholds (K,) at which the events have these shares."""
    thresholds = ndtri(1 - share)
    if len(share) == 1:
        return np.asarray(thresholds)
    z = _normals(len(share))
    for _ in range(60):
        got = np.bincount(_winner(z - thresholds), minlength=len(share) + 1)[1:] / len(z)
        thresholds = thresholds + 0.4 * np.log(np.maximum(got, 0.5 / len(z)) / share)
    return np.asarray(thresholds)


def latent_rho(thresholds: NDArray[np.float64], stay: float) -> float:
    """AR(1) coefficient at which an event stays for another step (with several: whatever is stays) with this chance.

    With several it is at least 0. Categories that stay less than by chance, as letters do, would else have latent channels
    that change their signs at each step, and come back at every second one: "ononon".
    """
    least = -0.95 if len(thresholds) == 1 else 0.0
    if len(thresholds) == 1:
        threshold = float(thresholds[0])

        def excess(rho: float) -> float:
            both = multivariate_normal.cdf([-threshold, -threshold], cov=[[1, rho], [rho, 1]])
            return float(both / norm.sf(threshold)) - stay
    else:
        z, fresh = _normals(2 * len(thresholds)).reshape(2, DRAWS, -1)

        def excess(rho: float) -> float:
            following = rho * z + np.sqrt(1 - rho**2) * fresh
            return float((_winner(z - thresholds) == _winner(following - thresholds)).mean()) - stay

    if excess(least) > 0:
        return least
    if excess(RHO_MAX) < 0:
        return RHO_MAX
    return float(brentq(excess, least, RHO_MAX, xtol=1e-4))


def response(thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """E[flag_k z_l], shape (K, K): what a flag tells of the latent channels.

    A variable with correlations ``r`` (K,) to the channels has the covariances ``response @ r`` with the flags, exactly if
    it is Gaussian (biserial correlation; Pearson 1909).
    """
    if len(thresholds) == 1:
        return np.asarray(norm.pdf(thresholds))[:, None]
    z = _normals(len(thresholds))
    up = _winner(z - thresholds)[:, None] == np.arange(1, len(thresholds) + 1)
    return np.asarray(up.T @ z / len(z))


def _normals(columns: int) -> NDArray[np.float64]:
    """The same draws each time."""
    return np.random.default_rng(0).standard_normal((DRAWS, columns))


def _winner(excess: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.where(excess.max(1) > 0, excess.argmax(1) + 1, 0)
