"""Which metric catches which fault: faults planted in real data, and how often `evaluate` shows them.

    python -m benchmarks.power
    python -m benchmarks.power --faults --draws 60
    python -m benchmarks.power --slow --draws 3

Each draw divides real sequences into training data (the real table), clean ones that the fault is planted in (the synthetic
table) and a holdout. A metric catches a fault where its verdict on any column is not "as real"; where it says so of clean
sequences, that is a false alarm. Figures are shares of the draws, in percent. Weather is bundled, ``process`` is of known
law, stocks are read from ``../shared/data`` and skipped where that is absent. A fault that a table has no place for (no
missing cell to fill) is left out. Metrics that train a network for each figure want ``--slow``, which leaves out the others.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.faults import FAULTS
from benchmarks.panels import DATA, Panel, parts
from tsgan_evaluation.metric import Metric
from tsgan_evaluation.pair import Pair
from tsgan_evaluation.reading import read_pair
from tsgan_evaluation.registry import METRICS
from tsgan_evaluation.suite import compare, measure, splits

SLOW = ("discriminative", "gru32", "predictive", "frechet", "precision", "recall", "density", "coverage")
CLEAN = "clean"
WINDOW = 24
CAUGHT = 95


def sides(data: str, draw: int, faults: list[str]) -> dict[str, tuple[Panel, Panel, Panel]]:
    """Training data, synthetic side and holdout by what was planted in the second; clean ones first."""
    rng = np.random.default_rng(draw)
    train, clean, holdout = parts(DATA[data](draw), rng)
    planted = {name: FAULTS[name](clean, train, rng) for name in faults}
    before = clean.frame()
    return {
        name: (train, side, holdout)
        for name, side in {CLEAN: clean, **planted}.items()
        if name == CLEAN or not side.frame().equals(before)
    }


def as_pair(panels: tuple[Panel, Panel, Panel], seed: int) -> Pair:
    """What `evaluate` judges."""
    train, synthetic, holdout = (panel.frame() for panel in panels)
    time = "ts" if "ts" in train else None
    return read_pair(train, synthetic, holdout, entity="id", time=time, window=WINDOW, seed=seed)[0]


def outcomes(data: str, draw: int, metrics: list[Metric], faults: list[str]) -> Iterator[dict[str, Any]]:
    """Of each metric and fault: the columns that it judged, and those not "as real".

    Verdicts are those of `evaluate`. Its floors depend on the training data only, and are measured once for all faults.
    """
    pairs = {name: as_pair(panels, draw) for name, panels in sides(data, draw, faults).items()}
    halves = splits(pairs[CLEAN], max(metric.repeats for metric in metrics), draw)
    for metric in metrics:
        floors = [measure(metric, half, draw) for half in halves[: metric.repeats]]
        for name, pair in pairs.items():
            verdicts = [row.verdict for row in compare(metric, measure(metric, pair, draw), floors) if row.verdict]
            alarms = sum(verdict != "as real" for verdict in verdicts)
            yield {
                "data": data,
                "draw": draw,
                "fault": name,
                "metric": metric.name,
                "columns": len(verdicts),
                "alarms": alarms,
            }


def rates(found: pd.DataFrame) -> pd.DataFrame:
    """Percent of the draws in which a metric (row) caught a fault (column); clean ones are the last column."""
    judged = found[found["columns"] > 0]
    caught = (judged["alarms"] > 0).groupby([judged["metric"], judged["fault"]]).mean().unstack() * 100
    order = [name for name in (*FAULTS, CLEAN) if name in caught]
    return caught.loc[[name for name in METRICS if name in caught.index], order]


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=list(DATA), default=list(DATA))
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--faults", nargs="*", choices=list(FAULTS), default=list(FAULTS), help="none for false alarms only")
    parser.add_argument("--metrics", nargs="+", choices=list(METRICS))
    parser.add_argument("--slow", action="store_true", help="metrics that take seconds, and only they")
    parser.add_argument("--json", action="store_true", help="every outcome")
    arguments = parser.parse_args()
    names = arguments.metrics or [name for name in METRICS if (name in SLOW) == arguments.slow]
    metrics = [METRICS[name] for name in names]
    rows: list[dict[str, Any]] = []
    with threadpool_limits(1):
        for data in arguments.data:
            for draw in range(arguments.draws):
                try:
                    rows += outcomes(data, draw, metrics, arguments.faults)
                except FileNotFoundError as error:
                    print(f"{data} skipped: {error.filename} is not here", file=sys.stderr)
                    break
                print(f"{data}: draw {draw + 1} of {arguments.draws}", file=sys.stderr)
    if arguments.json:
        print(json.dumps(rows))
        return
    found = pd.DataFrame(rows)
    tables = {str(data): rates(part) for data, part in found.groupby("data", sort=False)}
    for data, table in tables.items():
        print(f"{data}, percent of {arguments.draws} draws", show(table), sep="\n", end="\n\n")
    if arguments.faults:
        print(f"Caught in {CAUGHT} % of the draws or more, by the first letter of the data", show(caught(tables)), sep="\n")
    print("\nFalse alarms, percent of the draws and of the columns", false_alarms(found), sep="\n")


def caught(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """First letters of the data on which each metric (row) nearly always catches each fault (column)."""
    empty = pd.DataFrame("", index=[*METRICS], columns=[*FAULTS])
    for data, table in tables.items():
        empty += (table >= CAUGHT).replace({True: data[0], False: ""}).reindex_like(empty).fillna("")
    judged = [name for name in METRICS if any(name in table.index for table in tables.values())]
    return empty.loc[judged]


def false_alarms(found: pd.DataFrame) -> str:
    """Of each metric, over all data, on clean sequences."""
    clean = found[(found["fault"] == CLEAN) & (found["columns"] > 0)]
    by_metric = clean.assign(any=clean["alarms"] > 0).groupby("metric", sort=False)
    of_draws, of_columns = by_metric["any"].mean(), by_metric["alarms"].sum() / by_metric["columns"].sum()
    return str((pd.DataFrame({"draws": of_draws, "columns": of_columns}) * 100).to_string(float_format="{:.1f}".format))


def show(table: pd.DataFrame) -> str:
    """Faults across, by number, for their names would be too wide."""
    numbered = table.rename(columns={name: str(k + 1) for k, name in enumerate(table.columns)})
    legend = ", ".join(f"{k + 1} {name}" for k, name in enumerate(table.columns))
    return f"{numbered.to_string(float_format='{:.0f}'.format, na_rep='')}\n{legend}"


if __name__ == "__main__":
    main()
