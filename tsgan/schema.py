"""What a table is made of: enough to rebuild one like it around synthetic channels."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.calendar_columns import CalendarPart, find_calendar_part
from tsgan.exceptions import InputError, InputTypeError
from tsgan.identifiers import Entity, Pattern, find_pattern
from tsgan.preprocessing.numbers import number_kind
from tsgan.preprocessing.scalers import SCALINGS
from tsgan.time_axis import TimeAxis

Kind = Literal["numeric", "categorical", "constant", "copy", "calendar", "identifier"]
Container = Literal["frame", "panel", "frames", "matrix", "array"]
KEPT_LENGTHS = 64
SAID = ("numeric", "categorical", "identifier", *SCALINGS)
MOST_COLUMNS = 500  # the start's regressions take memory and time with the square of their number


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    name : hashable
    dtype : dtype
    kind : {"numeric", "categorical", "constant", "copy", "calendar", "identifier"}
        Numbers, dates and durations are numeric; constants have nothing to learn (but for missing cells, which make them
        numeric or categorical); a copy equals an earlier column in every row, a calendar column a part of the time.
    static : bool
        Whether it is constant within each sequence, but not over all of them.
    source : int or None
        Position of the column that a copy repeats.
    calendar : CalendarPart or None
    pattern : Pattern or None
        Of identifiers.
    condition : bool
        Whether the user may set it.
    gaps : bool
        Whether cells are missing.
    note : str
        What else there is to say.
    """

    name: Any
    dtype: Any
    kind: Kind
    static: bool = False
    source: int | None = None
    calendar: CalendarPart | None = None
    pattern: Pattern | None = None
    condition: bool = False
    gaps: bool = False
    note: str = ""


@dataclass(frozen=True)
class Schema:
    """The structure of a table.

    Parameters
    ----------
    container : {"frame", "panel", "frames", "matrix", "array"}
        One long series, a frame with entity columns, a list of frames, a 2-D array, a 3-D array.
    columns : tuple of Column
        In the table's order, without entity and time.
    order : tuple of hashable
        All column names of a frame in its order, those of entities and time among them.
    lengths : tuple of int
        Lengths of sequences: their quantiles where there are many.
    entities : tuple of Entity
        Columns or index levels whose combinations tell the series of a panel apart.
    axis : TimeAxis or None
    """

    container: Container
    columns: tuple[Column, ...]
    order: tuple[Any, ...]
    lengths: tuple[int, ...]
    entities: tuple[Entity, ...] = ()
    axis: TimeAxis | None = None

    @property
    def names(self) -> list[Any]:
        """Names of the value columns."""
        return [column.name for column in self.columns]

    @property
    def encoded(self) -> list[int]:
        """Positions of the columns that are generated: all but conditions, copies, calendar columns and identifiers."""
        kinds = ("numeric", "categorical", "constant")
        return [k for k, column in enumerate(self.columns) if column.kind in kinds and not column.condition]

    @property
    def conditions(self) -> list[int]:
        """Positions of the conditions."""
        return [k for k, column in enumerate(self.columns) if column.condition]

    def described(self, notes: dict[Any, str], dtypes: dict[Any, Any]) -> Schema:
        """The same with more said about some columns, and with the dtypes of what was learned of them; by name."""
        columns = []
        for column in self.columns:
            own = column if column.source is None else self.columns[column.source]
            dtype = dtypes.get(own.name, column.dtype) if column.dtype == own.dtype else column.dtype
            note = "; ".join(filter(None, [column.note, notes.get(column.name, "")]))
            columns.append(replace(column, dtype=dtype, note=note))
        return replace(self, columns=tuple(columns))

    def to_frame(self) -> pd.DataFrame:
        """One row a column: role, dtype and how it is treated."""
        rows = [{"column": c.name, "role": c.kind, "dtype": str(c.dtype), "note": self._note(c)} for c in self.columns]
        if self.axis is not None:
            step = self.axis.freq or (pd.Timedelta(int(self.axis.step)) if self.axis.is_datetime else self.axis.step)
            pace = f"irregular, {step} on average" if self.axis.irregular else f"step {step}"
            place = "index" if self.axis.in_index else "column"
            rows.insert(
                0,
                {
                    "column": self.axis.name if self.axis.name is not None else "(index)",
                    "role": "time",
                    "dtype": self.axis.dtype,
                    "note": f"{place}, {pace}",
                },
            )
        owners = [
            {
                "column": entity.name if entity.name is not None else f"(level {entity.level})",
                "role": "entity",
                "dtype": entity.dtype,
                "note": "new identifiers" if entity.level is None else "index, new identifiers",
            }
            for entity in self.entities
        ]
        return pd.DataFrame(owners + rows).set_index("column")

    def _note(self, column: Column) -> str:
        if column.source is not None:
            return f"equals {self.columns[column.source].name!r}"
        parts = [
            "condition" if column.condition else "",
            "constant within each sequence" if column.static else "",
            column.note,
        ]
        return "; ".join(filter(None, parts))

    def _repr_html_(self) -> str:
        html: str = self.to_frame().to_html()
        return html

    def __str__(self) -> str:
        text: str = self.to_frame().to_string()
        return text


def learn_columns(
    frame: pd.DataFrame,
    starts: NDArray[np.int64],
    rows: NDArray[np.int64] | None = None,
    times: pd.Series | pd.Index | None = None,
    said: dict[Any, str] | None = None,
    static: Sequence[Any] | None = None,
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
    said : dict of name to one of ``SAID``, optional
        What the user says that columns are.
    static : sequence of hashable, optional
        Columns that the user says to be constant within each sequence.

    Raises
    ------
    InputError, InputTypeError
        Naming the columns, with the first rows at fault.
    """
    if complex_ := [name for name, dtype in frame.dtypes.items() if getattr(dtype, "kind", "") == "c"]:
        raise InputError(f"Complex data not supported: columns {complex_}; split them into real and imaginary parts")
    said = dict(said or {})
    if unknown := {name: kind for name, kind in said.items() if name not in frame.columns or kind not in SAID}:
        raise InputError(f"schema={unknown} names no column of values, or a kind other than {', '.join(SAID)}")
    static = _names_said(static, frame)
    columns: list[Column] = []
    seen: dict[Any, int] = {}
    learned = 0
    for k, name in enumerate(frame.columns):
        series = frame.iloc[:, k]
        if isinstance(series.dtype, pd.SparseDtype):
            raise InputTypeError(f"column {name!r} is {series.dtype}; convert it with .sparse.to_dense()")
        if series.isna().all():
            raise InputError(f"column {name!r} has no values at all; drop it")
        cells = _comparable(series)
        if cells.dtype.kind == "f" and (infinite := np.isinf(cells)).any():
            where = np.sort(np.flatnonzero(infinite) if rows is None else rows[infinite])
            raise InputError(
                f"column {name!r} holds {len(where)} infinite values (infinity; rows {where[:3].tolist()}, counted "
                "from 0); replace them or drop the rows"
            )
        key = (cells.dtype.kind, hashlib.blake2b(np.ascontiguousarray(cells).data).digest())
        source = seen.setdefault(key, k)
        changes = _changes(cells)
        inner = changes.copy()
        inner[starts[1:] - 1] = False
        if name in static and inner.any():
            where = np.flatnonzero(inner) + 1
            where = np.sort(where if rows is None else rows[where])[:3].tolist()
            raise InputError(
                f"column {name!r} is in static=, but changes within a series (rows {where}, counted from 0); make it "
                "constant there, or take it out of static="
            )
        if not changes.any():
            columns.append(Column(name, series.dtype, "constant", note=f"always {series.iloc[0]}"))
        elif source != k and _equal(series, frame.iloc[:, source]):
            columns.append(Column(name, series.dtype, "copy", source=source))
        elif name not in said and name not in static and (part := find_calendar_part(series, times)) is not None:
            columns.append(Column(name, series.dtype, "calendar", calendar=part, note=str(part)))
        else:
            is_static = len(starts) > 1 and len(series) > len(starts) and not inner.any()
            own: Kind = "categorical" if number_kind(series) is None else "numeric"
            kind = _kind_said(series, own, said.get(name))
            pattern = find_pattern(series, starts, is_static, sure=kind == "identifier")
            if kind == "identifier" or (kind == "categorical" and name not in said and pattern is not None):
                columns.append(Column(name, series.dtype, "identifier", is_static, pattern=pattern, note="new identifiers"))
                continue
            columns.append(Column(name, series.dtype, kind, is_static))
            learned += 1
            if learned > MOST_COLUMNS:
                raise InputError(
                    f"X has {frame.shape[1]:,} columns, and more than {MOST_COLUMNS} would be learned; choose from them"
                )
    if not learned:
        raise InputError("no column varies: there is nothing to learn; give at least one column with two values")
    return tuple(replace(column, gaps=bool(frame[column.name].isna().any())) for column in columns)


def _names_said(static: Sequence[Any] | None, frame: pd.DataFrame) -> Sequence[Any]:
    """The columns said to be static; InputError where they are none."""
    static = () if static is None else static
    if not isinstance(static, list | tuple):
        raise InputError(f"static={static!r} must be a list of column names, such as static=[{static!r}]")
    if unknown := [name for name in static if name not in list(frame.columns)]:
        raise InputError(f"static={unknown} names no column of values; these are {list(frame.columns)}")
    return static


def _kind_said(series: pd.Series, own: Kind, said: str | None) -> Kind:
    """The kind that the user says; InputError where the cells contradict it."""
    if (said == "numeric" or said in SCALINGS) and own != "numeric":
        raise InputError(f"column {series.name!r} is said to be {said}, but is {series.dtype}; convert it to numbers first")
    if said == "identifier" and own == "numeric":
        raise InputError(f"column {series.name!r} is said to be an identifier, but holds numbers; convert it to text first")
    return own if said in (None, *SCALINGS) else said  # type: ignore[return-value]


def with_conditions(columns: tuple[Column, ...], frame: pd.DataFrame, names: Collection[Any]) -> tuple[Column, ...]:
    """The columns, those of these names as conditions.

    Raises
    ------
    InputError
        If one is no column of values, cannot be set or has missing cells, or if nothing else is left to learn.
    """
    by_name = {column.name: column for column in columns}
    for name in names:
        if name not in list(by_name):
            raise InputError(
                f"conditions={list(names)} names {name!r}, which is no column of values; these are {list(by_name)}"
            )
        column = by_name[name]
        if column.source is not None:
            raise InputError(f"condition {name!r} equals column {columns[column.source].name!r}; name that one in its place")
        if column.kind not in ("numeric", "categorical"):
            what = {"constant": "constant", "calendar": "read off the clock: ask for times instead"}
            raise InputError(f"condition {name!r} cannot be set: it is {what.get(column.kind, f'an {column.kind}')}")
        if (missing := frame[name].isna().to_numpy()).any():
            rows = np.sort(frame.index[missing])[:3].tolist()
            raise InputError(
                f"condition {name!r} has missing cells (rows {rows}, counted from 0); fill them, for example with a "
                "category of their own"
            )
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


def _equal(series: pd.Series, other: pd.Series) -> bool:
    """Whether two columns with the same comparable cells are equal indeed."""
    if series.dtype == other.dtype:
        return bool(series.equals(other))
    return all(number_kind(x) is not None and x.dtype.kind in "iuf" for x in (series, other))


def kept_lengths(lengths: NDArray[np.int64]) -> tuple[int, ...]:
    """The lengths, or their quantiles where there are many."""
    if len(lengths) > KEPT_LENGTHS:
        lengths = np.quantile(lengths, np.linspace(0, 1, KEPT_LENGTHS), method="nearest").astype(np.int64)
    return tuple(sorted(lengths.tolist()))
