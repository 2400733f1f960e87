"""Linear dependence between columns at the same step."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tsgan_evaluation._validation import FLAT, FloatArray, check_pair


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
    (r, n), (s, m) = (_correlations(x) for x in (real, synthetic))
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
    return float(np.abs(_correlations(real)[0] - _correlations(synthetic)[0]).mean())


def _correlations(x: FloatArray) -> tuple[FloatArray, FloatArray]:
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
