"""The conditionally Gaussian model of the data from which the generator starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata
from sklearn.linear_model import Ridge
from torch import Tensor

from tsgan.flags import codes, latent_thresholds, shares
from tsgan.flags import response as flag_response
from tsgan.prewhitening import MAX_ROWS, SIZE_FLOOR, Prewhitening, Transitions, regress_scale, state_features
from tsgan.recurrence import BOUND
from tsgan.sequences import Sequences

MAX_SCORE = 4.2
LEVELS = 256  # points of the table of first levels
MIXED = 4096  # conditions over which the law of their scores is averaged
STILL = -200.0  # log scale of channels that never move: its exponential is 0 in single precision
MOST_SCALED = 0.7  # log of the scale of first levels by conditions
MOST_KNOWN = 0.8  # of the variance of a flag's latent channel, by conditions
MOST_SHARED, MOST_MIXED = 0.9, 0.5  # correlations of flags' latent levels and innovations


@dataclass(frozen=True)
class LinearStart:
    """Levels with a Gaussian copula and their own marginals, then ``e = exp(scale(state)) (drift(state) + mixing z)``.

    Parameters
    ----------
    level_known : Tensor of shape (D, 1 + K)
        Mean of the levels' normal scores before the first step: constant, and linear in its conditions.
    level_scale : Tensor of shape (D, 1 + K)
        Log of the scale of what that leaves: constant, and linear in the conditions; bounded by ``MOST_SCALED``.
    level_factor : Tensor of shape (D, D)
        Lower Cholesky factor of the covariance of what that leaves, scaled.
    level_table : Tensor of shape (LEVELS, D)
        Levels at normal scores even over +-MAX_SCORE.
    mixing : Tensor of shape (P D, P D)
        Lower Cholesky factor of what the drift leaves of a patch's standardised innovations.
    drift_state : Tensor of shape (P D, 4 D)
    drift_known : Tensor of shape (P D, K)
    drift_bias : Tensor of shape (P D,)
        Mean of a patch's standardised innovations, linear in the state where it begins and in its conditions.
    scale_weight : Tensor of shape (P, D, 3 D)
    scale_bias, scale_low, scale_high : Tensor of shape (P, D)
        Log scale of the innovation ``1..P`` steps ahead, linear in the state where the patch begins.
    """

    level_known: Tensor
    level_scale: Tensor
    level_factor: Tensor
    level_table: Tensor
    mixing: Tensor
    drift_state: Tensor
    drift_known: Tensor
    drift_bias: Tensor
    scale_weight: Tensor
    scale_bias: Tensor
    scale_low: Tensor
    scale_high: Tensor


def cholesky(covariance: Tensor) -> Tensor:
    """Lower factor of the nearest positive matrix with the same variances."""
    variance, vectors = torch.linalg.eigh((covariance + covariance.T) / 2)
    repaired = vectors @ torch.diag(variance.clamp(min=1e-6)) @ vectors.T
    scale = (torch.diagonal(covariance).clamp(min=1e-6) / torch.diagonal(repaired)).sqrt()
    factor: Tensor = torch.linalg.cholesky(repaired * scale[:, None] * scale)
    return factor


def fit_linear_start(
    sequences: Sequences, prewhitening: Prewhitening, patch_size: int, from_beginning: bool, whole: Sequences | None = None
) -> LinearStart:
    """Estimate the model.

    Parameters
    ----------
    from_beginning : bool
        Whether sequences have true beginnings: the first level is then that of first rows, not of any row.
    whole : Sequences, optional
        All series, each in one piece, where ``sequences`` are parts of them: each counts once for what is constant in it.
    """
    p = prewhitening.double()
    data = Transitions(sequences, p)
    c, d = p.n_values, p.n_latent
    previous = torch.cat([data.x[:1], data.x[:-1]])
    raw = (data.x - p.rho[:c] * previous) * data.pair
    size = p.size(raw) * data.pair

    weight = torch.zeros(patch_size, d, 3 * d, dtype=torch.float64)
    bias = torch.log(p.sigma).repeat(patch_size, 1)
    low, high = bias.clone(), bias.clone()
    values = torch.cat([torch.arange(c) + k * d for k in range(3)])
    for step in range(patch_size):
        ahead = regress_scale(data.x, size, raw, data.pair, data.owner, step + 1)
        weight[step, :c, values], bias[step, :c], low[step, :c], high[step, :c] = (ahead[0], *ahead[1:])

    levels = fit_levels(sequences, sequences if whole is None else whole, data, p, patch_size, from_beginning)
    drift = fit_drift(sequences, data, raw, size, (weight, bias, low, high), levels, p)
    bias[:, p.layout.static] = low[:, p.layout.static] = high[:, p.layout.static] = STILL
    p.float()
    return LinearStart(
        *(
            t.float()
            for t in (levels.known, levels.scale, cholesky(levels.covariance), levels.table, *drift, weight, bias, low, high)
        )
    )


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


def fit_drift(
    sequences: Sequences,
    data: Transitions,
    raw: Tensor,
    size: Tensor,
    scale: tuple[Tensor, Tensor, Tensor, Tensor],
    levels: Levels,
    p: Prewhitening,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Mixing, and drift by state, by conditions and constant, of a patch's standardised innovations."""
    weight, bias, low, high = scale
    c, d, patch = p.n_values, p.n_latent, len(weight)
    rows = torch.nonzero(data.owner[:-patch] == data.owner[patch:])[:, 0]
    if len(rows) > MAX_ROWS:
        rows = rows[torch.linspace(0, len(rows) - 1, MAX_ROWS).long()]
    features = torch.cat([state_features(data.x, size), torch.clamp(raw * p.size_gain[:c], -BOUND, BOUND)], 1)[rows]
    targets, seen = [], []
    values = torch.cat([torch.arange(c) + k * d for k in range(3)])
    for step in range(patch):
        log_scale = features[:, : 3 * c] @ weight[step, :c, values].T + bias[step, :c]
        e = raw[rows + step + 1] * torch.exp(-torch.clamp(log_scale, low[step, :c], high[step, :c]))
        targets.append(torch.clamp(e, -BOUND, BOUND))
        seen.append(data.pair[rows + step + 1])
    target, there = torch.cat(targets, 1), torch.cat(seen, 1).double()
    conditions, flags = sequences.known(rows + 1, patch).double(), sequences.flags[rows].double()
    # Linear in levels and innovations: a drift in their squares or sizes could run away.
    linear = torch.cat([features[:, :c], features[:, 3 * c :], flags - flags.mean(0), conditions], 1)
    slopes, intercept = ridge(linear, target, alpha=1.0 + 0.001 * len(rows))
    rest = (target - linear @ slopes.T - intercept) * there

    wide = (torch.arange(patch)[:, None] * d + torch.arange(c)).flatten()  # places of the values among all channels
    covariance, power = torch.eye(patch * d, dtype=torch.float64), pairwise(target * there, there)
    spread = torch.diagonal(power).clamp(min=1e-6).sqrt()
    covariance[wide[:, None], wide] = pairwise(rest, there) / spread[:, None] / spread
    state = torch.zeros(patch * d, 4 * d, dtype=torch.float64)
    by_level, by_last, by_flag, by_condition = slopes.split([c, c, d - c, conditions.shape[1]], 1)
    state[wide[:, None], torch.arange(c)] = by_level
    state[wide[:, None], torch.arange(c, d)] = by_flag @ levels.response  # a flag is linear in its latent channels, about
    state[wide[:, None], torch.arange(c) + 3 * d] = by_last
    known, constant = torch.zeros(patch * d, conditions.shape[1], dtype=torch.float64), torch.zeros(patch * d).double()
    known[wide] = by_condition
    constant[wide] = intercept
    # Flags: innovations that bring about the levels' mean and correlations, within what is possible.
    if d > c:
        moved = (1 - p.rho**2).clamp(min=1e-6).sqrt()
        among = levels.covariance * (1 - p.rho[:, None] * p.rho) / (moved[:, None] * moved)
        for step in range(patch):
            here = slice(step * d, (step + 1) * d)
            towards = ((1 - p.rho) / moved)[c:, None] * levels.known[c:]
            constant[here][c:], known[here][c:] = towards[:, 0], towards[:, 1:]
            block = covariance[here, here]
            block[c:, c:] = among[c:, c:]
            deviation = torch.diagonal(block)[:c].sqrt() / torch.diagonal(levels.covariance)[:c].clamp(min=1e-6).sqrt()
            block[:c, c:] = deviation[:, None] * among[:c, c:]
            block[c:, :c] = block[:c, c:].T
            block[c:, :] = bounded(block, MOST_MIXED)[c:, :]
            block[:, c:] = block[c:, :].T.clone()
    return cholesky(covariance), state, known, constant


def pairwise(centred: Tensor, seen: Tensor) -> Tensor:
    """Second moments over the rows in which both channels are there."""
    return centred.T @ centred / (seen.T @ seen).clamp(min=1)
