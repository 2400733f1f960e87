"""The conditionally Gaussian model of the data from which the generator starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata
from sklearn.linear_model import Ridge
from torch import Tensor

from tsgan.prewhitening import MAX_ROWS, Prewhitening, Transitions, regress_scale, state_features
from tsgan.recurrence import BOUND
from tsgan.sequences import Sequences

MAX_SCORE = 4.2
LEVELS = 256  # points of the table of first levels


@dataclass(frozen=True)
class LinearStart:
    """Levels with a Gaussian copula and their own marginals, then ``e = exp(scale(state)) (drift(state) + mixing z)``.

    Parameters
    ----------
    level_known : Tensor of shape (D, K)
        Mean of the levels' normal scores before the first step, linear in its conditions.
    level_factor : Tensor of shape (D, D)
        Lower Cholesky factor of the covariance of what that leaves.
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


def fit_linear_start(sequences: Sequences, prewhitening: Prewhitening, patch_size: int, from_beginning: bool) -> LinearStart:
    """Estimate the model.

    Parameters
    ----------
    from_beginning : bool
        Whether sequences have true beginnings: the first level is then that of first rows, not of any row.
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

    drift = fit_drift(sequences, data, raw, size, weight, bias, low, high, p)

    rows = sequences.starts if from_beginning else torch.nonzero(data.owner >= 0)[:, 0]
    seen = data.observed[rows]
    scores = torch.linspace(-MAX_SCORE, MAX_SCORE, LEVELS, dtype=torch.float64)
    table = scores[:, None].repeat(1, d)
    normal = torch.zeros(len(rows), c, dtype=torch.float64)
    for j in range(c):
        levels = data.x[rows, j][seen[:, j]].numpy()
        table[:, j] = torch.as_tensor(np.quantile(levels, ndtr(scores.numpy())))
        ranks = (rankdata(levels) - 0.5) / len(levels)
        normal[seen[:, j], j] = torch.as_tensor(ndtri(ranks))
    following = rows if from_beginning else (rows + 1).clamp(max=len(data.x) - 1)
    conditions, there = sequences.conditions[following].double(), seen.double()
    known = torch.zeros(d, conditions.shape[1], dtype=torch.float64)
    if conditions.shape[1]:
        slopes = Ridge(alpha=1.0, fit_intercept=False).fit(conditions.numpy(), normal.numpy()).coef_
        known[:c] = torch.as_tensor(slopes).reshape(c, -1)
        normal = (normal - conditions @ known[:c].T) * there
    factor = torch.eye(d, dtype=torch.float64)
    factor[:c, :c] = pairwise(normal, there)
    p.float()
    return LinearStart(*(t.float() for t in (known, cholesky(factor), table, *drift, weight, bias, low, high)))


def fit_drift(
    sequences: Sequences,
    data: Transitions,
    raw: Tensor,
    size: Tensor,
    weight: Tensor,
    bias: Tensor,
    low: Tensor,
    high: Tensor,
    p: Prewhitening,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Mixing, and drift by state, by conditions and constant, of a patch's standardised innovations."""
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
    conditions = sequences.conditions[rows + 1].double()
    # Linear in levels and innovations: a drift in their squares or sizes could run away.
    linear = torch.cat([features[:, :c], features[:, 3 * c :], conditions], 1)
    ridge = Ridge(alpha=1.0 + 0.001 * len(rows)).fit(linear.numpy(), target.numpy())
    rest = (target - torch.as_tensor(ridge.predict(linear.numpy())).reshape(target.shape)) * there
    slopes = torch.as_tensor(ridge.coef_).reshape(patch * c, -1)

    wide = (torch.arange(patch)[:, None] * d + torch.arange(c)).flatten()  # places of the values among all channels
    covariance, power = torch.eye(patch * d, dtype=torch.float64), pairwise(target * there, there)
    spread = torch.diagonal(power).clamp(min=1e-6).sqrt()
    covariance[wide[:, None], wide] = pairwise(rest, there) / spread[:, None] / spread
    state = torch.zeros(patch * d, 4 * d, dtype=torch.float64)
    state[wide[:, None], torch.arange(c)] = slopes[:, :c]
    state[wide[:, None], torch.arange(c) + 3 * d] = slopes[:, c : 2 * c]
    known, constant = torch.zeros(patch * d, conditions.shape[1], dtype=torch.float64), torch.zeros(patch * d).double()
    known[wide] = slopes[:, 2 * c :]
    constant[wide] = torch.as_tensor(ridge.intercept_).reshape(-1)
    return cholesky(covariance), state, known, constant


def pairwise(centred: Tensor, seen: Tensor) -> Tensor:
    """Second moments over the rows in which both channels are there."""
    return centred.T @ centred / (seen.T @ seen).clamp(min=1)
