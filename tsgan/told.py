"""Conditions of the rows of a sample, one piece after the other: for the networks, and for the sample itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.preprocessing.codec import Seen

if TYPE_CHECKING:
    from tsgan.condition_law import ConditionLaw
    from tsgan.rows import Rows


class Features:
    """What the networks are told of the user's conditions; rows are forgotten when they have been sampled.

    Parameters
    ----------
    pieces : iterable of ndarray of shape (rows, features)
        Of all rows, in their order.
    width : int
        Number of features.
    """

    def __init__(self, pieces: Iterable[NDArray[np.float32]], width: int) -> None:
        self.pieces, self.width, self.first = iter(pieces), width, 0
        self.kept = np.zeros((0, width), dtype=np.float32)

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Features of rows of these numbers, none of them forgotten."""
        fresh, last = [self.kept], self.first + len(self.kept)
        while last <= rows.max():
            fresh.append(next(self.pieces))
            last += len(fresh[-1])
        if len(fresh) > 1:
            self.kept = np.concatenate(fresh)
        return np.asarray(self.kept[rows - self.first])

    def forget(self, row: int) -> None:
        """What came before this row, which has been asked for, is wanted no more."""
        if row > self.first:
            self.kept, self.first = self.kept[row - self.first :].copy(), row


class Told:
    """Conditions in the user's columns, of which the networks have read more than the sample has rows.

    Parameters
    ----------
    law : ConditionLaw
    frames : iterable of DataFrame
        The conditions of all rows, in their order.
    rows : Rows
    """

    def __init__(self, law: ConditionLaw, frames: Iterable[pd.DataFrame], rows: Rows) -> None:
        self.law, self.frames, self.rows = law, iter(frames), rows
        self.waiting = deque[pd.DataFrame]()
        self.features = Features(self._features(), law.width)

    def _features(self) -> Iterator[NDArray[np.float32]]:
        seen, first = [Seen() for _ in self.law.names], 0
        for frame in self.frames:
            self.waiting.append(frame)
            part = self.rows.part(first, first + len(frame))
            first += len(frame)
            yield self.law.features(frame, self.rows.timeline(part), seen)

    def take(self, count: int) -> pd.DataFrame:
        """The next rows, which the networks have read."""
        taken = list[pd.DataFrame]()
        while count > 0:
            frame = self.waiting.popleft()
            if len(frame) > count:
                self.waiting.appendleft(frame.iloc[count:])
            taken.append(frame.iloc[:count])
            count -= len(taken[-1])
        return pd.concat(taken, ignore_index=True) if taken else self.law.none
