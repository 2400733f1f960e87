"""What is known of each step before it is generated: calendar phases, position in the sequence."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.exceptions import ParameterError
from tsgan.schema import Schema
from tsgan.time_axis import TimeAxis
from tsgan.timeline import Timeline

NUMBER = 8  # bytes
NEAR_END = 4.0  # steps over which the end comes near


@dataclass(frozen=True)
class Spans:
    """Lengths (n,), offsets (n,) in steps from the first time, and first times of sequences to be sampled."""

    lengths: NDArray[np.int64]
    offsets: NDArray[np.int64]
    starts: list[float]

    def timeline(self, axis: TimeAxis | None) -> Timeline:
        """Where the rows of the sequences stand."""
        return Timeline.counted(self.lengths, self.offsets if axis is None else axis.clock(np.array(self.starts)))


def draw_spans(schema: Schema, n: int, length: int | None, from_beginning: bool, seed: int) -> Spans:
    """Where and how long the sequences of a sample are.

    Lengths and starts are drawn from those seen. A sequence of a long series that is shorter than those seen begins
    anywhere in their span.
    """
    # A stream for each, so that the first sequences do not depend on how many follow.
    _check_memory(schema, n, length)
    draw, draw_offsets, draw_starts = (np.random.default_rng([seed, k]) for k in range(3))
    seen = draw.choice(np.array(schema.lengths), n)
    lengths = seen if length is None else np.full(n, length)
    room = np.zeros(n, dtype=np.int64) if from_beginning else np.maximum(seen - lengths, 0)
    offsets = draw_offsets.integers(room, endpoint=True)
    if schema.axis is None:
        return Spans(lengths, offsets, [])
    first = [schema.axis.starts[k] for k in draw_starts.integers(len(schema.axis.starts), size=n)]
    return Spans(lengths, offsets, [schema.axis.shift(start, int(k)) for start, k in zip(first, offsets, strict=True)])


def _check_memory(schema: Schema, n: int, length: int | None) -> None:
    """Raise where not even the numbers would fit into the machine's memory."""
    rows = n * (length or max(schema.lengths))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else float("inf")
    if rows * (1 + len(schema.columns)) * NUMBER > memory:
        raise ParameterError(
            f"n={n} makes {rows:,} rows of {len(schema.columns)} columns, more than the memory holds; ask for fewer"
        )


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

    def of(self, rows: int, length: int) -> NDArray[np.float32]:
        """Position, and perhaps length and nearness of the end, of the first ``rows`` rows; shape (rows, 1 or 3)."""
        row = np.arange(rows)
        parts = [2 * row / self.longest - 1]
        if self.varied:
            parts.append(np.full(rows, 2 * min(length / self.longest, 1) - 1))
            parts.append(2 * np.exp(-np.maximum(length - 1 - row, 0) / NEAR_END) - 1)
        return np.stack(parts, 1).astype(np.float32)


def step_conditions(
    axis: TimeAxis | None,
    times: pd.Series | pd.Index | None,
    rows: NDArray[np.int64],
    positions: Positions | None,
    lengths: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """Conditions of all rows, shape (rows, K).

    Parameters
    ----------
    axis, times : TimeAxis, Series or Index
        None where the table has no time.
    rows : ndarray of shape (n,)
        Rows of each sequence.
    positions : Positions or None
    lengths : ndarray of shape (n,), optional
        Of the sequences, where not all or more than their rows are wanted.
    """
    parts = [np.zeros((int(rows.sum()), 0), dtype=np.float32)]
    if axis is not None and times is not None:
        parts.append(axis.phases(times))
    if positions is not None:
        lengths = rows if lengths is None else lengths
        parts.append(np.concatenate([positions.of(int(count), int(n)) for count, n in zip(rows, lengths, strict=True)]))
    return np.concatenate(parts, 1)
