"""Train as a user would and print what the judges say, beside their noise floors.

    python -m benchmarks.quality --data stocks etth --minutes 3 --seeds 3

One thread. Stocks and ETTh1 are read from ``../shared/data`` and skipped where that is absent. ``--save`` keeps the
synthetic windows as ``.npy`` files, in the data's units, for other judges. ``--params`` takes parameters of ``TSGAN`` as
JSON, to compare variants: ``--params '{"hidden_size": 64, "max_steps": 5000, "max_time": null}'``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.data import DATA, WINDOW
from tsgan import TSGAN
from tsgan_evaluation import score


def run(
    name: str, minutes: float, seeds: int, floors: int, save: Path | None, params: dict[str, Any]
) -> list[dict[str, Any]]:
    """One row a seed: scores, their floors, steps, steps per second, seconds of training and of sampling."""
    benchmark = DATA[name]()
    real = benchmark.real()
    rows = []
    for seed in range(seeds):
        settings = {"max_time": 60 * minutes, "random_state": seed, "verbose": 1} | benchmark.roles | params
        model = TSGAN(**settings).fit(benchmark.table)
        synthetic = benchmark.synthetic(model.sample(len(real), length=WINDOW, random_state=seed))
        if save is not None:
            save.mkdir(parents=True, exist_ok=True)
            np.save(save / f"{name}-{seed}.npy", synthetic)
        # Windows overlap where they were cut from a series, so the halves of a floor keep a window's distance.
        table = score(real, synthetic, seed=seed, floor_repeats=floors if seed == 0 else 0, gap=benchmark.gap)
        last = model.history_.iloc[-1]
        row = {"data": name, "seed": seed, **table["value"], "steps": int(last["step"]), "seconds": last["seconds"]}
        row |= {f"floor_{metric}": value for metric, value in table["floor"].items()}
        rows.append(row)
        print(json.dumps(row), file=sys.stderr, flush=True)
    return rows


def summarise(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Mean over seeds of each data set, and its floors below."""
    table = pd.DataFrame(rows)
    table["steps/s"] = table["steps"] / table["seconds"]
    floors = [column for column in table if column.startswith("floor_")]
    metrics = [column.removeprefix("floor_") for column in floors]
    shown = {}
    for name, part in table.groupby("data", sort=False):
        shown[name] = part[[*metrics, "steps/s", "seconds"]].mean()
        shown[f"{name} (floor)"] = part[floors].iloc[0].rename(lambda column: column.removeprefix("floor_"))
    return pd.DataFrame(shown).T[[*metrics, "steps/s", "seconds"]].round(3)


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=list(DATA), default=list(DATA))
    parser.add_argument("--minutes", type=float, default=3.0, help="of training, each seed")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--floors", type=int, default=2, help="splits of the real data for the floors")
    parser.add_argument("--save", type=Path, help="folder for the synthetic windows")
    parser.add_argument("--params", type=json.loads, default={}, metavar="JSON", help="parameters of TSGAN")
    parser.add_argument("--json", action="store_true", help="one JSON line instead of a table")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows: list[dict[str, Any]] = []
    for name in arguments.data:
        try:
            rows += run(name, arguments.minutes, arguments.seeds, arguments.floors, arguments.save, arguments.params)
        except FileNotFoundError as error:
            print(f"{name} skipped: {error.filename} is not here", file=sys.stderr)
    if rows:
        print(json.dumps(rows) if arguments.json else summarise(rows).to_string(na_rep=""))


if __name__ == "__main__":
    main()
