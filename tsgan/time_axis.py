"""The time grid of a table: recognised, rebuilt, and its calendar phases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.exceptions import InputError
from tsgan.preprocessing.grid import learn_grid
from tsgan.public_holidays import PREFIX, is_holiday

DAY, WEEK, YEAR = 86_400.0, 604_800.0, 31_556_952.0
SPAN = {DAY: 3.0, WEEK: 3.0, YEAR: 0.95}  # periods that the data must span for a phase to be a condition
NAMES = {"day": DAY, "week": WEEK, "year": YEAR}
UNITS: tuple[Any, ...] = ("D", "h", "min", "s", "ms", "us")
KEPT_STARTS = 64
ON_GRID = 0.9  # share of the commonest step, from which on others are gaps
SLACK = 1e-3  # of a step, by which rounding may part a time from the grid


@dataclass(frozen=True)
class TimeAxis:
    """Where time stands in the table and how it goes on.

    Parameters
    ----------
    name : hashable
        Of the column or of the index.
    in_index : bool
        Whether it is the index, or the level of it that no entity has.
    dtype : str
        ``datetime64[unit]``, ``datetime64[unit, zone]`` or a numeric dtype.
    step : int or float
        Of the grid: nanoseconds, or the column's own unit.
    freq : str or None
        A pandas frequency where the grid follows a calendar (month ends, business days); None for a fixed step.
    index_freq : bool
        Whether the index carried its frequency.
    starts : tuple of int or float
        First times of sequences (nanoseconds UTC, or own unit): their quantiles where there are many.
    periods : tuple of float
        Calendar periods, in seconds, whose phases are conditions.
    irregular : bool
        Whether the intervals are learned (:mod:`tsgan.intervals`); ``step`` is then their mean.
    decimals : int or None
        Of irregular times that are real numbers.
    holidays : str or None
        Region whose public holidays are a condition.
    """

    name: Any
    in_index: bool
    dtype: str
    step: float
    freq: str | None
    index_freq: bool
    starts: tuple[float, ...]
    periods: tuple[float, ...]
    irregular: bool = False
    decimals: int | None = None
    holidays: str | None = None

    @property
    def n_conditions(self) -> int:
        """Number of conditions that are read off the clock."""
        return 2 * len(self.periods) + (self.holidays is not None)

    @property
    def is_datetime(self) -> bool:
        """Whether times are timestamps rather than numbers."""
        return self.dtype.startswith("datetime64")

    @property
    def pace(self) -> str:
        """The step in words; a mean is rounded to some three digits."""
        if self.freq is not None:
            return self.freq
        if not self.is_datetime:
            return f"{self.step:.4g}" if self.irregular else str(self.step)
        step = pd.Timedelta(int(self.step), unit="ns")
        if self.irregular:
            step = step.round(next((unit for unit in UNITS if step >= 10 * pd.Timedelta(1, unit)), "ns"))
            return str(step).removesuffix(" 00:00:00")
        return str(step)

    def rebuild(
        self, start: float, length: int, begin: int = 0, ends: tuple[float, float] | None = None
    ) -> pd.DatetimeIndex | NDArray[Any]:
        """The grid from ``start`` on, in the column's dtype (a wider one, if need be), strictly increasing.

        Parameters
        ----------
        start : float
        length : int
            How many times.
        begin : int
            Steps after ``start`` at which they begin.
        ends : tuple of float, optional
            The least and the greatest of all numbers that are to have one dtype; by default of these.
        """
        if not self.is_datetime:
            return self.in_dtype(start + self.step * np.arange(begin, begin + length), ends)
        start = self.shift(start, begin) if begin else start
        dtype = pd.api.types.pandas_dtype(self.dtype)
        # Fixed steps are steps of real time, through the changes of a zone's offset.
        step = self.freq if self.freq is not None else pd.Timedelta(int(self.step), unit="ns").as_unit(_unit(dtype))
        return pd.date_range(_stamp(start, dtype), periods=length, freq=step, unit=_unit(dtype))

    def at(self, numbers: NDArray[Any], ends: tuple[float, float] | None = None) -> pd.DatetimeIndex | NDArray[Any]:
        """Times on a grid of fixed steps by their numbers, in the column's dtype; see :meth:`rebuild`."""
        if not self.is_datetime:
            return self.in_dtype(numbers, ends)
        dtype = pd.api.types.pandas_dtype(self.dtype)
        times = pd.DatetimeIndex(numbers.astype(np.int64).view("M8[ns]"), tz="UTC").as_unit(_unit(dtype))
        return times.tz_convert(dtype.tz) if hasattr(dtype, "tz") else times.tz_localize(None)

    def clock(self, times: NDArray[Any]) -> NDArray[np.int64]:
        """Number of each time's step on a grid that all sequences share: since 0, or along the calendar."""
        if self.freq is None:
            slack = SLACK if times.dtype.kind == "f" else 0
            return np.asarray((times + slack * self.step) // self.step).astype(np.int64)
        dtype = pd.api.types.pandas_dtype(self.dtype)
        first = self.starts[0]
        ends = (_stamp(time, dtype) for time in (times.min(initial=first), times.max(initial=first)))
        grid = numbers(pd.date_range(*ends, freq=self.freq, unit=_unit(dtype)))
        return np.searchsorted(grid, times, side="right") - np.searchsorted(grid, first, side="left")

    def shift(self, start: float, steps: int) -> float:
        """The time ``steps`` after ``start`` on the grid."""
        if self.freq is None:
            return start + self.step * steps
        last: float = numbers(pd.Index(self.rebuild(start, steps + 1)[-1:]))[0].item()
        return last

    def phases(self, times: pd.DatetimeIndex | NDArray[Any]) -> NDArray[np.float32]:
        """Sine and cosine of each calendar phase of local wall time, and 1 on holidays: (rows, ``n_conditions``)."""
        if not self.n_conditions:
            return np.zeros((len(times), 0), dtype=np.float32)
        local = pd.DatetimeIndex(times).tz_localize(None).as_unit("us")
        # 4 January 1970 was a Sunday: weeks are counted from there, so that a phase is a weekday.
        angle = 2 * np.pi * ((local.asi8 / 1e6 - 3 * DAY)[:, None] / np.array(self.periods))
        parts = [np.sin(angle), np.cos(angle)]
        if self.holidays is not None:
            parts.append(is_holiday(self.holidays, local)[:, None])
        return np.concatenate(parts, 1).astype(np.float32)

    def in_dtype(self, times: NDArray[Any], ends: tuple[float, float] | None = None) -> Any:
        """Numbers in the column's dtype, unless they, or all of which these are the ends, would wrap around in it."""
        dtype = pd.api.types.pandas_dtype(self.dtype)
        if times.dtype.kind == "i" and len(times):
            limits, (low, high) = np.iinfo(getattr(dtype, "numpy_dtype", dtype)), ends or (times[0], times[-1])
            if low < limits.min or high > limits.max:
                return times
        return times.astype(dtype) if isinstance(dtype, np.dtype) else pd.array(times).astype(dtype)


def _stamp(time: float, dtype: Any) -> pd.Timestamp:
    """The timestamp of nanoseconds UTC, in the dtype's zone and unit (nanoseconds end in the year 2262)."""
    stamp = pd.Timestamp(int(time), unit="ns", tz="UTC").as_unit(_unit(dtype))
    return stamp.tz_convert(dtype.tz) if hasattr(dtype, "tz") else stamp.tz_localize(None)


def _unit(dtype: Any) -> Any:
    return str(getattr(dtype, "unit", None) or np.datetime_data(dtype)[0])


def numbers(times: pd.Series | pd.Index) -> NDArray[Any]:
    """Times as numbers: nanoseconds UTC of timestamps, else the values; int64 or float64, whose differences have signs."""
    if isinstance(times.dtype, pd.DatetimeTZDtype) or times.dtype.kind == "M":
        index = pd.DatetimeIndex(times)
        return np.asarray((index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index).as_unit("ns").asi8)
    values: NDArray[Any] = times.to_numpy(dtype=np.int64 if times.dtype.kind in "iu" else np.float64)
    return values


def check_times(
    times: pd.Series | pd.Index, starts: NDArray[np.int64], name: Any, rows: NDArray[np.int64] | None = None
) -> NDArray[Any]:
    """Numbers of times that strictly increase within each sequence.

    Parameters
    ----------
    times : Series or Index
    starts : ndarray of shape (n,)
    name : hashable
    rows : ndarray, optional
        The user's number of each row, for messages; None where no entities tell series apart.

    Raises
    ------
    InputError
        Naming the column and the first rows at fault.
    """
    where = f"time {name!r}" if name is not None else "the time index"
    in_panel = rows is not None
    rows = np.arange(len(times)) if rows is None else rows
    if (missing := pd.isna(times)).any():
        listed = np.sort(rows[missing])[:3].tolist()
        raise InputError(f"{where} has missing values (rows {listed}, counted from 0); fill them or drop the rows")
    dtype = times.dtype
    kinds = "Miuf" if isinstance(dtype, np.dtype) else "iuf"
    if not (isinstance(dtype, pd.DatetimeTZDtype) or getattr(dtype, "kind", "O") in kinds):
        raise InputError(f"{where} has dtype {dtype}; convert it with pandas.to_datetime, or to numbers, first")
    try:
        values = numbers(times)
    except pd.errors.OutOfBoundsDatetime as error:
        raise InputError(f"{where} goes beyond the years 1678 to 2261 ({error}); shift it") from error
    if (infinite := ~np.isfinite(values)).any():
        listed = np.sort(rows[infinite])[:3].tolist()
        raise InputError(f"{where} has infinite values (rows {listed}, counted from 0); drop the rows")
    owner = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(values)))
    if (np.diff(values)[np.diff(owner) == 0] > 0).all():
        return values
    twice = pd.DataFrame({"owner": owner, "time": values}).duplicated().to_numpy()
    back = np.append(False, (np.diff(values) < 0) & (np.diff(owner) == 0))
    bad, what = (twice, "has duplicates") if twice.any() else (back, "is not sorted")
    if in_panel:
        what += " within a series"
        cure = "aggregate them, or name all columns that tell series apart with entity=" if twice.any() else "sort the rows"
    else:
        cure = "aggregate them" if twice.any() else "sort the rows by time"
        cure = f"if the rows are of several series, name the column that tells these apart with entity=, else {cure}"
    raise InputError(f"{where} {what} (rows {np.sort(rows[bad])[:3].tolist()}, counted from 0, of {int(bad.sum())}); {cure}")


def learn_time_axis(
    times: pd.Series | pd.Index,
    values: NDArray[Any],
    starts: NDArray[np.int64],
    in_index: bool,
    calendar: str | Sequence[str] = "auto",
) -> TimeAxis:
    """Recognise the grid: the commonest step, or a pandas frequency; where neither covers the times, they are irregular.

    Raises
    ------
    InputError
        If the calendar names phases that the times do not have.
    """
    inner = np.ones(len(values) - 1, dtype=bool)
    inner[starts[1:] - 1] = False
    change = np.diff(values)[inner]
    step, share = _commonest(change, times.dtype, values)
    is_datetime = not isinstance(values.flat[0], np.floating) and (
        isinstance(times.dtype, pd.DatetimeTZDtype) or times.dtype.kind == "M"
    )
    freq = _calendar_frequency(times, starts, step) if is_datetime else None
    irregular = freq is None and share < ON_GRID
    if irregular:
        step = np.rint(change.mean()).astype(np.int64) if change.dtype.kind == "i" else change.mean()
    first = values[starts]
    kept = np.unique(first)
    if len(kept) > KEPT_STARTS:
        kept = np.quantile(first, np.linspace(0, 1, KEPT_STARTS), method="nearest")
    return TimeAxis(
        name=times.name,
        in_index=in_index,
        dtype=str(times.dtype),
        step=step.item(),
        freq=freq,
        index_freq=getattr(times, "freq", None) is not None,
        starts=tuple(kept.tolist()),
        periods=_periods(values, step, is_datetime and not irregular, calendar),
        irregular=irregular,
        decimals=learn_grid(values).decimals if irregular and values.dtype.kind == "f" else None,
        holidays=_holidays(is_datetime and not irregular, calendar),
    )


def _commonest(change: NDArray[Any], dtype: Any, values: NDArray[Any]) -> tuple[Any, float]:
    """The commonest step and its share; steps of real numbers are equal where rounding may have parted them."""
    if not len(change):
        return np.ones(1)[0], 1.0
    steps, counts = np.unique(change, return_counts=True)
    step = steps[counts.argmax()]
    if change.dtype.kind != "f":
        return step, counts.max() / counts.sum()
    precision = np.finfo(getattr(dtype, "numpy_dtype", dtype)).eps
    near = np.abs(change - step) <= 1e-6 * step + 4 * precision * np.abs(values).max()
    return change[near].mean(), float(near.mean())


def _calendar_frequency(times: pd.Series | pd.Index, starts: NDArray[np.int64], step: Any) -> str | None:
    """Frequency of the longest-lived kind: the index's own, an inferred one, or business days; None for fixed steps."""
    own = getattr(times, "freq", None)
    first = pd.DatetimeIndex(times[: starts[1]] if len(starts) > 1 else times)
    freq = own.freqstr if own is not None else _inferred(first)
    if freq is None and step == DAY * 1e9 and first.hour.nunique() == 1:  # with gaps, or changes of the clock
        freq = "B" if bool((first.day_of_week < 5).all()) else "D"
    offset = None if freq is None else pd.tseries.frequencies.to_offset(freq)
    # A day is one of the calendar, though pandas before 3.0 calls it a tick.
    fixed = offset is None or (isinstance(offset, pd.offsets.Tick) and not isinstance(offset, pd.offsets.Day))
    return None if fixed else freq


def _inferred(index: pd.DatetimeIndex) -> str | None:
    """Frequency as pandas guesses it, which from pandas 3.1 on warns unless asked to return an offset."""
    if len(index) < 3:
        return None
    try:
        with pd.option_context("future.infer_freq_returns_offset", True):
            offset = pd.infer_freq(index)
    except pd.errors.OptionError:
        freq: str | None = pd.infer_freq(index)
        return freq
    return None if offset is None else str(offset.freqstr)


def _periods(values: NDArray[Any], step: Any, has_phases: bool, calendar: str | Sequence[str]) -> tuple[float, ...]:
    """Calendar periods that the data resolves with four steps, and spans often enough or the user names."""
    resolved = [p for p in SPAN if has_phases and 4 * step / 1e9 <= p]
    if isinstance(calendar, str):
        span = (values.max() - values.min()) / 1e9
        return tuple(p for p in resolved if span >= SPAN[p] * p)
    names = [name for name in calendar if not name.startswith(PREFIX)]
    wanted = [NAMES[name] for name in names]
    if missing := [name for name in names if NAMES[name] not in resolved]:
        raise InputError(
            f"calendar={list(calendar)}, but the times have no phase of {missing}: dates on a grid are wanted, four in each"
        )
    return tuple(p for p in SPAN if p in wanted)


def _holidays(has_days: bool, calendar: str | Sequence[str]) -> str | None:
    """The region that the calendar names, if any."""
    named = [] if isinstance(calendar, str) else [name for name in calendar if name.startswith(PREFIX)]
    if named and not has_days:
        raise InputError(f"calendar={list(calendar)}, but the times have no days: dates on a grid are wanted")
    return named[0].removeprefix(PREFIX) if named else None
