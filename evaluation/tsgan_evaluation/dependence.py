"""Dependence between columns, at the same step and later ones, of numbers and of categories."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tsgan_evaluation._validation import FLAT, DataError, FloatArray, check_pair
from tsgan_evaluation.temporal import powers_of_two


def correlational_score(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Correlational score of the literature: a tenth of the summed differences of correlations.

    ``sum over i >= j of |r_ij - s_ij| / 10``, where ``r_ij`` is the mean over all cells of the product of the columns i
    and j, each standardised with its unbiased standard deviation. It grows with the number of pairs of columns: compare
    it within one data set only.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Missing cells (NaN) are left out pair by pair. A constant column counts as uncorrelated with the others.

    Returns
    -------
    float
        From 0 (equal correlations) to C (C - 1) / 10. One column alone has no correlation with another and scores 0, or
        ``|1 / BT - 1 / B'T| / 10`` where the sides differ in size: to the letter, the diagonal counts too.

    Raises
    ------
    ValueError
        If the arrays cannot be compared; see the message.

    References
    ----------
    Yuan & Qiao 2024, "Diffusion-TS" (``CrossCorrelLoss`` in its code), after Ni et al. 2020, "Conditional
    Sig-Wasserstein GANs" (``cacf_torch`` at lag 0). Their notebook averages over five random fifths of the data, drawn
    with replacement, which adds sampling noise; here all sequences count once.
    """
    real, synthetic = check_pair(real, synthetic)
    (r, n), (s, m) = (correlations(x) for x in (real, synthetic))
    difference = r * (1 - 1 / n) - s * (1 - 1 / m)
    return float(np.abs(np.tril(difference)).sum() / 10)


def correlation_difference(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Absolute difference of the correlation matrices, mean over all of their C x C entries.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Missing cells (NaN) are left out pair by pair. A constant column counts as uncorrelated with the others.

    Returns
    -------
    float
        From 0 (equal correlations, or one column only) to below 2; the diagonal's zeros count.

    Raises
    ------
    ValueError
        If the arrays cannot be compared; see the message.
    """
    real, synthetic = check_pair(real, synthetic)
    return float(np.abs(correlations(real)[0] - correlations(synthetic)[0]).mean())


def cross_correlation_difference(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Absolute difference of the correlations of each column with each other one some steps before, mean over all.

    Lags are the powers of two up to a third of the steps. A column and its own past are left to
    `autocorrelation_difference`.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Of at least 2 steps and 2 columns. Missing cells (NaN) are left out pair by pair.

    Returns
    -------
    float
        From 0 (equal correlations) to 2.

    Raises
    ------
    DataError
        If the arrays cannot be compared; see the message.
    """
    sides = check_pair(real, synthetic, least_steps=2)
    C = sides[0].shape[2]
    if C < 2:
        raise DataError("there is only one column of numbers")
    apart = ~np.eye(C, dtype=bool)
    found = []
    for lag in powers_of_two(sides[0].shape[1]):
        a, b = (correlations(np.concatenate([x[:, lag:], x[:, :-lag]], 2))[0][:C, C:] for x in sides)
        found.append(np.abs(a - b)[apart].mean())
    return float(np.mean(found))


def association_difference(real: ArrayLike, synthetic: ArrayLike, categorical: ArrayLike) -> float:
    """Absolute difference of the association of categories with the other columns, mean over pairs.

    The correlation ratio for a category and a number (the share of the number's variance between the categories, square
    root), Cramér's V for two categories. Cells count alike, without regard to time.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Categories as codes. Missing cells (NaN) are left out pair by pair.
    categorical : array_like of bool of shape (C,)
        Which columns are categories.

    Returns
    -------
    float
        From 0 (equal associations) to 1.

    Raises
    ------
    DataError
        If the arrays cannot be compared, or there is no pair with a category.

    References
    ----------
    Pearson 1911 and Fisher 1925 (correlation ratio); Cramér 1946, chapter 21.
    """
    sides = [x.reshape(-1, x.shape[2]) for x in check_pair(real, synthetic)]
    kinds = np.asarray(categorical)
    pairs = [(i, j) for i in np.flatnonzero(kinds) for j in range(len(kinds)) if (j > i if kinds[j] else True)]
    if not pairs:
        raise DataError("there is no category beside another column")
    found = []
    for i, j in pairs:
        measure = cramers_v if kinds[j] else correlation_ratio
        found.append(abs(measure(sides[0][:, i], sides[0][:, j]) - measure(sides[1][:, i], sides[1][:, j])))
    return float(np.mean(found))


def correlation_ratio(codes: FloatArray, numbers: FloatArray) -> float:
    """Square root of the share of the numbers' variance that lies between categories, (n,), (n,) -> 0 to 1."""
    seen = ~np.isnan(codes + numbers)
    if not seen.any():
        return 0.0
    category, y = np.unique(codes[seen], return_inverse=True)[1], numbers[seen] - numbers[seen].mean()
    counts = np.bincount(category)
    between, total = (np.bincount(category, y) ** 2 / counts).sum(), (y**2).sum()
    return float(np.sqrt(between / total)) if total > FLAT**2 * (numbers[seen] ** 2).sum() else 0.0


def cramers_v(a: FloatArray, b: FloatArray) -> float:
    """Cramér's V of two columns of categories, (n,), (n,) -> 0 (independent) to 1."""
    seen = ~np.isnan(a + b)
    if not seen.any():
        return 0.0
    (values_a, i), (values_b, j) = (np.unique(x[seen], return_inverse=True) for x in (a, b))
    counts = np.bincount(i * len(values_b) + j, minlength=len(values_a) * len(values_b)).reshape(len(values_a), -1)
    expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    freedom = min(counts.shape) - 1
    return float(np.sqrt(((counts - expected) ** 2 / expected).sum() / counts.sum() / freedom)) if freedom else 0.0


def correlations(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Pearson correlations of the cells where both columns are observed, and the number of these cells (at least 1)."""
    cells = x.reshape(-1, x.shape[2])  # (B, T, C) -> (B T, C)
    observed = ~np.isnan(cells)
    size = np.nanmax(np.abs(cells), 0)
    # Centred and scaled first, so that the differences of moments below lose no digits.
    scaled = np.where(observed, (cells - np.nanmean(cells, 0)) / np.where(size > 0, size, 1), 0)
    seen = observed.astype(float)
    n = np.maximum(seen.T @ seen, 1)
    mean = scaled.T @ seen / n  # [i, j]: of column i, where j is observed
    variance = (scaled**2).T @ seen / n - mean**2
    covariance = scaled.T @ scaled / n - mean * mean.T
    varies = (variance > FLAT**2) & (variance.T > FLAT**2)
    r = np.divide(covariance, np.sqrt(np.abs(variance * variance.T)), out=np.zeros_like(covariance), where=varies)
    np.fill_diagonal(r, 1)
    return r, n
