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


def rebuild_times(axis: TimeAxis, start: float, intervals: pd.Series) -> pd.DatetimeIndex | NDArray[Any]:
    """Times from ``start`` on, in the column's dtype (a wider one, if need be), strictly increasing.

    Parameters
    ----------
    axis : TimeAxis
    start : float
    intervals : Series of shape (rows,)
        As :func:`interval_column` has them; the first one is not used.
    """
    if axis.is_datetime:
        first = pd.DatetimeIndex(axis.rebuild(start, 1))
        since = pd.TimedeltaIndex(intervals.to_numpy(copy=True)).as_unit(first.unit).asi8
        since[:1] = 0
        return first[:1].repeat(len(since)) + pd.TimedeltaIndex(since.cumsum().view(f"m8[{first.unit}]"))
    since = intervals.to_numpy(copy=True)
    since[:1] = 0
    times = start + since.cumsum()
    return axis.in_dtype(times if axis.decimals is None else np.round(times, axis.decimals))


def numbers_of(intervals: pd.Series) -> list[float]:
    """Intervals in the axis' numbers: nanoseconds of durations, else the values."""
    if intervals.dtype.kind == "m":
        return list(pd.TimedeltaIndex(intervals).as_unit("ns").asi8.tolist())
    return list(intervals.tolist())
