"""What the columns of a table are, and their cells as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api import types

from tsgan_evaluation._validation import DataError, FloatArray

Kind = Literal["numeric", "boolean", "categorical", "datetime"]
IDENTIFIER = 100  # categories; with more of them, and more than half of the rows apart, a text names its row


@dataclass(frozen=True)
class Column:
    """A column that all sides have.

    Attributes
    ----------
    name : str
    kind : {"numeric", "boolean", "categorical", "datetime"}
        A date's number is its seconds since 1970, a boolean's 0 or 1, a category's its place in ``categories``.
    categories : tuple
        Of all sides, the real table's most common first; empty for other kinds.
    """

    name: str
    kind: Kind
    categories: tuple[object, ...] = ()


def read_column(name: str, sides: Sequence[pd.Series]) -> tuple[Column, list[FloatArray]]:
    """The column and each side's cells as numbers, NaN where they are missing; the first side says what it is.

    Parameters
    ----------
    name : str
    sides : sequence of Series
        The real column, then the others.

    Returns
    -------
    Column, list of ndarray of shape (rows,)

    Raises
    ------
    DataError
        If the column cannot be compared: another kind on another side, infinite values, no observed cell, identifiers.
    """
    names = ["the real table", "the synthetic table", "the holdout"]
    for series, side in zip(sides, names, strict=False):
        if not series.notna().any():
            raise DataError(f"it has no observed cell in {side}")
    kind = _kind(sides[0])
    # Text may hold numbers or dates, as files do; a number is no date, nor a category.
    fitting = {"categorical": {"categorical"}, "datetime": {"datetime", "categorical"}}
    for series, side in zip(sides[1:], names[1:], strict=False):
        other = _kind(series)
        if other not in fitting.get(kind, {"numeric", "boolean", "categorical"}):
            raise DataError(f"it is {kind} in the real table, but {other} in {side}")
    if kind == "categorical":
        return _read_categories(name, sides)
    numbers = [_numbers(series, kind, side) for series, side in zip(sides, names, strict=False)]
    for x, side in zip(numbers, names, strict=False):
        if infinite := int(np.isinf(x).sum()):
            raise DataError(f"it holds {infinite} infinite values in {side}; replace them, or mark them missing")
    return Column(name, kind), numbers


def _kind(series: pd.Series) -> Kind:
    """What a column's cells are, by dtype or, for objects, by the cells themselves."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return "categorical"
    if types.is_bool_dtype(series):
        return "boolean"
    if types.is_datetime64_any_dtype(series) or isinstance(series.dtype, pd.PeriodDtype):
        return "datetime"
    if types.is_complex_dtype(series):
        raise DataError("its numbers are complex")
    if types.is_numeric_dtype(series) or types.is_timedelta64_dtype(series):
        return "numeric"
    seen = types.infer_dtype(series, skipna=True)
    if seen == "boolean":
        return "boolean"
    if seen in ("date", "datetime", "datetime64", "period"):
        return "datetime"
    if seen in ("integer", "floating", "decimal", "mixed-integer-float", "timedelta", "timedelta64"):
        return "numeric"
    if seen in ("string", "mixed-integer", "mixed", "categorical", "bytes", "time"):
        return "categorical"
    raise DataError(f"its cells are {seen}")


def _numbers(series: pd.Series, kind: Kind, side: str) -> FloatArray:
    try:
        if kind == "datetime":
            return seconds(series)
        if types.is_timedelta64_dtype(series) or types.infer_dtype(series) == "timedelta":
            return np.asarray(pd.to_timedelta(series).dt.total_seconds(), dtype=float)
        return np.asarray(pd.to_numeric(series.astype(object).where(series.notna(), np.nan)), dtype=float)
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DataError(f"it is {kind} in the real table, but {series.dtype} in {side} ({error})") from error


def seconds(dates: pd.Series) -> FloatArray:
    """Seconds since 1970, of universal time where the dates have a zone; NaN where they are missing."""
    if isinstance(dates.dtype, pd.PeriodDtype):
        dates = dates.dt.to_timestamp()
    since = pd.to_datetime(dates, utc=True) - pd.Timestamp(0, tz="UTC")
    return np.asarray(since.dt.total_seconds(), dtype=float)


def _read_categories(name: str, sides: Sequence[pd.Series]) -> tuple[Column, list[FloatArray]]:
    cells = [series.astype(object) for series in sides]
    try:
        known = pd.Index(pd.concat([x.dropna().value_counts() for x in cells]).index).unique()
    except TypeError as error:
        raise DataError(f"its cells cannot be compared ({error})") from error
    if len(known) > IDENTIFIER and cells[0].nunique() > cells[0].notna().sum() / 2:
        raise DataError(f"it has {cells[0].nunique():,} different texts in {len(cells[0]):,} rows, as identifiers have")
    codes = [known.get_indexer(x).astype(float) for x in cells]
    return Column(name, "categorical", tuple(known)), [
        np.where(x.isna(), np.nan, c) for x, c in zip(cells, codes, strict=True)
    ]
