"""Numbers, dates and durations as a value, and an event that may stand in its place."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.preprocessing.atoms import LEAST_RUNS, few_levels, find_atoms
from tsgan.preprocessing.between import around, between
from tsgan.preprocessing.codec import Codec, Encoded, Seen
from tsgan.preprocessing.grid import learn_grid
from tsgan.preprocessing.holds import Before, is_sticky, parted, repeats, share_of_repeats
from tsgan.preprocessing.monotone import MonotoneScaler
from tsgan.preprocessing.numbers import Numbers
from tsgan.preprocessing.quantile_normal import QuantileNormal
from tsgan.preprocessing.scalers import SCALINGS
from tsgan.timeline import Timeline


class NumericColumn(Codec):
    """Numbers, dates and durations: a value, or one of the atoms, or a missing cell.

    A column of few levels has no values between them: each level is an atom, and the commonest the ordinary state. A sticky
    one has a flag more, for "as the step before".

    Parameters
    ----------
    random_state : int
        Of the spread of values over their grid cells.
    scaling : str, optional
        One of ``SCALINGS``; few values are then not taken for levels. By default quantiles.
    """

    def __init__(self, random_state: int = 0, scaling: str | None = None) -> None:
        self.random_state, self.scaling = random_state, scaling
        self.scaler: MonotoneScaler | None = None
        self.sticky = False
        self.around: tuple[float, float] | None = None

    def fit(self, X: pd.Series, timeline: Timeline) -> Self:
        """Learn from a column with at least one cell."""
        self.numbers = Numbers().fit(X)
        values = self.numbers.transform(X)
        missing = np.isnan(values)
        known = values[~missing]
        levels = few_levels(known) if self.scaling is None or len(np.unique(known)) < 2 else None
        if levels is None:
            self.atoms = find_atoms(known, learn_grid(known).step)
            free = ~missing & ~np.isin(values, self.atoms)
            self.scaler = SCALINGS[self.scaling or "quantile"](random_state=self.random_state).fit(values[free])
            self.sticky = is_sticky(values, free, timeline.begins)
            if not self.sticky and self.scaler.grid_.step:
                self.rounded = share_of_repeats(values, free, timeline.begins)
        else:
            self.atoms = levels
        return self._finish(bool(missing.any()))

    def fit_static(self, X: pd.Series, min_entities: int) -> Self:
        """Learn from the cells of a column that is constant within each series, one of each, at least one there.

        Nothing is kept that is one series' own: levels and atoms are in as many of them as a category must be, and values
        are learned by what lies between them (:func:`tsgan.preprocessing.between.between`), as quantiles whatever the
        scaling, so that scores are normal.

        Parameters
        ----------
        X : Series
        min_entities : int
            Series in which an atom must occur; five at least.
        """
        self.numbers = Numbers(shy=True).fit(X)
        values, least = self.numbers.transform(X), max(LEAST_RUNS, min_entities)
        missing = np.isnan(values)
        known = values[~missing]
        levels = few_levels(known, least) if self.scaling is None or len(np.unique(known)) < 2 else None
        if levels is None:
            self.atoms = find_atoms(known, learn_grid(known).step, least=least)
            free = known[~np.isin(known, self.atoms)]
            grid, draw = learn_grid(free), np.random.default_rng(self.random_state)
            shown = between(free, grid, draw)
            self.scaler = QuantileNormal(random_state=self.random_state).fit(shown, grid=grid)
            self.around = around(known) if len(shown) < len(free) else None
        else:
            self.atoms = levels
        return self._finish(bool(missing.any()))

    def _finish(self, may_miss: bool) -> Self:
        self.may_miss, self.has_value = may_miss, self.scaler is not None
        self.n_events = len(self.atoms) + may_miss - (not self.has_value)
        return self

    @property
    def _states(self) -> NDArray[np.float64]:
        """Value of each code; NaN for a missing cell, and for code 0 where that is the scaler's."""
        return np.array([*([np.nan] if self.has_value else []), *self.atoms, *([np.nan] if self.may_miss else [])])

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest value seen, in the units of ``numbers``; of a static column round numbers around them."""
        if self.around is not None:
            return self.around
        ends = [*self.atoms, *([] if self.scaler is None else [self.scaler.minimum_, self.scaler.maximum_])]
        return min(ends), max(ends)

    def encode(self, X: pd.Series, timeline: Timeline, sources: NDArray[np.float64], seen: Seen | None = None) -> Encoded:
        """Scores and events; in a column of levels, values that are none become the nearest one."""
        values = self.numbers.transform(X)
        missing = np.isnan(values)
        code = np.zeros(len(values), dtype=np.int64)
        if self.scaler is None:
            order = np.argsort(self.atoms)
            levels = np.array(self.atoms)[order]
            nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, np.where(missing, levels[0], values))
            code = order[nearest]
        else:
            for k, atom in enumerate(self.atoms):
                code[values == atom] = k + 1
        code[missing] = self.n_events
        scores, free, seen = np.zeros(len(values)), ~missing & (code == 0), seen or Seen()
        if self.scaler is not None and free.any():
            scores[free] = self.scaler.transform(values[free], seen.count)
        held = np.zeros(len(values), dtype=bool)
        if self.sticky:
            held = repeats(np.append(seen.value, values), np.append(seen.free, free), np.append(True, timeline.begins))[1:]
            scores = np.append(seen.score, scores)
            # Equal values stay equal.
            scores = scores[np.maximum.accumulate(np.append(0, np.where(held, 0, np.arange(1, len(scores)))))][1:]
        if len(values):
            seen.count, seen.free = seen.count + int(free.sum()), bool(free[-1])
            seen.value, seen.score = float(values[-1]), float(scores[-1])
        return Encoded(scores, code, held)

    def decode(
        self, encoded: Encoded, timeline: Timeline, sources: NDArray[np.float64], before: Before | None = None
    ) -> pd.Series:
        """The column in its dtype, from any finite scores; values of a sticky one repeat where held, and only there."""
        values = self._states[encoded.codes]
        if self.scaler is not None:
            free = encoded.codes == 0
            decoded = self.scaler.inverse_transform(encoded.scores)
            if self.sticky and self.scaler.grid_.step:
                decoded = parted(decoded, free, encoded.held, timeline.begins, self.scaler, before)
            values = np.where(free, decoded, values)
        return self.numbers.inverse_transform(values)

    def note(self, names: list[Any]) -> str:
        """What is special about the column, in words."""
        atoms = ", ".join(str(cell) for cell in self.numbers.inverse_transform(np.array(self.atoms)))
        if len(self.atoms) < 2 and not self.has_value:
            return ""
        parts = [
            f"{'atoms' if self.has_value else 'levels'} {atoms}" if atoms else "",
            "repeats itself" if self.sticky else "",
            "" if self.around is None else "learned between the values of the series",
        ]
        return "; ".join(filter(None, parts))

    def to_json(self) -> dict[str, Any]:
        """State: what JSON has, and arrays."""
        numbers, scaler = self.numbers, self.scaler
        state: dict[str, Any] = {
            "type": "numeric",
            **numbers.state(),
            "atoms": list(self.atoms),
            "may_miss": self.may_miss,
            "sticky": self.sticky,
            "rounded": self.rounded,
            "around": self.around,
            "random_state": self.random_state,
        }
        return state if scaler is None else scaler.state() | {"scaling": type(scaler).__name__} | state

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec of such a state; ValueError where parts do not fit together."""
        codec = cls(int(state["random_state"]))
        codec.numbers, codec.scaler = Numbers().restore(state), None
        codec.atoms, codec.sticky = tuple(float(atom) for atom in state["atoms"]), bool(state["sticky"])
        codec.rounded = float(state["rounded"])
        if state["around"] is not None:
            low, high = (float(end) for end in state["around"])
            codec.around = low, high
        if "scaling" in state:
            scalers = {scaler.__name__: scaler for scaler in SCALINGS.values()}
            codec.scaler = scalers[state["scaling"]](random_state=codec.random_state).restore(state)
        elif not codec.atoms:
            raise ValueError(f"column {state['name']!r} has no values")
        return codec._finish(bool(state["may_miss"]))
