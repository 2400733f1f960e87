"""First levels: a Gaussian copula of the latent channels with the data's own marginals, given conditions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata
from sklearn.linear_model import Ridge
from torch import Tensor

from tsgan.flags import codes, latent_thresholds, shares
from tsgan.flags import response as flag_response
from tsgan.prewhitening import SIZE_FLOOR, Prewhitening, Transitions
from tsgan.sequences import Sequences

MAX_SCORE = 4.2
LEVELS = 256  # points of the table of first levels
MIXED = 4096  # conditions over which the law of their scores is averaged
MOST_SCALED = 0.7  # log of the scale of first levels by conditions
MOST_KNOWN = 0.8  # of the variance of a flag's latent channel, by conditions
MOST_SHARED = 0.9  # correlations of flags' latent levels


class Levels(NamedTuple):
    """First levels as a Gaussian copula.

    ``known`` (D, 1 + K) is what conditions tell of their normal scores, ``scale`` (D, 1 + K) of how far the rest spreads,
    ``covariance`` (D, D) that of the rest, scaled, ``table`` (LEVELS, D) the marginals, ``response`` (M, M) what the flags
    tell of their latent channels, see :func:`tsgan.flags.response`.
    """

    known: Tensor
    scale: Tensor
    covariance: Tensor
    table: Tensor
    response: Tensor


def fit_levels(
    sequences: Sequences, whole: Sequences, data: Transitions, p: Prewhitening, patch_size: int, from_beginning: bool
) -> Levels:
    """Gaussian copula of the latent channels, values by their ranks and flags by the multinomial probit.

    What is constant in a series is drawn as the series have it, each counted once, however long it is. The scores of such
    values are normal by themselves (:meth:`tsgan.preprocessing.numeric_column.NumericColumn.fit_static`): their marginal is
    the normal law between the outermost ones, for quantiles of a few series would be the series themselves.
    """
    c, d = p.n_values, p.n_latent
    rows = sequences.starts if from_beginning else torch.nonzero(data.owner >= 0)[:, 0]
    seen = data.observed[rows]
    scores = torch.linspace(-MAX_SCORE, MAX_SCORE, LEVELS, dtype=torch.float64)
    table = scores[:, None].repeat(1, d)
    normal = torch.zeros(len(rows), c, dtype=torch.float64)
    each, probability = whole.starts, ndtr(scores.numpy())
    shown = p.seen(whole.flags[each].double()).bool().expand(len(each), c)
    for j in range(c):
        levels = data.x[rows, j][seen[:, j]].numpy()
        if not len(levels):
            continue
        if j in p.layout.static:
            ends = ndtr(whole.values[each, j][shown[:, j]].double().numpy())
            table[:, j] = torch.as_tensor(ndtri(ends.min() + probability * np.ptp(ends)))
        else:
            table[:, j] = torch.as_tensor(np.quantile(levels, probability))
        ranks = (rankdata(levels) - 0.5) / len(levels)
        normal[seen[:, j], j] = torch.as_tensor(ndtri(ranks))
    flags, response = sequences.flags[rows], torch.zeros(d - c, d - c, dtype=torch.float64)
    for group in p.layout.groups:
        thresholds, is_static = p.threshold[group], c + group.start in p.layout.static
        if from_beginning or is_static:  # the shares of first rows
            first = whole.flags[each] if is_static else flags
            thresholds = torch.as_tensor(latent_thresholds(shares(codes(first[:, group]), group.stop - group.start)))
            table[:, c + group.start : c + group.stop] += p.threshold[group] - thresholds
        response[group, group] = torch.as_tensor(flag_response(thresholds.numpy()))
    to_latent = torch.linalg.pinv(response, rtol=1e-3)
    centred = flags.double() - flags.double().mean(0)

    following = rows if from_beginning else (rows + 1).clamp(max=len(data.x) - 1)
    conditions, there = sequences.known(following, patch_size).double(), seen.double()
    known, scale = torch.zeros(2, d, 1 + conditions.shape[1], dtype=torch.float64)
    left = torch.ones(d - c, dtype=torch.float64)  # variance of the flags' channels that conditions leave
    if conditions.shape[1]:
        both = torch.cat([normal, centred], 1)
        slopes, intercept = ridge(conditions, both, alpha=1.0)
        told = torch.cat([intercept[:, None], slopes], 1)
        normal, centred = normal - affine(told[:c], conditions), centred - affine(told[c:], conditions)
        known[:c], known[c:] = told[:c], to_latent @ told[c:]
        explained = affine(known[c:], conditions).square().mean(0)
        known[c:] *= (MOST_KNOWN / explained.clamp(min=MOST_KNOWN)).sqrt()[:, None]
        left = 1 - explained.clamp(max=MOST_KNOWN)
        scale[:c] = spread(normal, there, conditions)
        normal = normal / torch.exp(log_scale(scale[:c], conditions))
        marginals(table[:, :c], normal, (known[:c], scale[:c]), conditions, data.x[rows], there, p.layout.static)
    normal = normal * there
    covariance = torch.diag(torch.cat([torch.ones(c, dtype=torch.float64), left]))
    covariance[:c, :c] = pairwise(normal, there)
    if d > c:
        shared = normal.T @ centred / there.sum(0).clamp(min=1)[:, None] @ to_latent.T
        among = to_latent @ (centred.T @ centred / len(rows)) @ to_latent.T
        owner = torch.tensor(p.layout.flag_columns)
        among = torch.where(owner[:, None] == owner, torch.diag(left), among)
        covariance[:c, c:], covariance[c:, :c], covariance[c:, c:] = shared, shared.T, among
        covariance[c:, :] = bounded(covariance, MOST_SHARED)[c:, :]
        covariance[:, c:] = covariance[c:, :].T.clone()
    return Levels(known, scale, covariance, table, response)


def marginals(
    table: Tensor,
    rest: Tensor,
    told: tuple[Tensor, Tensor],
    conditions: Tensor,
    levels: Tensor,
    there: Tensor,
    static: list[int],
) -> None:
    """Set the table (LEVELS, C) so that levels at scores of all conditions together have the marginals of the data.

    Scores are normal given the conditions, with means and log scales ``told`` by them, so all together they are not:
    ``P(score < s) = mean of Phi((s - mean) / scale)`` over the conditions.

    Parameters
    ----------
    table : Tensor of shape (LEVELS, C)
        Changed in place, but for static channels.
    rest : Tensor of shape (n, C)
        What the conditions leave of normal scores, scaled.
    told : pair of Tensor of shape (C, 1 + K)
    conditions : Tensor of shape (n, K)
    levels, there : Tensor of shape (n, C)
        And whether they are seen.
    static : list of int
    """
    some = torch.linspace(0, len(conditions) - 1, min(MIXED, len(conditions))).long()
    mean, scale = affine(told[0], conditions[some]), torch.exp(log_scale(told[1], conditions[some]))
    scores = torch.linspace(-MAX_SCORE, MAX_SCORE, LEVELS, dtype=torch.float64)[:, None]
    for j in range(table.shape[1]):
        seen = there[:, j] > 0
        if j in static or not seen.any():
            continue
        deviation = rest[seen, j].square().mean().sqrt().clamp(min=1e-6)
        probability = ndtr(((scores - mean[:, j]) / (scale[:, j] * deviation)).numpy()).mean(1)
        table[:, j] = torch.as_tensor(np.quantile(levels[seen, j].numpy(), probability))


def spread(normal: Tensor, there: Tensor, conditions: Tensor) -> Tensor:
    """Log scale of normal scores (n, C) by conditions (n, K): constants and slopes (C, 1 + K)."""
    weights, shrink = torch.zeros(normal.shape[1], 1 + conditions.shape[1], dtype=torch.float64), 1.0 + 0.01 * len(normal)
    for j, (scores, seen) in enumerate(zip(normal.T, there.T.bool(), strict=True)):
        if not seen.any():
            continue
        size = torch.log(scores[seen] ** 2 + SIZE_FLOOR)
        slopes, _ = ridge(conditions[seen], size[:, None], shrink)
        weights[j, 1:] = slopes[0] / 2
        weights[j, 0] = -(conditions[seen] @ slopes[0]).mean() / 2  # the rest is in the covariance
    return weights


def log_scale(scale: Tensor, conditions: Tensor) -> Tensor:
    """Log scales (n, C) of :func:`spread`."""
    return affine(scale, conditions).clamp(-MOST_SCALED, MOST_SCALED)


def affine(weights: Tensor, conditions: Tensor) -> Tensor:
    """Constant and linear part (D, 1 + K) at conditions (n, K): (n, D)."""
    return weights[:, 0] + conditions @ weights[:, 1:].T


def ridge(features: Tensor, target: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """Slopes (targets, features) and intercepts (targets,) of a ridge regression, of no targets or features too."""
    if 0 in (features.shape[1], target.shape[1]):
        return target.new_zeros(target.shape[1], features.shape[1]), target.mean(0)
    fitted = Ridge(alpha=alpha).fit(features.numpy(), target.numpy())
    return torch.as_tensor(fitted.coef_).reshape(target.shape[1], -1), torch.as_tensor(fitted.intercept_).reshape(-1)


def bounded(covariance: Tensor, most: float) -> Tensor:
    """The same with correlations of at most ``most``."""
    deviation = torch.diagonal(covariance).clamp(min=1e-6).sqrt()
    scale = deviation[:, None] * deviation
    off = torch.clamp(covariance, -most * scale, most * scale)
    return off - torch.diag(torch.diagonal(off)) + torch.diag(torch.diagonal(covariance))


def pairwise(centred: Tensor, seen: Tensor) -> Tensor:
    """Second moments over the rows in which both channels are there."""
    return centred.T @ centred / (seen.T @ seen).clamp(min=1)
