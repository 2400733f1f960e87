"""Categories, texts and booleans as events."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.dtypes import dtype_from_json, dtype_to_json
from tsgan.preprocessing.categorical import Categorical


class CategoricalColumn:
    """Categories, texts and booleans: each category an event, the missing cell among them, the commonest ordinary."""

    has_value = False

    def fit(self, X: pd.Series) -> Self:
        """Learn the categories."""
        self.categories = Categorical().fit(X)
        self.n_events = len(self.categories.categories_) - 1
        return self

    def encode(self, X: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Zeros (n,), and codes of the categories (n,) in 0..n_events."""
        return np.zeros(len(X)), self.categories.codes(X)

    def decode(self, scores: NDArray[np.floating[Any]], codes: NDArray[np.int64]) -> pd.Series:
        """The column in its dtype."""
        return self.categories.decode(codes)

    def note(self, names: list[Any]) -> str:
        """How many categories."""
        count = len([category for category in self.categories.categories_ if category is not None])
        return f"{count} categories" if count > 1 else ""

    def to_json(self) -> dict[str, Any]:
        """State: what JSON has."""
        categories = self.categories
        return {
            "type": "categorical",
            "name": categories.feature_names_in_[0],
            "dtype": dtype_to_json(categories.dtype_),
            "categories": categories.categories_,
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec of such a state."""
        codec = cls()
        codec.categories = Categorical()
        codec.categories.feature_names_in_ = [state["name"]]
        codec.categories.dtype_ = dtype_from_json(state["dtype"])
        codec.categories.categories_ = list(state["categories"])
        codec.n_events = len(codec.categories.categories_) - 1
        return codec
