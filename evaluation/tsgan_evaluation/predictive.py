"""Whether forecasts can be learned from synthetic data: train on synthetic, test on real."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike

from tsgan_evaluation._missing import fill_and_mask
from tsgan_evaluation._networks import glorot_gru
from tsgan_evaluation._threads import one_thread
from tsgan_evaluation._validation import DataError, FloatArray, check_pair

LAGS = 8
SHRINKAGE = 1e-3  # of the ridge, per window
LEAST_WINDOWS = 20
BATCH, LEARNING_RATE = 128, 1e-3


def forecast_ratio(
    real: ArrayLike, synthetic: ArrayLike, blocks: ArrayLike | None = None, horizon: int | None = None
) -> float:
    """Error of forecasts learned from synthetic windows, over that of forecasts learned from real ones, on real windows.

    A linear model forecasts all columns from the last 8 steps before. Real windows are divided by blocks; each half is
    tested once, while the other half teaches the real model, and as many synthetic windows the synthetic one.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        At least 20 windows each. Missing cells (NaN) become the real column's mean, and count for no error.
    blocks : array_like of shape (B,), optional
        The block of each real window; every second one goes to the same half. The first and the second half of the
        windows by default.
    horizon : int, optional
        Steps to forecast; a quarter of T by default.

    Returns
    -------
    float
        Ratio of the mean absolute errors, of columns in their standard deviations: 1 as good as real data to learn from.

    Raises
    ------
    DataError
        If the arrays cannot be compared, no column varies, or the real ones are forecast without an error.

    References
    ----------
    Esteban, Hyland & Rätsch 2017, "Real-valued (medical) time series generation with recurrent conditional GANs",
    section 4.1 (train on synthetic, test on real).
    """
    real, synthetic = check_pair(real, synthetic, least_sequences=LEAST_WINDOWS, least_steps=2)
    horizon = max(1, real.shape[1] // 4) if horizon is None else horizon
    observed = ~np.isnan(real[:, -horizon:])
    filled = [x[..., : real.shape[2]] for x in fill_and_mask(real, synthetic)]
    mean, deviation = filled[0].mean((0, 1)), filled[0].std((0, 1))
    varies = deviation > 1e-9 * np.maximum(np.abs(mean), 1e-300)
    if not varies.any():
        raise DataError("no real column varies")
    teacher, student = ((x[..., varies] - mean[varies]) / deviation[varies] for x in filled)
    numbers = (
        np.arange(len(real)) * 2 // len(real) if blocks is None else np.unique(np.asarray(blocks), return_inverse=True)[1]
    )
    if numbers.max() < 1:
        raise DataError("the real windows lie in one block, which leaves none to test on")
    errors = np.zeros(2)
    for test in (numbers % 2 == 0, numbers % 2 == 1):
        some = np.linspace(0, len(student) - 1, min(len(student), int((~test).sum()))).astype(int)
        for k, x in enumerate((student[some], teacher[~test])):
            missed = np.abs(_forecast(x, teacher[test], horizon) - teacher[test][:, -horizon:])
            errors[k] += missed[observed[test][..., varies]].sum()
    if errors[1] < 1e-9 * observed.sum():
        raise DataError("real windows are forecast without an error, so that there is nothing to compare with")
    return float(errors[0] / errors[1])


def _forecast(train: FloatArray, test: FloatArray, horizon: int) -> FloatArray:
    """The last steps of test windows, (n, horizon, C), by a ridge regression on the steps before them."""

    def inputs(x: FloatArray) -> FloatArray:
        past = x[:, -horizon - LAGS : -horizon].reshape(len(x), -1)  # (n, LAGS C)
        return np.concatenate([past, np.ones((len(x), 1))], 1)

    a, y = inputs(train), train[:, -horizon:].reshape(len(train), -1)
    penalty = SHRINKAGE * len(a) * np.eye(a.shape[1])
    weights = np.linalg.solve(a.T @ a + penalty, a.T @ y)
    return (inputs(test) @ weights).reshape(len(test), horizon, -1)


def next_step_ratio(real: ArrayLike, synthetic: ArrayLike, blocks: ArrayLike | None = None) -> float:
    """`forecast_ratio` of the next step."""
    return forecast_ratio(real, synthetic, blocks, horizon=1)


@one_thread()
def predictive_score(real: ArrayLike, synthetic: ArrayLike, seed: int = 0, steps: int = 5000) -> float:
    """Mean absolute error of a GRU that learned from synthetic windows and forecasts real ones (TimeGAN's protocol).

    From the other columns up to a step, C // 2 hidden units and a sigmoid forecast the last column one step ahead; trained
    with Adam (1e-3) on the absolute error of batches of 128. Scale the columns to [0, 1] first, as `score` does.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        At least 2 steps and 2 columns. Missing cells (NaN) become the real column's mean.
    seed : int
        Of weights and batches. The global random state is neither used nor changed.
    steps : int
        Batches to train on.

    Returns
    -------
    float
        From 0, in units of the scaled column. It says nothing by itself: compare it with the floor, what real data teach.

    Raises
    ------
    DataError
        If the arrays cannot be compared, or there is one column only.

    References
    ----------
    Yoon, Jarrett & van der Schaar 2019, "Time-series Generative Adversarial Networks", section 5, and its code
    (``predictive_metrics.py``).
    """
    real, synthetic = check_pair(real, synthetic, least_steps=2)
    C = real.shape[2]
    if C < 2:
        raise DataError("the protocol forecasts the last column from the others, and there is only one")
    test, train = (torch.as_tensor(x[..., :C], dtype=torch.float32) for x in fill_and_mask(real, synthetic))
    gru, head = glorot_gru(C - 1, max(1, C // 2), seed)
    draw = torch.Generator().manual_seed(seed)

    def error(x: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor = gru(x[:, :-1, :-1])[0]  # (B, T - 1, H)
        return (torch.sigmoid(head(states)) - x[:, 1:, -1:]).abs().mean()

    optimizer = torch.optim.Adam([*gru.parameters(), *head.parameters()], LEARNING_RATE, fused=True)
    for _ in range(steps):
        loss = error(train[torch.randperm(len(train), generator=draw)[:BATCH]])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return float(error(test))
