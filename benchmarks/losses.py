"""The family of losses, cells and optimisers at equal time: what the judges say of each, beside the noise floor.

    python -m benchmarks.losses --data stocks etth weather --minutes 3 --seeds 3

One thread. By default the seven losses, everything else as it comes with them; ``--members all`` adds the cells, penalties,
optimisers and what guards against collapse, or name those wanted. Stocks and ETTh1 are read from ``../shared/data`` and
skipped where that is absent. A run whose losses are no longer finite counts as diverged and has no scores.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from math import nan
from typing import Any, SupportsFloat

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from benchmarks.data import DATA, WINDOW, Benchmark
from tsgan import TSGAN
from tsgan.exceptions import ConvergenceError
from tsgan.family import NAMES
from tsgan_evaluation import METRICS, noise_floor
from tsgan_evaluation.embedding import coverage, embed, recall
from tsgan_evaluation.pair import scaled

FloatArray = NDArray[np.float64]
Judge = Callable[..., SupportsFloat]
LOSSES: dict[str, dict[str, Any]] = {name: {"loss": name} for name in NAMES["loss"]}
MEMBERS = LOSSES | {
    "wgan-gp, one-sided": {"penalty": "one-sided"},
    "non-saturating, r1r2": {"loss": "non-saturating", "penalty": "r1r2"},
    "non-saturating, minibatch": {"loss": "non-saturating", "minibatch_discrimination": True},
    "hinge, spectral norm": {"loss": "hinge", "spectral_norm": True},
    "minimax, clipped gradients": {"loss": "minimax", "max_grad_norm": 1.0},
    "wgan-gp, GRU": {"cell": "gru"},
    "wgan-gp, RMSprop": {"optimizer": "rmsprop"},
    "wgan-gp, clipped SGD": {"optimizer": "sgd", "max_grad_norm": 1.0, "critic_rate": 2e-2, "generator_rate": 1e-2},
}
JUDGES: dict[str, Judge] = {
    "feature judge": METRICS["feature_judge"],
    "discriminative": METRICS["discriminative"],
}
DIVERSITY: dict[str, Callable[[FloatArray, FloatArray], float]] = {"recall": recall, "coverage": coverage}


def judge(real: FloatArray, synthetic: FloatArray, gap: int, seed: int) -> dict[str, float]:
    """AUC of the feature judge (.5 is best), discriminative score (0), recall and coverage (1).

    The last two are of windows that share no step: overlapping ones are each other's nearest neighbours.
    """
    real, synthetic = scaled(real, synthetic)
    found = {name: float(metric(real, synthetic, seed=seed)) for name, metric in JUDGES.items()}
    points = embed(real[:: gap + 1], synthetic[:: gap + 1], seed)
    return found | {name: metric(*points) for name, metric in DIVERSITY.items()}


def floor(real: FloatArray, gap: int) -> dict[str, float]:
    """The same between halves of the real data: of recall and coverage windows by turns, of the rest blocks apart."""
    real, _ = scaled(real, real)
    found = {name: noise_floor(partial(metric, seed=0), real, 1, gap).median for name, metric in JUDGES.items()}
    points = embed(real[:: 2 * (gap + 1)], real[gap + 1 :: 2 * (gap + 1)])
    return found | {name: metric(*points) for name, metric in DIVERSITY.items()}


def run(benchmark: Benchmark, real: FloatArray, params: dict[str, Any], minutes: float, seed: int) -> dict[str, float]:
    """Train one member and judge it."""
    began = time.monotonic()
    model = TSGAN(max_time=60 * minutes, random_state=seed, **benchmark.roles, **params)
    try:
        model.fit(benchmark.table)
    except ConvergenceError:
        return dict.fromkeys([*JUDGES, *DIVERSITY], nan) | {"diverged": 1, "steps": nan, "seconds": time.monotonic() - began}
    seconds = time.monotonic() - began
    synthetic = benchmark.synthetic(model.sample(len(real), length=WINDOW, random_state=seed))
    return judge(real, synthetic, benchmark.gap, seed) | {
        "diverged": 0,
        "steps": int(model.history_["step"].iloc[-1]),
        "seconds": seconds,
    }


def summarise(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Means over seeds of each member and data set, of runs that did not diverge; how many did."""
    groups = pd.DataFrame(rows).groupby(["data", "member"], sort=False)
    table = groups.mean(numeric_only=True).drop(columns="seed")
    return table.assign(diverged=groups["diverged"].sum()).round(3)


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=list(DATA), default=["stocks", "etth", "weather"])
    parser.add_argument("--members", nargs="+", choices=[*MEMBERS, "all"], default=list(LOSSES), metavar="MEMBER")
    parser.add_argument("--minutes", type=float, default=3.0, help="of training, each seed")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one JSON line instead of a table")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    names = list(MEMBERS) if "all" in arguments.members else arguments.members
    rows: list[dict[str, Any]] = []
    for data in arguments.data:
        try:
            benchmark = DATA[data]()
        except FileNotFoundError as error:
            print(f"{data} skipped: {error.filename} is not here", file=sys.stderr)
            continue
        real = benchmark.real()
        for seed in range(arguments.seeds):  # members in turn, so that a slow hour of the machine meets all of them
            for name in names:
                row = run(benchmark, real, MEMBERS[name], arguments.minutes, seed)
                rows.append({"data": data, "member": name, "seed": seed} | row)
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        rows.append({"data": data, "member": "(floor)", "seed": 0, "diverged": 0} | floor(real, benchmark.gap))
    if rows:
        print(json.dumps(rows) if arguments.json else summarise(rows).to_string(na_rep=""))


if __name__ == "__main__":
    main()
