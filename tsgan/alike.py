"""Tables that come after ``fit``: histories, and data to score; they must be like the one learned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tsgan.classification import changed_rows, check_cells
from tsgan.exceptions import InputError, InputTypeError
from tsgan.preprocessing.numbers import number_kind
from tsgan.reading import Table, read
from tsgan.schema import Schema
from tsgan.time_axis import TimeAxis


def read_alike(schema: Schema, X: Any, entity: Any, time: Any) -> Table:
    """A table with the columns of the schema, in their order.

    Parameters
    ----------
    schema : Schema
    X, entity, time
        As for :class:`tsgan.TSGAN`.

    Raises
    ------
    InputError, InputTypeError
        Naming what is missing, of another kind or on another grid.
    """
    table = read(X, entity, time)
    names, known = list(table.frame.columns), schema.names
    missing, more = [name for name in known if name not in names], [name for name in names if name not in known]
    if missing or more:
        other = f"{len(names)} features, but TSGAN is expecting {len(known)} features as input"
        parts = (f"it lacks {missing}" if missing else "", f"{more} were not there in fit" if more else "")
        found = other if len(names) != len(known) else "other columns than in fit"
        raise InputError(f"X has {found}: {', and '.join(filter(None, parts))}")
    if names != known:
        table = replace(table, frame=table.frame[known])
    owners, known = ([entity.name for entity in side.entities] for side in (table, schema))
    if owners != known:
        raise InputError(f"the series of X are told apart by {owners}; the model has learned them by {known}")
    if schema.axis is not None:
        table = _at_our_times(schema.axis, table)
    owner = np.repeat(np.arange(len(table.lengths)), table.lengths)
    for column in schema.columns:
        cells = table.frame[column.name]
        if column.static and len(changed := changed_rows(cells, owner)):
            where = table.first_rows(changed)
            raise InputError(
                f"column {column.name!r} changes within a series (rows {where}, counted from 0), but in fit it was constant "
                "within each; make it so, or split the series"
            )
        if column.kind == "numeric" and number_kind(cells) is None and cells.notna().any():
            raise InputTypeError(f"column {column.name!r} is {cells.dtype}, but was {column.dtype} in fit; convert it")
        if column.gaps and cells.isna().all():  # of any dtype
            empty = pd.Series([None] * len(cells), index=cells.index, dtype=column.dtype)
            table = replace(table, frame=table.frame.assign(**{column.name: empty}))
    check_cells(table.frame, table.rows)
    return table


def _at_our_times(axis: TimeAxis, table: Table) -> Table:
    """The table, its times in the zone of those learned; InputError unless they are of their kind and on their grid."""
    where = "its index" if axis.in_index else f"column {axis.name!r}"
    if table.times is None:
        cure = " (pandas.to_datetime makes dates of texts)" if axis.is_datetime else ""
        raise InputError(f"X has no times, but in fit {where} had them, of dtype {axis.dtype}; give it them{cure}")
    ours, theirs = (pd.api.types.pandas_dtype(dtype) for dtype in (axis.dtype, table.times.dtype))
    if axis.is_datetime != (theirs.kind == "M"):
        raise InputError(f"the times of X are {theirs}, but were {ours} in fit; convert them")
    zones = [getattr(dtype, "tz", None) for dtype in (theirs, ours)]
    if (zones[0] is None) != (zones[1] is None):
        found, known = (f"in the zone {zone}" if zone is not None else "without a zone" for zone in zones)
        argument = zones[1] if zones[1] is None else repr(str(zones[1]))
        raise InputError(f"the times of X are {found}, but were {known} in fit; change them with tz_localize({argument})")
    if zones[1] is not None:
        times = pd.DatetimeIndex(table.times).tz_convert(zones[1])
        table = replace(table, times=times if isinstance(table.times, pd.Index) else pd.Series(times, name=table.times.name))
    grid = table.learn_axis()
    if grid is None or grid.irregular or axis.irregular or table.lengths.max() < 3:
        return table
    if grid.freq != axis.freq or (axis.freq is None and not np.isclose(grid.step, axis.step, rtol=1e-6)):
        raise InputError(f"X has steps of {grid.pace}, but fit has learned steps of {axis.pace}; resample it")
    return table
