"""Distributions of single columns, without regard to time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import wasserstein_distance

from tsgan_evaluation._validation import FLAT, DataError, FloatArray, check_pair

ATOM = 0.05  # share of the cells that makes a value an atom
RESAMPLES, POINTS = 199, 200


def kolmogorov_smirnov(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Largest distance between the empirical distribution functions of a column, mean over columns.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        All cells of a column count alike; missing ones (NaN) are left out.

    Returns
    -------
    float
        From 0 (equal distributions) to 1 (disjoint ones).

    Raises
    ------
    DataError
        If the arrays cannot be compared; see the message.

    Notes
    -----
    The statistic of the two-sample test of Kolmogorov and Smirnov (`scipy.stats.ks_2samp`). That test's p value would be
    far too small, as the cells of a series are not independent draws: see `ks_p_value`.
    """
    distances = []
    for a, b in zip(*map(_observed, check_pair(real, synthetic)), strict=True):
        points = np.concatenate([a, b])
        below = (np.searchsorted(np.sort(x), points, side="right") / len(x) for x in (a, b))
        distances.append(np.abs(np.subtract(*below)).max())
    return float(np.mean(distances))


def ks_p_value(
    real: ArrayLike, synthetic: ArrayLike, sequences: tuple[ArrayLike, ArrayLike] | None = None, seed: int = 0
) -> float:
    """Chance of a KS statistic at least as large if the distributions were equal, by resampling whole sequences.

    Sequences of each side are drawn with replacement; the differences of the distribution functions, less the
    difference found, are what chance makes of sequences that may depend on their past as they like. They are compared at
    200 quantiles.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
    sequences : pair of array_like of shape (B,), (B',), optional
        The sequence that each real and each synthetic row of cells belongs to; each its own by default.
    seed : int

    Returns
    -------
    float
        From 0 to 1, the smallest over columns; one below 0.05 is unlikely to be chance.

    Raises
    ------
    DataError
        If the arrays cannot be compared, or a side has fewer than 5 sequences.

    References
    ----------
    Künsch 1989, "The jackknife and the bootstrap for general stationary observations", with sequences as blocks.
    """
    sides = check_pair(real, synthetic)
    owners = [np.arange(len(x)) for x in sides] if sequences is None else [np.asarray(of) for of in sequences]
    draw = np.random.default_rng(seed)
    ps = []
    for c in range(sides[0].shape[2]):
        points = np.unique(np.nanquantile(np.concatenate([x[..., c].ravel() for x in sides]), np.linspace(0, 1, POINTS)))
        found, chance = np.zeros(len(points)), np.zeros((RESAMPLES, len(points)))
        for sign, x, owner in zip((1, -1), sides, owners, strict=True):
            below, cells = _counts(x[..., c], owner, points)
            if len(cells) < 5:
                raise DataError(f"{len(cells)} sequences are too few to resample; 5 are the least")
            drawn = draw.multinomial(len(cells), np.full(len(cells), 1 / len(cells)), RESAMPLES)
            whole = below.sum(0) / cells.sum()
            found += sign * whole
            chance += sign * ((drawn @ below) / np.maximum(drawn @ cells, 1)[:, None] - whole)
        ps.append((1 + (np.abs(chance).max(1) >= np.abs(found).max()).sum()) / (RESAMPLES + 1))
    return float(min(ps))


def wasserstein(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Earth mover's distance between a column's distributions, in the real column's standard deviations; mean over columns.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        All cells of a column count alike; missing ones (NaN) are left out.

    Returns
    -------
    float
        0 for equal distributions, d for a shift by d standard deviations; no upper bound.

    Raises
    ------
    DataError
        If the arrays cannot be compared, or a real column is constant.
    """
    distances = []
    for a, b in zip(*map(_observed, check_pair(real, synthetic)), strict=True):
        if a.std() <= FLAT * np.abs(a).max():
            raise DataError("the real column is constant, so that distances have no unit")
        distances.append(wasserstein_distance(a, b) / a.std())
    return float(np.mean(distances))


def total_variation(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Half the summed differences of the shares of a column's values, mean over columns; for categories.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Codes of categories; missing cells (NaN) are left out.

    Returns
    -------
    float
        From 0 (equal shares) to 1 (no value in common).

    Raises
    ------
    DataError
        If the arrays cannot be compared; see the message.
    """
    pairs = zip(*map(_observed, check_pair(real, synthetic)), strict=True)
    return float(np.mean([np.abs(np.subtract(*_shares(a, b))).sum() / 2 for a, b in pairs]))


def missing_rate_difference(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Absolute difference of the shares of missing cells, mean over columns.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        NaN is a missing cell.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    DataError
        If the arrays cannot be compared; see the message.
    """
    real, synthetic = check_pair(real, synthetic)
    return float(np.abs(np.isnan(real).mean((0, 1)) - np.isnan(synthetic).mean((0, 1))).mean())


def atom_mass_difference(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Largest difference of the shares of any value with at least 5 % of either side's cells, mean over columns.

    Zeros of rain, saturated sensors, default entries: values that a continuous distribution would not repeat.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Missing cells (NaN) are left out.

    Returns
    -------
    float
        From 0 (equal masses, or no such values) to 1.

    Raises
    ------
    DataError
        If the arrays cannot be compared; see the message.
    """
    found = []
    for a, b in zip(*map(_observed, check_pair(real, synthetic)), strict=True):
        p, q = _shares(a, b)
        found.append(np.abs(p - q).max(initial=0, where=np.maximum(p, q) >= ATOM))
    return float(np.mean(found))


def repeats_difference(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Absolute difference of the shares of steps whose value is that of the step before, mean over columns.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Of at least 2 steps; pairs with a missing cell (NaN) are left out.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    DataError
        If the arrays cannot be compared, or have no two observed steps in a row.
    """
    rates = []
    for x in check_pair(real, synthetic, least_steps=2):
        steps = np.diff(x, axis=1)
        pairs = (~np.isnan(steps)).sum((0, 1))
        if not pairs.all():
            raise DataError("a column has no two observed steps in a row")
        rates.append((steps == 0).sum((0, 1)) / pairs)
    return float(np.abs(rates[0] - rates[1]).mean())


def range_violations(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Share of the synthetic cells beyond the real column's smallest and largest value, mean over columns.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Missing cells (NaN) are left out.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    DataError
        If the arrays cannot be compared; see the message.
    """
    pairs = zip(*map(_observed, check_pair(real, synthetic)), strict=True)
    return float(np.mean([((b < a.min()) | (b > a.max())).mean() for a, b in pairs]))


def _observed(x: FloatArray) -> list[FloatArray]:
    """The observed cells of each column."""
    return [x[..., c][~np.isnan(x[..., c])] for c in range(x.shape[2])]


def _shares(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Share of each value that either side has, on both sides."""
    values, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    p, q = (np.bincount(part, minlength=len(values)) / len(part) for part in (place[: len(a)], place[len(a) :]))
    return p, q


def _counts(x: FloatArray, owner: NDArray[np.int64], points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each owner of rows (B, T): its cells up to each point, (owners, points), and its cells, (owners,)."""
    owners, number = np.unique(owner, return_inverse=True)
    number = np.broadcast_to(number[:, None], x.shape)[~np.isnan(x)]
    bin_of = np.searchsorted(points, x[~np.isnan(x)])  # points[bin - 1] < cell <= points[bin]
    table = np.bincount(number * len(points) + bin_of, minlength=len(owners) * len(points)).reshape(len(owners), -1)
    return table.cumsum(1).astype(float), table.sum(1).astype(float)
