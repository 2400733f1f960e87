"""Dependence of a column on its own past and on the calendar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tsgan_evaluation._validation import FLAT, DataError, FloatArray, check_pair, check_sequences
from tsgan_evaluation.marginal import kolmogorov_smirnov


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
    lags = powers_of_two(real.shape[1]) if lags is None else lags
    fitting = [lag for lag in lags if lag < real.shape[1]]
    if not fitting:
        raise DataError(f"lags are {tuple(lags)}; sequences of {real.shape[1]} steps need one below {real.shape[1]}")
    return float(np.mean([np.abs(autocorrelation(real, lag) - autocorrelation(synthetic, lag)) for lag in fitting]))


def volatility_difference(real: ArrayLike, synthetic: ArrayLike) -> float:
    """`autocorrelation_difference` of the sizes of increments: whether large steps follow large steps.

    The size of a step x is ``log(1 + |x| / m)``, where m is the mean of ``|x|`` on its side. Of ``|x|`` itself a single
    large jump decides the figure, and halves of the real data without it say little of what to expect.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Of at least 3 steps.

    Returns
    -------
    float
        From 0, seldom above 1.

    Raises
    ------
    DataError
        If the arrays cannot be compared; see the message.
    """
    real, synthetic = check_pair(real, synthetic, least_steps=3)
    return autocorrelation_difference(_step_sizes(real), _step_sizes(synthetic))


def increment_distance(real: ArrayLike, synthetic: ArrayLike) -> float:
    """KS statistic of the increments from step to step, mean over columns.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        Of at least 2 steps; increments with a missing part (NaN) are left out.

    Returns
    -------
    float
        From 0 (equal distributions) to 1.

    Raises
    ------
    DataError
        If the arrays cannot be compared; see the message.
    """
    real, synthetic = check_pair(real, synthetic, least_steps=2)
    return kolmogorov_smirnov(np.diff(real, axis=1), np.diff(synthetic, axis=1))


def spectrum(x: ArrayLike) -> FloatArray:
    """Share of each column's variance within sequences at each frequency.

    Mean periodogram of the sequences, each less its mean and under a Hann window, frequency 0 left out.

    Parameters
    ----------
    x : array_like of shape (B, T, C)
        Of at least 4 steps; missing cells (NaN) take their sequence's mean.

    Returns
    -------
    ndarray of shape (T // 2, C)
        At 1/T, 2/T, ... cycles a step; adds up to 1 in each column.

    Raises
    ------
    DataError
        If ``x`` is no array of sequences, or a column does not vary within them.
    """
    x = check_sequences(x, "x", least_steps=4)
    centred = np.nan_to_num(x - _observed_mean(x, (1,)))
    power: FloatArray = (np.abs(np.fft.rfft(centred * np.hanning(x.shape[1])[:, None], axis=1)) ** 2).mean(0)[1:]
    total = power.sum(0)
    if (total <= (FLAT * np.nanmax(np.abs(x), (0, 1))) ** 2).any():
        raise DataError("a column does not vary within its sequences")
    share: FloatArray = power / total
    return share


def spectrum_distance(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Absolute difference of the logarithms of the spectra, mean over frequencies and columns.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)

    Returns
    -------
    float
        0 for equal spectra, log 2 = 0.69 where all frequencies have half or twice their share. Frequencies with less
        than a billionth of the variance count as if they had that.

    Raises
    ------
    DataError
        If the arrays cannot be compared, or a column does not vary; see the message.
    """
    real, synthetic = check_pair(real, synthetic, least_steps=4)
    a, b = (np.log(np.maximum(spectrum(x), 1e-9)) for x in (real, synthetic))
    return float(np.abs(a - b).mean())


def profile_distance(real: ArrayLike, synthetic: ArrayLike, phases: tuple[ArrayLike, ArrayLike]) -> float:
    """Root mean square difference of the seasonal profiles, in the real column's standard deviations.

    A profile is the mean of the cells at each phase (hour of the day, day of the week), less the mean of them all.

    Parameters
    ----------
    real : array_like of shape (B, T, 1)
    synthetic : array_like of shape (B', T, 1)
        Missing cells (NaN) are left out.
    phases : pair of array_like of int of shape (B, T), (B', T)
        The phase of each cell.

    Returns
    -------
    float
        0 for equal profiles; without an upper bound.

    Raises
    ------
    DataError
        If the arrays cannot be compared, the real column is constant, or fewer than two phases are on both sides.
    """
    means = []
    sides = check_pair(real, synthetic)
    for x, phase in zip(sides, phases, strict=True):
        means.append(profile(x[..., 0], phase) - np.nanmean(x))
    width = max(map(len, means))
    a, b = (np.pad(m, (0, width - len(m)), constant_values=np.nan) for m in means)
    common = ~np.isnan(a - b)
    deviation = np.nanstd(sides[0])
    if common.sum() < 2:
        raise DataError("fewer than two phases of the calendar are on both sides")
    if deviation <= FLAT * np.nanmax(np.abs(sides[0])):
        raise DataError("the real column is constant, so that distances have no unit")
    return float(np.sqrt(((a - b)[common] ** 2).mean()) / deviation)


def profile(cells: FloatArray, phases: ArrayLike, count: int = 0) -> FloatArray:
    """Mean of the observed cells at each phase: (n, ...), (n, ...) -> (``count`` or what the largest phase asks for,).

    NaN where there is none.
    """
    seen = ~np.isnan(cells)
    of = np.asarray(phases)[seen]
    counts = np.bincount(of, minlength=count)
    sums = np.bincount(of, cells[seen], minlength=count)
    means: FloatArray = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return means


def powers_of_two(steps: int) -> list[int]:
    """1, 2, 4, ... up to a third of the steps, and 1 at least."""
    return [2**k for k in range(max(1, (steps // 3).bit_length()))]


def _step_sizes(x: FloatArray) -> FloatArray:
    """Logarithms of one plus the absolute increments over their mean, (B, T, C) -> (B, T - 1, C)."""
    steps = np.abs(np.diff(x, axis=1))
    mean = _observed_mean(steps, (0, 1))
    sizes: FloatArray = np.log1p(steps / np.where(mean > 0, mean, 1))
    return sizes


def _observed_mean(x: FloatArray, axes: tuple[int, ...]) -> FloatArray:
    """Mean of the observed cells, axes kept; 0 where there are none (`numpy.nanmean` warns there)."""
    observed = ~np.isnan(x)
    count = np.maximum(observed.sum(axes, keepdims=True), 1)
    mean: FloatArray = np.where(observed, x, 0).sum(axes, keepdims=True) / count
    return mean
