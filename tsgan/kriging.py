"""What lies in gaps, given all around them: rollouts, moved by what they miss where cells are known."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from tsgan.abduction import consistent
from tsgan.exceptions import ConvergenceError
from tsgan.networks import Generator

STEPS = 300_000  # of rollouts that covariances are read off
FEWEST, MOST = 4, 256  # pairs of rollouts of a series
LAGS = 192  # between rows that tell of each other
PART = 24  # rows of a gap that are moved together
AROUND, NEAR, STRIDE = 48, 8, 4  # rows on both sides that tell of them: the nearest ones, then one in so many
KNOWN = 800  # cells that tell of a part, at most
RIDGE, TINY = 0.01, 1e-6  # of the variances; of one that is none


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


@torch.no_grad()
def covariances(network: Generator, series: list[Tensor], generator: torch.Generator) -> Tensor:
    """Covariances (lags, D, D) of latent channels with those so many steps later, given the conditions.

    From differences of two rollouts under the same conditions, in which all that the conditions tell cancels.

    Parameters
    ----------
    series : list of Tensor of shape (N, K)
        Conditions.
    """
    d = network.n_latent
    sums, counts = torch.zeros(LAGS, d, d, dtype=torch.float64), torch.zeros(LAGS, dtype=torch.float64)
    steps = 0
    for conditions in series:
        length = len(conditions) * network.patch_size
        pairs = max(FEWEST, min(MOST, STEPS // (2 * length)))
        one, two = rolled(network, conditions, 2 * pairs, generator).double().cpu().chunk(2)
        apart = (one - two) / 2**0.5
        for lag in range(min(LAGS, length)):
            sums[lag] += torch.einsum("bti,btj->ij", apart[:, : length - lag], apart[:, lag:])
            counts[lag] += pairs * length  # not of the terms: so it is positive
        steps += 2 * pairs * length
        if steps >= STEPS:
            break
    return sums / counts.clamp(min=1)[:, None, None]


@torch.no_grad()
def krige(network: Generator, series: Series, covariance: Tensor, draws: int, generator: torch.Generator) -> Tensor:
    """Latent channels (draws, T, D) of a series, drawn given all that is known of it.

    Rollouts under its conditions; in and around each gap they miss what is known, and the best linear prediction of that
    miss is added in the gap (conditioning by kriging: given a Gaussian process the result has its law given what is known).
    The flags' latent channels are known to be where they give the flags.

    Parameters
    ----------
    covariance : Tensor of shape (lags, D, D)
        See :func:`covariances`.

    References
    ----------
    Journel, Huijbregts (1978), Mining geostatistics, section VII.A.3; Chiles, Delfiner (2012), Geostatistics, section 7.3.
    """
    prior, c = network.prewhitening, network.prewhitening.n_values
    steps = len(series.values)
    x = rolled(network, series.conditions, draws, generator)
    latent = x[..., c:].reshape(draws * steps, -1)
    flags = series.flags.expand(draws, -1, -1).reshape(draws * steps, -1)
    right = consistent(prior.threshold, prior.layout.groups, latent, flags).view(draws, steps, -1)
    missed = torch.cat([series.values - x[..., :c], right - x[..., c:]], -1).double().cpu()
    known, x = torch.cat([series.seen, series.told], 1).cpu(), x.double().cpu()
    for first, end in parts_of(series.gaps.cpu()):
        low, high = max(0, first - AROUND), min(steps, end + AROUND)
        rows = torch.arange(low, high)
        far = torch.maximum(first - rows, rows - end + 1).clamp(min=0)
        used = known[low:high] & ((far <= NEAR) | (far % STRIDE == 0))[:, None]
        at, channel = used.nonzero().T
        if len(at) > KNOWN:
            nearest = far[at].argsort(stable=True)[:KNOWN]
            at, channel = at[nearest], channel[nearest]
        to, of = (~known[first:end]).nonzero().T  # what an atom hides is free too
        among = between(covariance, rows[at], channel, rows[at], channel)
        among += torch.diag(RIDGE * torch.diagonal(among) + TINY)
        towards = between(covariance, to + first, of, rows[at], channel)
        weights = torch.cholesky_solve(towards.T, positive_factor(among))
        x[:, to + first, of] += missed[:, rows[at], channel] @ weights
    static = prior.layout.static
    x[..., static] = x[:, :1, static]
    return x.float()


def rolled(network: Generator, conditions: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """So many rollouts (count, N P, D) under the conditions (N, K) of a series."""
    return torch.cat(list(network.rollouts(conditions[:, None].expand(-1, count, -1), generator)), 1)


def parts_of(gaps: Tensor) -> list[tuple[int, int]]:
    """First rows of parts of the stretches of rows with gaps (T,), and the rows behind them."""
    edges = torch.diff(torch.nn.functional.pad(gaps.int(), (1, 1)))
    begins, ends = ((edges == sign).nonzero()[:, 0].tolist() for sign in (1, -1))
    return [
        (first, min(first + PART, end)) for begin, end in zip(begins, ends, strict=True) for first in range(begin, end, PART)
    ]


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
