"""Spells in which every column repeats its last value: a logger that failed, a table that was filled forward.

They are no part of the process that is learned. Their rows are left out of training, and samples get spells of the same
lengths, as often: the series goes on beneath and is at once where it would have been.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tsgan.schema import Schema

LEAST_ROWS, LEAST_SPELLS = 3, 3
MOST_ROWS = 0.25  # of all rows: what repeats more often is how the columns are
MOST_ALIKE = 0.5  # of the spells that repeat another one's row
MOST_BY_CHANCE = 0.05  # of the other rows that repeat the row before
TIMES_CHANCE = 10  # as many spells as there would be if such rows came by themselves
FEW = 20  # values of a column that may well repeat
KEPT = 64
AFTER = 2  # rows behind a spell: the first one's change is that of many steps, and the second one's scale depends on it


@dataclass(frozen=True)
class Flatlines:
    """How often they come, and how long they last.

    Parameters
    ----------
    rate : float
        Chance that one begins at a row if the row before is in none, in (0, 1).
    lengths : tuple of int
        Rows that repeat, three at least: those seen, or their quantiles where there are many.
    """

    rate: float
    lengths: tuple[int, ...]

    @property
    def share(self) -> float:
        """Of all rows of a long series."""
        mean = float(np.mean(self.lengths))
        return mean / (mean + 1 / self.rate)

    def __str__(self) -> str:
        longest = max(self.lengths)
        return f"{self.share:.1%} of the rows repeat the row before, in spells of {min(self.lengths)} to {longest} rows"

    def draw(self, rows: int, anywhere: bool, draw: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First rows of spells in a series of so many rows, and the rows behind them; row 0 repeats nothing.

        Parameters
        ----------
        rows : int
        anywhere : bool
            Whether the series begins anywhere in a longer one, so that it may begin within a spell.
        draw : Generator
        """
        lengths = np.asarray(self.lengths)
        begin = 0
        firsts, ends = ([np.zeros(0, dtype=np.int64)] for _ in range(2))
        if anywhere and draw.random() < self.share:  # what is left of a spell that is met by its length
            begin = 1 + int(draw.integers(1, 1 + draw.choice(lengths, p=lengths / lengths.sum())))
            firsts.append(np.array([1]))
            ends.append(np.array([begin]))
        while begin < rows:
            count = 8 + int((rows - begin) * self.rate)
            steps = np.stack([draw.geometric(self.rate, count), draw.choice(lengths, count)])  # to a spell, and through it
            behind = begin + steps.sum(0).cumsum()
            firsts.append(behind - steps[1])
            ends.append(behind)
            begin = int(behind[-1])
        first, end = np.concatenate(firsts), np.minimum(np.concatenate(ends), rows)
        return first[first < end], end[first < end]


def find_flatlines(schema: Schema, frame: pd.DataFrame, begins: NDArray[np.bool_]) -> Flatlines | None:
    """Learn from the rows of a table, or None where it has none that are more than chance.

    At least three spells of three rows or more in which all generated columns repeat the row before, a column with many
    values among them; in a quarter of the rows at most, hardly ever in other rows, and more spells than such rows would make
    by chance. Most spells must repeat a row of their own: an idle machine or a gap is a state, and learned as one. Nor are
    there any where conditions vary, which go on, or times are irregular.

    Parameters
    ----------
    schema : Schema
    frame : DataFrame
    begins : ndarray of shape (rows,), bool
        Rows with which sequences begin.
    """
    columns = [schema.columns[k] for k in schema.encoded if not schema.columns[k].static]
    if schema.axis is not None and schema.axis.irregular:
        return None
    if any(not schema.columns[k].static for k in schema.conditions):
        return None
    if not any(c.kind == "numeric" and frame[c.name].nunique() > FEW for c in columns):
        return None
    same = repeated(schema, frame, begins)
    first, end = _spells(same, begins)
    lengths = end - first
    if len(frame.iloc[first, schema.encoded].drop_duplicates()) < MOST_ALIKE * len(first):
        return None
    inside, chance = lengths.sum(), np.count_nonzero(same) - lengths.sum()
    others = len(same) - inside
    if len(lengths) < LEAST_SPELLS or inside > MOST_ROWS * len(same) or chance > MOST_BY_CHANCE * others:
        return None
    if len(lengths) < TIMES_CHANCE * others * (chance / others) ** LEAST_ROWS:
        return None
    kept = np.quantile(lengths, np.linspace(0, 1, min(KEPT, len(lengths))), method="nearest").astype(int)
    return Flatlines(len(lengths) / others, tuple(kept.tolist()))


def flat_rows(schema: Schema, frame: pd.DataFrame, begins: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows in spells, shape (rows,)."""
    flat = np.zeros(len(frame), dtype=bool)
    if schema.flatlines is not None:
        for first, end in zip(*_spells(repeated(schema, frame, begins), begins), strict=True):
            flat[first:end] = True
    return flat


def untold(flat: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows that say nothing of the process beneath: those in spells and the two behind each."""
    told = flat.copy()
    for k in range(1, AFTER + 1):
        told[k:] |= flat[:-k]
    return told


def repeated(schema: Schema, frame: pd.DataFrame, begins: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows whose generated columns all have the values of the row before, shape (rows,)."""
    same = ~begins
    for k in schema.encoded:
        if schema.columns[k].static or not same.any():
            continue
        cells = frame.iloc[:, k]
        if isinstance(cells.dtype, np.dtype) and cells.dtype.kind in "iufbmM":
            values, missing = cells.to_numpy(), cells.isna().to_numpy()
            same[1:] &= (values[1:] == values[:-1]) | (missing[1:] & missing[:-1])
        else:
            codes = pd.factorize(cells)[0]
            same[1:] &= codes[1:] == codes[:-1]
    return same


def _spells(same: NDArray[np.bool_], begins: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First rows of spells, and the rows behind them; what goes on to the end of a sequence may be padding, and is none."""
    edges = np.diff(np.concatenate([[False], same, [False]]).astype(np.int8))
    first, end = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    kept = (end - first >= LEAST_ROWS) & ~np.append(begins, True)[end]
    return first[kept], end[kept]


class Overlay:
    """Lays flatlines over the rows of a sample, piece by piece.

    Parameters
    ----------
    flatlines : Flatlines
    lengths : ndarray of shape (n,)
        Of the sample's sequences.
    anywhere : bool
        See :meth:`Flatlines.draw`.
    seed : int
    """

    def __init__(self, flatlines: Flatlines, lengths: NDArray[np.int64], anywhere: bool, seed: int) -> None:
        self.flatlines, self.lengths, self.anywhere, self.seed = flatlines, lengths, anywhere, seed
        self.open = -1, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self.last: pd.DataFrame | None = None  # row of the last piece

    def lay(self, frame: pd.DataFrame, sequences: NDArray[np.int64], begins: NDArray[np.int64]) -> pd.DataFrame:
        """The next rows: those of each of these sequences from their step ``begins`` on, the last as far as they go."""
        source, at = np.arange(len(frame)), 0
        for number, begin in zip(sequences.tolist(), begins.tolist(), strict=True):
            first, end = self._spells(number)
            steps = min(int(self.lengths[number]) - begin, len(frame) - at)
            for k in range(*np.searchsorted(end, [begin, np.inf], side="right")):
                if first[k] >= begin + steps:
                    break
                low, high = max(first[k] - begin, 0), min(end[k] - begin, steps)
                source[at + low : at + high] = at + first[k] - 1 - begin if first[k] > begin else -1
            at += steps
        if (source != np.arange(len(frame))).any():
            if (source < 0).any() and self.last is not None:
                frame, source = pd.concat([self.last, frame]), source + 1
            frame = frame.iloc[source].reset_index(drop=True)
        self.last = frame.iloc[-1:] if len(frame) else self.last
        return frame

    def _spells(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of the sequence with this number."""
        if self.open[0] != number:
            draw = np.random.default_rng([self.seed, number])
            self.open = number, *self.flatlines.draw(int(self.lengths[number]), self.anywhere, draw)
        return self.open[1:]
