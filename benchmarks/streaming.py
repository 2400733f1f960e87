"""Peak memory and seconds of a long sample into a Parquet file.

python -m benchmarks.streaming --rows 10000000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.memory import peak
from tsgan import TSGAN
from tsgan_pipelines.sampling import write_sample

STEPS = 200  # of training: neither memory nor time depends on what was learned


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--columns", type=int, default=7)
    parser.add_argument("--hidden-size", type=int)
    arguments = parser.parse_args()
    walk = np.random.default_rng(0).normal(size=(5000, arguments.columns)).cumsum(0).round(2)
    index = pd.date_range("2020-01-01", periods=len(walk), freq="10min", name="time")
    data = pd.DataFrame(walk, index=index, columns=[f"x{k}" for k in range(arguments.columns)])
    model = TSGAN(hidden_size=arguments.hidden_size, max_steps=STEPS, random_state=0, device="cpu").fit(data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.parquet"
        write_sample(model, path, 1, 200_000, None, random_state=0)  # what is loaded anyway, two chunks
        before, began = peak(), time.perf_counter()
        write_sample(model, path, 1, arguments.rows, None, random_state=0)
        seconds, size = time.perf_counter() - began, path.stat().st_size
    print(f"{arguments.rows:,} rows of {arguments.columns} columns, {size / 1e6:,.0f} MB of Parquet: {seconds:,.0f} s")
    print(f"peak {peak() / 1e6:,.0f} MB, {before / 1e6:,.0f} MB after 200,000 rows")


if __name__ == "__main__":
    main()
