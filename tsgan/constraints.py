"""What must hold in every row: held by construction, through what is learned in a column's place.

    TSGAN(constraints=[Inequality("low", "<=", "high"), Increasing("odometer")])

A constraint takes the columns that it rules out of the table and puts others in, which can take any value of their range
without breaking it; after sampling it puts the columns back, knowing the last rows of the histories that futures go on from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.dtypes import PLAIN, dtype_from_json, dtype_to_json
from tsgan.exceptions import InputError
from tsgan.preprocessing.grid import Grid, learn_grid
from tsgan.preprocessing.numbers import number_kind

Begins = NDArray[np.bool_]
State = dict[str, Any]
Before = dict[str, Any]  # what the rows before have left, where rows come in pieces


class _Rule:
    """What constraints share."""

    @property
    def read(self) -> tuple[Any, ...]:
        """Columns that must be there before the ruled ones can be put back."""
        return ()


@dataclass(frozen=True)
class Range(_Rule):
    """A column's values lie from ``low`` to ``high``, both included.

    Parameters
    ----------
    column : hashable
        Of numbers.
    low, high : float
    """

    column: Any
    low: float = -np.inf
    high: float = np.inf
    kind: ClassVar = "range"

    @property
    def ruled(self) -> tuple[Any, ...]:
        """Columns that the constraint rules."""
        return (self.column,)

    def fit(self, X: pd.DataFrame, begins: Begins) -> State:
        """Check that it holds; what is sampled stays within the range seen, so there is nothing to learn."""
        values = _numbers(X, self.column)
        _require(self, X, (values < self.low) | (values > self.high))
        return {}

    def apply(self, X: pd.DataFrame, learned: pd.DataFrame, begins: Begins) -> pd.DataFrame:
        """Put in what is learned in the columns' place."""
        return learned

    def undo(
        self, X: pd.DataFrame, state: State, begins: Begins, last: pd.DataFrame | None = None, before: Before | None = None
    ) -> pd.DataFrame:
        """Put the columns back."""
        return X


@dataclass(frozen=True)
class Positive(Range):
    """A column's values are greater than zero.

    Parameters
    ----------
    column : hashable
        Of numbers.
    """

    low: float = 0.0
    kind: ClassVar = "positive"

    def fit(self, X: pd.DataFrame, begins: Begins) -> State:
        """Check that it holds."""
        _require(self, X, _numbers(X, self.column) <= 0)
        return {}


@dataclass(frozen=True)
class Inequality(_Rule):
    """One column is less than another, or greater, in every row: the second is learned as the distance between them.

    Parameters
    ----------
    left, right : hashable
        Both of numbers, dates or durations, missing in the same rows.
    sign : {"<=", "<", ">=", ">"}
    """

    left: Any
    sign: Literal["<=", "<", ">=", ">"]
    right: Any
    kind: ClassVar = "inequality"

    @property
    def ruled(self) -> tuple[Any, ...]:
        """Columns that the constraint rules."""
        return (self.right,)

    @property
    def read(self) -> tuple[Any, ...]:
        """Columns that must be there before these can be put back."""
        return (self.left,)

    def fit(self, X: pd.DataFrame, begins: Begins) -> State:
        """Check that it holds; the dtype and grid of the second column."""
        if self.sign not in ("<=", "<", ">=", ">"):
            raise InputError(f"{self}: the sign must be one of <=, <, >=, >")
        _numbers(X, self.left), _numbers(X, self.right)
        apart = X[self.left].isna().to_numpy() != X[self.right].isna().to_numpy()
        if apart.any():
            raise InputError(
                f"{self}: in {rows_named(X, apart)} one column is missing and the other not; fill or drop these cells"
            )
        distance = self._distance(X)
        zero = distance - distance if pd.api.types.is_numeric_dtype(distance) else pd.Timedelta(0)
        wrong = distance < zero if "=" in self.sign else distance <= zero
        _require(self, X, wrong.fillna(False).to_numpy(dtype=bool))
        return {"dtype": dtype_to_json(X[self.right].dtype), "grid": _grid(X[self.right])}

    def apply(self, X: pd.DataFrame, learned: pd.DataFrame, begins: Begins) -> pd.DataFrame:
        """The distance in the second column's place."""
        return put(learned, self.right, self._distance(X))

    def undo(
        self, X: pd.DataFrame, state: State, begins: Begins, last: pd.DataFrame | None = None, before: Before | None = None
    ) -> pd.DataFrame:
        """The second column again, on its grid."""
        left, distance = _wide(X[self.left]), X[self.right]
        up = self.sign[0] == "<"
        right = left + distance if up else left - distance
        if state["grid"] is not None:
            exact = right.to_numpy(dtype=np.float64, na_value=np.nan)
            snapped = Grid(**state["grid"]).snap(exact)
            from_left = left.to_numpy(dtype=np.float64, na_value=np.nan)
            ahead = snapped - from_left if up else from_left - snapped
            broken = ahead < 0 if "=" in self.sign else ahead <= 0  # its grid is not the other's
            right = pd.Series(np.where(broken, exact, snapped), index=X.index)
        return put(X, self.right, _narrow(right, dtype_from_json(state["dtype"])))

    @property
    def turned(self) -> Inequality:
        """The same said the other way round, so that the other column is ruled."""
        signs: dict[str, Any] = {"<=": ">=", "<": ">", ">=": "<=", ">": "<"}
        return Inequality(self.right, signs[self.sign], self.left)

    def _distance(self, X: pd.DataFrame) -> pd.Series:
        left, right = _wide(X[self.left]), _wide(X[self.right])
        return right - left if self.sign[0] == "<" else left - right


@dataclass(frozen=True)
class Increasing(_Rule):
    """A column never falls within a sequence: it is learned as its first value and its steps.

    Parameters
    ----------
    column : hashable
        Of numbers, dates or durations, without missing cells.
    """

    column: Any
    kind: ClassVar = "increasing"

    @property
    def ruled(self) -> tuple[Any, ...]:
        """Columns that the constraint rules."""
        return (self.column,)

    @property
    def start(self) -> str:
        """Name of the column of first values."""
        return f"{self.column} (first)"

    def fit(self, X: pd.DataFrame, begins: Begins) -> State:
        """Check that it holds; the dtype and grid."""
        _numbers(X, self.column)
        if (missing := X[self.column].isna().to_numpy()).any():
            raise InputError(f"{self}: the column has missing cells ({rows_named(X, missing)}); fill or drop them")
        if self.start in X.columns:
            raise InputError(f"{self}: the name {self.start!r} is needed for its first values; rename that column")
        steps = _wide(X[self.column]).diff()
        zero = 0 if pd.api.types.is_numeric_dtype(steps) else pd.Timedelta(0)
        _require(self, X, (steps < zero).fillna(False).to_numpy(dtype=bool) & ~begins)
        return {"dtype": dtype_to_json(X[self.column].dtype), "grid": _grid(X[self.column])}

    def apply(self, X: pd.DataFrame, learned: pd.DataFrame, begins: Begins) -> pd.DataFrame:
        """The steps in the column's place, and a static column of first values."""
        values = _wide(X[self.column])
        first = values.iloc[np.maximum.accumulate(np.where(begins, np.arange(len(X)), 0))].set_axis(X.index)
        steps = values.diff()
        # A sequence's first step is not known: it takes that of the second row.
        following = np.minimum(np.flatnonzero(begins) + 1, len(X) - 1)
        alone = begins[following]
        steps.iloc[begins] = steps.iloc[following].where(~alone, values.iloc[0] - values.iloc[0]).to_numpy()
        return put(put(learned, self.column, steps), self.start, first)

    def undo(
        self, X: pd.DataFrame, state: State, begins: Begins, last: pd.DataFrame | None = None, before: Before | None = None
    ) -> pd.DataFrame:
        """The column again, on its grid, from its first value on or from that of ``last``; in pieces from that before."""
        owner = np.cumsum(begins) - 1
        if last is None:
            first, steps = X[self.start], X[self.column].where(~begins, X[self.column] - X[self.column])
        else:
            first, steps = _wide(last[self.column]).iloc[owner].set_axis(X.index), X[self.column]
        values = first + _summed(steps, begins, before)
        if state["grid"] is not None:
            values = pd.Series(Grid(**state["grid"]).snap(values.to_numpy(dtype=np.float64)), index=X.index)
            values = values if last is None else values.clip(lower=first)  # which need not be on the grid
        return put(X.drop(columns=self.start), self.column, _narrow(values, dtype_from_json(state["dtype"])))


@dataclass(frozen=True)
class FixedCombinations(_Rule):
    """Columns take only the combinations seen: these are learned as one column of categories.

    Parameters
    ----------
    columns : tuple of hashable
        Two or more, of texts, numbers or booleans.
    """

    columns: Sequence[Any]
    kind: ClassVar = "combinations"

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))

    @property
    def ruled(self) -> tuple[Any, ...]:
        """Columns that the constraint rules."""
        return tuple(self.columns)

    def fit(self, X: pd.DataFrame, begins: Begins) -> State:
        """Check the cells; the dtypes."""
        cells = self._cells(X).drop_duplicates().to_numpy().tolist()
        if bad := [cell for row in cells for cell in row if cell is not None and not isinstance(cell, PLAIN)]:
            raise InputError(f"{self}: {bad[0]!r} is neither text, number nor boolean; convert the column")
        changes = self._cells(X).apply(lambda cells: pd.factorize(cells)[0]).diff().ne(0)[~begins].any()
        return {"dtypes": [dtype_to_json(X[name].dtype) for name in self.columns], "varies": changes.tolist()}

    def apply(self, X: pd.DataFrame, learned: pd.DataFrame, begins: Begins) -> pd.DataFrame:
        """The combination as JSON text in the first column's place, so that it is the same whatever table it stands in."""
        texts = [json.dumps(row) for row in self._cells(X).to_numpy().tolist()]
        return put(learned.drop(columns=list(self.columns[1:])), self.columns[0], pd.Series(texts, index=X.index))

    def undo(
        self, X: pd.DataFrame, state: State, begins: Begins, last: pd.DataFrame | None = None, before: Before | None = None
    ) -> pd.DataFrame:
        """The columns again; what never changes in a series stays as its first row or ``last`` has it."""
        codes, texts = pd.factorize(X[self.columns[0]])
        combinations = [json.loads(text) for text in texts]
        if any(state["varies"]) and not all(state["varies"]):
            ahead = [] if last is None else self._cells(last).to_numpy().tolist()
            codes, combinations = _held(
                codes, combinations, state["varies"], begins, ahead, {} if before is None else before
            )
        for k, name in enumerate(self.columns):
            cells = np.empty(len(combinations), dtype=object)
            cells[:] = [combination[k] for combination in combinations]
            X = put(X, name, pd.Series(cells[codes], index=X.index).astype(dtype_from_json(state["dtypes"][k])))
        return X

    def _cells(self, X: pd.DataFrame) -> pd.DataFrame:
        cells = X[list(self.columns)].astype(object)
        return cells.where(cells.notna(), None)


def _held(
    codes: NDArray[np.int64], combinations: list[Any], varies: list[bool], begins: Begins, ahead: list[Any], before: Before
) -> tuple[NDArray[np.int64], list[Any]]:
    """Combinations of rows, each of which changes what never changes in its series replaced by the one before it.

    What never changes is as in the series' first row, in the row ``ahead`` of it or in the rows ``before``.
    """
    first = codes[begins]
    if ahead:
        first, combinations = len(combinations) + np.arange(len(ahead)), combinations + ahead
    if "held" in before:
        first, combinations = np.append(len(combinations), first), [*combinations, before["held"]]
    kept = pd.factorize(
        np.array([json.dumps([c for c, v in zip(row, varies, strict=True) if not v]) for row in combinations])
    )[0]
    owner = np.cumsum(begins, dtype=np.int64) - ("held" not in before)
    right = kept[codes] == kept[first[owner]]
    at = np.maximum.accumulate(np.where(right | begins, np.arange(len(codes)), -1))
    wrong = (at < 0) | ~right[at]  # from the beginning on
    codes = np.where(wrong, first[owner], codes[at])
    if len(codes):
        before["held"] = combinations[codes[-1]]
    return codes, combinations


Constraint = Range | Inequality | Increasing | FixedCombinations


def put(X: pd.DataFrame, name: Any, values: pd.Series) -> pd.DataFrame:
    """The frame with a column replaced, or added at its end."""
    columns = {column: X[column] for column in X.columns} | {name: values}
    together = pd.concat(list(columns.values()), axis=1)
    together.columns = pd.Index(list(columns), tupleize_cols=False)
    return together


def _numbers(X: pd.DataFrame, name: Any) -> NDArray[np.float64]:
    """Doubles of a column of numbers (of dates and durations: zeros)."""
    kind = number_kind(X[name])
    if kind is None or kind in ("date", "decimal", "period"):
        raise InputError(f"a constraint needs numbers, dates or durations, but column {name!r} is {X[name].dtype}")
    if kind in ("datetime", "timedelta"):
        return np.zeros(len(X))
    return np.asarray(X[name].to_numpy(dtype=np.float64, na_value=np.nan))


def _wide(column: pd.Series) -> pd.Series:
    """A column in a dtype in which differences do not wrap around."""
    if not pd.api.types.is_numeric_dtype(column):
        return column
    whole = pd.api.types.is_integer_dtype(column)
    return column.astype("Int64" if whole and column.isna().any() else "int64" if whole else "float64")


def _narrow(column: pd.Series, dtype: Any) -> pd.Series:
    """A column in its own dtype, whole numbers at its ends rather than wrapped around."""
    own = getattr(dtype, "numpy_dtype", dtype)
    if getattr(own, "kind", "O") in "iu":
        column = column.clip(np.iinfo(own).min, np.iinfo(own).max)
    return column.astype(dtype)


def _grid(column: pd.Series) -> dict[str, Any] | None:
    """Grid of a column of floats; whole numbers and dates need none."""
    if not pd.api.types.is_float_dtype(column):
        return None
    return asdict(learn_grid(column.dropna().to_numpy(dtype=np.float64)))


def _summed(steps: pd.Series, begins: Begins, before: Before | None) -> pd.Series:
    """Sums of steps from each beginning on, or from those ``before`` on, which are brought up to date."""
    before = {} if before is None else before
    sums = steps.copy()
    if "sum" in before and len(sums) and not begins[0]:
        sums.iloc[0] += before["sum"]
    if pd.api.types.is_float_dtype(sums):  # one after the other, so that pieces do not differ from the whole
        values = sums.to_numpy(dtype=np.float64)
        parts = np.split(values, np.flatnonzero(begins[1:]) + 1)
        sums = pd.Series(np.concatenate([part.cumsum() for part in parts]), index=steps.index)
    else:
        sums = sums.groupby(np.cumsum(begins)).cumsum()
    if len(sums):
        before["sum"] = sums.iloc[-1]
    return sums


def rows_named(X: pd.DataFrame, where: NDArray[np.bool_]) -> str:
    """The first rows in question; the index has the user's numbers."""
    return f"rows {sorted(X.index[where])[:3]}, counted from 0, of {int(where.sum())}"


def _require(constraint: Constraint, X: pd.DataFrame, wrong: NDArray[np.bool_]) -> None:
    if wrong.any():
        raise InputError(f"{constraint} does not hold in the data ({rows_named(X, wrong)}); correct them, or leave it out")
