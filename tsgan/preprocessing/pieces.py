"""Decoding in pieces: what the rows of a piece need of those before it and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.preprocessing.holds import Before
from tsgan.preprocessing.interpolated_column import InterpolatedColumn
from tsgan.timeline import Timeline

if TYPE_CHECKING:
    from tsgan.preprocessing.table_encoder import TableEncoder


class Pieces:
    """The inverse of an encoder, piece by piece: the frames below each other are that of all rows at once.

    Held values go on from those before. Rows on a line between two knots wait until the second one is there: these pieces
    come a little late, and are decoded from the last knot on.

    Parameters
    ----------
    encoder : TableEncoder
    """

    def __init__(self, encoder: TableEncoder) -> None:
        self.encoder = encoder
        self.before = [(Before(), Before()) for _ in encoder.codecs_]
        self.lines = _lines(encoder)
        self.channels, self.flags = self.none = _none(encoder)
        self.timeline = Timeline(np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64))
        self.done = 0  # rows of these that have come out

    def decode(
        self, channels: NDArray[np.float32], flags: NDArray[np.bool_], timeline: Timeline, last: bool
    ) -> pd.DataFrame:
        """All rows that have not come out and that nothing to come can change.

        Parameters
        ----------
        channels : ndarray of shape (rows, C)
        flags : ndarray of shape (rows, M)
        timeline : Timeline
            Of these rows.
        last : bool
            Whether no rows follow.
        """
        if len(self.flags):
            channels, flags = np.concatenate([self.channels, channels]), np.concatenate([self.flags, flags])
            timeline = Timeline(
                np.concatenate([self.timeline.begins, timeline.begins]),
                np.concatenate([self.timeline.clock, timeline.clock]),
            )
        ready, keep = (len(flags), len(flags)) if last else self._ready(flags, timeline)
        for pair in self.before:
            for before in pair:
                before.keep = keep
        decoded = self.encoder.inverse_transform(channels, flags, timeline, self.before).iloc[self.done : ready]
        # Copies: views would keep all of the piece.
        self.channels, self.flags = channels[keep:].copy(), flags[keep:].copy()
        self.timeline = Timeline(timeline.begins[keep:].copy(), timeline.clock[keep:].copy())
        self.done = ready - keep
        return decoded.reset_index(drop=True)

    def _ready(self, flags: NDArray[np.bool_], timeline: Timeline) -> tuple[int, int]:
        """How many rows are as they will be, and how many the next piece does not need."""
        marks = [_marks(codec, flags[:, columns], timeline) for codec, columns in self.lines]
        ends = [np.flatnonzero(knots | np.append(breaks[1:], False)) for knots, breaks in marks]
        ready = min((int(end[-1]) + 1 if len(end) else 0 for end in ends), default=len(flags))
        ready, keep = max(ready, self.done), max(ready, self.done)
        for knots, breaks in marks:  # from which the next row's line comes
            ahead = breaks[: ready + 1]
            behind = np.flatnonzero(np.append(knots[:ready], False)[: len(ahead)] | ahead)
            keep = min(keep, int(behind[-1]) if len(behind) else 0)
        return ready, keep


def _none(encoder: TableEncoder) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Channels and flags of no rows."""
    layout = encoder.layout_
    return np.zeros((0, layout.n_values), dtype=np.float32), np.zeros((0, layout.n_flags), dtype=bool)


def _lines(encoder: TableEncoder) -> list[tuple[InterpolatedColumn, slice]]:
    """The interpolated columns, and the places of their flags."""
    found, flag = list[tuple[InterpolatedColumn, slice]](), 0
    for codec in encoder.codecs_:
        if isinstance(codec, InterpolatedColumn):
            found.append((codec, slice(flag, flag + codec.n_events)))
        flag += codec.n_events + codec.sticky
    return found


def _marks(
    codec: InterpolatedColumn, flags: NDArray[np.bool_], timeline: Timeline
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows with values at knots, and rows with which the clock begins anew."""
    at = codec.knots.since(timeline.clock) == 0
    return at & ~flags[:, -1] if codec.may_miss else at, timeline.breaks
