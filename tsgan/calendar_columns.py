"""Columns that are read off the clock: the month, hour or weekday of the time, perhaps in another zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

import numpy as np
import pandas as pd

PARTS = ("year", "quarter", "month", "day", "hour", "minute", "second", "day_of_week", "day_of_year")
PROBED = 300  # rows on which a zone is tried first


@dataclass(frozen=True)
class CalendarPart:
    """A part of the time plus a whole number.

    Parameters
    ----------
    part : str
        One of ``PARTS``, as of :class:`pandas.DatetimeIndex`.
    zone : str or None
        In which it is read; None for that of the time itself.
    offset : int
        Weeks that begin with 1, for example.
    """

    part: str
    zone: str | None = None
    offset: int = 0

    def of(self, times: pd.DatetimeIndex) -> pd.Series:
        """The part of each time."""
        local = times if self.zone is None else times.tz_convert(self.zone)
        return pd.Series(np.asarray(getattr(local, self.part)) + self.offset)

    def __str__(self) -> str:
        return f"{self.part.replace('_', ' ')} of the time{f' in {self.zone}' if self.zone else ''}"


def find_calendar_part(column: pd.Series, times: pd.Series | pd.Index | None) -> CalendarPart | None:
    """Which part of the time a column of whole numbers is, in every row; None if it is none."""
    whole = pd.api.types.is_integer_dtype(column) and not column.isna().any()
    if times is None or not whole or getattr(times.dtype, "kind", "O") != "M":
        return None
    index = pd.DatetimeIndex(times)
    values = column.to_numpy(dtype=np.int64)
    probe = np.unique(np.linspace(0, len(values) - 1, min(len(values), PROBED)).astype(int))
    for zone in _zones(index):
        local = index[probe] if zone is None else index[probe].tz_convert(zone)
        for part in PARTS:
            offset = values[probe] - np.asarray(getattr(local, part))
            if (offset == offset[0]).all() and abs(offset[0]) <= 1:
                found = CalendarPart(part, zone, int(offset[0]))
                if (found.of(index).to_numpy() == values).all():
                    return found
    return None


def _zones(index: pd.DatetimeIndex) -> Iterator[Any]:
    """The times' own zone, then, of times in a zone, all others."""
    yield None
    if index.tz is not None:
        yield from sorted(available_timezones())
