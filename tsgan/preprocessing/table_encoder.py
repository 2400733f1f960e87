"""The codecs of a table's columns: table to channels and flags, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from tsgan.layout import Features, Layout
from tsgan.preprocessing.categorical_column import CategoricalColumn
from tsgan.preprocessing.codec import Codec, Encoded, Seen
from tsgan.preprocessing.grid import learn_grid
from tsgan.preprocessing.holds import Before
from tsgan.preprocessing.interpolated_column import InterpolatedColumn
from tsgan.preprocessing.linear_column import LinearColumn
from tsgan.preprocessing.numbers import Numbers, number_kind
from tsgan.preprocessing.numeric_column import NumericColumn
from tsgan.preprocessing.relations import MOST_ROWS, Relation, Traits, find_relations
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
    (:func:`tsgan.preprocessing.interpolation.find_knots`), columns that are linear combinations of others a
    :class:`LinearColumn` (:func:`tsgan.preprocessing.relations.find_relations`).

    Parameters
    ----------
    random_state : int, default=0
        Of the spread of values over their grid cells.
    static : collection of int, default=()
        Positions of the columns that never change within a sequence: numbers of them are learned from one cell of each.
    apart : collection of int, default=()
        Positions of the columns that neither are told from others nor tell any.
    bound : collection of int, default=()
        Positions of the columns that are not told from others, but may tell them: what a sum comes to need not keep a rule.
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
        Positions of the linear columns, each after its sources.
    layout_ : Layout
    """

    def __init__(
        self,
        random_state: int = 0,
        static: Collection[int] = (),
        apart: Collection[int] = (),
        bound: Collection[int] = (),
        min_entities: int = 1,
        said: dict[int, str] | None = None,
    ) -> None:
        self.random_state = random_state
        self.static = static
        self.apart = apart
        self.bound = bound
        self.min_entities = min_entities
        self.said = said

    def fit(self, X: pd.DataFrame, y: object = None, timeline: Timeline | None = None) -> Self:
        """Learn from columns of which none is all missing; without a timeline, their rows are one sequence."""
        seeds = np.random.SeedSequence(self.random_state).generate_state(X.shape[1]).tolist()
        columns, rows = _numbered(X), timeline or _one_sequence(len(X))
        owner = np.cumsum(rows.begins, dtype=np.int64)
        least = 1 if owner[-1] < 2 * self.min_entities else self.min_entities
        codecs: list[Codec] = []
        free = dict[int, NumericColumn | InterpolatedColumn]()  # columns that may be told from others
        for k, seed in enumerate(seeds):
            said = (self.said or {}).get(k)
            if number_kind(columns[k]) is None or said == "categorical":
                codecs.append(CategoricalColumn().fit(columns[k], owner, least))
                continue
            scaling = "quantile" if said == "numeric" else said if said in SCALINGS else None
            if k in self.static:
                codecs.append(NumericColumn(seed, scaling).fit_static(columns[k].iloc[rows.first], self.min_entities))
                continue
            levels = NumericColumn(seed, scaling).fit(columns[k], rows)
            lines = scaling is None and k not in self.apart
            interpolated = InterpolatedColumn.recognise(levels, columns[k], rows) if lines else None
            codecs.append(levels if interpolated is None else interpolated)
            if k not in self.apart:
                free[k] = levels if interpolated is None else interpolated
        linear = []
        for relation in _relations(X, free):
            target, numbers = relation.target, [free[k].numbers for k in relation.sources]
            if target in self.bound:
                continue
            sources = np.stack([own.transform(columns[k]) for k, own in zip(relation.sources, numbers, strict=True)], 1)
            zeros = tuple(own.zero for own in numbers)
            told = LinearColumn.recognise(relation, free[target], columns[target], rows, sources, zeros)
            if told is not None:
                codecs[target] = told
                linear.append(target)
        return self._finish(codecs, linear[::-1])

    def _finish(self, codecs: list[Codec], linear: list[int]) -> Self:
        self.codecs_, self.linear_ = codecs, linear
        self.layout_ = Layout(
            tuple(
                Features(codec.has_value, codec.n_events, k in self.static, codec.sticky, codec.rounded)
                for k, codec in enumerate(codecs)
            )
        )
        return self

    def transform(
        self, X: pd.DataFrame, timeline: Timeline | None = None, seen: list[Seen] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Channels (rows, C), neutral where a flag hides them, and flags (rows, M).

        Parameters
        ----------
        X : DataFrame
        timeline : Timeline, optional
        seen : list of Seen, optional
            One for each column, where rows come in pieces: what the rows before have left, brought up to date.
        """
        check_is_fitted(self)
        channels = np.zeros((len(X), self.layout_.n_values), dtype=np.float32)
        flags = np.zeros((len(X), self.layout_.n_flags), dtype=bool)
        columns, rows = _numbered(X), timeline or _one_sequence(len(X))
        values = {k: numbers_of(self.codecs_[k]).transform(columns[k]) for k in self._told_from}
        value = flag = 0
        for k, codec in enumerate(self.codecs_):
            own = Seen() if seen is None else seen[k]
            first = own.score
            encoded = codec.encode(columns[k], rows, _stack(values, codec.sources), own)
            if codec.has_value:
                scores = encoded.scores
                if self.layout_.columns[k].static:  # the spread over cells of a grid would differ from row to row
                    scores = np.append(first, scores)[np.where(np.cumsum(rows.begins), rows.origin + 1, 0)]
                    own.score = float(scores[-1]) if len(scores) else first
                channels[:, value] = scores
                value += 1
            flags[:, flag : flag + codec.n_events] = encoded.codes[:, None] == np.arange(1, codec.n_events + 1)
            flag += codec.n_events
            if codec.sticky:
                flags[:, flag] = encoded.held
                flag += 1
        return channels, flags

    def inverse_transform(
        self,
        channels: NDArray[np.float32],
        flags: NDArray[np.bool_],
        timeline: Timeline | None = None,
        before: list[tuple[Before, Before]] | None = None,
    ) -> pd.DataFrame:
        """The columns in their dtypes, from any finite channels and flags.

        Parameters
        ----------
        channels : ndarray of shape (rows, C)
        flags : ndarray of shape (rows, M)
        timeline : Timeline, optional
        before : list of pairs of Before, optional
            For each column, where rows come in pieces (:class:`tsgan.preprocessing.pieces.Pieces`): what came before, with
            missing cells and beneath them.
        """
        check_is_fitted(self)
        rows = timeline or _one_sequence(len(flags))
        before = before or [(Before(), Before()) for _ in self.codecs_]
        parts, value, flag = list[Encoded](), 0, 0
        for codec in self.codecs_:
            scores = channels[:, value] if codec.has_value else np.zeros(len(flags))
            codes = flags[:, flag : flag + codec.n_events] @ np.arange(1, codec.n_events + 1)
            flag += codec.n_events
            held = flags[:, flag] if codec.sticky else np.zeros(len(flags), dtype=bool)
            parts.append(Encoded(scores, codes, held))
            value, flag = value + codec.has_value, flag + codec.sticky
        decoded: dict[int, pd.Series] = {}
        values, beneath = dict[int, NDArray[np.float64]](), dict[int, NDArray[np.float64]]()
        for k in [*(k for k in range(len(parts)) if k not in self.linear_), *self.linear_]:
            codec = self.codecs_[k]
            as_seen, under_all = before[k]
            decoded[k] = codec.decode(parts[k], rows, _stack(beneath if codec.beneath else values, codec.sources), as_seen)
            if k in self._told_from:
                values[k] = beneath[k] = numbers_of(codec).transform(decoded[k])
                if (missing := np.isnan(values[k])).any() or codec.may_miss:
                    part = parts[k].without(codec.n_events) if codec.may_miss else parts[k]
                    under = codec.decode(part, rows, _stack(beneath, codec.sources), under_all)
                    beneath[k] = np.where(missing, numbers_of(codec).transform(under), values[k])
        return pd.concat([decoded[k] for k in range(len(parts))], axis=1)

    @property
    def _told_from(self) -> set[int]:
        """Columns from which others are told."""
        return {source for codec in self.codecs_ for source in codec.sources}

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


def _stack(values: Mapping[int, NDArray[np.float64]], some: Collection[int]) -> NDArray[np.float64]:
    """Doubles (n, columns) of some columns; (0, 0) of none."""
    return np.stack([values[k] for k in some], 1) if some else np.zeros((0, 0))


def _relations(X: pd.DataFrame, free: Mapping[int, NumericColumn | InterpolatedColumn]) -> list[Relation]:
    """Relations between columns that may be told from others, in the order of their finding."""
    some = X.iloc[np.linspace(0, len(X) - 1, min(len(X), MOST_ROWS)).astype(int)]
    values = _stack({k: codec.numbers.transform(some.iloc[:, k]) for k, codec in free.items()}, free)
    # Of equal columns the one with the most gaps is told from the other.
    order = np.argsort(np.isnan(values).sum(0), kind="stable")
    place, values = [list(free)[j] for j in order], values[:, order]
    traits = [_traits(free[k], column[~np.isnan(column)]) for k, column in zip(place, values.T, strict=True)]
    relations = []
    for relation in find_relations(values, Traits(*np.array(traits).reshape(-1, 3).T)):
        terms = sorted(zip([place[j] for j in relation.sources], relation.weights, strict=True))
        sources, weights = zip(*terms, strict=True)
        relations.append(Relation(place[relation.target], sources, weights, relation.intercept))
    return relations


def _traits(codec: NumericColumn | InterpolatedColumn, known: NDArray[np.float64]) -> tuple[int, float, float]:
    """Rank, zero and step of a column with these values, see :class:`Traits`.

    What is told from others has no atoms, holds, levels or lines between knots of its own.
    """
    ordinary = not codec.sticky and codec.n_events == codec.may_miss
    rank = 0 if not codec.has_value else 1 if isinstance(codec, InterpolatedColumn) else 3 if ordinary else 2
    is_float = codec.numbers.kind_ == "float" and len(known) > 0
    return rank, codec.numbers.zero, learn_grid(known).rounding.step if is_float else 1 / codec.numbers.unit_


def numbers_of(codec: Codec) -> Numbers:
    """What a codec that holds numbers makes of cells, and back; ValueError for others."""
    if not isinstance(codec, NumericColumn | InterpolatedColumn | LinearColumn):
        raise ValueError("a linear column is told from one that holds no numbers")
    return codec.numbers
