"""Numbers to standard normal scores and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtr, ndtri

from tsgan.preprocessing.monotone import TABLE, MonotoneScaler

MAX_SCORE = 4.2  # of the outermost knot; one value in 75,000 lies beyond


class QuantileNormal(MonotoneScaler):
    """Map a numeric column to normal scores through its own quantiles, smoothly.

    The empirical quantiles of an autocorrelated series are rough: they follow the levels at which this one realisation
    happened to linger, and a smooth series would come out with a volatility that jumps with the level. So the map goes
    through no more knots than the series has effectively independent values, n (1 - rho) / (1 + rho) with its lag-1
    autocorrelation rho (Bartlett 1946), and is monotone cubic between them (Fritsch & Carlson 1980). Knots are even in the
    score, which resolves the tails (those of scikit-learn's ``QuantileTransformer`` are even in probability).

    Parameters
    ----------
    min_knots, max_knots : int, default=16, 300
    random_state : int, numpy.random.Generator or None, default=0
        Of the spread within cells.
    """

    def __init__(
        self, min_knots: int = 16, max_knots: int = 300, random_state: int | np.random.Generator | None = 0
    ) -> None:
        super().__init__(random_state)
        self.min_knots = min_knots
        self.max_knots = max_knots

    def _map(
        self, values: NDArray[np.float64], spread: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        edge = min(-float(ndtri(0.5 / max(len(values), 2))), MAX_SCORE)
        knots = np.linspace(-edge, edge, int(np.clip(effective_size(values), self.min_knots, self.max_knots)))
        quantiles = np.quantile(spread, ndtr(knots), method="hazen")  # the ends are those of the edge
        quantiles[[0, -1]] = spread.min(), spread.max()
        scores = np.linspace(-edge, edge, TABLE)
        unit = float(np.abs(quantiles).max()) or 1.0  # the slopes of huge and of tiny values are no doubles
        return scores, unit * np.asarray(PchipInterpolator(knots, quantiles / unit)(scores))


def effective_size(values: NDArray[np.float64]) -> float:
    """Number of independent values that tell as much as this series, from its lag-1 autocorrelation."""
    centred = values / max(float(np.abs(values).max()), 1e-300)  # huge values have no square
    centred = centred - centred.mean()
    power = float(centred @ centred)
    rho = float(centred[1:] @ centred[:-1]) / power if power else 0.0
    return len(values) * (1 - rho) / (1 + rho) if rho > 0 else float(len(values))
