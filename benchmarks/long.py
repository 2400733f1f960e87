"""Do long rollouts stay where the data is? Windows at growing distances from the start, beside the whole real series.

    python -m benchmarks.long --data occupancy --steps 2000

Each row is one distance: over the numeric columns, the mean's shift in standard deviations of the data (largest) and the
ratio of standard deviations (least and largest), of the last 24 steps of 40 rollouts of that length.
"""

from __future__ import annotations

import argparse

import pandas as pd
import torch

from benchmarks.tables import TABLES
from tsgan import TSGAN

ROLLOUTS, LAST = 40, 24
DISTANCES = (24, 240, 2400, 8000)


def run(name: str, steps: int, seed: int) -> pd.DataFrame:
    """One row a distance."""
    table, roles = TABLES[name]()
    model = TSGAN(max_steps=steps, random_state=seed, **roles).fit(table)
    shown = [c.name for c in model.schema_.columns if c.kind == "numeric" and pd.api.types.is_float_dtype(c.dtype)]
    mean, deviation = table[shown].mean(), table[shown].std()
    rows = {}
    for distance in DISTANCES:
        sample = model.sample(ROLLOUTS, length=distance, random_state=seed).reset_index()
        series = sample.groupby(roles.get("entity", "sequence"), sort=False)
        end = sample[series.cumcount(ascending=False) < LAST][shown]
        shift, ratio = (end.mean() - mean) / deviation, end.std() / deviation
        rows[distance] = {
            "shift": shift.abs().max(),
            "of": shift.abs().idxmax(),
            "least ratio": ratio.min(),
            "largest ratio": ratio.max(),
            "of ": ratio.idxmax(),
        }
    return pd.DataFrame(rows).T.rename_axis("distance")


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=["weather", "occupancy"], default="weather")
    parser.add_argument("--steps", type=int, default=2000, help="of training")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(run(arguments.data, arguments.steps, arguments.seed).to_string(float_format=lambda value: f"{value:.2f}"))


if __name__ == "__main__":
    main()
