"""The codecs of a table's columns: table to channels and back."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from tsgan.preprocessing.quantile_normal import QuantileNormal


class TableEncoder(TransformerMixin, BaseEstimator):
    """One :class:`QuantileNormal` for each column, and which columns have missing cells.

    Parameters
    ----------
    random_state : int, default=0
        Of the spread of values over their grid cells.

    Attributes
    ----------
    codecs_ : list of QuantileNormal
    masked_ : tuple of int
        Positions of the columns with missing cells.
    """

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:
        """Learn from numeric columns; none may be all missing."""
        seeds = np.random.SeedSequence(self.random_state).generate_state(X.shape[1])
        self.codecs_ = [QuantileNormal(random_state=int(seed)).fit(X.iloc[:, k]) for k, seed in enumerate(seeds)]
        self.masked_ = tuple(int(k) for k in np.flatnonzero(X.isna().any().to_numpy()))
        return self

    def transform(self, X: pd.DataFrame) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Channels (rows, C), 0 where a cell is missing, and the flags (rows, M) of the columns that may miss some."""
        check_is_fitted(self)
        scores = np.stack([codec.transform(X.iloc[:, k]) for k, codec in enumerate(self.codecs_)], 1)
        missing = np.isnan(scores)
        return np.where(missing, 0.0, scores).astype(np.float32), missing[:, list(self.masked_)]

    def inverse_transform(self, channels: NDArray[np.float32], missing: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Values (rows, C), NaN where flagged."""
        check_is_fitted(self)
        values = np.stack([codec.inverse_transform(channels[:, k]) for k, codec in enumerate(self.codecs_)], 1)
        for flag, column in enumerate(self.masked_):
            values[missing[:, flag], column] = np.nan
        return values
