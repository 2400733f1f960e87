"""A column that is a linear combination of others."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.preprocessing.codec import Codec, Encoded, Seen
from tsgan.preprocessing.combination import Combination
from tsgan.preprocessing.holds import Before
from tsgan.preprocessing.interpolated_column import InterpolatedColumn
from tsgan.preprocessing.numbers import Numbers
from tsgan.preprocessing.numeric_column import NumericColumn
from tsgan.preprocessing.relations import Relation
from tsgan.timeline import Timeline


class LinearColumn(Codec):
    """A column as what it adds to a linear combination of others: nothing, or what rounding leaves.

    A cell that is missing though its sources are not is an event.

    Parameters
    ----------
    numbers : Numbers
        Of the column.
    combination : Combination
    rest : NumericColumn
        Of what the column adds.
    """

    def __init__(self, numbers: Numbers, combination: Combination, rest: NumericColumn) -> None:
        self.numbers, self.combination, self.rest = numbers, combination, rest
        self.has_value, self.n_events, self.may_miss = rest.has_value, rest.n_events, rest.may_miss
        self.sources, self.beneath = combination.relation.sources, combination.gaps == "beneath"
        rest.sticky = False

    @classmethod
    def recognise(
        cls,
        relation: Relation,
        levels: NumericColumn | InterpolatedColumn,
        X: pd.Series,
        timeline: Timeline,
        sources: NDArray[np.float64],
        zeros: tuple[float, ...],
    ) -> Self | None:
        """The codec of a column for which ``levels`` was fitted, and of its sources (n, S) in their units.

        None where it has events, or sources with gaps, and is no exact combination: what it adds would have to be learned
        together with them.
        """
        numbers = levels.numbers
        values = numbers.transform(X)
        unit = None if numbers.kind_ == "float" else numbers.unit_
        combination = Combination.learn(relation, values, sources, zeros, unit)
        if not combination.exact and (levels.n_events or levels.sticky or np.isnan(sources).any()):
            return None
        left = pd.Series(combination.left(values, sources), name=X.name)
        return cls(numbers, combination, NumericColumn(levels.random_state).fit(left, timeline))

    def encode(self, X: pd.Series, timeline: Timeline, sources: NDArray[np.float64], seen: Seen | None = None) -> Encoded:
        """Scores and codes of what the column adds, see :class:`NumericColumn`."""
        left = self.combination.left(self.numbers.transform(X), sources)
        return self.rest.encode(pd.Series(left), timeline, sources)

    def decode(
        self, encoded: Encoded, timeline: Timeline, sources: NDArray[np.float64], before: Before | None = None
    ) -> pd.Series:
        """The column in its dtype, see :meth:`Combination.restore`."""
        values = self.combination.restore(sources, self.rest.decode(encoded, timeline, sources).to_numpy())
        exact = self.combination.exact
        return self.numbers.inverse_transform(values, bounded=not exact, parts=self.combination.parts)

    def note(self, names: list[Any]) -> str:
        """The combination, in words."""
        relation, gaps = self.combination.relation, self.combination.gaps
        terms = " + ".join(f"{weight:.6g} {names[k]}" for k, weight in zip(relation.sources, relation.weights, strict=True))
        if not self.combination.exact:
            return f"learned as what it adds to {terms}"
        return f"is {terms}{', missing cells as 0' if gaps == 'zero' else ''}"

    def to_json(self) -> dict[str, Any]:
        """State: what JSON has, and arrays."""
        own = {"numbers": self.numbers.to_json(), "combination": asdict(self.combination)}
        return self.rest.to_json() | {"type": "linear", "linear": own}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec of such a state."""
        own = state["linear"]
        rest = NumericColumn.from_json(state)
        return cls(Numbers.from_json(own["numbers"]), Combination.from_json(own["combination"]), rest)
