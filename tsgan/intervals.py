"""Irregular times: the interval before each row is a column that is learned like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tsgan.time_axis import TimeAxis


def interval_column(axis: TimeAxis, numbers: NDArray[Any], starts: NDArray[np.int64]) -> pd.Series:
    """Interval before each row, shape (rows,): durations where times are timestamps.

    First rows of sequences have the interval that follows, a single row that of the axis' step.

    Parameters
    ----------
    axis : TimeAxis
    numbers : ndarray of shape (rows,)
        Times as numbers.
    starts : ndarray of shape (n,)
        First row of each sequence.
    """
    change = np.diff(numbers, prepend=numbers[:1])
    ends = np.append(starts[1:], len(numbers))
    change[starts] = np.where(ends - starts > 1, change[np.minimum(starts + 1, len(change) - 1)], axis.step)
    if axis.is_datetime:
        return pd.Series(change.view("m8[ns]"))
    return pd.Series(change if axis.decimals is None else np.round(change, axis.decimals))


def elapsed(axis: TimeAxis, intervals: pd.Series, before: NDArray[Any] | None = None) -> NDArray[Any]:
    """Time since a sequence's first, shape (rows,): durations where intervals are.

    Parameters
    ----------
    axis : TimeAxis
    intervals : Series of shape (rows,)
        As :func:`interval_column` has them; the first one of a sequence is not used.
    before : ndarray of shape (1,), optional
        Of the row before, where the sequence has begun.
    """
    since = intervals.to_numpy(copy=True)
    if axis.is_datetime:
        since = since.astype(f"m8[{pd.DatetimeIndex(axis.rebuild(axis.starts[0], 1)).unit}]")
    if before is None:
        since[:1] = 0
        return np.asarray(since.cumsum())
    return np.asarray(np.append(before, since).cumsum()[1:])


def rebuild_times(axis: TimeAxis, start: float, since: NDArray[Any]) -> pd.DatetimeIndex | NDArray[Any]:
    """Times so long (rows,) after ``start``, in the column's dtype (a wider one, if need be), strictly increasing."""
    if axis.is_datetime:
        first = pd.DatetimeIndex(axis.rebuild(start, 1))
        return first[:1].repeat(len(since)) + pd.TimedeltaIndex(since)
    times = start + since
    return axis.in_dtype(times if axis.decimals is None else np.round(times, axis.decimals))


def numbers_of(intervals: pd.Series) -> list[float]:
    """Intervals in the axis' numbers: nanoseconds of durations, else the values."""
    if intervals.dtype.kind == "m":
        return list(pd.TimedeltaIndex(intervals).as_unit("ns").asi8.tolist())
    return list(intervals.tolist())
