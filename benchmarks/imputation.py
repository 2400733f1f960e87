"""Gaps of ETTh1 filled, beside lines and the days before and behind with what these missed elsewhere.

    python -m benchmarks.imputation --minutes 4

All learn from the first four fifths. In the last fifth a fifth of the cells is taken out, in blocks of some hours, of each
column by itself or of all together, and filled 50 times. In units of the training data's deviations: CRPS (Gneiting &
Raftery 2007, eq. 21) and how many of the real cells lie in the central 90 % of the draws. The baselines draw what they
missed in a random block of the training data, of the same column and length. The data is read from ``../shared/data`` and
skipped where that is absent.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from benchmarks.continuation import crps
from benchmarks.data import SHARED
from tsgan import TSGAN, load

DAY, DRAWS, SHARE = 24, 50, 0.2
LENGTHS = (6, 24, 72)
Fill = Callable[[pd.DataFrame], pd.DataFrame]


def lines(table: pd.DataFrame) -> pd.DataFrame:
    """From the last value before a gap to the first behind it."""
    return table.interpolate(limit_direction="both")


def seasonal(table: pd.DataFrame) -> pd.DataFrame:
    """The mean of the nearest known values at the same hour, before and behind."""
    hours = np.arange(len(table)) % DAY
    before, behind = table.groupby(hours).ffill(), table.groupby(hours).bfill()
    return (before.fillna(behind) + behind.fillna(before)) / 2


def blocks(rows: int, columns: int, length: int, together: bool, draw: np.random.Generator) -> np.ndarray:
    """Which cells (rows, columns) are taken out."""
    count = int(SHARE * rows / length)
    gaps = np.zeros((rows, columns), dtype=bool)
    for j in range(1 if together else columns):
        slack = draw.integers(0, rows // count - length, size=count)  # blocks do not touch
        for start in rows // count * np.arange(count) + slack + 1:
            gaps[start : start + length, slice(None) if together else j] = True
    gaps[-1] = False
    return gaps


def with_misses(
    fill: Fill, train: pd.DataFrame, gaps: np.ndarray, table: pd.DataFrame, length: int, seed: int
) -> np.ndarray:
    """What a rule fills in, plus what it missed in blocks of the training data, (DRAWS, rows, columns)."""
    draw = np.random.default_rng(seed)
    out = np.repeat(fill(table.mask(gaps)).to_numpy()[None], DRAWS, 0)
    elsewhere = blocks(len(train), train.shape[1], length, False, draw)
    missed = (train - fill(train.mask(elsewhere))).to_numpy()
    for j in range(train.shape[1]):
        pool, of = missed[elsewhere[:, j], j], np.flatnonzero(gaps[:, j])
        pool = pool[: len(pool) // length * length].reshape(-1, length)
        chosen = pool[draw.integers(len(pool), size=(DRAWS, -(-len(of) // length)))].reshape(DRAWS, -1)
        out[:, of, j] += chosen[:, : len(of)]
    return out


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=4.0, help="of training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", help="a saved model in place of training one")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    try:
        whole = pd.read_csv(SHARED / "ETTh1.csv", index_col="date", parse_dates=True)
    except FileNotFoundError as error:
        print(f"skipped: {error.filename} is not here", file=sys.stderr)
        return
    cut = 4 * len(whole) // 5
    train, table = whole.iloc[:cut], whole.iloc[cut:]
    deviation = train.std().to_numpy()
    if arguments.model:
        model = load(arguments.model)
    else:
        # The training data has no season twice.
        budget = 60 * arguments.minutes
        model = TSGAN(calendar=["day", "week"], max_time=budget, random_state=arguments.seed).fit(train)
    rows = {}
    for together in (False, True):
        for length in LENGTHS:
            gaps = blocks(len(table), table.shape[1], length, together, np.random.default_rng(arguments.seed))
            began = time.monotonic()
            ours = model.impute(table.mask(gaps), n=DRAWS, random_state=arguments.seed)
            print(f"{gaps.mean():.1%} in blocks of {length}: {time.monotonic() - began:.0f} s", file=sys.stderr)
            filled = {"tsgan": np.stack([one.to_numpy() for one in ours])}
            for name, fill in (("lines", lines), ("seasonal", seasonal)):
                filled[name] = with_misses(fill, train, gaps, table, length, arguments.seed)
            real = (table.to_numpy() / deviation)[gaps][:, None]
            for name, draws in filled.items():
                cells = (draws / deviation)[:, gaps][..., None]
                low, high = np.quantile(cells, [0.05, 0.95], axis=0)
                inside = ((real >= low) & (real <= high)).mean()
                rows["all columns" if together else "each column", length, name] = {
                    "CRPS": crps(cells, real),
                    "inside 90 %": inside,
                }
    print(pd.DataFrame(rows).T.rename_axis(["gaps in", "hours", ""]).unstack().round(3).to_string())


if __name__ == "__main__":
    main()
