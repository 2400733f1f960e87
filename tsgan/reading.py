"""From what users have (frame, panel, list of frames, arrays) to one table of sequences, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import issparse

from tsgan.classification import NOTHING, Said, learn_columns
from tsgan.exceptions import InputError, InputTypeError
from tsgan.identifiers import Entity, learn_entity
from tsgan.roles import combinations, find_roles
from tsgan.schema import Container, Schema, kept_lengths
from tsgan.time_axis import TimeAxis, check_times, learn_time_axis
from tsgan.timeline import Timeline


@dataclass(frozen=True)
class Table:
    """Rows of all sequences, one after the other.

    Parameters
    ----------
    frame : DataFrame
        Value columns only.
    starts, lengths : ndarray of shape (n,)
        First row and number of rows of each sequence.
    times : Series, Index or None
        Of every row.
    numbers : ndarray or None
        The times as numbers.
    rows : ndarray or None
        The user's number of each row, where rows were reordered.
    identifiers : tuple of Series
        Of every row, for each entity.
    """

    frame: pd.DataFrame
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    container: Container
    order: tuple[Any, ...]
    entities: tuple[Entity, ...] = ()
    times: pd.Series | pd.Index | None = None
    numbers: NDArray[Any] | None = None
    time_in_index: bool = False
    rows: NDArray[np.int64] | None = None
    identifiers: tuple[pd.Series, ...] = ()

    @property
    def begins(self) -> NDArray[np.bool_]:
        """Rows with which sequences begin, shape (rows,)."""
        return np.isin(np.arange(len(self.frame)), self.starts)

    def timeline(self, axis: TimeAxis | None) -> Timeline:
        """Where the rows stand, on the clock of the axis; without one, steps count from each sequence's beginning."""
        if axis is None or axis.irregular or self.numbers is None:
            return Timeline.counted(self.lengths, np.zeros_like(self.lengths))
        return Timeline(self.begins, axis.clock(self.numbers))

    def numbered(self, columns: list[int]) -> pd.DataFrame:
        """Some columns, with the user's numbers of the rows as their index."""
        frame = self.frame.iloc[:, columns]
        return frame if self.rows is None else frame.set_axis(self.rows)

    def first_rows(self, at: NDArray[np.int64]) -> list[int]:
        """The user's numbers of the first three of the rows at these places, for messages."""
        numbers: list[int] = np.sort(at if self.rows is None else self.rows[at])[:3].tolist()
        return numbers

    def learn_schema(self, said: Said = NOTHING) -> Schema:
        """Classify columns, as the user says or by themselves, and time; errors name what cannot be learned."""
        columns = learn_columns(self.frame, self.starts, self.rows, self.times, said)
        return Schema(
            container=self.container,
            columns=columns,
            order=self.order,
            lengths=kept_lengths(self.lengths),
            entities=self.entities,
            axis=self.learn_axis(said.calendar),
        )

    def learn_axis(self, calendar: str | Sequence[str] = "auto") -> TimeAxis | None:
        """The grid of the times, where there are any."""
        if self.times is None or self.numbers is None:
            return None
        return learn_time_axis(self.times, self.numbers, self.starts, self.time_in_index, calendar)


def read(X: Any, entity: Any = None, time: Any = None) -> Table:
    """Bring any accepted input into one form; the input is not changed.

    Parameters
    ----------
    X : DataFrame, list of DataFrame, ndarray of shape (B, T, C) or (rows, C)
    entity : hashable, or list or tuple of hashable, optional
    time : hashable, optional
        Names of columns or of index levels.

    Raises
    ------
    InputError, InputTypeError
    """
    if isinstance(X, pd.DataFrame):
        return _read_frame(X, entity, time)
    if isinstance(X, pd.Series):
        raise InputTypeError("X is a Series, but a DataFrame is wanted; make one of it with X.to_frame()")
    if isinstance(X, str | PathLike):
        raise InputTypeError(
            f"X is the path {str(X)!r}, but a table is wanted; read it first, with pandas.read_csv for example"
        )
    if isinstance(X, list) and X and all(isinstance(x, pd.DataFrame) for x in X):
        return _read_frames(X, entity, time)
    if entity is not None or time is not None:
        raise InputTypeError(f"entity= and time= name columns of a DataFrame, but X is a {type(X).__name__}")
    return _read_array(X)


def _read_frame(X: pd.DataFrame, entity: Any, time: Any) -> Table:
    _check_frame(X)
    entities, when = find_roles(X, entity, time)
    taken = {role.name for role in (*entities, when) if role is not None and role.level is None}
    values = X.iloc[:, [k for k, name in enumerate(X.columns) if name not in taken]].reset_index(drop=True)
    if not values.shape[1]:
        raise InputError("X has no columns but entity and time; there is nothing to learn")
    order, starts, lengths = None, np.zeros(1, np.int64), np.array([len(X)])
    times = None if when is None else when.cells
    if entities:
        codes = combinations(entities)
        order = np.argsort(codes, kind="stable")
        values = values.take(order).reset_index(drop=True)
        times = None if when is None else when.taken(order)
        lengths = np.bincount(codes)
        starts = np.cumsum(lengths) - lengths
    return Table(
        values,
        starts,
        lengths,
        "panel" if entities else "frame",
        tuple(X.columns),
        tuple(learn_entity(role.name, role.cells, role.level) for role in entities),
        times,
        None if times is None else check_times(times, starts, times.name, order),
        time_in_index=when is not None and when.level is not None,
        rows=order,
        identifiers=tuple(pd.Series(role.taken(order)).reset_index(drop=True) for role in entities if order is not None),
    )


def _read_frames(X: list[pd.DataFrame], entity: Any, time: Any) -> Table:
    if entity is not None:
        raise InputError("a list of frames has one frame a sequence; leave entity= out, or concatenate them")
    tables = []
    for k, frame in enumerate(X):
        if isinstance(frame.index, pd.MultiIndex):
            raise InputError(f"frame {k} of the list has a MultiIndex; concatenate such frames, or reset_index() in them")
        if list(frame.columns) != list(X[0].columns) or list(frame.dtypes) != list(X[0].dtypes):
            raise InputError(f"frame {k} of the list differs from frame 0 in columns or dtypes; make them alike")
        try:
            tables.append(_read_frame(frame, None, time))
        except InputError as error:
            raise InputError(f"frame {k} of the list: {error}") from error
        if (kind := _kind_of_times(tables[-1])) != _kind_of_times(tables[0]):
            raise InputError(
                f"frame {k} of the list has {kind} and frame 0 {_kind_of_times(tables[0])}; make their time or index alike"
            )
    first = tables[0]
    lengths = np.array([len(table.frame) for table in tables])
    times = None
    if first.times is not None:
        times = pd.Series(
            pd.concat([pd.Series(table.times).reset_index(drop=True) for table in tables], ignore_index=True),
            name=first.times.name,
        )
    return Table(
        pd.concat([table.frame for table in tables], ignore_index=True),
        np.cumsum(lengths) - lengths,
        lengths,
        "frames",
        first.order,
        times=times,
        numbers=None if times is None else np.concatenate([table.numbers for table in tables]),
        time_in_index=first.time_in_index,
    )


def _kind_of_times(table: Table) -> str:
    return "no times" if table.times is None else f"times of dtype {table.times.dtype}"


def _read_array(X: Any) -> Table:
    if issparse(X):
        raise InputTypeError("Sparse data was passed, but dense data is required; convert it with X.toarray()")
    if X is None or isinstance(X, bytes | dict | set) or np.isscalar(X):
        raise InputTypeError(
            f"X must be a DataFrame, a list of DataFrames or an array (B, T, C) or (rows, C), not a {type(X).__name__}"
        )
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X):
        X = np.ma.filled(X.astype(np.float64), np.nan)
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise InputError(
            f"X cannot be made an array ({error}); sequences of unequal length go into a list of frames"
        ) from error
    if array.dtype.kind == "c":
        raise InputError("Complex data not supported; split it into real and imaginary parts")
    if array.dtype.kind not in "iuf":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise InputTypeError(
                f"X must hold numbers, not {array.dtype} ({error}); convert or drop what does not"
            ) from error
    if array.ndim not in (2, 3):
        raise InputError(
            f"X must have the shape (B, T, C) or (rows, C), not {array.shape}. Reshape your data; one column: reshape(-1, 1)"
        )
    if 0 in array.shape:
        raise InputError(
            f"Found array with {'0 feature(s)' if array.shape[-1] == 0 else '0 sample(s)'} (shape={array.shape}) while a "
            "minimum of 1 is required; give at least one sequence with rows and columns"
        )
    count, length = (1, len(array)) if array.ndim == 2 else array.shape[:2]
    flat = array.reshape(-1, array.shape[-1])
    return Table(
        pd.DataFrame(flat.astype(flat.dtype.newbyteorder("="), copy=False)),
        np.arange(count) * length,
        np.full(count, length),
        "matrix" if array.ndim == 2 else "array",
        tuple(range(flat.shape[1])),
    )


def _check_frame(X: pd.DataFrame) -> None:
    if not len(X) or not X.shape[1]:
        what = "0 feature(s)" if len(X) else "0 sample(s)"
        raise InputError(
            f"X is empty: {what} (shape={X.shape}) while a minimum of 1 is required; give a frame with rows and columns"
        )
    if not X.columns.is_unique:
        raise InputError(f"column names occur twice: {X.columns[X.columns.duplicated()].unique().tolist()}; rename them")
