"""Columns that are constant within each series but for gaps: the value is learned as constant, the gaps beside it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tsgan.constraints import Begins, State, put
from tsgan.dtypes import MARKERS, dtype_from_json, dtype_to_json, missing_marker
from tsgan.schema import Schema


@dataclass(frozen=True)
class StaticGaps:
    """Some cells of a static column are missing where others of the series tell them; found by itself, never said.

    Parameters
    ----------
    column : hashable
    mark : str
        Name of the column that is learned beside it: whether a cell is missing.
    """

    column: Any
    mark: str

    def fit(self, X: pd.DataFrame) -> State:
        """The dtype, and what stands for a missing cell."""
        return {"dtype": dtype_to_json(X[self.column].dtype), "missing": missing_marker(X[self.column])}

    def apply(self, X: pd.DataFrame, begins: Begins) -> pd.DataFrame:
        """The column with its gaps closed, and where they were; a series without any value keeps them."""
        cells = X[self.column]
        complete = closed(cells, begins)
        return put(put(X, self.column, complete), self.mark, cells.isna() & complete.notna())

    def undo(self, X: pd.DataFrame, state: State) -> pd.DataFrame:
        """The column with gaps."""
        cells = X[self.column].astype(dtype_from_json(state["dtype"]))
        cells[X[self.mark].to_numpy(dtype=bool)] = MARKERS[state["missing"]]
        return put(X.drop(columns=self.mark), self.column, cells)


def closed(cells: pd.Series, begins: Begins) -> pd.Series:
    """A column with the gaps of each series closed by its values."""
    owner = np.cumsum(begins)
    return cells.groupby(owner).ffill().groupby(owner).bfill()


def find_static_gaps(
    schema: Schema, frame: pd.DataFrame, begins: Begins, taken: Collection[Any]
) -> tuple[Schema, list[StaticGaps]]:
    """A rule for each static column that is generated and of which some cells are missing in a series with others.

    Parameters
    ----------
    schema : Schema
    frame : DataFrame
        Value columns.
    begins : ndarray of shape (rows,), bool
    taken : collection of hashable
        Columns that the user's constraints put others in place of: they are learned as if they varied, gaps and all.

    Returns
    -------
    schema : Schema
    rules : list of StaticGaps
    """
    rules, columns = [], list(schema.columns)
    for k in schema.encoded:
        column = columns[k]
        if not (column.static and column.gaps):
            continue
        cells = frame[column.name]
        if cells.isna().equals(closed(cells, begins).isna()):
            continue
        if column.name in taken:
            columns[k] = replace(column, static=False)
            continue
        mark = f"{column.name} (missing)"
        while mark in schema.names:
            mark += "'"
        rules.append(StaticGaps(column.name, mark))
    return replace(schema, columns=tuple(columns)), rules
