"""The times of sampled sequences, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.exceptions import InputError
from tsgan.intervals import elapsed, rebuild_times
from tsgan.rows import Part
from tsgan.time_axis import TimeAxis


class Clock:
    """Times on the axis' grid, or along intervals that were drawn.

    Parameters
    ----------
    axis : TimeAxis
    starts : sequence of float
        First times of all sequences.
    lengths : ndarray of shape (n,)
        Of all sequences.
    in_pieces : bool
        Whether the dtype is settled before the last time is known.
    """

    def __init__(self, axis: TimeAxis, starts: Sequence[float], lengths: NDArray[np.int64], in_pieces: bool = False) -> None:
        self.axis, self.starts, self.lengths, self.in_pieces = axis, starts, lengths, in_pieces
        self.ends: tuple[float, float] | None = None
        if not axis.is_datetime and not axis.irregular and len(starts):
            lasts = [start + axis.step * int(length - 1) for start, length in zip(starts, lengths, strict=True)]
            self.ends = min(starts), max(lasts)
        self.since: Any = None  # from a sequence's first time to the last one that came out

    def all_times(self, part: Part) -> pd.DatetimeIndex | NDArray[Any]:
        """Times of the rows of a part, on the axis' grid."""
        axis = self.axis
        if not part.rows:
            return axis.rebuild(axis.starts[0], 0)
        if axis.freq is not None:
            pieces = zip(part.sequences, part.begins, part.counts, strict=True)
            first, *rest = (pd.DatetimeIndex(self.times(*(int(number) for number in piece))) for piece in pieces)
            return first.append(rest)
        starts = np.array([self.starts[sequence] for sequence in part.sequences])[part.owner]
        return axis.at(starts + axis.step * part.steps, self.ends)

    def times(
        self, sequence: int, begin: int, count: int, intervals: pd.Series | None = None
    ) -> pd.DatetimeIndex | NDArray[Any]:
        """Times of ``count`` steps of a sequence from step ``begin`` on; ``intervals`` before each, where irregular.

        Raises
        ------
        InputError
            If pieces have come out in a dtype that is too narrow for irregular times.
        """
        start = self.starts[sequence]
        if intervals is None:
            return self.axis.rebuild(start, count, begin, self.ends)
        since = elapsed(self.axis, intervals, self.since if begin else None)
        self.since = since[-1:].copy()
        times = rebuild_times(self.axis, start, since)
        if self.in_pieces and not self.axis.is_datetime and str(times.dtype) != self.axis.dtype:
            raise InputError(
                f"times {self.axis.name!r} go beyond {self.axis.dtype}, which pieces of a sample have; sample fewer steps, "
                "or all at once, or learn from int64"
            )
        return times
