"""The classical scalers of scikit-learn as increasing maps with a total inverse."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, RobustScaler, StandardScaler

from tsgan.preprocessing.monotone import TABLE, MonotoneScaler
from tsgan.preprocessing.quantile_normal import QuantileNormal


class _Scikit(MonotoneScaler):
    """A scaler of scikit-learn, put down as a table over the range seen."""

    scaler: ClassVar[Any]

    def _map(
        self, values: NDArray[np.float64], spread: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        table = np.linspace(spread.min(), spread.max(), TABLE)
        return self.scaler().fit(spread[:, None]).transform(table[:, None])[:, 0], table


class Standard(_Scikit):
    """Zero mean and unit variance (:class:`sklearn.preprocessing.StandardScaler`)."""

    scaler = StandardScaler


class MinMax(_Scikit):
    """From 0 to 1 (:class:`sklearn.preprocessing.MinMaxScaler`)."""

    scaler = MinMaxScaler


class Robust(_Scikit):
    """Zero median and unit quartile distance (:class:`sklearn.preprocessing.RobustScaler`)."""

    scaler = RobustScaler


class Power(_Scikit):
    """About normal by a power (Yeo & Johnson 2000; :class:`sklearn.preprocessing.PowerTransformer`).

    scikit-learn's own inverse gives NaN for scores out of the transform's range; this one gives the nearest value seen.
    """

    scaler = PowerTransformer


class Log(MonotoneScaler):
    """Standardised logarithm of the distance to just below the least value."""

    def _map(
        self, values: NDArray[np.float64], spread: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        low, high = float(spread.min()), float(spread.max())
        shift = (high - low) / 1000 or 1.0
        table = low - shift + np.geomspace(shift, high - low + shift, TABLE)
        logs = np.log(spread - low + shift)
        return (np.log(table - low + shift) - logs.mean()) / (logs.std() or 1.0), table


SCALINGS: dict[str, type[MonotoneScaler]] = {
    "quantile": QuantileNormal,
    "standard": Standard,
    "minmax": MinMax,
    "robust": Robust,
    "power": Power,
    "log": Log,
}
