"""Distributions of single columns, without regard to time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import ks_2samp

from tsgan_evaluation._validation import check_pair


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
    ValueError
        If the arrays cannot be compared; see the message.

    Notes
    -----
    The statistic of the two-sample test of Kolmogorov and Smirnov (`scipy.stats.ks_2samp`). There is no p value: the
    cells of a series are not independent draws, so the test's would be far too small.
    """
    real, synthetic = check_pair(real, synthetic)
    observed = [[x[..., c][~np.isnan(x[..., c])] for c in range(x.shape[2])] for x in (real, synthetic)]
    # "asymp" concerns the p value alone, whose exact form is slow and warns.
    return float(np.mean([ks_2samp(a, b, method="asymp").statistic for a, b in zip(*observed, strict=True)]))
