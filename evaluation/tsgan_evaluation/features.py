"""The feature judge: a linear classifier on random convolutions, cross-fitted over blocks of time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from tsgan_evaluation._missing import fill_and_mask
from tsgan_evaluation._ridge import ridge
from tsgan_evaluation._threads import one_thread
from tsgan_evaluation._validation import DataError, FloatArray, check_pair

DILATIONS = (1, 2, 4)
LENGTHS = (3, 7)
FOLDS = 5
RESAMPLES = 2000


@dataclass(frozen=True)
class FeatureJudgement:
    """Verdict of `feature_judge`.

    Attributes
    ----------
    auc : float
        Area under the ROC curve on held-out blocks, mean over folds: 0.5 is indistinguishable, 1 always told apart; far
        below 0.5 is the mark of copies.
    low, high : float
        Its 95 % confidence interval.
    beliefs : ndarray of shape (B',)
        How real each synthetic sequence looks to the judge that has not seen it: about 1 real, about -1 synthetic; NaN
        where it was not looked at.
    """

    auc: float
    low: float
    high: float
    beliefs: FloatArray = field(compare=False, repr=False)

    def __float__(self) -> float:
        """The figure that stands for it."""
        return self.auc


@one_thread()
def feature_judge(
    real: ArrayLike,
    synthetic: ArrayLike,
    seed: int = 0,
    count: int = 2000,
    kernels: int = 500,
    blocks: int | tuple[ArrayLike, ArrayLike] = 25,
) -> FeatureJudgement:
    """Tell real from synthetic by random convolutions of levels and increments.

    Each sequence becomes its levels, standardised with the real side's mean and deviation, and the inverse hyperbolic
    sine of its standardised increments. Random convolutions of both are pooled over time by maximum, share of positives
    and mean; a ridge classifier judges the pooled values, in five folds.

    Folds are made of contiguous blocks (of time for real windows, of order for synthetic ones), never at random:
    windows overlap, and a judge that has seen a period recognises it, so that with random folds even a perfect
    generator could not reach 0.5. With blocks, held-out real windows look like the copies seen in training: the mark of
    copies is an AUC far below 0.5.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
        In order of time, or with related sequences side by side.
    synthetic : array_like of shape (B', T, C)
        As many sequences as blocks at least, of at least 3 steps. Missing cells (NaN) become the real column's mean, and
        their mask is a column more.
    seed : int
        Of subsets, kernels, folds and resampling. The global random state is neither used nor changed.
    count : int
        Largest number of sequences of each side that are looked at, a random subset.
    kernels : int
        Number of random kernels, spread over lengths 3 and 7 and dilations 1, 2 and 4, each over 1 to 3 channels or so.
    blocks : int or pair of array_like of shape (B,), (B',)
        Number of contiguous blocks of each side, or the block of each real and of each synthetic sequence: at least 10.

    Returns
    -------
    FeatureJudgement
        AUC and interval. The interval is the percentile bootstrap of the held-out scores over blocks: in each fold and
        side, n - 1 of the n blocks are drawn with replacement (Rao & Wu 1988: the variance is then right for few
        blocks). It says how far the figure depends on which blocks were judged, given the fitted judges; refitting them
        as well would widen it a little.

    Raises
    ------
    ValueError
        If the arrays cannot be compared; see the message.

    References
    ----------
    Features after Dempster, Petitjean & Webb 2020, "ROCKET"; test after Lopez-Paz & Oquab 2017, "Revisiting classifier
    two-sample tests".
    """
    least = blocks if isinstance(blocks, int) else 2 * FOLDS
    real, synthetic = fill_and_mask(*check_pair(real, synthetic, least_sequences=least, least_steps=LENGTHS[0]))
    whole = [_blocks(x, blocks, side) for side, x in enumerate((real, synthetic))]
    draw = np.random.default_rng(seed)
    picks = [draw.permutation(len(x))[:count] for x in (real, synthetic)]
    views = standardised(real, real[picks[0]]), standardised(real, synthetic[picks[1]])
    features = torch.cat([random_convolutions(view, kernels, seed) for view in views]).numpy()
    features = StandardScaler().fit_transform(features).astype(float)
    is_real = np.repeat([True, False], [len(pick) for pick in picks])
    block = np.concatenate([of[pick] for of, pick in zip(whole, picks, strict=True)]) + np.where(
        is_real, 0, 1 + max(of.max() for of in whole)
    )

    folds, beliefs = [], np.full(len(is_real), np.nan)
    for train, test in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(features, is_real, block):
        weights, intercept = ridge(features[train], np.where(is_real[train], 1.0, -1.0))
        belief, truth = features[test] @ weights + intercept, is_real[test]
        folds.append(_block_wins(belief[truth], block[test][truth], belief[~truth], block[test][~truth]))
        beliefs[test] = belief
    resampled = np.mean([_resampled_auc(wins, pairs, draw) for wins, pairs in folds], 0)
    low, high = np.quantile(resampled, [0.025, 0.975])
    auc = float(np.mean([w.sum() / n.sum() for w, n in folds]))
    of_synthetic = np.full(len(synthetic), np.nan)
    of_synthetic[picks[1]] = beliefs[~is_real]
    return FeatureJudgement(auc, float(low), float(high), of_synthetic)


def random_convolutions(x: Tensor, kernels: int, seed: int) -> Tensor:
    """Maximum, share of positives and mean of random dilated convolutions over a few channels.

    Parameters
    ----------
    x : Tensor of shape (B, T, F)
    kernels : int
        Split evenly over lengths and dilations; those longer than the sequence are left out.
    seed : int

    Returns
    -------
    Tensor of shape (B, 3 * kernels)
    """
    draw = torch.Generator().manual_seed(seed)
    steps, channels, pooled = x.shape[1], x.shape[2], []
    count = kernels // (len(DILATIONS) * len(LENGTHS))
    for dilation in DILATIONS:
        for length in LENGTHS:
            if (length - 1) * dilation >= steps:
                continue
            weight = torch.randn(count, channels, length, generator=draw)
            keep = (torch.rand(count, channels, 1, generator=draw) < min(1, 2.5 / channels)).float()
            keep[torch.arange(count), torch.randint(channels, (count,), generator=draw)] = 1
            weight *= keep
            centred = torch.rand(count, generator=draw) < 0.5
            weight[centred] -= weight[centred].mean(2, keepdim=True) * keep[centred]
            bias = torch.randn(count, generator=draw)
            y = torch.conv1d(x.transpose(1, 2), weight, bias, dilation=dilation, padding="same")  # (B, kernels, T)
            pooled += [y.amax(2), (y > 0).float().mean(2), y.mean(2)]
    return torch.cat(pooled, 1)


def _blocks(x: FloatArray, blocks: int | tuple[ArrayLike, ArrayLike], side: int) -> NDArray[np.int64]:
    """The block of each sequence, numbered from 0."""
    if isinstance(blocks, int):
        count, numbers = blocks, np.arange(len(x)) * blocks // len(x)
    else:
        known, numbers = np.unique(np.asarray(blocks[side]), return_inverse=True)
        count = len(known)
    if count < 2 * FOLDS:
        name = ("real", "synthetic")[side]
        raise DataError(f"{name} has {count} blocks of time or entities; {FOLDS} folds need at least {2 * FOLDS}")
    return numbers.astype(np.int64)


def standardised(real: FloatArray, x: FloatArray) -> Tensor:
    """Levels and asinh of increments, both standardised with the real side's moments: (B, T, C) -> (B, T, 2 C)."""
    mean, deviation = real.mean((0, 1)), real.std((0, 1)) + 1e-8
    step_deviation = np.diff(real, axis=1).std((0, 1)) + 1e-8
    steps = np.diff(x, axis=1, prepend=x[:, :1]) / step_deviation
    return torch.as_tensor(np.concatenate([(x - mean) / deviation, np.arcsinh(steps)], 2), dtype=torch.float32)


def _block_wins(
    a: FloatArray, a_block: NDArray[np.int64], b: FloatArray, b_block: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """How often ``a`` exceeds ``b``, ties half, summed within pairs of blocks; and the numbers of pairs.

    The first's sum over the second's is the area under the ROC curve (Mann & Whitney).
    """
    wins = (a[:, None] > b).astype(float) + 0.5 * (a[:, None] == b)
    member_a, member_b = ((x == np.unique(x)[:, None]).astype(float) for x in (a_block, b_block))
    return member_a @ wins @ member_b.T, np.outer(member_a.sum(1), member_b.sum(1))


def _resampled_auc(wins: FloatArray, pairs: FloatArray, draw: np.random.Generator) -> FloatArray:
    """Area under the ROC curve of resampled blocks: (A, B), (A, B) -> (RESAMPLES,)."""
    a, b = (draw.multinomial(max(n - 1, 1), np.full(n, 1 / n), RESAMPLES) for n in wins.shape)
    numerator, denominator = (np.einsum("ra,ab,rb->r", a, x, b) for x in (wins, pairs))
    area: FloatArray = numerator / denominator
    return area
