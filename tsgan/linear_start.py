"""The conditionally Gaussian model of the data from which the generator starts."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tsgan.level_copula import Levels, affine, bounded, fit_levels, pairwise, ridge
from tsgan.prewhitening import MAX_ROWS, Prewhitening, Transitions, regress_scale, state_features
from tsgan.recurrence import BOUND
from tsgan.sequences import Sequences

STILL = -200.0  # log scale of channels that never move: its exponential is 0 in single precision
MOST_MIXED = 0.5  # correlations of flags' innovations


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
        before = affine(levels.known[c:], sequences.known(rows, patch).double())
        for step in range(patch):
            here = slice(step * d, (step + 1) * d)
            # What conditions tell moves with them: drawn to it slowly, a channel that stays long would never get there.
            after = affine(levels.known[c:], sequences.known(rows + step + 1, patch).double())
            towards, constant[here][c:] = ridge(conditions, (after - p.rho[c:] * before) / moved[c:], alpha=1.0)
            known[here][c:], before = towards, after
            block = covariance[here, here]
            block[c:, c:] = among[c:, c:]
            deviation = torch.diagonal(block)[:c].sqrt() / torch.diagonal(levels.covariance)[:c].clamp(min=1e-6).sqrt()
            block[:c, c:] = deviation[:, None] * among[:c, c:]
            block[c:, :c] = block[:c, c:].T
            block[c:, :] = bounded(block, MOST_MIXED)[c:, :]
            block[:, c:] = block[c:, :].T.clone()
    return cholesky(covariance), state, known, constant
