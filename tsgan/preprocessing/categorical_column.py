"""Categories, texts and booleans as events."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.exceptions import InputError
from tsgan.preprocessing.categorical import Categorical
from tsgan.preprocessing.codec import Codec, Encoded, Seen
from tsgan.preprocessing.holds import Before
from tsgan.timeline import Timeline
from tsgan.wording import counted


class CategoricalColumn(Codec):
    """Categories, texts and booleans: each category an event, the missing cell among them, the commonest ordinary."""

    has_value = False

    def fit(self, X: pd.Series, owner: NDArray[np.int64] | None = None, least: int = 1) -> Self:
        """Learn the categories.

        Parameters
        ----------
        X : Series
        owner : ndarray of shape (n,), optional
            Number of each cell's sequence.
        least : int
            Sequences in which a category must occur. The cells of rarer ones count as the commonest category: what few
            people have may tell who they are. Missing cells, as in columns of numbers, may be rarer.

        Raises
        ------
        InputError
            If no category is that common, or there are too many of them.
        """
        self.categories, self.left_out = Categorical().fit(X), 0
        if owner is not None and least > 1:
            self._leave_out(X, owner, least)
        self.n_events = len(self.categories.categories_) - 1
        return self

    @property
    def missing_code(self) -> int | None:
        """Code of a missing cell, which is a category like others; None where there are none."""
        categories = self.categories.categories_
        return next((code for code, category in enumerate(categories) if category is None), None)

    def _leave_out(self, X: pd.Series, owner: NDArray[np.int64], least: int) -> None:
        codes = self.categories.codes(X)
        sequences = pd.Series(owner).groupby(codes).nunique()
        pairs = zip(self.categories.categories_, sequences, strict=True)
        kept = [category for category, count in pairs if count >= least or category is None]
        self.left_out = len(sequences) - len(kept)
        if not self.left_out:
            return
        if all(category is None for category in kept):
            raise InputError(
                f"every category of column {X.name!r} is in fewer than {least} sequences, and might tell whose it is; drop "
                "the column, or give a smaller min_entities="
            )
        self.categories.categories_ = kept
        if isinstance(self.categories.dtype_, pd.CategoricalDtype):  # its levels would tell of them
            levels = self.categories.dtype_.categories
            self.categories.dtype_ = pd.CategoricalDtype(levels[levels.isin(kept)], self.categories.dtype_.ordered)

    def encode(self, X: pd.Series, timeline: Timeline, sources: NDArray[np.float64], seen: Seen | None = None) -> Encoded:
        """No scores, and codes of the categories."""
        codes = self.categories.codes(X, other=0 if self.left_out else None)
        return Encoded(np.zeros(len(X)), codes, np.zeros(len(X), dtype=bool))

    def decode(
        self, encoded: Encoded, timeline: Timeline, sources: NDArray[np.float64], before: Before | None = None
    ) -> pd.Series:
        """The column in its dtype."""
        return self.categories.decode(encoded.codes)

    def note(self, names: list[Any]) -> str:
        """How many categories."""
        count = len([category for category in self.categories.categories_ if category is not None])
        parts = [f"{count} categories"] if count > 1 else []
        if self.left_out:
            parts.append(f"{counted(self.left_out, 'rare category')} read as {self.categories.categories_[0]!r}")
        return "; ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """State: what JSON has."""
        return {"type": "categorical", **self.categories.state(), "left_out": self.left_out}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec of such a state."""
        codec = cls()
        codec.categories, codec.left_out = Categorical().restore(state), int(state["left_out"])
        codec.n_events = len(codec.categories.categories_) - 1
        return codec
