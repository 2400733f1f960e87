"""Two tables side by side, and how a metric may look at them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tsgan_evaluation._validation import DataError, FloatArray
from tsgan_evaluation.sequences import IntArray, Sequences, halves

MOST_WINDOWS = 5000
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
    """

    real: Sequences
    synthetic: Sequences
    window: int
    seed: int
    holdout: Sequences | None = None

    @cached_property
    def windows(self) -> tuple[Windows, Windows]:
        """Of either side, at most 5,000, drawn at random and kept in order."""
        return self._cut(self.real, "real", MOST_WINDOWS), self._cut(self.synthetic, "synthetic", MOST_WINDOWS)

    def _cut(self, x: Sequences, name: str, most: int) -> Windows:
        rows, sequence = x.windows(self.window)
        if not len(rows):
            raise DataError(f"no {name} sequence, or piece of one, has the {self.window} steps of a window")
        if len(rows) > most:
            kept = np.sort(np.random.default_rng(self.seed).permutation(len(rows))[:most])
            rows, sequence = rows[kept], sequence[kept]
        return Windows(x.cut(rows, self.window), rows, sequence, x.block[sequence])

    @cached_property
    def numbers(self) -> list[int]:
        """Columns whose cells are numbers: all but categories."""
        return [c for c, column in enumerate(self.real.columns) if column.kind != "categorical"]

    @cached_property
    def channels(self) -> tuple[FloatArray, FloatArray]:
        """The windows as numbers throughout, (B, T, F): each of a category's 8 most common values is an indicator."""
        real, synthetic = (indicators(self.real, side.values) for side in self.windows)
        seen = ~(np.isnan(real).all((0, 1)) | np.isnan(synthetic).all((0, 1)))
        if not seen.any():
            raise DataError("no column is observed on both sides")
        return real[..., seen], synthetic[..., seen]

    @cached_property
    def scaled(self) -> tuple[FloatArray, FloatArray]:
        """Channels in units of the real channels' ranges, synthetic ones clipped to them, as the literature does."""
        real, synthetic = scaled(*self.channels)
        return real, synthetic.clip(0, 1)

    def split(self, draw: np.random.Generator) -> Pair:
        """One half of the real sequences against the other, without a holdout."""
        return Pair(*halves(self.real, draw), self.window, self.seed)


def indicators(real: Sequences, values: FloatArray) -> FloatArray:
    """(B, T, C) -> (B, T, F): columns of numbers as they are, categories as one indicator for each of the first."""
    channels = []
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
