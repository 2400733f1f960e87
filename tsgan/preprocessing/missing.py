"""Columns with missing cells as floats without any, and a mask."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from tsgan.dtypes import MARKERS, dtype_from_json, dtype_to_json, missing_marker, with_missing
from tsgan.exceptions import InputError
from tsgan.preprocessing.transformer import SeriesTransformer, as_series


class Missing(SeriesTransformer):
    """The floats that another transformer makes of a column, their median where a cell is missing, and a mask that says so.

    The mask is 1 where a cell is missing. In the inverse one above a half makes a cell missing, if any was so in ``fit``;
    all other cells are those of the other transformer, in the column's dtype.

    Parameters
    ----------
    transformer : SeriesTransformer
        Of the cells that are there.

    Attributes
    ----------
    transformer_ : SeriesTransformer
    fill_ : ndarray of shape (channels,)
    may_miss_ : bool
        Whether a cell was missing.
    """

    def __init__(self, transformer: SeriesTransformer) -> None:
        self.transformer = transformer

    def fit(self, X: pd.Series, y: object = None) -> Self:
        """Learn from the cells that are there.

        Raises
        ------
        InputError
            If there are none.
        """
        X = as_series(X)
        known = X[X.notna()]
        if known.empty:
            raise InputError(f"column {X.name!r} has no values at all; drop it")
        self.feature_names_in_ = [X.name]
        self.dtype_, self.marker_, self.may_miss_ = X.dtype, missing_marker(X), len(known) < len(X)
        self.transformer_ = clone(self.transformer).fit(known)
        self.fill_ = np.quantile(self.transformer_.transform(known), 0.5, axis=0, method="lower")
        return self

    def transform(self, X: pd.Series) -> NDArray[np.float64]:
        """The other's channels and the mask, shape (n, channels + 1), without NaN."""
        check_is_fitted(self)
        X = as_series(X)
        missing = X.isna().to_numpy()
        filled = np.empty((len(X), self.fill_.size + 1))
        filled[:, :-1], filled[:, -1] = self.fill_, missing
        if not missing.all():
            known = self.transformer_.transform(X[~missing])
            filled[~missing, :-1] = known.reshape(len(known), -1)
        return filled

    def inverse_transform(self, X: ArrayLike) -> pd.Series:
        """The column in its dtype."""
        check_is_fitted(self)
        floats = np.asarray(X, dtype=np.float64)
        values = self.transformer_.inverse_transform(floats[:, :-1].reshape(-1, *self.fill_.shape))
        missing = (floats[:, -1] > 0.5) & self.may_miss_
        return with_missing(pd.Series(values, name=self.feature_names_in_[0]), missing, self.dtype_, self.marker_)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:
        """Those of the other transformer, and ``missingindicator_name`` as in scikit-learn."""
        check_is_fitted(self)
        own = self.transformer_.get_feature_names_out()
        return np.append(own, np.asarray([f"missingindicator_{self.feature_names_in_[0]}"], dtype=object))

    def state(self) -> dict[str, Any]:
        """Of the other transformer, and the column's dtype."""
        return {
            "name": self.feature_names_in_[0],
            "dtype": dtype_to_json(self.dtype_),
            "marker": self.marker_,
            "may_miss": self.may_miss_,
            "fill": self.fill_,
            "known": self.transformer_.to_json(),
        }

    def restore(self, state: dict[str, Any]) -> Self:
        """Take over such a state."""
        self.feature_names_in_, self.dtype_, self.marker_ = [state["name"]], dtype_from_json(state["dtype"]), state["marker"]
        if self.marker_ not in MARKERS:
            raise ValueError(f"missing cells are {self.marker_!r}")
        self.may_miss_, self.fill_ = bool(state["may_miss"]), np.asarray(state["fill"], dtype=np.float64)
        self.transformer_ = SeriesTransformer.from_json(state["known"])
        return self
