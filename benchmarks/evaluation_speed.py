"""Seconds of each metric of the evaluation, its floors included.

    python -m benchmarks.evaluation_speed --data stocks etth

The windows of 24 steps at stride 1 against as many of themselves with 1 % of noise, in another order; then the whole
suite on two threads. Seconds of a metric are those of the thread that it ran on, alone. Stocks and ETTh1 are read from
``../shared/data`` and skipped where that is absent.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import pandas as pd

from benchmarks.data import DATA
from tsgan_evaluation import METRICS, evaluate


def noisy(real: np.ndarray) -> np.ndarray:
    """As many windows in another order, with noise of 1 % of each column's standard deviation."""
    draw = np.random.default_rng(0)
    out: np.ndarray = draw.permutation(real) + 0.01 * real.std((0, 1)) * draw.normal(size=real.shape)
    return out


def seconds(real: np.ndarray, synthetic: np.ndarray, metrics: list[str], n_jobs: int) -> float:
    """Wall-clock seconds of an evaluation."""
    began = time.perf_counter()
    evaluate(real, synthetic, metrics=metrics, n_jobs=n_jobs)
    return time.perf_counter() - began


def run(name: str, metrics: list[str]) -> pd.DataFrame:
    """One row a metric, and one of all together."""
    real = DATA[name]().real()
    synthetic = noisy(real)
    rows = [{"metric": metric, "seconds": seconds(real, synthetic, [metric], 1)} for metric in metrics]
    rows.append({"metric": f"all {len(metrics)}, two threads", "seconds": seconds(real, synthetic, metrics, 2)})
    return pd.DataFrame(rows).assign(data=f"{name} {real.shape}").set_index(["data", "metric"])


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=list(DATA), default=["stocks", "etth"])
    parser.add_argument("--metrics", nargs="+", choices=list(METRICS), default=list(METRICS))
    arguments = parser.parse_args()
    for name in arguments.data:
        try:
            print(run(name, arguments.metrics).round(1).to_string(), flush=True)
        except FileNotFoundError as error:
            print(f"{name} skipped: {error.filename} is not here", file=sys.stderr)


if __name__ == "__main__":
    main()
