"""The rows of all sequences of a sample, counted through, and parts of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tsgan.spans import Spans
from tsgan.time_axis import TimeAxis
from tsgan.timeline import Timeline


class Part(NamedTuple):
    """Consecutive rows, of one or several sequences.

    Parameters
    ----------
    first : int
        Number of the first row.
    sequences, begins, counts : ndarray of shape (k,)
        Numbers of the sequences, the steps of each with which its rows here begin, and how many these are.
    """

    first: int
    sequences: NDArray[np.int64]
    begins: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def owner(self) -> NDArray[np.int64]:
        """Place among ``sequences`` of each row's sequence."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @property
    def steps(self) -> NDArray[np.int64]:
        """Of each row, how many are before it in its sequence."""
        ends = np.cumsum(self.counts)
        return np.asarray(np.arange(self.rows) + np.repeat(self.begins - ends + self.counts, self.counts))

    @property
    def rows(self) -> int:
        """How many rows."""
        return int(self.counts.sum())


def whole(lengths: NDArray[np.int64]) -> Part:
    """All rows of sequences of these lengths (n,)."""
    return Part(0, np.arange(len(lengths)), np.zeros(len(lengths), dtype=np.int64), np.asarray(lengths))


class Rows:
    """Where the rows of a sample stand.

    Parameters
    ----------
    spans : Spans
    axis : TimeAxis or None
    """

    def __init__(self, spans: Spans, axis: TimeAxis | None) -> None:
        self.lengths, self.ends = spans.lengths, np.cumsum(spans.lengths)
        self.first_steps = spans.first_steps(axis)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def part(self, first: int, last: int) -> Part:
        """Rows from ``first`` to before ``last``."""
        if last <= first:
            return Part(first, *np.zeros((3, 0), dtype=np.int64))
        low, high = np.searchsorted(self.ends, [first, last - 1], side="right")
        sequences = np.arange(low, high + 1)
        starts = self.ends[sequences] - self.lengths[sequences]
        begins = np.maximum(first - starts, 0)
        return Part(first, sequences, begins, np.minimum(last - starts, self.lengths[sequences]) - begins)

    def timeline(self, part: Part) -> Timeline:
        """The steps of these rows on the clock, and where sequences begin."""
        timeline = Timeline.counted(part.counts, self.first_steps[part.sequences] + part.begins)
        if part.rows and part.begins[0]:
            timeline.begins[0] = False
        return timeline
