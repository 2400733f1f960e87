"""What the codecs of all columns share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.preprocessing.holds import Before
from tsgan.timeline import Timeline


@dataclass(frozen=True)
class Encoded:
    """A column as the networks see it.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        0 where there is no value.
    codes : ndarray of shape (n,)
        Of the events, in 0..n_events; 0 stands for none.
    held : ndarray of shape (n,), bool
        Whether the score is that of the row before.
    """

    scores: NDArray[np.floating[Any]]
    codes: NDArray[np.int64]
    held: NDArray[np.bool_]

    def without(self, event: int) -> Encoded:
        """The same where this event never happens."""
        return replace(self, codes=np.where(self.codes == event, 0, self.codes))


@dataclass
class Seen:
    """What the rows before have left of a column that is encoded in pieces.

    Parameters
    ----------
    count : int
        Values so far.
    free : bool
        Whether the last row had a value.
    value, score : float
        Of the last row.
    """

    count: int = 0
    free: bool = False
    value: float = 0.0
    score: float = 0.0


class Codec(ABC):
    """The map from one column to scores and events, and back.

    Attributes
    ----------
    has_value : bool
    n_events : int
    may_miss : bool
        Whether the last event is a missing cell.
    sticky : bool
        Whether scores may be held.
    rounded : float
        Share of the steps in which values repeat because they are rounded.
    sources : tuple of int
        Positions of the columns whose values, as doubles, the codec must know.
    beneath : bool
        Whether it must know, to decode, what their values would be where they are missing.
    """

    has_value: bool
    n_events: int
    may_miss: bool = False
    sticky: bool = False
    rounded: float = 0.0
    sources: tuple[int, ...] = ()
    beneath: bool = False

    @property
    def missing_code(self) -> int | None:
        """Code of a missing cell; None where there are none."""
        return self.n_events if self.may_miss else None

    @abstractmethod
    def encode(self, X: pd.Series, timeline: Timeline, sources: NDArray[np.float64], seen: Seen | None = None) -> Encoded:
        """Scores and events of a column, given where its rows stand and its sources (n, S); of pieces, what was seen."""

    @abstractmethod
    def decode(
        self, encoded: Encoded, timeline: Timeline, sources: NDArray[np.float64], before: Before | None = None
    ) -> pd.Series:
        """The column in its dtype, from any finite scores; of pieces, what came before."""

    @abstractmethod
    def note(self, names: list[Any]) -> str:
        """What is special about the column, in words; ``names`` are those of all columns."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """State: what JSON has, and arrays."""

    @classmethod
    @abstractmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec of such a state; KeyError, TypeError or ValueError where parts do not fit together."""
