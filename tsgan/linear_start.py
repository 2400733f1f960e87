"""The conditionally Gaussian model of the data from which the generator starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata
from torch import Tensor

from tsgan.prewhitening import Prewhitening, Transitions, regress_scale
from tsgan.sequences import Sequences

MAX_SCORE = 4.2
LEVELS = 256  # points of the table of first levels


@dataclass(frozen=True)
class LinearStart:
    """Levels with a Gaussian copula and their own marginals, then ``e_t = exp(scale(state)) mixing z_t``.

    Parameters
    ----------
    level_factor : Tensor of shape (D, D)
        Lower Cholesky factor of the correlation of the levels' normal scores, before the first step.
    level_table : Tensor of shape (LEVELS, D)
        Levels at normal scores even over +-MAX_SCORE.
    mixing : Tensor of shape (D, D)
        Lower Cholesky factor of the correlation of the standardised innovations.
    scale_weight : Tensor of shape (P, D, 3 D)
    scale_bias, scale_low, scale_high : Tensor of shape (P, D)
        Log scale of the innovation ``1..P`` steps ahead, linear in the state where the patch begins.
    """

    level_factor: Tensor
    level_table: Tensor
    mixing: Tensor
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

    before = torch.cat([torch.zeros_like(size[:1]), size[:-1]])
    e = raw * torch.exp(-p.log_scale(previous, before)) * data.pair
    count = data.pair.double()
    mixing = torch.eye(d, dtype=torch.float64)
    mixing[:c, :c] = pairwise(e, count)
    spread = torch.diagonal(mixing).clamp(min=1e-6).sqrt()
    mixing = mixing / spread[:, None] / spread

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
    factor = torch.eye(d, dtype=torch.float64)
    factor[:c, :c] = pairwise(normal, seen.double())
    p.float()
    return LinearStart(*(t.float() for t in (cholesky(factor), table, cholesky(mixing), weight, bias, low, high)))


def pairwise(centred: Tensor, seen: Tensor) -> Tensor:
    """Second moments over the rows in which both channels are there."""
    return centred.T @ centred / (seen.T @ seen).clamp(min=1)
