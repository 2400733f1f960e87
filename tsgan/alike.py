"""Tables that come after ``fit``: histories, and data to score; they must be like the one learned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from tsgan.classification import check_cells
from tsgan.exceptions import InputError, InputTypeError
from tsgan.preprocessing.numbers import number_kind
from tsgan.reading import Table, read
from tsgan.schema import Schema


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
        Naming what is missing, or of another kind.
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
    for column in schema.columns:
        cells = table.frame[column.name]
        if column.kind == "numeric" and number_kind(cells) is None and cells.notna().any():
            raise InputTypeError(f"column {column.name!r} is {cells.dtype}, but was {column.dtype} in fit; convert it")
        if column.gaps and cells.isna().all():  # of any dtype
            empty = pd.Series([None] * len(cells), index=cells.index, dtype=column.dtype)
            table = replace(table, frame=table.frame.assign(**{column.name: empty}))
    check_cells(table.frame, table.rows)
    return table
