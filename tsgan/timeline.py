"""Where the rows of a table stand: in their sequences, and on one clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Timeline:
    """Rows of all sequences, one after the other.

    Parameters
    ----------
    begins : ndarray of shape (n,), bool
        Rows with which sequences begin.
    clock : ndarray of shape (n,), int
        Number of each row's step on a grid that the sequences share.
    """

    begins: NDArray[np.bool_]
    clock: NDArray[np.int64]

    @classmethod
    def counted(cls, lengths: NDArray[np.int64], first: NDArray[np.int64]) -> Self:
        """Sequences without gaps, of these lengths (n,) and first steps (n,)."""
        row = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return cls(row == 0, row + np.repeat(first, lengths))

    def at(self, kept: NDArray[np.bool_]) -> Timeline:
        """Some of the rows, the first one of each sequence among them."""
        return Timeline(self.begins[kept], self.clock[kept])

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """First row of each sequence."""
        return np.flatnonzero(self.begins)

    @cached_property
    def origin(self) -> NDArray[np.int64]:
        """Of each row, the first one of its sequence, shape (n,)."""
        return np.asarray(self.first[np.cumsum(self.begins) - 1])

    @cached_property
    def breaks(self) -> NDArray[np.bool_]:
        """Rows that do not follow the row before at once, shape (n,)."""
        return np.asarray(self.begins | (np.diff(self.clock, prepend=self.clock[:1]) != 1))
