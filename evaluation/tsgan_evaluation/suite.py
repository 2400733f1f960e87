"""The evaluation: two tables in, every metric beside its noise floor out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from math import isfinite
from typing import Any, SupportsFloat, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from tsgan_evaluation._validation import DataError
from tsgan_evaluation.features import FeatureJudgement
from tsgan_evaluation.metric import Metric
from tsgan_evaluation.pair import Pair
from tsgan_evaluation.registry import METRICS
from tsgan_evaluation.report import Report, Row, make_row
from tsgan_evaluation.sequences import FEW, Sequences, in_blocks, thin
from tsgan_evaluation.tables import SIDES, read_arrays, read_frames

WINDOW, SHORTEST = 24, 3
Table: TypeAlias = "pd.DataFrame | ArrayLike"
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
        Splits of the real data for each floor. By default 20, and 2 to 5 of metrics that take seconds; 0 leaves out
        floors and verdicts.
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
    if window is not None and window < SHORTEST:
        raise ValueError(f"window is {window!r}; it must be at least {SHORTEST} steps")
    sides, reasons, notes = _read([x for x in (real, synthetic, holdout) if x is not None], entity, time)
    length = _window(sides, window, is_array=not isinstance(real, pd.DataFrame), arrays=(real, synthetic))
    # Entities in a frame come in any order; sequences of an array may be in order of time.
    shuffled = isinstance(real, pd.DataFrame)
    for k, side in enumerate(sides):
        draw = np.random.default_rng([seed, k])
        cut = in_blocks(side, length, draw if shuffled else None)
        sides[k] = thin(cut, max_rows, draw)
        if len(sides[k].values) < len(side.values):
            notes.append(f"{SIDES[k]}: {len(sides[k].values):,} of {len(side.values):,} rows looked at (seed {seed})")
    pair = Pair(sides[0], sides[1], length, seed, sides[2] if len(sides) > 2 else None)
    notes += [f"column {name!r} left out: {reason}" for name, reason in reasons.items()]
    rows = [Row("input", "column", name, reason=f"not computed, because {reason}") for name, reason in reasons.items()]
    found = _measured(chosen, pair, seed, floor_repeats, n_jobs, progress)
    for metric in chosen:
        values, floors = found[metric.name]
        rows += [make_row(metric, column, _figure(x), [_of(f, column) for f in floors]) for column, x in values.items()]
    judge = found["feature_judge"][0].get("") if "feature_judge" in found else None
    return Report(rows, notes, length, seed, judge if isinstance(judge, FeatureJudgement) else None)


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


def _measured(
    metrics: list[Metric], pair: Pair, seed: int, floor_repeats: int | None, n_jobs: int, progress: bool
) -> dict[str, tuple[Found, list[Found]]]:
    """Each metric's figures, and the same between halves of the real data."""
    repeats = {m.name: m.repeats if floor_repeats is None else floor_repeats for m in metrics}
    splits, why = [], ""
    try:
        splits = [pair.split(np.random.default_rng([seed, 2, k])) for k in range(max(repeats.values(), default=0))]
    except DataError as error:
        why = str(error)
    tasks = [(m, p) for m in metrics for p in [pair, *splits[: repeats[m.name]]]]
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


def _read(
    tables: list[Table], entity: Hashable | Sequence[Hashable] | None, time: Hashable | None
) -> tuple[list[Sequences], dict[str, str], list[str]]:
    frames = [isinstance(x, pd.DataFrame) for x in tables]
    if all(frames):
        return *read_frames(tables, entity, time), []
    if any(frames):
        kinds = ", ".join(f"{side} is a {type(x).__name__}" for side, x in zip(SIDES, tables, strict=False))
        raise ValueError(f"{kinds}; pass frames only, or arrays only")
    if entity is not None or time is not None:
        raise ValueError("entity= and time= name columns of frames; each sequence of an array is one of its own")
    return read_arrays(tables)


def _window(sides: list[Sequences], window: int | None, is_array: bool, arrays: tuple[Any, Any]) -> int:
    """Steps of a window, see `evaluate`."""
    longest = min(int(x.lengths.max()) for x in sides[:2])
    if window is not None:
        if window > longest:
            raise ValueError(f"window is {window} steps, but the longest series of a side has {longest}")
        return window
    if is_array:
        return min(int(np.shape(x)[1]) for x in arrays)

    def enough(x: Sequences) -> int:
        return int(np.quantile(x.lengths, 0.25, method="lower")) if len(x) >= FEW else int(x.lengths.max()) // 40

    return min(max(SHORTEST, min(WINDOW, *map(enough, sides[:2]))), max(longest, 1))


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
