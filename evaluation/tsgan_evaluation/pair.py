"""Two tables side by side, and how a metric may look at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tsgan_evaluation._validation import DataError, FloatArray
from tsgan_evaluation.sequences import IntArray, Sequences, halves

MOST_WINDOWS = 5000
Found = TypeVar("Found")
COMMON = 8  # categories of a column that get an indicator each


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of one side.

    Attributes
    ----------
    values : ndarray of shape (B, T, C)
    rows : ndarray of shape (B,)
        First row of each in the sequences' flat array: two of one sequence overlap where these differ by less than T.
    sequence, block : ndarray of shape (B,)
        The sequence and the block that each lies in.
    """

    values: FloatArray
    rows: IntArray
    sequence: IntArray
    block: IntArray

    @cached_property
    def apart(self) -> IntArray:
        """Places of windows that do not overlap, as many as there are from the first on."""
        kept: list[int] = []
        for k, row in enumerate(self.rows):
            if not kept or row - self.rows[kept[-1]] >= self.values.shape[1]:
                kept.append(k)
        return np.array(kept, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Pair:
    """Real and synthetic sequences with the same columns.

    Attributes
    ----------
    real, synthetic : Sequences
    window : int
        Steps of a window.
    seed : int
        Of the choice among too many windows.
    holdout : Sequences, optional
        Real sequences that the synthesizer has not seen.
    is_half : bool
        Whether the real side is a half of the real data, as for floors.
    """

    real: Sequences
    synthetic: Sequences
    window: int
    seed: int
    holdout: Sequences | None = None
    is_half: bool = False
    _found: dict[str, Any] = field(default_factory=dict, repr=False)
    _lock: RLock = field(default_factory=RLock, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Without what is computed once, and its lock: reports can be copied and pickled."""
        return Pair, (self.real, self.synthetic, self.window, self.seed, self.holdout)

    def once(self, name: str, compute: Callable[[], Found]) -> Found:
        """What ``compute`` finds, computed once for all metrics that look at it, whichever thread asks first."""
        with self._lock:
            if name not in self._found:
                self._found[name] = compute()
            found: Found = self._found[name]
            return found

    @cached_property
    def windows(self) -> tuple[Windows, Windows]:
        """Of either side, at most 5,000, drawn at random and kept in order."""
        return self.cut(self.real, "real", MOST_WINDOWS), self.cut(self.synthetic, "synthetic", MOST_WINDOWS)

    def cut(self, x: Sequences, name: str, most: int) -> Windows:
        """Windows of a side, at most so many, drawn at random and kept in order."""
        rows, sequence = x.windows(self.window)
        if not len(rows):
            raise DataError(f"no {name} sequence, or piece of one, has the {self.window} steps of a window")
        if len(rows) > most:
            kept = np.sort(np.random.default_rng(self.seed).permutation(len(rows))[:most])
            rows, sequence = rows[kept], sequence[kept]
        return Windows(x.cut(rows, self.window), rows, sequence, x.block[sequence])

    @cached_property
    def halved(self) -> Pair:
        """With half of the real data, for metrics whose value depends on how much there is: floors have no more."""
        if self.is_half:
            return self
        real = halves(self.real, np.random.default_rng([self.seed, 4]))[0]
        return Pair(real, self.synthetic, self.window, self.seed, is_half=True)

    @cached_property
    def numbers(self) -> list[int]:
        """Columns whose cells are numbers: all but categories."""
        return [c for c, column in enumerate(self.real.columns) if column.kind != "categorical"]

    @cached_property
    def channels(self) -> tuple[FloatArray, FloatArray]:
        """The windows as numbers throughout, (B, T, F): each of a category's 8 most common values is an indicator."""
        real, synthetic = (indicators(self.real, side.values) for side in self.windows)
        return real[..., self._seen], synthetic[..., self._seen]

    @cached_property
    def owners(self) -> IntArray:
        """The column of each channel, (F,)."""
        count = [min(COMMON, len(c.categories)) if c.kind == "categorical" else 1 for c in self.real.columns]
        return np.repeat(np.arange(len(count)), count)[self._seen]

    @cached_property
    def _seen(self) -> NDArray[np.bool_]:
        """The channels with an observed cell on either side."""
        sides = (indicators(self.real, side.values) for side in self.windows)
        seen: NDArray[np.bool_] = np.all([~np.isnan(x).all((0, 1)) for x in sides], axis=0)
        if not seen.any():
            raise DataError("no column is observed on both sides")
        return seen

    @cached_property
    def scaled(self) -> tuple[FloatArray, FloatArray]:
        """Channels in units of the real channels' ranges, synthetic ones clipped to them, as the literature does."""
        real, synthetic = scaled(*self.channels)
        return real, synthetic.clip(0, 1)

    def split(self, draw: np.random.Generator) -> Pair:
        """One half of the real sequences against the other, without a holdout."""
        return Pair(*halves(self.real, draw), self.window, self.seed, is_half=True)


def indicators(real: Sequences, values: FloatArray) -> FloatArray:
    """(B, T, C) -> (B, T, F): columns of numbers as they are, categories as one indicator for each of the first."""
    channels = [np.empty((*values.shape[:2], 0))]
    for c, column in enumerate(real.columns):
        x = values[..., c : c + 1]
        if column.kind == "categorical":
            x = np.where(np.isnan(x), np.nan, x == np.arange(min(COMMON, len(column.categories))))
        channels.append(x)
    return np.concatenate(channels, 2)


def scaled(real: FloatArray, synthetic: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both sides in units of the real columns' ranges; a constant column becomes 0."""
    low, high = np.nanmin(real, (0, 1)), np.nanmax(real, (0, 1))
    width = high - low + 1e-7
    return (real - low) / width, (synthetic - low) / width
