"""Distances in a learned space: a small encoder of windows, Fréchet distance, precision, recall, density and coverage."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist
from torch import Tensor, nn

from tsgan_evaluation._missing import fill_and_mask
from tsgan_evaluation._threads import one_thread
from tsgan_evaluation._validation import DataError, FloatArray, check_pair

DIMENSIONS, HIDDEN = 16, 32
TEMPERATURE = 0.2
BATCH, LEARNING_RATE = 128, 2e-3
NEIGHBOURS = 5
MOST = 2000  # points that neighbours are looked for among


@one_thread()
def embed(real: ArrayLike, synthetic: ArrayLike, seed: int = 0, steps: int = 200) -> tuple[FloatArray, FloatArray]:
    """Windows as points of a space in which crops of one real window lie together and those of others apart.

    Three dilated convolutions over standardised levels and increments, averaged over time; trained on the real windows
    with the contrastive loss of two random crops of each window of a batch.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        At least 32 windows each, of at least 3 steps. Missing cells (NaN) become the real column's mean, and their mask is a
        column more.
    seed : int
        Of weights, batches and crops. The global random state is neither used nor changed.
    steps : int
        Batches to train on.

    Returns
    -------
    ndarray of shape (B, 2 D), ndarray of shape (B', 2 D)
        Means and standard deviations over time of D = 16 learned features, standardised with the real windows' moments.

    Raises
    ------
    DataError
        If the arrays cannot be compared, or no real column varies.

    References
    ----------
    Contrastive crops after Yue et al. 2022, "TS2Vec: Towards universal representation of time series"; loss of Chen et
    al. 2020, "A simple framework for contrastive learning" (SimCLR).
    """
    real, synthetic = fill_and_mask(*check_pair(real, synthetic, least_sequences=32, least_steps=3))
    mean, deviation = real.mean((0, 1)), real.std((0, 1))
    varies = deviation > 1e-9 * np.maximum(np.abs(mean), 1e-300)
    if not varies.any():
        raise DataError("no real column varies")

    def views(x: FloatArray) -> Tensor:
        levels = ((x - mean) / deviation.clip(1e-300))[..., varies]
        steps = np.diff(levels, axis=1, prepend=levels[:, :1])
        return torch.as_tensor(np.concatenate([levels, steps / scale], 2).transpose(0, 2, 1), dtype=torch.float32)

    scale = np.diff((real[..., varies] - mean[varies]) / deviation[varies], axis=1).std((0, 1)) + 1e-8
    train, other = views(real).clamp(-20, 20), views(synthetic).clamp(-20, 20)  # (B, 2 C, T)
    draw = torch.Generator().manual_seed(seed)
    weights = _weights(train.shape[1], draw)
    optimizer = torch.optim.Adam(weights, LEARNING_RATE)
    T = train.shape[2]
    for _ in range(steps):
        x = train[torch.randint(len(train), (BATCH,), generator=draw)]
        crops = []
        for _ in range(2):
            length = int(torch.randint(max(2, T // 2), T, (1,), generator=draw)) if T > 3 else T - 1
            start = int(torch.randint(0, T - length + 1, (1,), generator=draw))
            crops.append(nn.functional.normalize(_features(x[..., start : start + length], weights).mean(2), dim=1))
        loss = nn.functional.cross_entropy(crops[0] @ crops[1].T / TEMPERATURE, torch.arange(BATCH))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    points = []
    with torch.no_grad():
        for x in (train, other):
            features = _features(x, weights)  # (B, D, T)
            points.append(torch.cat([features.mean(2), features.std(2)], 1).double().numpy())
    centre, spread = points[0].mean(0), points[0].std(0) + 1e-8
    return (points[0] - centre) / spread, (points[1] - centre) / spread


def _weights(channels: int, draw: torch.Generator) -> list[Tensor]:
    sizes = [channels, HIDDEN, HIDDEN, DIMENSIONS]
    kernels = [torch.randn(b, a, 3, generator=draw) * (2 / (3 * a)) ** 0.5 for a, b in pairwise(sizes)]
    return [weight.requires_grad_() for weight in kernels]


def _features(x: Tensor, weights: list[Tensor]) -> Tensor:
    """(B, F, T) -> (B, D, T)."""
    for k, weight in enumerate(weights):
        x = torch.conv1d(x if k == 0 else nn.functional.gelu(x), weight, padding="same", dilation=2**k)
    return x


def frechet_distance(real: FloatArray, synthetic: FloatArray) -> float:
    """Fréchet distance between the normal laws with the moments of two sets of points.

    ``|m - n|^2 + tr(S + R - 2 (S R)^1/2)`` with means m, n and covariances S, R.

    Parameters
    ----------
    real : ndarray of shape (N, D)
    synthetic : ndarray of shape (N', D)

    Returns
    -------
    float
        0 for equal moments; grows with 1 / N where N is small. Compare it with its floor only: the space differs from
        data to data.

    Raises
    ------
    DataError
        If a side has fewer than 2 D points.

    References
    ----------
    Heusel et al. 2017 (FID), Jeha et al. 2022, "PSA-GAN" (Context-FID).
    """
    if min(len(real), len(synthetic)) < 2 * real.shape[1]:
        raise DataError(f"{min(len(real), len(synthetic))} windows are too few for moments of {real.shape[1]} features")
    s, r = np.cov(real.T), np.cov(synthetic.T)
    # The eigenvalues of S R are those of a positive matrix: real and not below 0, but for rounding.
    roots = np.sqrt(np.linalg.eigvals(s @ r).real.clip(0))
    return float(((real.mean(0) - synthetic.mean(0)) ** 2).sum() + np.trace(s) + np.trace(r) - 2 * roots.sum())


def precision(real: FloatArray, synthetic: FloatArray) -> float:
    """Share of the synthetic points within reach of a real point, which therefore look real.

    A point's reach is the distance to its fifth nearest neighbour on its own side.

    Parameters
    ----------
    real : ndarray of shape (N, D)
    synthetic : ndarray of shape (N', D)
        Of more than 2,000 points, 2,000 evenly spread in order are looked at.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    DataError
        If a side has fewer than 6 points.

    References
    ----------
    Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative models".
    """
    distances, reach = _neighbourhoods(real, synthetic)
    return float((distances <= reach[:, None]).any(0).mean())


def recall(real: FloatArray, synthetic: FloatArray) -> float:
    """Share of the real points within reach of a synthetic point, so that nothing real is missing. See `precision`."""
    return precision(synthetic, real)


def density(real: FloatArray, synthetic: FloatArray) -> float:
    """Real points within whose reach a synthetic point lies, mean, over five: about 1 for equal laws. See `precision`.

    Above 1 synthetic points crowd where real ones do; outliers count little (Naeem et al. 2020, "Reliable fidelity and
    diversity metrics for generative models", equation 4).
    """
    distances, reach = _neighbourhoods(real, synthetic)
    return float((distances <= reach[:, None]).sum(0).mean() / NEIGHBOURS)


def coverage(real: FloatArray, synthetic: FloatArray) -> float:
    """Share of the real points with a synthetic point within their reach (Naeem et al. 2020, equation 5).

    Unlike `recall` it is not fooled by synthetic outliers, whose reach is wide. See `precision`.
    """
    distances, reach = _neighbourhoods(real, synthetic)
    return float((distances.min(1) <= reach).mean())


def _neighbourhoods(real: FloatArray, synthetic: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Distances real to synthetic (N, N'), and the reach of each real point (N,)."""
    a, b = (x[np.linspace(0, len(x) - 1, min(len(x), MOST)).astype(int)] for x in (real, synthetic))
    if min(len(a), len(b)) <= NEIGHBOURS:
        raise DataError(f"{min(len(a), len(b))} windows are too few; {NEIGHBOURS + 1} are the least")
    own = np.partition(cdist(a, a), NEIGHBOURS, axis=1)[:, NEIGHBOURS]  # its own zero distance is the first
    return cdist(a, b), own
