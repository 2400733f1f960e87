"""How a column follows from others of which it is a linear combination: exactly, or but for what rounding leaves."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from tsgan.preprocessing.grid import Grid, learn_grid
from tsgan.preprocessing.relations import Relation

Gaps = Literal["spread", "zero", "beneath"]

RELATIVE = 1e-12  # of the greatest value: less is rounding
EPSILON = 4 * float(np.finfo(np.float64).eps)  # of the greatest term, which others may cancel
MOST_PARTS = 1000  # of a step, into which weights may divide it


@dataclass(frozen=True)
class Combination:
    """A relation, and what rounding and missing cells do to it.

    Parameters
    ----------
    relation : Relation
    exact : bool
        Whether the column is the combination in every row, rounded to the grid.
    gaps : {"spread", "zero", "beneath"}
        What a missing cell of a source means. The column is missing as well; or the cell counts as 0, as in pandas' sums; or
        it has a value, which is not told: the column stays exact elsewhere, but what it is in these rows is not learned.
    grid : Grid
        Of the column.
    parts : int
        Into which weights divide the column's step, where it has one.
    low, high : float
        Range of the column.
    finest : float
        Smaller differences are rounding.
    zeros : tuple of float
        0 in the units of each source.
    """

    relation: Relation
    exact: bool
    gaps: Gaps
    grid: Grid
    parts: int
    low: float
    high: float
    finest: float
    zeros: tuple[float, ...]

    @classmethod
    def learn(
        cls,
        relation: Relation,
        values: NDArray[np.float64],
        sources: NDArray[np.float64],
        zeros: tuple[float, ...],
        unit: int | None,
    ) -> Self:
        """From a column (n,) and its sources (n, S), NaN where missing.

        Parameters
        ----------
        unit : int or None
            Of the column, of which it has whole multiples, in that of its dtype; None for floats.
        """
        there, combination = ~np.isnan(values), relation.predict(sources)
        low, high = float(values[there].min()), float(values[there].max())
        size = max(abs(low), abs(high), float(np.nanmax(np.abs(combination))))
        finest = max(RELATIVE * size, EPSILON * float(np.nanmax(np.abs(sources * relation.weights))))
        grid, parts = learn_grid(values[there]), 1
        exact = grid.rounding
        if unit is not None:
            parts = _parts(relation, unit)
            exact = Grid(1 / parts)

        def hits(combination: NDArray[np.float64]) -> bool:
            return not (np.abs(exact.snap(combination) - values) > finest).any()

        gaps: Gaps = "spread"
        if not hits(combination):
            return cls(relation, False, gaps, grid, 1, low, high, finest, zeros)
        if there[np.isnan(combination)].any():
            gaps = "zero" if hits(relation.predict(np.where(np.isnan(sources), zeros, sources))) else "beneath"
        return cls(relation, True, gaps, exact, parts, low, high, finest, zeros)

    def predict(self, sources: NDArray[np.float64]) -> NDArray[np.float64]:
        """The combination (n,), NaN where a missing cell of a source makes it missing."""
        return self.relation.predict(np.where(np.isnan(sources), self.zeros, sources) if self.gaps == "zero" else sources)

    def left(self, values: NDArray[np.float64], sources: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the column adds, rounded to what doubles can tell; NaN where it is missing though its sources are not."""
        combination = self.predict(sources)
        if self.exact:
            return np.where(np.isnan(values) & ~(np.isnan(combination) & (self.gaps == "spread")), np.nan, 0.0)
        left = values - combination
        return np.asarray(np.round(left / self.finest) * self.finest if self.finest else left)

    def restore(self, sources: NDArray[np.float64], left: NDArray[np.float64]) -> NDArray[np.float64]:
        """The column, on its grid; within its range, but for exact combinations, which stay exact."""
        values = self.grid.snap(self.predict(sources) + left)
        return values if self.exact else np.clip(values, self.low, self.high)

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The combination of what ``asdict`` made; KeyError, TypeError or ValueError where parts do not fit together."""
        relation = Relation(**state["relation"] | {part: tuple(state["relation"][part]) for part in ("sources", "weights")})
        own = state | {"relation": relation, "grid": Grid(**state["grid"]), "zeros": tuple(state["zeros"])}
        combination = cls(**own)
        if not len(relation.sources) == len(relation.weights) == len(combination.zeros):
            raise ValueError("a combination has malformed weights")
        if combination.gaps not in get_args(Gaps) or combination.parts < 1:
            raise ValueError(f"a combination has the gaps {combination.gaps!r} and {combination.parts} parts of a step")
        return combination


def _parts(relation: Relation, unit: int) -> int:
    """The fewest parts of a column's unit that its combinations are whole multiples of; 1 where that is no whole number."""
    weights = (*relation.weights, relation.intercept)
    parts = lcm(*(Fraction(weight).limit_denominator(MOST_PARTS).denominator for weight in weights))
    return parts if unit % parts == 0 else 1
