"""The codecs of a table's columns: table to channels and flags, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from tsgan.layout import Features, Layout
from tsgan.preprocessing.categorical_column import CategoricalColumn
from tsgan.preprocessing.codec import Codec, Encoded
from tsgan.preprocessing.interpolated_column import InterpolatedColumn
from tsgan.preprocessing.linear_column import LinearColumn
from tsgan.preprocessing.numbers import Numbers, number_kind
from tsgan.preprocessing.numeric_column import NumericColumn
from tsgan.preprocessing.relations import MOST_ROWS, find_relations
from tsgan.preprocessing.scalers import SCALINGS
from tsgan.timeline import Timeline

CODECS: dict[str, type[Codec]] = {
    "numeric": NumericColumn,
    "interpolated": InterpolatedColumn,
    "linear": LinearColumn,
    "categorical": CategoricalColumn,
}


class TableEncoder(TransformerMixin, BaseEstimator):
    """A codec for each column, and where its channels and flags stand.

    Columns whose cells are numbers, dates or durations get a :class:`NumericColumn`, all others a
    :class:`CategoricalColumn`. Numbers that are interpolated between every m-th row get an :class:`InterpolatedColumn`
    (:func:`tsgan.preprocessing.interpolation.find_knots`), complete columns that are linear combinations of others a
    :class:`LinearColumn` (:func:`tsgan.preprocessing.relations.find_relations`).

    Parameters
    ----------
    random_state : int, default=0
        Of the spread of values over their grid cells.
    static : collection of int, default=()
        Positions of the columns that never change within a sequence: numbers of them are learned from one cell of each.
    apart : collection of int, default=()
        Positions of the columns that must not be told from others.
    min_entities : int, default=1
        Sequences in which a category must occur to be learned, where there are at least twice as many; and a value that a
        static column has a mass at.
    said : dict of int to str, optional
        By position: ``"categorical"`` makes categories of numbers; ``"numeric"``, or a name of ``SCALINGS``, which
        chooses the map to scores, no levels of few numbers and nothing interpolated.

    Attributes
    ----------
    codecs_ : list
    linear_ : list of int
        Positions of the linear columns; the sources of each are decoded before it if it is taken from the end.
    layout_ : Layout
    """

    def __init__(
        self,
        random_state: int = 0,
        static: Collection[int] = (),
        apart: Collection[int] = (),
        min_entities: int = 1,
        said: dict[int, str] | None = None,
    ) -> None:
        self.random_state = random_state
        self.static = static
        self.apart = apart
        self.min_entities = min_entities
        self.said = said

    def fit(self, X: pd.DataFrame, y: object = None, timeline: Timeline | None = None) -> Self:
        """Learn from columns of which none is all missing; without a timeline, their rows are one sequence."""
        seeds = np.random.SeedSequence(self.random_state).generate_state(X.shape[1]).tolist()
        columns, rows = _numbered(X), timeline or _one_sequence(len(X))
        owner = np.cumsum(rows.begins, dtype=np.int64)
        least = 1 if owner[-1] < 2 * self.min_entities else self.min_entities
        codecs: list[Codec] = []
        for k, seed in enumerate(seeds):
            said = (self.said or {}).get(k)
            if number_kind(columns[k]) is not None and said != "categorical":
                scaling = "quantile" if said == "numeric" else said if said in SCALINGS else None
                if k in self.static:
                    codecs.append(NumericColumn(seed, scaling).fit_static(columns[k].iloc[rows.first], self.min_entities))
                    continue
                levels = NumericColumn(seed, scaling).fit(columns[k], rows)
                free = scaling is None and k not in self.apart
                interpolated = InterpolatedColumn.recognise(levels, columns[k], rows) if free else None
                codecs.append(levels if interpolated is None else interpolated)
            else:
                codecs.append(CategoricalColumn().fit(columns[k], owner, least))
        # Relations hold between columns that always have a value.
        events = [codec.n_events or codec.sticky or k in self.static or k in self.apart for k, codec in enumerate(codecs)]
        plain = [k for k, codec in enumerate(codecs) if codec.has_value and not events[k]]
        # Columns are told from those before them: interpolated ones from nothing else, so that they stay it.
        plain.sort(key=lambda k: not isinstance(codecs[k], InterpolatedColumn))
        some = X.iloc[np.linspace(0, len(X) - 1, min(len(X), MOST_ROWS)).astype(int)]
        relations = [
            replace(found, target=plain[found.target], sources=tuple(plain[k] for k in found.sources))
            for found in find_relations(_values(codecs, _numbered(some), plain))
        ]
        for relation in relations:
            target, sources = relation.target, _values(codecs, columns, relation.sources)
            codecs[target] = LinearColumn(relation, seeds[target]).fit(columns[target], rows, sources)
        return self._finish(codecs, [relation.target for relation in relations])

    def _finish(self, codecs: list[Codec], linear: list[int]) -> Self:
        self.codecs_, self.linear_ = codecs, linear
        self.layout_ = Layout(
            tuple(
                Features(codec.has_value, codec.n_events, k in self.static, codec.sticky) for k, codec in enumerate(codecs)
            )
        )
        return self

    def transform(self, X: pd.DataFrame, timeline: Timeline | None = None) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Channels (rows, C), neutral where a flag hides them, and flags (rows, M)."""
        check_is_fitted(self)
        channels = np.zeros((len(X), self.layout_.n_values), dtype=np.float32)
        flags = np.zeros((len(X), self.layout_.n_flags), dtype=bool)
        columns, rows = _numbered(X), timeline or _one_sequence(len(X))
        value = flag = 0
        for k, codec in enumerate(self.codecs_):
            encoded = codec.encode(columns[k], rows, _values(self.codecs_, columns, codec.sources))
            if codec.has_value:
                # The spread over cells of a grid would differ from row to row.
                channels[:, value] = encoded.scores[rows.origin] if self.layout_.columns[k].static else encoded.scores
                value += 1
            flags[:, flag : flag + codec.n_events] = encoded.codes[:, None] == np.arange(1, codec.n_events + 1)
            flag += codec.n_events
            if codec.sticky:
                flags[:, flag] = encoded.held
                flag += 1
        return channels, flags

    def inverse_transform(
        self, channels: NDArray[np.float32], flags: NDArray[np.bool_], timeline: Timeline | None = None
    ) -> pd.DataFrame:
        """The columns in their dtypes, from any finite channels and flags."""
        check_is_fitted(self)
        rows = timeline or _one_sequence(len(flags))
        parts, value, flag = list[Encoded](), 0, 0
        for codec in self.codecs_:
            scores = channels[:, value] if codec.has_value else np.zeros(len(flags))
            codes = flags[:, flag : flag + codec.n_events] @ np.arange(1, codec.n_events + 1)
            flag += codec.n_events
            held = flags[:, flag] if codec.sticky else np.zeros(len(flags), dtype=bool)
            parts.append(Encoded(scores, codes, held))
            value, flag = value + codec.has_value, flag + codec.sticky
        decoded: dict[int, pd.Series] = {}
        for k in [*(k for k in range(len(parts)) if k not in self.linear_), *reversed(self.linear_)]:
            codec = self.codecs_[k]
            decoded[k] = codec.decode(parts[k], rows, _values(self.codecs_, decoded, codec.sources))
        return pd.concat([decoded[k] for k in range(len(parts))], axis=1)

    def notes(self, names: list[Any]) -> dict[Any, str]:
        """What is special about each column, in words."""
        check_is_fitted(self)
        return {name: codec.note(names) for name, codec in zip(names, self.codecs_, strict=True)}

    def dtypes(self, names: list[Any]) -> dict[Any, Any]:
        """Dtypes of the columns of categories, without the levels that were left out."""
        check_is_fitted(self)
        pairs = zip(names, self.codecs_, strict=True)
        return {name: codec.categories.dtype_ for name, codec in pairs if isinstance(codec, CategoricalColumn)}

    def left_out(self, names: list[Any]) -> dict[Any, int]:
        """Number of categories that were too rare to be learned, by column."""
        check_is_fitted(self)
        pairs = zip(names, self.codecs_, strict=True)
        return {name: codec.left_out for name, codec in pairs if isinstance(codec, CategoricalColumn) and codec.left_out}

    def to_json(self) -> dict[str, Any]:
        """State: the codecs' (what JSON has, and arrays), which are linear in their order, which static."""
        check_is_fitted(self)
        return {
            "codecs": [codec.to_json() for codec in self.codecs_],
            "linear": self.linear_,
            "static": list(self.static),
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The encoder of such a state; KeyError, TypeError or ValueError for anything else."""
        codecs: list[Codec] = [CODECS[codec["type"]].from_json(codec) for codec in state["codecs"]]
        linear = [int(k) for k in state["linear"]]
        if sorted(linear) != [k for k, codec in enumerate(codecs) if isinstance(codec, LinearColumn)]:
            raise ValueError("the linear columns are not those listed")
        return cls(static=tuple(state["static"]))._finish(codecs, linear)


def _one_sequence(rows: int) -> Timeline:
    return Timeline.counted(np.array([rows]), np.zeros(1, dtype=np.int64))


def _numbered(X: pd.DataFrame) -> dict[int, pd.Series]:
    return {k: X.iloc[:, k] for k in range(X.shape[1])}


def _values(codecs: list[Codec], columns: Mapping[int, pd.Series], some: Collection[int]) -> NDArray[np.float64]:
    """Doubles (n, columns) of some columns of numbers; (0, 0) of none."""
    values = [_numbers(codecs[k]).transform(columns[k]) for k in some]
    return np.stack(values, 1) if values else np.zeros((0, 0))


def _numbers(codec: Codec) -> Numbers:
    if not isinstance(codec, NumericColumn | InterpolatedColumn | LinearColumn):
        raise ValueError("a linear column is told from one that holds no numbers")
    return codec.numbers
