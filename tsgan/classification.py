"""What each column of a table is: as the user says, or by its cells."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.calendar_columns import find_calendar_part
from tsgan.exceptions import InputError, InputTypeError
from tsgan.identifiers import find_pattern
from tsgan.preprocessing.numbers import number_kind
from tsgan.preprocessing.scalers import SCALINGS
from tsgan.schema import Column, Kind
from tsgan.wording import counted, meant, nearest

SAID = ("numeric", "categorical", "identifier", *SCALINGS)
MOST_COLUMNS = 500  # the start's regressions take memory and time with the square of their number


class Said(NamedTuple):
    """What the user says of the columns and of time.

    ``kinds`` has one of ``SAID`` by name, ``static`` and ``conditions`` are names, ``calendar`` is ``"auto"`` or the phases
    that are conditions.
    """

    kinds: dict[Any, str] | None = None
    static: Sequence[Any] | None = None
    conditions: Sequence[Any] | None = None
    calendar: str | Sequence[str] = "auto"


NOTHING = Said()


def learn_columns(
    frame: pd.DataFrame,
    starts: NDArray[np.int64],
    rows: NDArray[np.int64] | None = None,
    times: pd.Series | pd.Index | None = None,
    said: Said = NOTHING,
) -> tuple[Column, ...]:
    """Check and classify the value columns.

    Parameters
    ----------
    frame : DataFrame
    starts : ndarray of shape (n,)
        First row of each sequence.
    rows : ndarray, optional
        The user's number of each row, for messages.
    times : Series or Index, optional
        Of each row.
    said : Said, optional

    Raises
    ------
    InputError, InputTypeError
        Naming the columns, with the first rows at fault.
    """
    _check_real(frame)
    kinds = dict(said.kinds or {})
    if strange := [name for name in kinds if name not in frame.columns]:
        raise InputError(f"schema= names {strange[0]!r}, which is no column of values{nearest(strange[0], frame.columns)}")
    if unknown := {name: kind for name, kind in kinds.items() if kind not in SAID}:
        raise InputError(
            f"schema={unknown} says a kind other than {', '.join(SAID)}{meant(next(iter(unknown.values())), SAID)}"
        )
    static = _names_said(said.static, frame)
    columns: list[Column] = []
    seen: dict[Any, int] = {}
    owner = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(frame)))
    learned = 0
    for k, name in enumerate(frame.columns):
        series = frame.iloc[:, k]
        if series.isna().all():
            raise InputError(f"column {name!r} has no values at all; drop it")
        cells = _checked_cells(series, rows)
        key = (cells.dtype.kind, hashlib.blake2b(np.ascontiguousarray(cells).data).digest())
        source = seen.setdefault(key, k)
        changes = _changes(cells)
        missing = series.isna().to_numpy()
        inner = changed_rows(series, owner)
        if name in static and len(inner):
            where = np.sort(inner if rows is None else rows[inner])[:3].tolist()
            raise InputError(
                f"column {name!r} is in static=, but changes within a series (rows {where}, counted from 0); make it "
                "constant there, or take it out of static="
            )
        if not changes.any():
            columns.append(Column(name, series.dtype, "constant", note=f"always {series.iloc[0]}"))
        elif source != k and _equal(series, frame.iloc[:, source]):
            is_alike = series.dtype == frame.iloc[:, source].dtype
            columns.append(Column(name, columns[source].dtype if is_alike else series.dtype, "copy", source=source))
        elif name not in kinds and name not in static and (part := find_calendar_part(series, times)) is not None:
            columns.append(Column(name, series.dtype, "calendar", calendar=part, note=str(part)))
        else:
            is_static = len(starts) > 1 and len(series) > len(starts) and not len(inner)
            is_static = is_static and (name in static or _told_twice(owner, missing))
            own: Kind = "categorical" if number_kind(series) is None else "numeric"
            kind = _kind_said(series, own, kinds.get(name))
            pattern = find_pattern(series, starts, is_static, sure=kind == "identifier")
            if kind == "identifier" or (kind == "categorical" and name not in kinds and pattern is not None):
                dtype = series.dtype
                if isinstance(dtype, pd.CategoricalDtype):
                    dtype = pd.CategoricalDtype(dtype.categories[:0], dtype.ordered)  # the real identifiers
                columns.append(Column(name, dtype, "identifier", is_static, pattern=pattern, note="new identifiers"))
                continue
            columns.append(Column(name, series.dtype, kind, is_static))
            learned += 1
            if learned > MOST_COLUMNS:
                raise InputError(
                    f"X has {frame.shape[1]:,} columns, and more than {MOST_COLUMNS} would be learned; choose from them"
                )
    if not learned:
        raise InputError("no column varies: there is nothing to learn; give at least one column with two values")
    known = tuple(replace(column, gaps=bool(frame[column.name].isna().any())) for column in columns)
    return known if said.conditions is None else with_conditions(known, frame, rows, said.conditions)


def check_cells(frame: pd.DataFrame, rows: NDArray[np.int64] | None = None) -> None:
    """Check what must hold of all cells, whether they are learned from or only read.

    Parameters
    ----------
    frame : DataFrame
    rows : ndarray, optional
        The user's number of each row, for messages.

    Raises
    ------
    InputError, InputTypeError
        If columns are complex or sparse, or cells are infinite or cannot be compared.
    """
    _check_real(frame)
    for k in range(frame.shape[1]):
        _checked_cells(frame.iloc[:, k], rows)


def _check_real(frame: pd.DataFrame) -> None:
    if complex_ := [name for name, dtype in frame.dtypes.items() if getattr(dtype, "kind", "") == "c"]:
        raise InputError(f"Complex data not supported: columns {complex_}; split them into real and imaginary parts")


def _checked_cells(series: pd.Series, rows: NDArray[np.int64] | None) -> NDArray[Any]:
    """The comparable cells of a dense column without infinities."""
    if isinstance(series.dtype, pd.SparseDtype):
        raise InputTypeError(f"column {series.name!r} is {series.dtype}; convert it with .sparse.to_dense()")
    cells = _comparable(series)
    if cells.dtype.kind == "f" and (infinite := np.isinf(cells)).any():
        where = np.sort(np.flatnonzero(infinite) if rows is None else rows[infinite])
        raise InputError(
            f"column {series.name!r} holds {counted(len(where), 'infinite value')} (infinity; rows {where[:3].tolist()}, "
            "counted from 0); replace them or drop the rows"
        )
    return cells


def _names_said(static: Sequence[Any] | None, frame: pd.DataFrame) -> Sequence[Any]:
    """The columns said to be static; InputError where they are none."""
    static = () if static is None else static
    if not isinstance(static, list | tuple):
        raise InputError(f"static={static!r} must be a list of column names, such as static=[{static!r}]")
    if unknown := [name for name in static if name not in list(frame.columns)]:
        raise InputError(f"static= names {unknown[0]!r}, which is no column of values{nearest(unknown[0], frame.columns)}")
    return static


def _kind_said(series: pd.Series, own: Kind, said: str | None) -> Kind:
    """The kind that the user says; InputError where the cells contradict it."""
    if (said == "numeric" or said in SCALINGS) and own != "numeric":
        raise InputError(f"column {series.name!r} is said to be {said}, but is {series.dtype}; convert it to numbers first")
    if said == "identifier" and own == "numeric" and not pd.api.types.is_integer_dtype(series.dtype):
        raise InputError(
            f"column {series.name!r} is said to be an identifier, but is {series.dtype}, and only texts and whole numbers "
            "can be; convert it to text first"
        )
    return own if said in (None, *SCALINGS) else said  # type: ignore[return-value]


def with_conditions(
    columns: tuple[Column, ...], frame: pd.DataFrame, rows: NDArray[np.int64] | None, names: Collection[Any]
) -> tuple[Column, ...]:
    """The columns, those of these names as conditions.

    Raises
    ------
    InputError
        If one is no column of values, cannot be set or has missing cells, or if nothing else is left to learn.
    """
    by_name = {column.name: column for column in columns}
    for name in names:
        if name not in list(by_name):
            raise InputError(f"conditions= names {name!r}, which is no column of values{nearest(name, by_name)}")
        column = by_name[name]
        if column.source is not None:
            raise InputError(f"condition {name!r} equals column {columns[column.source].name!r}; name that one in its place")
        if column.kind not in ("numeric", "categorical"):
            what = {"constant": "constant", "calendar": "read off the clock: ask for times instead"}
            raise InputError(f"condition {name!r} cannot be set: it is {what.get(column.kind, f'an {column.kind}')}")
        if (missing := frame[name].isna().to_numpy()).any():
            where = np.sort(np.flatnonzero(missing) if rows is None else rows[missing])[:3].tolist()
            cures = {"numeric": "drop those rows, or fill them, with interpolate() for example"}
            cure = cures.get(column.kind, "fill them, for example with a category of their own")
            raise InputError(f"condition {name!r} has missing cells (rows {where}, counted from 0); {cure}")
    if not any(column.kind in ("numeric", "categorical") and column.name not in names for column in columns):
        raise InputError(f"conditions={list(names)} are all that varies: there is nothing to learn given them")
    return tuple(replace(column, condition=column.name in names) for column in columns)


def _comparable(series: pd.Series) -> NDArray[Any]:
    """Doubles of a column of numbers, NaN where missing; numbers of the distinct cells of any other, -1 where missing."""
    if number_kind(series) is not None and series.dtype.kind in "iuf":
        return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan))
    try:
        return np.asarray(pd.factorize(series)[0])
    except TypeError as error:
        raise InputTypeError(
            f"column {series.name!r} holds objects that cannot be compared ({error}); convert them to text or numbers"
        ) from error


def _changes(cells: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether the next row differs, shape (rows - 1,); missing cells are equal."""
    late, early = cells[1:], cells[:-1]
    return np.asarray((late != early) & ~((late != late) & (early != early)))


def changed_rows(series: pd.Series, owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows that differ from the last one of their series (of number ``owner``) that is not missing."""
    there: NDArray[np.int64] = np.flatnonzero(series.notna())
    inner = _changes(_comparable(series)[there]) & (np.diff(owner[there]) == 0)
    return np.asarray(there[1:][inner])


def _told_twice(owner: NDArray[np.int64], missing: NDArray[np.bool_]) -> bool:
    """Whether most series of which some cells are missing, others not, have more than one cell: a single one says little."""
    count, all_cells = np.bincount(owner[~missing], minlength=owner[-1] + 1), np.bincount(owner)
    partly = (count > 0) & (count < all_cells)
    return bool((count[partly] > 1).sum() * 2 >= partly.sum())


def _equal(series: pd.Series, other: pd.Series) -> bool:
    """Whether two columns with the same comparable cells are equal indeed."""
    if series.dtype == other.dtype:
        return bool(series.equals(other))
    return all(number_kind(x) is not None and x.dtype.kind in "iuf" for x in (series, other))
