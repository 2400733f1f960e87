"""Numbers to standard normal scores and back."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtr, ndtri
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from tsgan.preprocessing.grid import learn_grid

MAX_SCORE = 4.2  # of the outermost knot; one value in 75,000 lies beyond
TABLE = 512


class QuantileNormal(TransformerMixin, BaseEstimator):
    """Map a numeric column to normal scores through its own quantiles, smoothly.

    The empirical quantiles of an autocorrelated series are rough: they follow the levels at which this one realisation
    happened to linger, and a smooth series would come out with a volatility that jumps with the level. So the map goes
    through no more knots than the series has effectively independent values, n (1 - rho) / (1 + rho) with its lag-1
    autocorrelation rho (Bartlett 1946), and is monotone cubic between them (Fritsch & Carlson 1980). Knots are even in the
    score, which resolves the tails (those of scikit-learn's ``QuantileTransformer`` are even in probability).

    Values on a grid are first spread uniformly over their cells. The inverse is total: any finite score gives a value
    within the range seen, on the grid seen.

    Parameters
    ----------
    min_knots, max_knots : int, default=16, 300
    random_state : int, numpy.random.Generator or None, default=0
        Of the spread within cells.

    Attributes
    ----------
    scores_, values_ : ndarray of shape (TABLE,)
        The map as a table, increasing in both.
    minimum_, maximum_ : float
    grid_ : Grid
    """

    def __init__(
        self, min_knots: int = 16, max_knots: int = 300, random_state: int | np.random.Generator | None = 0
    ) -> None:
        self.min_knots = min_knots
        self.max_knots = max_knots
        self.random_state = random_state

    def fit(self, X: pd.Series | ArrayLike, y: object = None) -> Self:
        """Learn range, grid and quantiles of the cells that are there; at least one must be."""
        values = _floats(X)
        self.feature_names_in_ = [getattr(X, "name", None)]
        values = values[~np.isnan(values)]
        self.minimum_, self.maximum_ = float(values.min()), float(values.max())
        self.grid_ = learn_grid(values)
        spread = self._spread(values)
        edge = min(-float(ndtri(0.5 / max(len(values), 2))), MAX_SCORE)
        knots = np.linspace(-edge, edge, int(np.clip(effective_size(values), self.min_knots, self.max_knots)))
        quantiles = np.quantile(spread, ndtr(knots))
        quantiles[[0, -1]] = spread.min(), spread.max()
        self.scores_ = np.linspace(-edge, edge, TABLE)
        unit = float(np.abs(quantiles).max()) or 1.0  # the slopes of huge and of tiny values are no doubles
        self.values_ = unit * np.maximum.accumulate(PchipInterpolator(knots, quantiles / unit)(self.scores_))
        return self

    def transform(self, X: pd.Series | ArrayLike) -> NDArray[np.float64]:
        """Scores, shape (n,); NaN where a cell is missing."""
        check_is_fitted(self)
        spread = self._spread(_floats(X))
        unit = float(np.abs(self.values_).max()) or 1.0
        spread, values = spread / unit, self.values_ / unit
        # Equal knots (an atom without a grid): the middle of their scores.
        low = np.interp(spread, values, self.scores_)
        high = -np.interp(-spread, -values[::-1], -self.scores_[::-1])
        return (low + high) / 2

    def inverse_transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Values, shape (n,), from any finite scores."""
        check_is_fitted(self)
        values = np.interp(np.asarray(X, dtype=np.float64), self.scores_, self.values_)
        return np.clip(self.grid_.snap(values), self.minimum_, self.maximum_)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:
        """The column's own name."""
        return np.asarray(self.feature_names_in_, dtype=object)

    def _spread(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values spread uniformly over their grid cells."""
        if not self.grid_.step:
            return values
        draw = np.random.default_rng(self.random_state)
        return self.grid_.nodes(values) + self.grid_.step * draw.uniform(-0.5, 0.5, len(values))


def effective_size(values: NDArray[np.float64]) -> float:
    """Number of independent values that tell as much as this series, from its lag-1 autocorrelation."""
    centred = values / max(float(np.abs(values).max()), 1e-300)  # huge values have no square
    centred = centred - centred.mean()
    power = float(centred @ centred)
    rho = float(centred[1:] @ centred[:-1]) / power if power else 0.0
    return len(values) * (1 - rho) / (1 + rho) if rho > 0 else float(len(values))


def _floats(X: pd.Series | ArrayLike) -> NDArray[np.float64]:
    if isinstance(X, pd.Series):
        return np.asarray(X.to_numpy(dtype=np.float64, na_value=np.nan))
    return np.asarray(X, dtype=np.float64)
