"""Columns that the user may set: what the networks are told of them, and their own law for when they are not set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.layout import Layout
from tsgan.preprocessing import TableEncoder
from tsgan.preprocessing.codec import Seen
from tsgan.preprocessing.pieces import Pieces

if TYPE_CHECKING:
    from tsgan.conditions import Known
    from tsgan.networks import Generator
    from tsgan.rows import Rows
    from tsgan.timeline import Timeline


@dataclass(frozen=True)
class ConditionLaw:
    """The joint law of all columns is that of the conditions times that of the others given them.

    Parameters
    ----------
    names : tuple of hashable
    encoder : TableEncoder
        Of the columns, in the order of their names.
    generator : Generator
        Of the conditions by themselves.
    """

    names: tuple[Any, ...]
    encoder: TableEncoder
    generator: Generator

    @property
    def varying(self) -> int:
        """How many of the features, the last ones, may change from one step to the next."""
        return len(features(self.encoder.layout_)[1])

    @property
    def none(self) -> pd.DataFrame:
        """No rows, in the conditions' dtypes."""
        return self._named(self.encoder.inverse_transform(*Pieces(self.encoder).none))

    def _named(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.set_axis(pd.Index(self.names, dtype=object), axis=1)

    @property
    def width(self) -> int:
        """How many features there are."""
        return sum(map(len, features(self.encoder.layout_)))

    def features(self, frame: pd.DataFrame, timeline: Timeline, seen: list[Seen] | None = None) -> NDArray[np.float32]:
        """What the networks are told of each row, shape (rows, features); of pieces, see :class:`TableEncoder`."""
        values, flags = self.encoder.transform(frame[list(self.names)], timeline, seen)
        constant, varying = features(self.encoder.layout_)
        return np.concatenate([values, flags], 1)[:, constant + varying].astype(np.float32)

    def draw(self, known: Known, rows: Rows, seed: int, asked: pd.DataFrame | None = None) -> Iterator[pd.DataFrame]:
        """Conditions of all rows of sequences of which the rest is known, in pieces.

        Parameters
        ----------
        known : Known
        rows : Rows
        seed : int
        asked : DataFrame, optional
            Some of the constant ones, a row for each sequence: the others are drawn given these.
        """
        from tsgan.partly import Chosen
        from tsgan.sampling import roll

        pieces, first = Pieces(self.encoder), 0
        for levels, flags in roll(self.generator, known, seed, None if asked is None else Chosen(self, asked)):
            part = rows.part(first, first + len(levels))
            first += len(levels)
            frame = self._named(pieces.decode(levels, flags, rows.timeline(part), last=first == rows.count))
            if asked is not None:
                for name, cells in asked.items():
                    frame[name] = cells.iloc[part.sequences[part.owner]].array
            yield frame


def features(layout: Layout) -> tuple[list[int], list[int]]:
    """Places, among values and then flags, of the features that are constant in a sequence, and of those that vary.

    That a value is held is no feature: it tells nothing that the values do not.
    """
    flags = [k for k in range(layout.n_flags) if k not in layout.holds]
    owners = [*enumerate(layout.value_columns), *((layout.n_values + k, layout.flag_columns[k]) for k in flags)]
    constant = [place for place, column in owners if layout.columns[column].static]
    return constant, [place for place, column in owners if not layout.columns[column].static]
