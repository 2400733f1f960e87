"""What is known of each step before it is generated: calendar phases, position in the sequence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.spans import Spans
from tsgan.time_axis import TimeAxis

if TYPE_CHECKING:
    from tsgan.told import Features

NEAR_END = 4.0  # steps over which the end comes near


@dataclass(frozen=True)
class Positions:
    """Positions as conditions, of sequences with beginnings and ends.

    Parameters
    ----------
    longest : int
        Rows of the longest sequence seen.
    varied : bool
        Whether lengths differ: the length, and how near the end is, are then conditions too.
    """

    longest: int
    varied: bool

    @property
    def channels(self) -> int:
        """How many conditions these are."""
        return 3 if self.varied else 1

    def of(self, begin: int, count: int, length: int) -> NDArray[np.float32]:
        """Position, and perhaps length and nearness of the end, of ``count`` rows of a sequence; shape (count, 1 or 3)."""
        row = np.arange(begin, begin + count)
        parts = [2 * np.minimum(row / self.longest, 1) - 1]  # what comes later is like the last steps seen
        if self.varied:
            parts.append(np.full(count, 2 * min(length / self.longest, 1) - 1))
            parts.append(2 * np.exp(-np.maximum(length - 1 - row, 0) / NEAR_END) - 1)
        return np.stack(parts, 1).astype(np.float32)


def step_conditions(
    axis: TimeAxis | None,
    times: pd.Series | pd.Index | None,
    lengths: NDArray[np.int64],
    positions: Positions | None,
    own: NDArray[np.float32] | None = None,
    ahead: int = 0,
) -> NDArray[np.float32]:
    """Conditions of all rows, shape (rows, K): calendar phases, position, the user's own.

    Parameters
    ----------
    axis, times : TimeAxis, Series or Index
        None where the table has no time.
    lengths : ndarray of shape (n,)
        Rows of each sequence.
    positions : Positions or None
    own : ndarray of shape (rows, features), optional
    ahead : int, default=0
        Steps by which the sequences go on after these rows.
    """
    parts = [np.zeros((int(lengths.sum()), 0), dtype=np.float32)]
    if axis is not None and times is not None:
        parts.append(axis.phases(times))
    if positions is not None:
        parts.append(np.concatenate([positions.of(0, int(n), int(n) + ahead) for n in lengths]))
    return np.concatenate(parts if own is None else [*parts, own], 1)


@dataclass(frozen=True)
class Known:
    """Conditions of sequences to be sampled, stretch by stretch.

    Parameters
    ----------
    axis : TimeAxis or None
    positions : Positions or None
    spans : Spans
    own : Features, optional
        The user's conditions of all rows of all sequences.
    varying : int
        How many of the features, the last ones, may change from one step to the next.
    """

    axis: TimeAxis | None
    positions: Positions | None
    spans: Spans
    own: Features | None = None
    varying: int = 0

    @cached_property
    def channels(self) -> int:
        """``K``."""
        calendar = 0 if self.axis is None else self.axis.n_conditions
        position = 0 if self.positions is None else self.positions.channels
        return calendar + position + (0 if self.own is None else self.own.width)

    @cached_property
    def _first_rows(self) -> NDArray[np.int64]:
        return np.cumsum(self.spans.lengths) - self.spans.lengths

    def of(self, sequence: int, begin: int, count: int) -> NDArray[np.float32]:
        """Conditions (count, K) of steps from ``begin`` on, also beyond the sequence's end."""
        length, parts = int(self.spans.lengths[sequence]), [np.zeros((count, 0), dtype=np.float32)]
        if self.axis is not None and self.axis.n_conditions:
            parts.append(self.axis.phases(self.axis.rebuild(self.spans.starts[sequence], count, begin)))
        if self.positions is not None:
            elapsed = 0 if self.spans.elapsed is None else int(self.spans.elapsed[sequence])
            parts.append(self.positions.of(elapsed + begin, count, elapsed + length))
        if self.own is not None:
            steps = np.minimum(np.arange(begin, begin + count), length - 1)
            parts.append(self.own.of(self._first_rows[sequence] + steps))
        return np.concatenate(parts, 1)

    def forget(self, sequence: int, begin: int) -> None:
        """What is known of the sequences before, and of this one's steps before ``begin``, is wanted no more."""
        if self.own is not None:
            self.own.forget(int(self._first_rows[sequence]) + begin)
