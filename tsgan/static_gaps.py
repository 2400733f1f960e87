"""Columns that are constant within each series but for gaps: the value is learned as constant, the gaps beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsgan.constraints import Begins, Constraint, Range, State, put, rows_named
from tsgan.dtypes import MARKERS, dtype_from_json, dtype_to_json, missing_marker
from tsgan.exceptions import InputError
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


def find_static_gaps(schema: Schema, X: pd.DataFrame, begins: Begins, constraints: Sequence[Constraint]) -> list[StaticGaps]:
    """A rule for each static column that is generated and of which some cells are missing in a series with others.

    Parameters
    ----------
    schema : Schema
    X : DataFrame
        Columns that are generated; the index has the user's numbers of the rows.
    begins : ndarray of shape (rows,), bool
    constraints : sequence of Constraint
        Of the user.

    Raises
    ------
    InputError
        If a constraint that puts another column in its place names such a column.
    """
    rules = []
    for column in (schema.columns[k] for k in schema.encoded):
        if not (column.static and column.gaps):
            continue
        cells = X[column.name]
        told = (cells.isna() & closed(cells, begins).notna()).to_numpy()
        if not told.any():
            continue
        for rule in constraints:
            if not isinstance(rule, Range) and column.name in (*rule.ruled, *rule.read):
                raise InputError(
                    f"{rule}: column {column.name!r} is constant within each series but missing in some of its rows "
                    f"({rows_named(X, told)}); fill it within each series (ffill() and bfill() by groups), or leave out "
                    "the rule"
                )
        mark = f"{column.name} (missing)"
        while mark in schema.names:
            mark += "'"
        rules.append(StaticGaps(column.name, mark))
    return rules
