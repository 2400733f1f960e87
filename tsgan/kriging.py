"""What lies in gaps, given all around them: rollouts, moved by what they miss where cells are known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tsgan.abduction import consistent
from tsgan.exceptions import ConvergenceError
from tsgan.latent_covariance import LAGS
from tsgan.networks import Generator
from tsgan.sequences import by_patch

PART = 24  # rows of a gap that are moved together
AROUND, NEAR, STRIDE = 96, 12, 4  # rows on both sides that tell of them: the nearest ones, then one in so many
KNOWN = 1200  # cells that tell of a part, at most
RIDGE, TINY = 0.001, 1e-6  # of the variances; of one that is none


class Series(NamedTuple):
    """One series, of which some cells are unknown, in whole patches.

    ``values`` (T, C) and where they are ``seen``, ``flags`` (T, M) and where they are ``told``, ``conditions`` (N, K) known
    when patches begin; ``gaps`` (T,) tells rows with cells that are to be filled.
    """

    values: Tensor
    seen: Tensor
    flags: Tensor
    told: Tensor
    conditions: Tensor
    gaps: Tensor


def series_of(
    network: Generator,
    channels: NDArray[np.float32],
    flags: NDArray[np.bool_],
    gaps: NDArray[np.bool_],
    conditions: NDArray[np.float32],
    varying: int,
) -> Series:
    """One series in whole patches, filled up with rows of which nothing is known.

    Parameters
    ----------
    network : Generator
    channels, flags : ndarray of shape (rows, C or M)
        As the encoder has them.
    gaps : ndarray of shape (rows, columns)
        Cells of which nothing is known.
    conditions : ndarray of shape (rows, K)
    varying : int
        How many of the conditions, the last ones, may change from one step to the next.
    """
    prior, p, device = network.prewhitening, network.patch_size, network.level_table.device
    layout, steps = prior.layout, -(-len(flags) // p) * p
    rows, there = np.minimum(np.arange(steps), len(flags) - 1), (np.arange(steps) < len(flags))[:, None]
    told = ~gaps[:, layout.flag_columns]
    told[1:, layout.holds] &= told[:-1, layout.holds]  # whether the first value behind a gap repeats one is not known
    raised = torch.as_tensor(flags[rows]).float().to(device)
    seen = (prior.seen(raised) > 0).expand(steps, channels.shape[1])
    return Series(
        torch.as_tensor(channels[rows]).to(device),
        seen & torch.as_tensor(~gaps[rows][:, layout.value_columns] & there).to(device),
        raised,
        torch.as_tensor(told[rows] & there).to(device),
        patches_of(network, conditions[:, None], varying)[:, 0],
        torch.as_tensor(gaps[rows].any(1) & there[:, 0]).to(device),
    )


def patches_of(network: Generator, conditions: NDArray[np.float32], varying: int) -> Tensor:
    """What is known when patches begin (N, B, K) of conditions (steps, B, K); the last step fills up the last patch."""
    steps = -(-len(conditions) // network.patch_size) * network.patch_size
    rows = torch.as_tensor(conditions[np.minimum(np.arange(steps), len(conditions) - 1)])
    return by_patch(rows, varying, network.patch_size).to(network.level_table.device)


@torch.no_grad()
def krige(network: Generator, series: Series, x: Tensor, covariance: Tensor) -> Tensor:
    """Latent channels (draws, T, D) of a series, drawn given all that is known of it.

    Rollouts under its conditions; in and around each gap they miss what is known, and the best linear prediction of that
    miss is added in the gap (conditioning by kriging: given a Gaussian process the result has its law given what is known).
    The flags' latent channels are known to be where they give the flags.

    Parameters
    ----------
    network : Generator
    series : Series
    x : Tensor of shape (draws, T, D)
        The rollouts.
    covariance : Tensor of shape (lags, D, D)
        See :func:`tsgan.latent_covariance.latent_covariance`.

    References
    ----------
    Journel, Huijbregts (1978), Mining geostatistics, section VII.A.3; Chiles, Delfiner (2012), Geostatistics, section 7.3.
    """
    prior, c = network.prewhitening, network.prewhitening.n_values
    draws, steps, _ = x.shape
    latent = x[..., c:].reshape(draws * steps, -1)
    flags = series.flags.expand(draws, -1, -1).reshape(draws * steps, -1)
    right = consistent(prior.threshold, prior.layout.groups, latent, flags).view(draws, steps, -1)
    target = torch.cat([series.values.expand(draws, -1, -1), right], -1)
    missed, x = (target - x).double().cpu(), x.double().cpu()
    known = torch.cat([series.seen, series.told], 1).cpu()
    for stretch in stretches_of(series.gaps.cpu()):
        solved = None
        for part in parts_of(*stretch):
            cells = telling(known, stretch, part)
            if solved is None or not torch.equal(cells, solved[0]):
                among = between(covariance, *cells, *cells)
                solved = cells, positive_factor(among + torch.diag(RIDGE * torch.diagonal(among) + TINY))
            rows, of = (~known[slice(*part)]).nonzero().T  # what an atom hides is free too
            towards = between(covariance, rows + part[0], of, *cells)
            x[:, rows + part[0], of] += missed[:, cells[0], cells[1]] @ torch.cholesky_solve(towards.T, solved[1])
    for channel in prior.layout.static:
        at = int(known[:, channel].int().argmax())  # the first row, where none is known
        x[..., channel] = (target if known[at, channel] else x)[:, at : at + 1, channel]
    return x.float()


def stretches_of(gaps: Tensor) -> list[tuple[int, int]]:
    """First rows of the stretches of rows with gaps (T,), and the rows behind them."""
    edges = torch.diff(torch.nn.functional.pad(gaps.int(), (1, 1)))
    begins, ends = ((edges == sign).nonzero()[:, 0].tolist() for sign in (1, -1))
    return list(zip(begins, ends, strict=True))


def parts_of(begin: int, end: int) -> list[tuple[int, int]]:
    """The parts of a stretch."""
    return [(first, min(first + PART, end)) for first in range(begin, end, PART)]


def telling(known: Tensor, stretch: tuple[int, int], part: tuple[int, int]) -> Tensor:
    """Rows and channels (2, cells) of what is known (T, D) that tell of a part: around it, and around all of its stretch.

    No two of these rows and the part's are further apart than covariances reach, which cut off would not be positive.
    """
    rows = torch.arange(max(0, stretch[0] - AROUND), min(len(known), stretch[1] + AROUND))
    outside, far = (torch.maximum(edges[0] - rows, rows - edges[1] + 1).clamp(min=0) for edges in (stretch, part))
    apart = torch.where(outside > 0, outside, far)
    used = known[rows] & ((apart <= AROUND) & ((apart <= NEAR) | (apart % STRIDE == 0)))[:, None]
    spread = torch.cat([rows[used.any(1)], torch.tensor([part[0], part[1] - 1])])
    low, end = int(spread.min()), int(spread.max()) + 1
    if end - low > LAGS:
        low = min(max(sum(part) // 2 - LAGS // 2, low), end - LAGS)
    at, channel = (used & ((rows >= low) & (rows < low + LAGS))[:, None]).nonzero().T
    nearest = apart[at].argsort(stable=True)[:KNOWN].sort().values
    return torch.stack([rows[at[nearest]], channel[nearest]])


def between(covariance: Tensor, rows: Tensor, of: Tensor, others: Tensor, by: Tensor) -> Tensor:
    """Covariances (n, m) of channels ``of`` (n,) in ``rows`` with channels ``by`` (m,) in ``others``."""
    lag = others[None] - rows[:, None]
    near = lag.abs().clamp(max=len(covariance) - 1)
    one, other = covariance[near, of[:, None], by[None]], covariance[near, by[None], of[:, None]]
    return torch.where(lag >= 0, one, other) * (lag.abs() < len(covariance))


def positive_factor(covariance: Tensor) -> Tensor:
    """Cholesky factor; of what is not positive, with as much more on the diagonal as it takes.

    Raises
    ------
    ConvergenceError
        If it is not finite.
    """
    for more in (0.0, *(RIDGE * 4.0**k for k in range(8))):
        factor: Tensor
        factor, failed = torch.linalg.cholesky_ex(covariance + more * torch.diag(torch.diagonal(covariance)))
        if not failed:
            return factor
    raise ConvergenceError("rollouts of the model are not finite; fit it again, with max_grad_norm=1.0 for example")
