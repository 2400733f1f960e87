"""What the transformers of single columns share: scikit-learn's form, names, and their state as JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted


class SeriesTransformer(TransformerMixin, BaseEstimator, ABC):
    """A map from one column to floats and back: ``fit``, ``transform``, ``inverse_transform``.

    The inverse is total: any finite floats give values that the column could have.

    Attributes
    ----------
    feature_names_in_ : list
        The column's name.
    """

    kinds: ClassVar[dict[str, type[SeriesTransformer]]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.kinds[cls.__name__] = cls

    @abstractmethod
    def fit(self, X: pd.Series, y: object = None) -> Self:
        """Learn from a column of which at least one cell is there."""

    @abstractmethod
    def transform(self, X: pd.Series) -> NDArray[np.float64]:
        """Floats, shape (n,) or (n, channels)."""

    @abstractmethod
    def inverse_transform(self, X: ArrayLike) -> Any:
        """The column, shape (n,)."""

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:
        """The column's own name."""
        check_is_fitted(self)
        return np.asarray(self.feature_names_in_, dtype=object)

    def to_json(self) -> dict[str, Any]:
        """All that :meth:`from_json` needs, safe to JSON if the column's name and the parameters are."""
        check_is_fitted(self)
        state = {part: value.tolist() if isinstance(value, np.ndarray) else value for part, value in self.state().items()}
        return _unfitted(self) | state

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The fitted transformer of such a state; KeyError, TypeError or ValueError for anything else."""
        transformer = _made(state)
        if not isinstance(transformer, cls):
            raise ValueError(f"the state is that of a {state['type']}, not of a {cls.__name__}")
        return transformer.restore(state)

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What was learned: what JSON has, and arrays."""

    @abstractmethod
    def restore(self, state: dict[str, Any]) -> Self:
        """Take over such a state; KeyError, TypeError or ValueError where parts do not fit together."""


def _unfitted(transformer: SeriesTransformer) -> dict[str, Any]:
    params = {
        name: _unfitted(value) if isinstance(value, SeriesTransformer) else value
        for name, value in transformer.get_params(deep=False).items()
    }
    return {"type": type(transformer).__name__, "params": params}


def _made(form: dict[str, Any]) -> SeriesTransformer:
    params = {name: _made(value) if isinstance(value, dict) else value for name, value in form["params"].items()}
    return SeriesTransformer.kinds[form["type"]](**params)


def as_series(X: pd.Series | ArrayLike) -> pd.Series:
    """A column, without a name where it has none."""
    return X if isinstance(X, pd.Series) else pd.Series(np.asarray(X))
