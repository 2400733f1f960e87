"""Processes whose truth is known in closed form: what a synthesizer learned can be held against the formula.

Panels come as arrays of shape (B, T, C): B sequences of T steps in C columns. Every ``random_state`` is None (fresh
entropy), an int (the same data each time) or a ``numpy.random.Generator`` (the data goes on along its stream).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

RandomState = int | np.random.Generator | None


def make_sines(n: int, length: int = 24, n_columns: int = 5, *, random_state: RandomState = None) -> NDArray[np.float64]:
    """Sines of random frequency and phase, independent over sequences and columns.

    Each sequence and column draws f and φ from U(0, 0.1), in radians a step and radians, and holds
    ``x[t] = (sin(f t + φ) + 1) / 2``, t = 0, ..., T - 1. This follows TimeGAN's published code, draw for draw, which is
    what benchmarks call "sines"; its paper writes sin(2π η t + θ) with η ~ U(0, 1) and θ ~ U(-π, π) instead.

    Parameters
    ----------
    n : int
        Number of sequences, B; at least 1.
    length : int, default=24
        Steps of each, T; at least 1.
    n_columns : int, default=5
        Columns, C; at least 1.
    random_state : int, numpy.random.Generator or None, default=None
        Source of randomness.

    Returns
    -------
    ndarray of shape (B, T, C)
        Values in [0, 1]. Up to 31 steps they stay above 0.5, for ``f t + φ`` stays below π.

    Raises
    ------
    ValueError
        If ``n``, ``length`` or ``n_columns`` is not a whole number of at least 1.

    References
    ----------
    Yoon, Jarrett, van der Schaar, "Time-series Generative Adversarial Networks", NeurIPS 2019, section 5.2;
    ``sine_data_generation`` in ``data_loading.py`` of the code that accompanies it.

    Examples
    --------
    >>> from tsgan.datasets import make_sines
    >>> make_sines(100, random_state=0).shape
    (100, 24, 5)
    """
    _check_counts(n=n, length=length, n_columns=n_columns)
    draws = np.random.default_rng(random_state).uniform(0.0, 0.1, size=(n, 1, n_columns, 2))
    frequency, phase = draws[..., 0], draws[..., 1]  # (B, 1, C) each
    sines: NDArray[np.float64] = (np.sin(frequency * np.arange(length)[:, None] + phase) + 1.0) / 2.0
    return sines


def make_ar(
    n: int,
    length: int = 24,
    *,
    coef: float | Sequence[float] = (0.9, 0.5),
    correlation: float = 0.0,
    random_state: RandomState = None,
) -> NDArray[np.float64]:
    """Stationary Gaussian AR(1) in each column, with correlated innovations.

    ``x[t, i] = ρ_i x[t-1, i] + ε[t, i]``, where ε has unit variances and one correlation r between any two columns,
    and ``x[0]`` comes from the stationary law, so there is nothing to burn in. With R_ii = 1 and R_ij = r,
    ``Cov(x[t+k, i], x[t, j]) = ρ_i^k R_ij / (1 - ρ_i ρ_j)``: the autocorrelation at lag k is ρ_i^k and the variance
    1 / (1 - ρ_i²).

    Parameters
    ----------
    n : int
        Number of sequences, B; at least 1.
    length : int, default=24
        Steps of each, T; at least 1.
    coef : float or sequence of float, default=(0.9, 0.5)
        ρ, one for each of the C columns, each in (-1, 1).
    correlation : float, default=0.0
        r, in (-1 / (C - 1), 1); in (-1, 1) and without effect if C is 1.
    random_state : int, numpy.random.Generator or None, default=None
        Source of randomness.

    Returns
    -------
    ndarray of shape (B, T, C)

    Raises
    ------
    ValueError
        If a count is not a whole number of at least 1, or ``coef`` or ``correlation`` is out of its range.

    References
    ----------
    Lütkepohl, "New Introduction to Multiple Time Series Analysis", 2005, section 2.1.

    Examples
    --------
    >>> from tsgan.datasets import make_ar
    >>> make_ar(100, 50, coef=(0.9, 0.5, -0.3), correlation=0.6, random_state=0).shape
    (100, 50, 3)
    """
    _check_counts(n=n, length=length)
    rho = np.atleast_1d(np.asarray(coef, dtype=np.float64))
    if rho.ndim != 1 or rho.size == 0 or not (np.abs(rho) < 1.0).all():
        raise ValueError(f"coef is {coef!r}; it must be one number, or one a column, each between -1 and 1 (exclusive)")
    lowest = -1.0 / max(rho.size - 1, 1)
    if not lowest < correlation < 1.0:
        raise ValueError(
            f"correlation is {correlation!r}; between {rho.size} column(s) it must lie between {lowest:.3g} and 1 "
            "(exclusive)"
        )
    rng = np.random.default_rng(random_state)
    R = np.where(np.eye(rho.size, dtype=bool), 1.0, correlation)
    stationary = R / (1.0 - np.outer(rho, rho))
    innovations = rng.standard_normal((n, length, rho.size)) @ np.linalg.cholesky(R).T
    x = np.empty_like(innovations)
    x[:, 0] = rng.standard_normal((n, rho.size)) @ np.linalg.cholesky(stationary).T
    for t in range(1, length):
        x[:, t] = rho * x[:, t - 1] + innovations[:, t]
    return x


def make_seasonal(
    length: int = 24 * 7 * 8,
    *,
    daily: float = 2.0,
    weekly: float = 1.0,
    coef: float = 0.8,
    noise: float = 1.0,
    random_state: RandomState = None,
) -> pd.DataFrame:
    """One long hourly series: a daily and a weekly cycle with AR(1) noise around them.

    With h the hours since Monday 00:00, ``value = D sin(2π h / 24) + W sin(2π h / 168) + s u``, where u is a stationary
    AR(1) of unit variance with coefficient ρ. Given the hour of the week the mean is the two sines and the standard
    deviation s. Over whole weeks, with the hour averaged out, the mean is 0 and the autocovariance at lag k
    ``D²/2 cos(2π k / 24) + W²/2 cos(2π k / 168) + s² ρ^k``.

    Parameters
    ----------
    length : int, default=1344
        Hours, T; at least 1. The default is eight weeks.
    daily : float, default=2.0
        D, amplitude of the daily cycle, which peaks at 06:00; at least 0.
    weekly : float, default=1.0
        W, amplitude of the weekly cycle, which peaks on Tuesday at 18:00; at least 0.
    coef : float, default=0.8
        ρ, in (-1, 1).
    noise : float, default=1.0
        s, standard deviation of the noise; at least 0.
    random_state : int, numpy.random.Generator or None, default=None
        Source of randomness.

    Returns
    -------
    pandas.DataFrame of shape (T, 1)
        Column ``value``, on an hourly ``DatetimeIndex`` named ``time`` that starts on Monday, 2024-01-01 00:00.

    Raises
    ------
    ValueError
        If ``length`` is not a whole number of at least 1, or another argument is out of its range.

    Examples
    --------
    >>> from tsgan.datasets import make_seasonal
    >>> make_seasonal(daily=2.0, weekly=0.0, noise=0.0).loc["2024-01-01 06:00", "value"].item()
    2.0
    """
    _check_counts(length=length)
    for name, value in {"daily": daily, "weekly": weekly, "noise": noise}.items():
        if not 0.0 <= value < np.inf:
            raise ValueError(f"{name} is {value!r}; it must be finite and at least 0")
    if not -1.0 < coef < 1.0:
        raise ValueError(f"coef is {coef!r}; it must lie between -1 and 1 (exclusive)")
    hours = np.arange(length)
    cycles = daily * np.sin(2 * np.pi * hours / 24) + weekly * np.sin(2 * np.pi * hours / 168)
    u = make_ar(1, length, coef=coef, random_state=random_state)[0, :, 0] * np.sqrt(1.0 - coef**2)
    time = pd.date_range("2024-01-01", periods=length, freq="h", name="time")
    return pd.DataFrame({"value": cycles + noise * u}, index=time)


def make_regimes(
    n: int,
    length: int = 100,
    *,
    transition: ArrayLike = ((0.95, 0.05), (0.10, 0.90)),
    means: Sequence[float] = (0.5, -1.0),
    scales: Sequence[float] = (0.5, 2.0),
    random_state: RandomState = None,
) -> NDArray[np.float64]:
    """One column whose mean and volatility switch along a hidden, stationary Markov chain.

    ``x[t] = μ[s_t] + σ[s_t] ε[t]`` with ε ~ N(0, 1) and ``P[i, j]`` the probability of state j after state i. The first
    state comes from the stationary law π = π P. State i holds a share π_i of the steps, in stays of mean length
    1 / (1 - P_ii). The mean is Σ π_i μ_i, the variance Σ π_i (σ_i² + μ_i²) less its square; for two states the
    autocovariance at lag k > 0 is ``π_0 π_1 (μ_0 - μ_1)² (P_00 + P_11 - 1)^k``.

    Parameters
    ----------
    n : int
        Number of sequences, B; at least 1.
    length : int, default=100
        Steps of each, T; at least 1.
    transition : array-like of shape (S, S), default=((0.95, 0.05), (0.10, 0.90))
        P; rows of probabilities that sum to 1. The default has π = (2/3, 1/3) and stays of 20 and 10 steps.
    means : sequence of S floats, default=(0.5, -1.0)
        μ.
    scales : sequence of S floats, default=(0.5, 2.0)
        σ, each at least 0.
    random_state : int, numpy.random.Generator or None, default=None
        Source of randomness.

    Returns
    -------
    ndarray of shape (B, T, 1)

    Raises
    ------
    ValueError
        If a count is not a whole number of at least 1, ``transition`` is not a square matrix of probabilities or has
        more than one stationary law, or ``means`` or ``scales`` does not fit it.

    References
    ----------
    Hamilton, "Time Series Analysis", 1994, section 22.2 (chains) and 22.4 (switching mean and variance).

    Examples
    --------
    >>> from tsgan.datasets import make_regimes
    >>> make_regimes(100, random_state=0).shape
    (100, 100, 1)
    """
    _check_counts(n=n, length=length)
    P = np.asarray(transition, dtype=np.float64)
    mu, sigma = np.asarray(means, dtype=np.float64), np.asarray(scales, dtype=np.float64)
    stationary = _stationary_law(P)
    if mu.shape != stationary.shape or not np.isfinite(mu).all():
        raise ValueError(f"means is {means!r}; it must hold one finite number for each of the {len(P)} states")
    if sigma.shape != stationary.shape or not ((sigma >= 0.0) & (sigma < np.inf)).all():
        raise ValueError(
            f"scales is {scales!r}; it must hold one finite number, at least 0, for each of the {len(P)} states"
        )
    rng = np.random.default_rng(random_state)
    uniforms = rng.random((n, length, 1))
    # Without the last column, which is 1 up to rounding: a uniform above all others falls into the last state.
    thresholds = P.cumsum(axis=1)[:, :-1]
    states = np.empty((n, length), dtype=np.intp)
    states[:, 0] = (uniforms[:, 0] >= stationary.cumsum()[:-1]).sum(axis=1)
    for t in range(1, length):
        states[:, t] = (uniforms[:, t] >= thresholds[states[:, t - 1]]).sum(axis=1)
    x: NDArray[np.float64] = mu[states] + sigma[states] * rng.standard_normal((n, length))
    return x[..., None]  # (B, T) -> (B, T, 1)


def _stationary_law(P: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve π P = π, Σ π = 1; raise if P is no transition matrix or has several such π."""
    if P.ndim != 2 or P.shape[0] != P.shape[1] or P.size == 0:
        raise ValueError(f"transition has shape {P.shape}; it must be square, a row for each state")
    if not ((P >= 0.0).all() and np.allclose(P.sum(axis=1), 1.0)):
        raise ValueError(f"transition is {P.tolist()}; its rows must be probabilities that sum to 1")
    equations = np.vstack([P.T - np.eye(len(P)), np.ones(len(P))])
    stationary: NDArray[np.float64]
    stationary, _, rank, _ = np.linalg.lstsq(equations, np.append(np.zeros(len(P)), 1.0))
    if rank < len(P):
        raise ValueError(
            f"transition is {P.tolist()}, which has more than one stationary law; every state must lead to a common one"
        )
    return stationary


def _check_counts(**counts: object) -> None:
    """Raise unless each count is a whole number of at least 1."""
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise ValueError(f"{name} is {count!r}; it must be a whole number of at least 1")
