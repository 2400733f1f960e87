"""A column that is a linear combination of others."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.preprocessing.codec import Codec, Encoded
from tsgan.preprocessing.grid import Grid, learn_grid
from tsgan.preprocessing.numbers import Numbers
from tsgan.preprocessing.numeric_column import NumericColumn
from tsgan.preprocessing.relations import Relation
from tsgan.timeline import Timeline

RELATIVE = 1e-12  # of the greatest value: less is rounding


class LinearColumn(Codec):
    """A column as what it adds to a linear combination of others: nothing, or what rounding leaves.

    Parameters
    ----------
    relation : Relation
    random_state : int
    """

    def __init__(self, relation: Relation, random_state: int = 0) -> None:
        self.relation, self.random_state, self.sources = relation, random_state, relation.sources

    def fit(self, X: pd.Series, timeline: Timeline, sources: NDArray[np.float64]) -> Self:
        """Learn from a complete column of numbers and its sources (n, S), in the units of :class:`Numbers`."""
        combination = self.relation.predict(sources)
        self.numbers = Numbers().fit(X)
        values = self.numbers.transform(X)
        self.grid, self.minimum, self.maximum = learn_grid(values), float(values.min()), float(values.max())
        self.finest = RELATIVE * max(abs(self.minimum), abs(self.maximum), float(np.abs(combination).max()))
        self.rest = NumericColumn(self.random_state).fit(self._rest(values, combination), timeline)
        self.rest.sticky = False
        return self._finish()

    def _finish(self) -> Self:
        self.has_value, self.n_events = self.rest.has_value, self.rest.n_events
        return self

    def encode(self, X: pd.Series, timeline: Timeline, sources: NDArray[np.float64]) -> Encoded:
        """Scores and codes of what the column adds, see :class:`NumericColumn`."""
        left = self._rest(self.numbers.transform(X), self.relation.predict(sources))
        return self.rest.encode(left, timeline, sources)

    def decode(self, encoded: Encoded, timeline: Timeline, sources: NDArray[np.float64]) -> pd.Series:
        """The column in its dtype, on its grid; within its range, but for exact combinations, which stay exact."""
        added = self.rest.decode(encoded, timeline, sources).to_numpy()
        values = self.grid.snap(self.relation.predict(sources) + added)
        if not self.has_value and not self.n_events:
            return self.numbers.inverse_transform(values, bounded=False)
        return self.numbers.inverse_transform(np.clip(values, self.minimum, self.maximum))

    def _rest(self, values: NDArray[np.float64], combination: NDArray[np.float64]) -> pd.Series:
        """What is left, rounded to what doubles can tell: an exact combination leaves zeros."""
        left = values - combination
        return pd.Series(np.round(left / self.finest) * self.finest if self.finest else left, name=self._name)

    @property
    def _name(self) -> Any:
        return self.numbers.feature_names_in_[0]

    def note(self, names: list[Any]) -> str:
        """The combination, in words."""
        terms = " + ".join(
            f"{weight:.6g} {names[k]}" for k, weight in zip(self.relation.sources, self.relation.weights, strict=True)
        )
        exact = not self.has_value and not self.n_events
        return f"is {terms}" if exact else f"learned as what it adds to {terms}"

    def to_json(self) -> dict[str, Any]:
        """State: what JSON has, and arrays."""
        own = {
            "numbers": self.numbers.to_json(),
            "range": [self.minimum, self.maximum],
            "grid": asdict(self.grid),
            "finest": self.finest,
            "relation": asdict(self.relation),
        }
        return self.rest.to_json() | {"type": "linear", "linear": own}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec of such a state."""
        own = state["linear"]
        relation = own["relation"] | {part: tuple(own["relation"][part]) for part in ("sources", "weights")}
        codec = cls(Relation(**relation), int(state["random_state"]))
        if len(codec.relation.sources) != len(codec.relation.weights):
            raise ValueError(f"column {state['name']!r} has malformed weights")
        codec.numbers, codec.grid = Numbers.from_json(own["numbers"]), Grid(**own["grid"])
        codec.minimum, codec.maximum = (float(end) for end in own["range"])
        codec.finest, codec.rest = float(own["finest"]), NumericColumn.from_json(state)
        return codec._finish()
