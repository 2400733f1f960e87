"""Where and how long the sequences of a sample are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.exceptions import ParameterError
from tsgan.schema import Schema
from tsgan.time_axis import SLACK, TimeAxis, numbers

if TYPE_CHECKING:
    from tsgan.given import Given

NUMBER = 8  # bytes
MOST = 2**62  # of a time that is a number: steps are added to it


@dataclass(frozen=True)
class Spans:
    """Lengths (n,), offsets (n,) in steps from the first time, and first times of sequences to be sampled.

    ``elapsed`` (n,) are the steps before, of sequences that go on from a history.
    """

    lengths: NDArray[np.int64]
    offsets: NDArray[np.int64]
    starts: list[float]
    elapsed: NDArray[np.int64] | None = None

    def first_steps(self, axis: TimeAxis | None) -> NDArray[np.int64]:
        """First step of each sequence on the clock, shape (n,)."""
        return self.offsets if axis is None or axis.irregular else axis.clock(np.array(self.starts))


class Wanted(NamedTuple):
    """Length of all sequences and their first time, where the user says so."""

    length: int | None = None
    start: float | None = None


def read_span(axis: TimeAxis | None, length: int | None, start: Any, index: Any) -> Wanted:
    """What the user says of the sequences' grid.

    Raises
    ------
    ParameterError
    """
    if index is None:
        return Wanted(length, None if start is None else first_time(axis, start))
    if length is not None or start is not None:
        raise ParameterError("index= says when sequences begin and how long they are; leave length= and start= out")
    if not isinstance(index, pd.Index | pd.Series):
        raise ParameterError(f"index must be a pandas Index or Series of times, not a {type(index).__name__}")
    return Wanted(len(index), times_given(axis, index, "index="))


def draw_spans(
    schema: Schema,
    n: int,
    wanted: Wanted,
    given: Given | None,
    from_beginning: bool,
    seed: int,
    at_once: bool = True,
) -> Spans:
    """Lengths and first times of sequences, drawn from those seen where they are not given.

    A sequence of a long series that is shorter than those seen begins anywhere in their span.

    Parameters
    ----------
    schema : Schema
    n : int
    wanted : Wanted
    given : Given or None
        Conditions that may have lengths and first times of their own.
    from_beginning : bool
        Whether sequences have beginnings.
    seed : int
    at_once : bool, default=True
        Whether all rows are to be held in memory.

    Raises
    ------
    ParameterError
        If not even the numbers would fit into the machine's memory, or a sequence would go on beyond the year 2262.
    """
    length: int | NDArray[np.int64] | None = wanted.length
    starts = None if wanted.start is None else [wanted.start] * n
    if given is not None:
        if starts is not None and given.starts is not None:
            raise ParameterError("the conditions have times of their own; leave start= and index= out")
        length = length if given.lengths is None else given.lengths
        starts = starts or given.starts
    _check_memory(schema, n, length if at_once else 1)
    # A stream for each, so that the first sequences do not depend on how many follow.
    draw, draw_offsets, draw_starts = (np.random.default_rng([seed, k]) for k in range(3))
    seen = draw.choice(np.array(schema.lengths), n)
    lengths = seen if length is None else np.broadcast_to(length, n)
    room = np.zeros(n, dtype=np.int64) if from_beginning else np.maximum(seen - lengths, 0)
    offsets = draw_offsets.integers(room, endpoint=True)
    if schema.axis is None:
        return Spans(lengths, offsets, [])
    if starts is None:
        first = [schema.axis.starts[k] for k in draw_starts.integers(len(schema.axis.starts), size=n)]
        starts = [schema.axis.shift(start, int(k)) for start, k in zip(first, offsets, strict=True)]
    else:
        offsets = np.zeros(n, dtype=np.int64)
    spans = Spans(lengths, offsets, starts)
    _check_calendar(schema.axis, spans)
    return spans


def first_time(axis: TimeAxis | None, start: Any) -> float:
    """A first time that the user gives, as a number; where the grid follows a calendar, the next time that is on it.

    Raises
    ------
    ParameterError
        If the table has no time, or its time is of another kind or zone.
    """
    if axis is None:
        raise ParameterError(f"start={start!r}, but the table that was learned has no time: rows are steps")
    if not axis.is_datetime:
        return _first_number(axis, start)
    if isinstance(start, int | float | np.number) and not pd.isna(start):
        raise ParameterError(f"start={start!r} must be a timestamp, such as '2025-01-31 18:00': times seen by fit are dates")
    try:
        stamp = pd.Timestamp(start)
        if stamp is pd.NaT:
            raise ValueError("it is missing")
        if isinstance(start, str) and stamp.tz is None:  # text is local time, as it is to pandas where an index has a zone
            stamp = stamp.tz_localize(_zone(axis), ambiguous="NaT", nonexistent="NaT")
            if stamp is pd.NaT:
                raise ValueError(f"clocks in {_zone(axis)} show it twice or not at all; write its offset, as in +01:00")
        time = int(numbers(pd.DatetimeIndex([stamp]))[0])
    except (TypeError, ValueError) as error:  # OutOfBoundsDatetime is a ValueError
        raise ParameterError(f"start={start!r} is no timestamp of the years 1678 to 2261 ({error})") from error
    _check_zone(axis, stamp.tz, f"start={start!r}")
    return axis.shift(time, 0)


def _first_number(axis: TimeAxis, start: Any) -> float:
    whole = pd.api.types.is_integer_dtype(axis.dtype)
    is_number = isinstance(start, int | float | np.integer | np.floating) and not isinstance(start, bool)
    if whole and is_number and abs(start) < MOST and start == int(start):
        return int(start)
    if not whole and is_number and abs(start) < MOST and start + axis.step > start:
        return float(start)
    raise ParameterError(
        f"start={start!r} must be a {'whole ' if whole else ''}number, as the times seen by fit, from which times can go on "
        f"in steps of {axis.step}"
    )


def _zone(axis: TimeAxis) -> Any:
    return getattr(pd.api.types.pandas_dtype(axis.dtype), "tz", None)


def _check_zone(axis: TimeAxis, zone: Any, what: str) -> None:
    own = _zone(axis)
    if (zone is None) != (own is None):
        has = "no time zone" if zone is None else f"the time zone {zone}"
        raise ParameterError(f"{what} has {has}, the times seen by fit {own or 'none'}; make them alike")


def times_given(
    axis: TimeAxis | None, times: pd.Series | pd.Index, what: str, rows: NDArray[np.int64] | None = None
) -> float:
    """First of times that the user gives; the others must follow it on the grid.

    Parameters
    ----------
    axis : TimeAxis or None
    times : Series or Index
    what : str
        The parameter that has them, for messages.
    rows : ndarray, optional
        The user's number of each row, for messages.

    Raises
    ------
    ParameterError
    """
    rows = np.arange(len(times)) if rows is None else rows
    if axis is None:
        raise ParameterError(f"{what} has times, but the table that was learned has none: rows are steps")
    if axis.irregular and len(times) > 1:
        raise ParameterError(
            f"{what} has times, but those seen by fit are irregular: their intervals are drawn; say only when to begin "
            "(start=)"
        )
    if len(times) == 0:
        raise ParameterError(f"{what} is empty; give at least one time")
    kinds = "M" if axis.is_datetime else "iuf"
    if getattr(times.dtype, "kind", "O") not in kinds:
        raise ParameterError(
            f"{what} has times of dtype {times.dtype}, those seen by fit are {axis.dtype}; convert them, dates with "
            "pandas.to_datetime"
        )
    if (missing := times.isna()).any():
        raise ParameterError(f"{what} has missing times (rows {rows[np.asarray(missing)][:3].tolist()}, counted from 0)")
    if axis.is_datetime:
        _check_zone(axis, getattr(times.dtype, "tz", None), what)
    start = first_time(axis, times[0] if isinstance(times, pd.Index) else times.iloc[0])
    try:
        given = numbers(times)
    except pd.errors.OutOfBoundsDatetime as error:
        raise ParameterError(f"{what} goes beyond the years 1678 to 2261 ({error})") from error
    grid = numbers(pd.Index(axis.rebuild(start, len(given))))
    # Times written with a few decimals are part from the grid by their rounding.
    off = np.abs(given - grid) > (SLACK * axis.step if grid.dtype.kind == "f" else 0)
    if off.any():
        raise ParameterError(
            f"{what} has times that leave the grid seen by fit at row {rows[off.argmax()]} (counted from 0): go on "
            f"in steps of {axis.pace}, without gaps"
        )
    return start


def _check_memory(schema: Schema, n: int, length: int | NDArray[np.int64] | None) -> None:
    """Raise where not even the numbers would fit into the machine's memory."""
    rows = int(np.sum(length)) if isinstance(length, np.ndarray) else n * (length or max(schema.lengths))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else float("inf")
    if rows * (1 + len(schema.columns)) * NUMBER > memory:
        raise ParameterError(
            f"n={n} makes {rows:,} rows of {len(schema.columns)} columns, more than the memory holds; ask for fewer, or "
            "take them piece by piece with stream()"
        )


def _check_calendar(axis: TimeAxis, spans: Spans) -> None:
    """Raise where sequences go on beyond what a timestamp may be."""
    if not axis.is_datetime or axis.irregular or not len(spans.lengths):
        return
    for start, length in zip(spans.starts, spans.lengths.tolist(), strict=True):
        if axis.freq is None and start + axis.step * (length - 1) <= pd.Timestamp.max.value:
            continue
        try:
            axis.rebuild(start, 1, length - 1)
        except (OverflowError, pd.errors.OutOfBoundsDatetime) as error:
            first = axis.rebuild(start, 1)[0]
            raise ParameterError(
                f"length={length:,} in steps of {axis.pace} from {first} goes beyond the year 2262, where timestamps end: "
                "ask for several series (n), or for a shorter one"
            ) from error
