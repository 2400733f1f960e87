"""Categories, texts and booleans as one-hot columns and back."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from tsgan.dtypes import MARKERS, PLAIN, dtype_from_json, dtype_to_json, missing_marker
from tsgan.exceptions import InputError, InputTypeError
from tsgan.preprocessing.transformer import SeriesTransformer, as_series

MOST = 64


class Categorical(SeriesTransformer):
    """One column for each category seen, the missing cell among them, the commonest first.

    ``1``, ``"1"`` and ``True`` are three categories. The inverse takes the greatest of the columns, so that any floats give
    a category that was seen, and none is invented.

    Parameters
    ----------
    most : int, default=64
        Categories that a column may have.

    Attributes
    ----------
    categories_ : list
        None stands for the missing cell.
    dtype_ : dtype
    marker_ : str
        What stands for a missing cell among objects.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most

    def fit(self, X: pd.Series, y: object = None) -> Self:
        """Learn the categories.

        Raises
        ------
        InputError
            If there are more than ``most``.
        InputTypeError
            If they are neither texts, numbers nor booleans.
        """
        X = as_series(X)
        codes, keys = _factorize(X, self.most)
        if len(keys) > self.most:
            raise InputError(
                f"column {X.name!r} has {len(keys):,} categories; at most {self.most} can be learned: group the rare ones, "
                f"drop the column, name it as entity=, or say schema={{{X.name!r}: 'identifier'}}"
            )
        order = np.argsort(-np.bincount(codes), kind="stable")
        self.categories_ = [keys[k][1] for k in order]
        self.dtype_, self.marker_ = X.dtype, missing_marker(X)
        self.feature_names_in_ = [X.name]
        return self

    def codes(self, X: pd.Series, other: int | None = None) -> NDArray[np.int64]:
        """Place of each cell's category, shape (n,); ``other`` for those that were not seen.

        Raises
        ------
        InputError
            If a category was not seen, and there is no ``other``.
        """
        check_is_fitted(self)
        place = {_key(value): k for k, value in enumerate(self.categories_)}
        codes, keys = _factorize(X)
        if other is not None:
            place |= {key: other for key in keys if key not in place}
        if unknown := sorted(str(key[1]) for key in keys if key not in place):
            known = ", ".join(str(value) for value in self.categories_[:10])
            raise InputError(f"column {X.name!r} holds {unknown[:3]}, which were not seen by fit; known are {known}")
        return np.array([place[key] for key in keys], dtype=np.int64)[codes]

    def decode(self, codes: NDArray[np.int64]) -> pd.Series:
        """Categories of these places, in the dtype seen."""
        check_is_fitted(self)
        values = np.empty(len(self.categories_), dtype=object)
        values[:] = [MARKERS[self.marker_] if category is None else category for category in self.categories_]
        cells = pd.Series(values[codes], name=self.feature_names_in_[0], dtype=object)
        return cells if pd.api.types.is_object_dtype(self.dtype_) else cells.astype(self.dtype_)

    def transform(self, X: pd.Series) -> NDArray[np.float64]:
        """One-hot, shape (n, categories)."""
        check_is_fitted(self)
        return np.eye(len(self.categories_))[self.codes(as_series(X))]

    def inverse_transform(self, X: ArrayLike) -> pd.Series:
        """The category of the greatest of each row's floats, shape (n, categories)."""
        check_is_fitted(self)
        return self.decode(np.asarray(X, dtype=np.float64).argmax(1))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:
        """``name=category`` of each column."""
        check_is_fitted(self)
        return np.asarray([f"{self.feature_names_in_[0]}={value}" for value in self.categories_], dtype=object)

    def state(self) -> dict[str, Any]:
        """Name, dtype, what stands for missing cells, and the categories."""
        return {
            "name": self.feature_names_in_[0],
            "dtype": dtype_to_json(self.dtype_),
            "marker": self.marker_,
            "categories": self.categories_,
        }

    def restore(self, state: dict[str, Any]) -> Self:
        """Take over such a state; KeyError, TypeError or ValueError where parts do not fit together."""
        self.feature_names_in_, self.dtype_, self.marker_ = [state["name"]], dtype_from_json(state["dtype"]), state["marker"]
        self.categories_ = list(state["categories"])
        return self


Key = tuple[str, Hashable]  # type and value: 1, "1" and True differ


def _factorize(X: pd.Series, most: int | None = None) -> tuple[NDArray[np.int64], list[Key]]:
    """Number of each cell's category, and the categories; None for the missing ones, whatever stands for them.

    More than ``most`` categories come as they are, to be counted.
    """
    if pd.api.types.is_object_dtype(X.dtype):
        cells = np.empty(len(X), dtype=object)
        cells[:] = [_key(_plain(cell, X.name, row)) for row, cell in enumerate(X.where(X.notna(), None))]
        codes, keys = pd.factorize(cells)
        return codes, list(keys)
    codes, uniques = pd.factorize(X)
    if most is not None and len(uniques) > most:
        return codes, [("", k) for k in range(len(uniques))]
    keys = [_key(_plain(value, X.name, int((codes == k).argmax()))) for k, value in enumerate(uniques)]
    if (codes < 0).any():
        codes = np.where(codes < 0, len(keys), codes)
        keys.append(_key(None))
    return codes, keys


def _key(value: Hashable) -> Key:
    return type(value).__name__, value


def _plain(cell: Any, name: Any, row: int) -> Any:
    plain = cell.item() if isinstance(cell, np.generic) else cell
    if plain is not None and not isinstance(plain, PLAIN):
        raise InputTypeError(
            f"column {name!r} holds a {type(cell).__name__} (row {row}, counted from 0), which is neither text, number nor "
            "boolean; convert or drop it"
        )
    return plain
