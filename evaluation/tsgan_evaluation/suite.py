"""The evaluation: two tables in, every metric beside its noise floor out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from math import isfinite
from typing import Any, SupportsFloat

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from tsgan_evaluation._validation import DataError
from tsgan_evaluation.evidence import explain
from tsgan_evaluation.features import FeatureJudgement
from tsgan_evaluation.metric import Metric
from tsgan_evaluation.pair import Pair
from tsgan_evaluation.privacy.gallery import closest_pairs
from tsgan_evaluation.reading import Table, read_pair
from tsgan_evaluation.registry import METRICS
from tsgan_evaluation.report import Report, Row, make_row

Found = dict[str, SupportsFloat | str]  # by column, a figure or why there is none


def evaluate(
    real: Table,
    synthetic: Table,
    holdout: Table | None = None,
    entity: Hashable | Sequence[Hashable] | None = None,
    time: Hashable | None = None,
    metrics: Iterable[str] | None = None,
    seed: int = 0,
    window: int | None = None,
    floor_repeats: int | None = None,
    max_rows: int = 200_000,
    n_jobs: int = 2,
    progress: bool = False,
) -> Report:
    """Judge a synthetic table of time series by the real one, whoever made it.

    Every metric stands beside its noise floor: the same metric between two halves of the real data that share no block.
    A block is a few entities or, where there are fewer than 20 series, a stretch of time; at most 25 of them. A half is
    smaller than the whole, so floors err on the high side.

    Parameters
    ----------
    real, synthetic : DataFrame, or array_like of shape (B, T, C)
        Long tables with a row a step, or arrays of sequences. Columns may hold numbers, booleans, categories, texts and
        dates; missing cells are judged too. They are not changed. Overlapping windows in order of time, as arrays, are
        put together to the series that they were cut from.
    holdout : as they are, optional
        Real data that the synthesizer has not seen: what the privacy figures compare with.
    entity : name or list of names, optional
        Columns or index levels that tell the series of a panel apart, not judged themselves. If the real table has none
        of them, it is one series.
    time : name, optional
        Column or index level of times; an index of dates needs no mention. The order of the rows without any.
    metrics : iterable of str, optional
        Names out of `METRICS`, or of their families; all of them by default.
    seed : int
        Of all that is random: the same seed, machine and versions give the same report.
    window : int, optional
        Steps of the windows that most metrics look at. By default T of arrays; of tables 24, or the length that three
        quarters of the series have, or a fortieth of the longest one where they are fewer than 20 (but at least 3).
    floor_repeats : int, optional
        Splits of the real data for each floor. By default 20, 2 to 5 of metrics that take seconds and none of p-values;
        0 leaves out floors and verdicts.
    max_rows : int
        Larger sides are reduced to about so many rows, whole series or, of few, stretches of them, and the report says so.
    n_jobs : int
        Threads.
    progress : bool
        Whether to show a bar on standard error.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        If the arguments cannot be understood: not tables, unknown names, nothing in common. What the data do not allow
        is a row of the report that says why.
    """
    chosen = _chosen(metrics)
    pair, reasons, notes = read_pair(real, synthetic, holdout, entity, time, window, seed, max_rows)
    rows = [Row("input", "column", name, reason=f"not computed, because {reason}") for name, reason in reasons.items()]
    found = _measured(chosen, pair, seed, floor_repeats, n_jobs, progress)
    for metric in chosen:
        rows += compare(metric, *found[metric.name])
    judge = found["feature_judge"][0].get("") if "feature_judge" in found else None
    judge = judge if isinstance(judge, FeatureJudgement) else None
    with threadpool_limits(1):
        evidence = None if judge is None else explain(pair, judge, seed)
        closest = _closest(pair) if any(metric.family == "privacy" for metric in chosen) else None
    return Report(rows, notes, pair.window, seed, pair, judge, evidence, closest)


def measure(metric: Metric, pair: Pair, seed: int) -> Found:
    """The metric's figure for each column that it can be asked of, or why it has none."""
    found: Found = {}
    try:
        for column, arguments in metric.view(pair):
            try:
                found[column] = metric(*arguments, seed=seed)
            except DataError as error:
                found[column] = str(error)
    except DataError as error:
        return {"": str(error)}
    return found or {"": "no column is of a kind that it looks at"}


def splits(pair: Pair, count: int, seed: int) -> list[Pair]:
    """Halves of the real data, as pairs, that the floors are measured on."""
    return [pair.split(np.random.default_rng([seed, 2, k])) for k in range(count)]


def compare(metric: Metric, found: Found, floors: list[Found]) -> list[Row]:
    """Each figure beside its floors."""
    figures = {column: _figure(x) for column, x in found.items()}
    columns = sum(isinstance(x, float) for x in figures.values())
    return [make_row(metric, column, x, [_of(f, column) for f in floors], columns) for column, x in figures.items()]


def _measured(
    metrics: list[Metric], pair: Pair, seed: int, floor_repeats: int | None, n_jobs: int, progress: bool
) -> dict[str, tuple[Found, list[Found]]]:
    """Each metric's figures, and the same between halves of the real data."""
    repeats = {m.name: m.repeats if floor_repeats is None or m.repeats == 0 else floor_repeats for m in metrics}
    halves, why = [], ""
    try:
        halves = splits(pair, max(repeats.values(), default=0), seed)
    except DataError as error:
        why = str(error)
    tasks = [(m, p) for m in metrics for p in [pair, *halves[: repeats[m.name]]]]
    # The longest first, so that no thread is left alone with one at the end.
    order = sorted(range(len(tasks)), key=lambda k: tasks[k][0].repeats)
    with threadpool_limits(1), ThreadPoolExecutor(n_jobs) as pool, _bar(len(tasks), progress) as advance:

        def work(task: tuple[Metric, Pair]) -> Found:
            found = measure(*task, seed)
            advance()
            return found

        results = dict(zip(order, pool.map(work, [tasks[k] for k in order]), strict=True))
    out: dict[str, tuple[Found, list[Found]]] = {}
    for k, (metric, of) in enumerate(tasks):
        if of is pair:
            out[metric.name] = results[k], [dict.fromkeys(results[k], why)] if why else []
        else:
            out[metric.name][1].append(results[k])
    return out


def _closest(pair: Pair) -> pd.DataFrame | None:
    try:
        return closest_pairs(pair)
    except DataError:
        return None


def _figure(x: SupportsFloat | str) -> float | str:
    if isinstance(x, str):
        return x
    return float(x) if isfinite(float(x)) else "it has no finite value here"


def _of(found: Found, column: str) -> float | str:
    """The floor of one column; the reason for all where a split could not be judged at all."""
    return _figure(found.get(column, found.get("", "halves of the real data lack the column's cells")))


def _chosen(metrics: Iterable[str] | None) -> list[Metric]:
    names = [metrics] if isinstance(metrics, str) else list(METRICS if metrics is None else metrics)
    families = {metric.family for metric in METRICS.values()}
    if unknown := [name for name in names if name not in METRICS and name not in families]:
        raise ValueError(f"unknown metrics {unknown}; choose from {list(METRICS)} or the families {sorted(families)}")
    return [metric for metric in METRICS.values() if metric.name in names or metric.family in names]


@contextmanager
def _bar(total: int, shown: bool) -> Iterator[Any]:
    """A function that advances a progress bar by one, or does nothing."""
    if not shown:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield partial(bar.advance, bar.add_task("Judging", total=total))
