"""Is any window of any rollout as real as the first? Rollouts as long as the data, beside the data.

    python -m benchmarks.long --data etth --minutes 10

Windows of 24 and 168 steps: the feature judge's AUC of first windows, of windows cut anywhere from 32 rollouts, of
those that straddle a boundary between two chunks of sampling (a seam, if there were one) against those that do not, and
of two halves of the data (blocks of 336 rows by turns). By column, rollouts against the data, all of them and the last
tenths: means in deviations of the data, deviations of all rollouts together and within each, autocorrelations
(differences). With ``--million`` also one rollout of a million steps: its last tenth against its first, and how far it
leaves the data's range.
ETTh1 and the office are read from ``../shared/data``.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.data import SHARED
from benchmarks.tables import TABLES
from tsgan import TSGAN, load
from tsgan.datasets import load_weather
from tsgan.sampling import CHUNK
from tsgan_evaluation import feature_judge

ROLLOUTS = 32
LENGTHS = (24, 168)
LAGS = (24, 168, 720)
BLOCK = 336  # rows of a half of the floor
COUNT = 4000  # windows of each side
MILLION = 1_000_000


def etth() -> tuple[pd.DataFrame, dict[str, Any]]:
    """Hourly loads of a transformer, and the temperature of its oil."""
    return pd.read_csv(SHARED / "ETTh1.csv", index_col="date", parse_dates=True), {}


def one_airport() -> tuple[pd.DataFrame, dict[str, Any]]:
    """A year of weather at one place."""
    table = load_weather().query("origin == 'EWR'").drop(columns="origin")
    return table[["time_hour", "temp", "dewp", "humid", "wind_speed", "pressure"]].ffill().bfill(), {"time": "time_hour"}


DATA = {"etth": etth, "weather": one_airport, "occupancy": TABLES["occupancy"]}


def windows(series: np.ndarray, starts: np.ndarray, length: int) -> np.ndarray:
    """Windows (n, length, C) of rollouts (B, T, C), or of one series (T, C), ordered by rollout and start."""
    whole = series[None] if series.ndim == 2 else series
    which = np.sort(np.arange(len(starts)) * len(whole) // len(starts))
    return np.stack([whole[b, s : s + length] for b, s in zip(which, starts, strict=True)])


def anywhere(rows: int, length: int, count: int = COUNT) -> np.ndarray:
    """First rows of windows evenly spread."""
    return np.linspace(0, rows - length, count).astype(int)


def judge(real: np.ndarray, rollouts: np.ndarray, first: np.ndarray, length: int, seam: int, seed: int) -> dict[str, float]:
    """Areas under the curve of windows of one length."""
    draw = np.random.default_rng(seed)
    rows = len(real)
    of_real = windows(real, anywhere(rows, length), length)
    cut = windows(rollouts, draw.integers(rows - length, size=COUNT), length)
    seams = seam * draw.integers(1, (rows - length) // seam, size=COUNT)
    straddling = windows(rollouts, seams - draw.integers(1, length, size=COUNT).clip(max=seams), length)
    inside = seam * draw.integers(0, rows // seam - 1, size=COUNT) + draw.integers(0, max(1, seam - length), size=COUNT)
    halves = np.arange(0, rows - BLOCK, BLOCK)
    by_turns = [np.concatenate([s + np.arange(0, BLOCK - length, 4) for s in halves[k::2]]) for k in (0, 1)]
    odd, even = (windows(real, starts, length) for starts in by_turns)

    of = np.arange(COUNT) * len(rollouts) // COUNT  # no fold divides a rollout: its windows may overlap

    def auc(a: np.ndarray, b: np.ndarray, blocks: Any = 25) -> float:
        return feature_judge(a, b, seed=seed, blocks=blocks).auc

    return {
        "first windows": auc(of_real, first[:, :length]),
        "any windows": auc(of_real, cut),
        "seams": auc(windows(rollouts, inside, length), straddling, (of, of)) if length < seam else np.nan,
        "floor": auc(odd, even),
    }


def autocorrelation(series: np.ndarray, lag: int) -> np.ndarray:
    """Of columns of series (..., T, C)."""
    centred = series - series.mean(-2, keepdims=True)
    return (centred[..., lag:, :] * centred[..., :-lag, :]).mean(-2) / (centred**2).mean(-2)


def drift(real: np.ndarray, rollouts: np.ndarray, names: list[Any]) -> pd.DataFrame:
    """One row a column: levels and autocorrelations of rollouts against the data, all of it and its last tenth."""
    deviation, tenth = real.std(0), len(real) // 10
    table = {}
    for name, ours, theirs in (("all", rollouts, real), ("last tenth", rollouts[:, -tenth:], real[-tenth:])):
        table |= {
            f"mean, {name}": (ours.mean((0, 1)) - theirs.mean(0)) / deviation,
            f"deviation, {name}": ours.std((0, 1)) / theirs.std(0),
            f"within a rollout, {name}": ours.std(1).mean(0) / theirs.std(0),
        }
    lags = [lag for lag in LAGS if lag < len(real) // 3]
    table |= {f"lag {k}": autocorrelation(rollouts, k).mean(0) - autocorrelation(real, k) for k in lags}
    return pd.DataFrame(table, index=names)


def million(model: TSGAN, real: np.ndarray, names: list[Any], seed: int) -> pd.DataFrame:
    """One row a column: the last tenth of a rollout of a million steps against its first, and its range.

    Beside each difference its standard deviation if there is no drift, from the eight tenths between.
    """
    began = time.monotonic()
    rollout = model.sample(1, length=MILLION, random_state=seed)[names].to_numpy()
    print(f"{MILLION:,} steps of one series in {time.monotonic() - began:.0f} s", file=sys.stderr)
    began = time.monotonic()
    model.sample(1000, length=MILLION // 1000, random_state=seed)
    print(f"1,000 series of {MILLION // 1000:,} steps in {time.monotonic() - began:.1f} s", file=sys.stderr)
    tenths = rollout.reshape(10, MILLION // 10, -1)
    first, last = tenths[0], tenths[-1]
    means, deviations = tenths.mean(1), tenths.std(1)
    chance = 2**0.5  # of two tenths that differ by nothing but chance, if tenths are independent
    season, width = LAGS[0], np.ptp(real, 0)
    table = {
        "mean, in deviations": (last.mean(0) - first.mean(0)) / first.std(0),
        "by chance": chance * means[1:-1].std(0, ddof=1) / first.std(0),
        "deviation": deviations[-1] / deviations[0],
        "by chance, too": chance * deviations[1:-1].std(0, ddof=1) / deviations[0],
        f"lag {season}, first": autocorrelation(first, season) - autocorrelation(real, season),
        f"lag {season}, last": autocorrelation(last, season) - autocorrelation(real, season),
        "below the range": (real.min(0) - rollout.min(0)).clip(0) / width,
        "above it": (rollout.max(0) - real.max(0)).clip(0) / width,
    }
    return pd.DataFrame(table, index=names)


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=list(DATA), default="weather")
    parser.add_argument("--minutes", type=float, default=10.0, help="of training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", help="a saved model of this data in place of training one")
    parser.add_argument("--million", action="store_true", help="also a rollout of a million steps")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    try:
        table, roles = DATA[arguments.data]()
    except FileNotFoundError as error:
        print(f"skipped: {error.filename} is not here", file=sys.stderr)
        return
    seed = arguments.seed
    if arguments.model:
        model = load(arguments.model)
    else:
        model = TSGAN(max_time=60 * arguments.minutes, random_state=seed, **roles).fit(table)
    names = [c.name for c in model.schema_.columns if c.kind == "numeric" and pd.api.types.is_float_dtype(c.dtype)]
    real, began = table[names].to_numpy(), time.monotonic()
    rollouts = model.sample(ROLLOUTS, length=len(real), random_state=seed)[names].to_numpy().reshape(ROLLOUTS, len(real), -1)
    print(f"{ROLLOUTS} rollouts of {len(real):,} steps in {time.monotonic() - began:.0f} s", file=sys.stderr)
    first = model.sample(COUNT, length=max(LENGTHS), random_state=seed + 1)[names].to_numpy()
    first = first.reshape(COUNT, max(LENGTHS), -1)
    seam = CHUNK * model.generator_.patch_size
    rows = {length: judge(real, rollouts, first, length, seam, seed) for length in LENGTHS}
    print(pd.DataFrame(rows).T.rename_axis("feature judge, windows of").round(3).to_string())
    print()
    print(drift(real, rollouts, names).round(3).to_string())
    if arguments.million:
        print()
        print(million(model, real, names, seed).round(3).to_string())


if __name__ == "__main__":
    main()
