"""Columns that the user may set: what the networks are told of them, and their own law for when they are not set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.layout import Layout
from tsgan.preprocessing import TableEncoder

if TYPE_CHECKING:
    from tsgan.conditions import Known
    from tsgan.networks import Generator
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

    def features(self, frame: pd.DataFrame, timeline: Timeline) -> NDArray[np.float32]:
        """What the networks are told of each row, shape (rows, features)."""
        values, flags = self.encoder.transform(frame[list(self.names)], timeline)
        constant, varying = features(self.encoder.layout_)
        return np.concatenate([values, flags], 1)[:, constant + varying].astype(np.float32)

    def draw(self, known: Known, timeline: Timeline, seed: int) -> pd.DataFrame:
        """Conditions of all rows of sequences of which the rest is known."""
        from tsgan.sampling import sample_channels

        frame = self.encoder.inverse_transform(*sample_channels(self.generator, known, seed), timeline)
        return frame.set_axis(pd.Index(self.names, dtype=object), axis=1)


def features(layout: Layout) -> tuple[list[int], list[int]]:
    """Places, among values and then flags, of the features that are constant in a sequence, and of those that vary.

    That a value is held is no feature: it tells nothing that the values do not.
    """
    flags = [k for k in range(layout.n_flags) if k not in layout.holds]
    owners = [*enumerate(layout.value_columns), *((layout.n_values + k, layout.flag_columns[k]) for k in flags)]
    constant = [place for place, column in owners if layout.columns[column].static]
    return constant, [place for place, column in owners if not layout.columns[column].static]
