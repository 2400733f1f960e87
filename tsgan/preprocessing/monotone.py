"""What all scalers share: an increasing map as a table, the grid and the range of the values."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import asdict
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from tsgan.exceptions import InputError, InputTypeError
from tsgan.preprocessing.grid import Grid, learn_grid
from tsgan.preprocessing.transformer import SeriesTransformer, as_series

TABLE = 512
HUGE = 1e100  # values without squares, and some without differences


class MonotoneScaler(SeriesTransformer):
    """A numeric column through an increasing map, linear between the points of a table.

    Values on a grid are first spread uniformly over their cells. The inverse is total: any finite score gives a value
    within the range seen, on the grid seen, and never NaN.

    Parameters
    ----------
    random_state : int, numpy.random.Generator or None, default=0
        Of the spread within cells.

    Attributes
    ----------
    scores_, values_ : ndarray of shape (TABLE,)
        The map, increasing in both.
    minimum_, maximum_ : float
    grid_ : Grid
    """

    def __init__(self, random_state: int | np.random.Generator | None = 0) -> None:
        self.random_state = random_state

    def fit(self, X: pd.Series | ArrayLike, y: object = None, grid: Grid | None = None) -> Self:
        """Learn range, map and, unless it is known, grid of the cells that are there.

        Raises
        ------
        InputError
            If there are none, or infinite ones.
        InputTypeError
            If they are no numbers.
        """
        values = as_floats(X)
        self.feature_names_in_ = [getattr(X, "name", None)]
        values = values[~np.isnan(values)]
        if not len(values):
            raise InputError(f"column {self.feature_names_in_[0]!r} has no values at all; drop it")
        if infinite := int(np.isinf(values).sum()):
            raise InputError(
                f"column {self.feature_names_in_[0]!r} holds {infinite} infinite values; replace them or drop the rows"
            )
        self.minimum_, self.maximum_ = float(values.min()), float(values.max())
        self.grid_ = learn_grid(values) if grid is None else grid
        spread, unit = self._spread(values), _unit(values)
        scores, table = self._map(values / unit, spread / unit)
        with np.errstate(over="ignore"):
            table = np.clip(table * unit, spread.min(), spread.max())
        self.scores_, self.values_ = np.maximum.accumulate(scores), np.maximum.accumulate(table)
        return self

    @abstractmethod
    def _map(
        self, values: NDArray[np.float64], spread: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scores and values of the table, given the values and the same spread over their cells."""

    def transform(self, X: pd.Series | ArrayLike, before: int = 0) -> NDArray[np.float64]:
        """Scores, shape (n,); NaN where a cell is missing. Their spread is that after so many cells ``before``."""
        check_is_fitted(self)
        spread = self._spread(as_floats(X), before)
        unit = float(np.abs(self.values_).max()) or 1.0
        spread, values = spread / unit, self.values_ / unit
        # Equal knots (an atom without a grid): the middle of their scores.
        low = np.interp(spread, values, self.scores_)
        high = -np.interp(-spread, -values[::-1], -self.scores_[::-1])
        return (low + high) / 2

    def inverse_transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Values, shape (n,), from any finite scores."""
        check_is_fitted(self)
        unit = _unit(self.values_)
        values = np.interp(np.asarray(X, dtype=np.float64), self.scores_, self.values_ / unit)
        return np.clip(self.grid_.snap(values * unit), self.minimum_, self.maximum_)

    def state(self) -> dict[str, Any]:
        """Name, range and grid, and the arrays ``scores`` and ``values``."""
        return {
            "name": self.feature_names_in_[0],
            "range": [self.minimum_, self.maximum_],
            "grid": asdict(self.grid_),
            "scores": self.scores_,
            "values": self.values_,
        }

    def restore(self, state: dict[str, Any]) -> Self:
        """Take over such a state; KeyError, TypeError or ValueError where parts do not fit together."""
        self.feature_names_in_ = [state["name"]]
        self.minimum_, self.maximum_ = (float(end) for end in state["range"])
        self.grid_ = Grid(**state["grid"])
        self.scores_, self.values_ = (np.asarray(state[part], dtype=np.float64) for part in ("scores", "values"))
        if self.scores_.ndim != 1 or self.scores_.shape != self.values_.shape:
            raise ValueError("a column has malformed knots")
        return self

    def _spread(self, values: NDArray[np.float64], before: int = 0) -> NDArray[np.float64]:
        """Values spread uniformly over their grid cells."""
        if not self.grid_.step:
            return values
        draw = np.random.default_rng(self.random_state)
        if before and isinstance(draw.bit_generator, np.random.PCG64):  # that of whole numbers; a step for each double
            draw.bit_generator.advance(before)
        return self.grid_.nodes(values) + self.grid_.step * draw.uniform(-0.5, 0.5, len(values))


def _unit(values: NDArray[np.float64]) -> float:
    largest = float(np.abs(values).max())
    return largest if largest > HUGE else 1.0


def as_floats(X: pd.Series | ArrayLike) -> NDArray[np.float64]:
    """A column as doubles, NaN where missing; InputTypeError where it holds no numbers."""
    X = as_series(X)
    try:
        if X.dtype.kind in "mM":
            raise TypeError("dates have no zero")
        return np.asarray(X.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise InputTypeError(
            f"column {X.name!r} holds no numbers ({error}); convert it, or take Datetime or Categorical"
        ) from error
