"""Histories that are given: their gaps, and where their futures lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tsgan.constraints import Increasing
from tsgan.exceptions import InputError
from tsgan.spans import Spans
from tsgan.static_gaps import closed

if TYPE_CHECKING:
    from tsgan.reading import Table
    from tsgan.reparameterisation import Reparameterisation
    from tsgan.schema import Schema


def gaps_unseen(given: Table, schema: Schema, rules: Reparameterisation, names: list[Any]) -> NDArray[np.bool_]:
    """Cells of the learned columns that gaps tell nothing of, shape (rows, columns): those that fit has not seen."""
    complete = {column.name for column in schema.columns if not column.gaps}
    missing = {name: given.frame[name].isna().to_numpy() for name in given.frame if name in complete}
    nothing = np.zeros(len(given.frame), dtype=bool)
    gaps = dict(missing)
    for rule in rules.constraints:
        unknown = np.any([missing.get(name, nothing) for name in (*rule.ruled, *rule.read)], 0)
        if isinstance(rule, Increasing):
            unknown = unknown | np.append(False, unknown[:-1])  # a step behind a gap tells of all of it
        gaps |= dict.fromkeys(rule.ruled, unknown)
    return np.stack([gaps.get(name, nothing) for name in names], 1)


def filled(table: Table, schema: Schema) -> Table:
    """The table, gaps closed in columns that had none in fit: with the last value before, else the first after.

    Raises
    ------
    InputError
        If a series has no value of such a column.
    """
    gappy = [c.name for c in schema.columns if not c.gaps and table.frame[c.name].isna().any()]
    if not gappy:
        return table
    owner = np.repeat(np.arange(len(table.lengths)), table.lengths)
    frame = table.frame.copy(deep=False)
    for name in gappy:
        complete = closed(frame[name], table.begins)
        if complete.isna().any():
            empty = np.flatnonzero(complete.isna())
            raise InputError(
                f"column {name!r} has no value in series {owner[empty[0]]} (rows {table.first_rows(empty)}, counted from "
                "0), but no gap in fit; fill it in, or leave the series out"
            )
        frame[name] = complete
    return replace(table, frame=frame)


def future_spans(table: Table, schema: Schema, length: int, paths: int) -> Spans:
    """Where the futures lie, history by history and path by path."""
    n = len(table.lengths) * paths
    elapsed = np.repeat(table.lengths, paths)
    starts: list[float] = []
    if schema.axis is not None and table.numbers is not None:
        last = table.numbers[table.starts + table.lengths - 1].tolist()
        ahead = [time if schema.axis.irregular else schema.axis.shift(time, 1) for time in last]
        starts = [time for time in ahead for _ in range(paths)]
    return Spans(np.full(n, length), elapsed, starts, elapsed)
