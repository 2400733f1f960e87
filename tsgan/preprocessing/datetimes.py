"""Dates, times, durations and periods as floats and back."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from tsgan.exceptions import InputTypeError
from tsgan.preprocessing.numbers import Numbers, number_kind
from tsgan.preprocessing.transformer import SeriesTransformer, as_series

KINDS = ("datetime", "timedelta", "period", "date")


class Datetime(SeriesTransformer):
    """Datetimes (of any unit and zone), durations, periods and dates as floats, NaN where missing, and back in their dtype.

    They are counted in their greatest common step from the earliest of them (:class:`Numbers`), and scaled then. Without a
    scaler they come back exactly, as long as they span no more than 2**53 of these steps; with one they do where it is as
    fine as the steps. The inverse gives whole steps within the range seen, from any finite floats.

    Parameters
    ----------
    scaler : SeriesTransformer, optional
        Of the numbers: :class:`Standard` for example. By default they stay as they are.

    Attributes
    ----------
    numbers_ : Numbers
    scaler_ : SeriesTransformer or None
    """

    def __init__(self, scaler: SeriesTransformer | None = None) -> None:
        self.scaler = scaler

    def fit(self, X: pd.Series, y: object = None) -> Self:
        """Learn dtype, range and step.

        Raises
        ------
        InputError
            If the column holds no cells.
        InputTypeError
            If it holds anything else.
        """
        X = as_series(X)
        if number_kind(X) not in KINDS:
            raise InputTypeError(
                f"column {X.name!r} holds no dates, durations or periods: its dtype is {X.dtype}; convert it with "
                "pandas.to_datetime or pandas.to_timedelta"
            )
        self.feature_names_in_ = [X.name]
        self.numbers_ = Numbers().fit(X)
        self.scaler_ = None if self.scaler is None else clone(self.scaler).fit(self.numbers_.transform(X))
        return self

    def transform(self, X: pd.Series) -> NDArray[np.float64]:
        """Steps since the earliest, scaled, shape (n,); NaN where missing."""
        check_is_fitted(self)
        numbers = self.numbers_.transform(as_series(X))
        return numbers if self.scaler_ is None else self.scaler_.transform(numbers)

    def inverse_transform(self, X: ArrayLike) -> pd.Series:
        """The column in its dtype, missing where NaN."""
        check_is_fitted(self)
        return self.numbers_.inverse_transform(X if self.scaler_ is None else self.scaler_.inverse_transform(X))

    def state(self) -> dict[str, Any]:
        """Of the numbers and of the scaler."""
        scaled = None if self.scaler_ is None else self.scaler_.to_json()
        return {"numbers": self.numbers_.to_json(), "scaled": scaled}

    def restore(self, state: dict[str, Any]) -> Self:
        """Take over such a state."""
        self.numbers_ = Numbers.from_json(state["numbers"])
        self.scaler_ = None if state["scaled"] is None else SeriesTransformer.from_json(state["scaled"])
        self.feature_names_in_ = self.numbers_.feature_names_in_
        return self
