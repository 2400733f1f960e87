"""A table of series as one flat array: what frames and arrays become before they are judged."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tsgan_evaluation._validation import DataError, FloatArray
from tsgan_evaluation.columns import Column

IntArray = NDArray[np.int64]
BLOCKS = 25
FEW = 20  # series; fewer are cut by time, since their halves would differ as the series do


@dataclass(frozen=True, eq=False)
class Sequences:
    """B sequences of any lengths, one after the other.

    Attributes
    ----------
    columns : tuple of Column
    values : ndarray of shape (rows, C)
        Cells as numbers, see `Column`; NaN is a missing cell.
    lengths : ndarray of shape (B,)
        Steps of each sequence, at least 1; they add up to the rows.
    names : ndarray of shape (B,), object
        The entity that each belongs to.
    offsets : ndarray of shape (B,)
        The step of its entity at which each begins: not 0 for the later pieces of a series that was cut.
    block : ndarray of shape (B,)
        Sequences of one block may be alike (the same time, the same entities): no fold and no half divides a block.
    clock : ndarray of shape (rows,), optional
        Time of each row: datetime64 as a clock on the wall shows it, or numbers.
    """

    columns: tuple[Column, ...]
    values: FloatArray
    lengths: IntArray
    names: NDArray[np.object_]
    offsets: IntArray
    block: IntArray
    clock: NDArray[np.datetime64] | FloatArray | None = None

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def starts(self) -> IntArray:
        """First row of each sequence, (B,)."""
        return np.cumsum(self.lengths) - self.lengths

    def take(self, kept: NDArray[np.bool_]) -> Sequences:
        """The sequences where ``kept``, of shape (B,), is true."""
        rows = np.repeat(kept, self.lengths)
        clock = None if self.clock is None else self.clock[rows]
        per_sequence = {name: getattr(self, name)[kept] for name in ("lengths", "names", "offsets", "block")}
        return replace(self, values=self.values[rows], clock=clock, **per_sequence)

    def windows(self, length: int) -> tuple[IntArray, IntArray]:
        """First rows of all windows of consecutive steps, none across two sequences, and the sequence of each."""
        counts = np.maximum(self.lengths - length + 1, 0)
        sequence = np.repeat(np.arange(len(self)), counts)
        place = np.arange(len(sequence)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.starts[sequence] + place, sequence

    def cut(self, rows: IntArray, length: int) -> FloatArray:
        """The windows that begin at ``rows``: (n,) -> (n, length, C)."""
        out: FloatArray = self.values[rows[:, None] + np.arange(length)]
        return out


def in_blocks(x: Sequences, window: int, draw: np.random.Generator | None) -> Sequences:
    """Put sequences into at most 25 blocks: whole ones, or pieces of equal time where there are few.

    Parameters
    ----------
    x : Sequences
    window : int
        Pieces have at least twice as many steps, so that every block holds windows.
    draw : Generator, optional
        Puts whole sequences into blocks at random; without it neighbours share a block.
    """
    if len(x) >= FEW:
        place = np.arange(len(x)) if draw is None else draw.permutation(len(x))
        count = min(BLOCKS, len(x))
        return replace(x, block=place * count // len(x))
    steps = np.concatenate([np.arange(n) for n in x.lengths])
    time = steps if x.clock is None else x.clock.astype(float)  # the same time in all series, where they have one
    count = int(np.clip(x.lengths.max() // (2 * window), 1, BLOCKS))
    edges = np.quantile(time, np.arange(1, count) / count)
    block = np.searchsorted(edges, time, side="right")
    sequence = np.repeat(np.arange(len(x)), x.lengths)
    new = np.flatnonzero(np.diff(sequence, prepend=-1) | np.diff(block, prepend=-1))  # first rows of pieces
    of = sequence[new]
    return replace(
        x,
        lengths=np.diff(new, append=len(time)),
        names=x.names[of],
        offsets=x.offsets[of] + steps[new],
        block=block[new].astype(np.int64),
    )


def thin(x: Sequences, rows: int, draw: np.random.Generator) -> Sequences:
    """At most about ``rows`` rows: sequences at random or, of few long ones in blocks, the beginning of each piece."""
    if len(x.values) <= rows:
        return x
    if len(np.unique(x.names.astype(str))) >= FEW:
        order = draw.permutation(len(x))
        kept = np.zeros(len(x), bool)
        kept[order[: max(FEW, int(np.searchsorted(np.cumsum(x.lengths[order]), rows, side="right")))]] = True
        return x.take(kept)
    lengths = np.maximum(x.lengths * rows // len(x.values), 1)
    place = np.concatenate([np.arange(n) for n in x.lengths])
    inside = place < np.repeat(lengths, x.lengths)
    return replace(x, values=x.values[inside], lengths=lengths, clock=None if x.clock is None else x.clock[inside])


def halves(x: Sequences, draw: np.random.Generator) -> tuple[Sequences, Sequences]:
    """Two disjoint halves: of each two neighbouring blocks one goes to either half, at random.

    So both halves span all of the time, as a synthetic table does; halves of blocks at random would show how far the
    series wanders.

    Raises
    ------
    DataError
        If there is but one block.
    """
    blocks = np.unique(x.block)
    if len(blocks) < 2:
        raise DataError(f"{len(x.values):,} rows in {len(x)} series are too few to make halves of")
    pair = np.arange(len(blocks)) // 2
    side = (np.arange(len(blocks)) + draw.integers(0, 2, len(blocks))[pair]) % 2
    first = np.isin(x.block, blocks[side == 0])
    return x.take(first), x.take(~first)


def label(names: tuple[Hashable, ...]) -> NDArray[np.object_]:
    """An array of objects, whatever they are (`numpy.array` would look into tuples)."""
    out = np.empty(len(names), dtype=object)
    out[:] = names
    return out
