"""A column that interpolates the values of another clock."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.preprocessing.codec import Codec, Encoded, Seen
from tsgan.preprocessing.grid import Grid, learn_grid
from tsgan.preprocessing.holds import Before
from tsgan.preprocessing.interpolation import Knots, find_knots, interpolate
from tsgan.preprocessing.numeric_column import NumericColumn
from tsgan.timeline import Timeline

KINDS = ("float", "integer", "decimal")


class InterpolatedColumn(Codec):
    """A column of numbers, of which only the values at the knots count when it is rebuilt.

    Parameters
    ----------
    levels : NumericColumn
        The same column as any other.
    knots : Knots
    grid : Grid
        Of the values at the knots.
    low, high : float
        Range of the values at the knots.
    """

    def __init__(self, levels: NumericColumn, knots: Knots, grid: Grid, low: float, high: float) -> None:
        self.levels, self.knots, self.grid, self.low, self.high = levels, knots, grid, low, high
        self.numbers, self.has_value, self.n_events = levels.numbers, levels.has_value, levels.n_events
        self.may_miss, self.random_state = levels.may_miss, levels.random_state
        self.rounding = Grid() if levels.scaler is None else levels.scaler.grid_
        levels.sticky = False  # between equal knots values repeat by themselves

    @classmethod
    def recognise(cls, levels: NumericColumn, X: pd.Series, timeline: Timeline) -> Self | None:
        """The codec of a column for which ``levels`` was fitted; None where it does not interpolate."""
        if levels.scaler is None or levels.numbers.kind_ not in KINDS:
            return None
        values = levels.numbers.transform(X)
        knots = find_knots(values, timeline, levels.scaler.grid_)
        if knots is None:
            return None
        known = values[(knots.since(timeline.clock) == 0) & ~np.isnan(values)]
        return cls(levels, knots, learn_grid(known), float(known.min()), float(known.max()))

    def encode(self, X: pd.Series, timeline: Timeline, sources: NDArray[np.float64], seen: Seen | None = None) -> Encoded:
        """Scores and events of all rows."""
        return self.levels.encode(X, timeline, sources)

    def decode(
        self, encoded: Encoded, timeline: Timeline, sources: NDArray[np.float64], before: Before | None = None
    ) -> pd.Series:
        """The column in its dtype and on its grid: values at the knots, on theirs, and lines between them."""
        values = self.numbers.transform(self.levels.decode(encoded, timeline, sources))
        at = self.knots.since(timeline.clock) == 0
        values = np.where(at, np.clip(self.grid.snap(values), self.low, self.high), values)
        return self.numbers.inverse_transform(self.rounding.snap(interpolate(values, at, timeline)))

    def note(self, names: list[Any]) -> str:
        """How far the knots are apart."""
        apart = f"interpolated between values every {self.knots.period} rows"
        return "; ".join(filter(None, [apart, self.levels.note(names)]))

    def to_json(self) -> dict[str, Any]:
        """State: what JSON has, and arrays."""
        own = asdict(self.knots) | {"grid": asdict(self.grid), "range": [self.low, self.high]}
        return self.levels.to_json() | {"type": "interpolated", "knots": own}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec of such a state; ValueError where parts do not fit together."""
        own = state["knots"]
        knots = Knots(int(own["period"]), int(own["phase"]))
        if not 0 <= knots.phase < knots.period:
            raise ValueError(f"column {state['name']!r} has no knots")
        low, high = (float(end) for end in own["range"])
        return cls(NumericColumn.from_json(state), knots, Grid(**own["grid"]), low, high)
