"""Futures of ETTh1 as scenarios, beside a seasonal-naive ensemble, a VAR and exponential smoothing.

    python -m benchmarks.continuation --minutes 10

All learn from the first four fifths; from origins in the last fifth each draws 100 futures of 24 and 168 hours. In units of
the training data's deviations, means over origins, columns and steps: CRPS (Gneiting & Raftery 2007, eq. 21), energy score
of whole futures over the root of their size (eq. 22), and how many of the real cells lie in the central 90 % of the paths.
Lower scores are better. The data is read from ``../shared/data`` and skipped where that is absent; the baselines
need statsmodels (``pip install 'tsgan[bench]'``).
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from benchmarks.data import SHARED
from tsgan import TSGAN

DAY, LONGEST, PATHS = 24, 168, 100
HISTORY = 20 * DAY
Forecast = Callable[[pd.DataFrame], np.ndarray]  # history to paths (PATHS, LONGEST, C)


def crps(paths: np.ndarray, real: np.ndarray) -> float:
    """Mean over cells, of paths (n, T, C)."""
    ordered = np.sort(paths, 0)
    n = len(paths)
    spread = ((2 * np.arange(1, n + 1) - n - 1)[:, None, None] * ordered).sum(0) / (n * (n - 1))
    return float((np.abs(paths - real).mean(0) - spread).mean())


def energy(paths: np.ndarray, real: np.ndarray) -> float:
    """Energy score of whole futures, divided by the root of the number of cells."""
    flat = paths.reshape(len(paths), -1)
    apart = np.linalg.norm(flat[:, None] - flat[None], axis=2).sum() / (len(flat) * (len(flat) - 1))
    return float((np.linalg.norm(flat - real.ravel(), axis=1).mean() - apart / 2) / np.sqrt(real.size))


def seasonal_naive(train: pd.DataFrame, draw: np.random.Generator) -> Forecast:
    """The last day again, plus what that missed from an origin in the training data at the same hour."""
    values, day = train.to_numpy(), np.arange(LONGEST) % DAY
    usable = np.arange(DAY, len(train) - LONGEST)

    def forecast(history: pd.DataFrame) -> np.ndarray:
        begins = (history.index[-1] + pd.Timedelta("1h")).hour
        chosen = draw.choice(usable[train.index[usable].hour == begins], PATHS)
        missed = np.stack([values[s : s + LONGEST] - values[s - DAY : s][day] for s in chosen])
        return history.to_numpy()[-DAY:][day] + missed

    return forecast


def vector_autoregression(train: pd.DataFrame, draw: np.random.Generator) -> Forecast:
    """VAR of a day's lags with the residuals of random rows."""
    from statsmodels.tsa.api import VAR

    fitted = VAR(train.to_numpy()).fit(DAY)
    residuals = np.asarray(fitted.resid)

    def forecast(history: pd.DataFrame) -> np.ndarray:
        past = np.repeat(history.to_numpy()[None, -DAY:], PATHS, 0)
        for _ in range(LONGEST):
            lags = past[:, : -DAY - 1 : -1]
            following = fitted.intercept + np.einsum("lij,plj->pi", fitted.coefs, lags)
            past = np.concatenate([past, (following + residuals[draw.integers(len(residuals), size=PATHS)])[:, None]], 1)
        return past[:, DAY:]

    return forecast


def exponential_smoothing(train: pd.DataFrame, draw: np.random.Generator) -> Forecast:
    """ETS (A, Ad, A) of each column of the history."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    def forecast(history: pd.DataFrame) -> np.ndarray:
        columns = []
        for name in history:
            model = ETSModel(
                history[name].to_numpy(), error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=DAY
            )
            seed = int(draw.integers(2**31))
            fitted = model.fit(disp=False)
            columns.append(fitted.simulate(LONGEST, anchor="end", repetitions=PATHS, rng=seed))
        return np.stack(columns, 2).transpose(1, 0, 2)

    return forecast


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="of training")
    parser.add_argument("--origins", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", help="a saved model in place of training one")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    try:
        table = pd.read_csv(SHARED / "ETTh1.csv", index_col="date", parse_dates=True)
    except FileNotFoundError as error:
        print(f"skipped: {error.filename} is not here", file=sys.stderr)
        return
    cut = 4 * len(table) // 5
    train, deviation = table.iloc[:cut], table.iloc[:cut].std().to_numpy()
    draw = np.random.default_rng(arguments.seed)
    if arguments.model:
        from tsgan import load

        model = load(arguments.model)
    else:
        # The training data has no season twice.
        model = TSGAN(calendar=["day", "week"], max_time=60 * arguments.minutes, random_state=arguments.seed).fit(train)

    def ours(history: pd.DataFrame) -> np.ndarray:
        sample = model.sample(PATHS, length=LONGEST, given=history, random_state=int(draw.integers(2**31)))
        return sample.to_numpy().reshape(PATHS, LONGEST, -1)

    forecasts: dict[str, Forecast] = {"tsgan": ours, "seasonal naive": seasonal_naive(train, draw)}
    try:
        forecasts["VAR"] = vector_autoregression(train, draw)
        forecasts["ETS"] = exponential_smoothing(train, draw)
    except ImportError as error:
        print(f"VAR and ETS skipped: {error}", file=sys.stderr)
    rows = []
    for name, forecast in forecasts.items():
        began, scores = time.monotonic(), []
        for origin in np.linspace(cut + HISTORY, len(table) - LONGEST, arguments.origins).astype(int):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of fits that end early
                paths = forecast(table.iloc[origin - HISTORY : origin]) / deviation
            for steps in (DAY, LONGEST):
                real = table.iloc[origin : origin + steps].to_numpy() / deviation
                low, high = np.quantile(paths[:, :steps], [0.05, 0.95], axis=0)
                inside = ((real >= low) & (real <= high)).mean()
                scores.append((steps, crps(paths[:, :steps], real), energy(paths[:, :steps], real), inside))
        means = pd.DataFrame(scores, columns=["steps", "CRPS", "energy", "inside 90 %"]).groupby("steps").mean().unstack()
        rows.append(means.rename(name))
        print(name, round(time.monotonic() - began, 1), "s", file=sys.stderr)
    print(pd.DataFrame(rows).round(3).to_string())


if __name__ == "__main__":
    main()
