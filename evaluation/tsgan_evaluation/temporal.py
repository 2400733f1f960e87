"""Dependence of a column on its own past."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tsgan_evaluation._validation import FLAT, DataError, FloatArray, check_pair, check_sequences


def autocorrelation(x: ArrayLike, lag: int) -> FloatArray:
    """Autocorrelation of each column within sequences.

    ``sum over b, t of (x[b, t + lag] - m[b]) (x[b, t] - m[b])``, as a mean over all pairs, divided by the mean of
    ``(x[b, t] - m[b])**2`` over all cells; ``m[b]`` is the mean of sequence b. Centring each short sequence on its own
    mean biases it downwards (an AR(1) of T steps shows less than ``rho**lag``), on both sides of a comparison alike.

    Parameters
    ----------
    x : array_like of shape (B, T, C)
        Cells, and pairs of cells, with a missing part (NaN) are left out.
    lag : int
        From 1 to T - 1 steps.

    Returns
    -------
    ndarray of shape (C,)
        Between about -1 and 1; 0 for a column that is constant in each sequence or has no observed pair.

    Raises
    ------
    DataError
        If ``x`` is no array of sequences or ``lag`` does not fit them.
    """
    x = check_sequences(x, "x", least_steps=2)
    if not 1 <= lag < x.shape[1]:
        raise DataError(f"lag is {lag!r}; sequences of {x.shape[1]} steps have lags from 1 to {x.shape[1] - 1}")
    centred = x - _observed_mean(x, (1,))
    covariance = _observed_mean(centred[:, lag:] * centred[:, :-lag], (0, 1))[0, 0]
    variance = _observed_mean(centred**2, (0, 1))[0, 0]
    varies = variance > (FLAT * np.nanmax(np.abs(x), (0, 1))) ** 2
    out: FloatArray = np.divide(covariance, variance, out=np.zeros_like(variance), where=varies)
    return out


def autocorrelation_difference(real: ArrayLike, synthetic: ArrayLike, lags: Sequence[int] | None = None) -> float:
    """Absolute difference of the autocorrelations, mean over lags and columns.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Missing cells (NaN) are left out pair by pair.
    lags : sequence of int, optional
        In steps; those of T and more are dropped. By default the powers of two up to a third of T: the mean over a
        sequence leaves little of longer ones.

    Returns
    -------
    float
        From 0 (equal autocorrelations), seldom above 1.

    Raises
    ------
    DataError
        If the arrays cannot be compared, or no lag is shorter than the sequences.
    """
    real, synthetic = check_pair(real, synthetic, least_steps=2)
    lags = _powers_of_two(real.shape[1]) if lags is None else lags
    fitting = [lag for lag in lags if lag < real.shape[1]]
    if not fitting:
        raise DataError(f"lags are {tuple(lags)}; sequences of {real.shape[1]} steps need one below {real.shape[1]}")
    return float(np.mean([np.abs(autocorrelation(real, lag) - autocorrelation(synthetic, lag)) for lag in fitting]))


def _powers_of_two(steps: int) -> list[int]:
    """1, 2, 4, ... up to a third of the steps, and 1 at least."""
    return [2**k for k in range(max(1, (steps // 3).bit_length()))]


def _observed_mean(x: FloatArray, axes: tuple[int, ...]) -> FloatArray:
    """Mean of the observed cells, axes kept; 0 where there are none (`numpy.nanmean` warns there)."""
    observed = ~np.isnan(x)
    count = np.maximum(observed.sum(axes, keepdims=True), 1)
    mean: FloatArray = np.where(observed, x, 0).sum(axes, keepdims=True) / count
    return mean
