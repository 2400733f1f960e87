"""Conditions that the user sets: checked against what was seen, and spread over the rows of a sample."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.condition_law import ConditionLaw
from tsgan.exceptions import InputError, InputTypeError, ParameterError
from tsgan.preprocessing.categorical_column import CategoricalColumn
from tsgan.preprocessing.numeric_column import NumericColumn
from tsgan.roles import combinations, named
from tsgan.schema import Schema
from tsgan.spans import times_given

SHOWN = 10


class Given(NamedTuple):
    """Checked conditions of n sequences.

    ``frame`` has their rows, one for each sequence or, where ``lengths`` (n,) says how many, one for each step;
    ``starts`` are first times, where the user's rows have times.
    """

    frame: pd.DataFrame
    n: int
    lengths: NDArray[np.int64] | None
    starts: list[float] | None

    def rows(self, lengths: NDArray[np.int64]) -> pd.DataFrame:
        """A row for each step of sequences of these lengths."""
        if self.lengths is not None:
            return self.frame
        return self.frame.iloc[np.repeat(np.arange(self.n), lengths)].reset_index(drop=True)


def read_given(
    schema: Schema, law: ConditionLaw | None, conditions: Any, n: int | None, length: int | None, extrapolate: bool
) -> Given:
    """Check what the user sets.

    Parameters
    ----------
    schema : Schema
    law : ConditionLaw or None
    conditions : DataFrame or mapping
        A mapping of names to single values is the same for all sequences, and for all of their steps. A frame has a row
        for each sequence where all conditions are constant within one, and a row for each step where one varies;
        sequences are then told apart by the entity column or an index level ``sequence``.
    n, length : int or None
        As the user gave them.
    extrapolate : bool
        Whether numbers may lie outside the range seen.

    Raises
    ------
    ParameterError, InputError, InputTypeError
    """
    if law is None:
        raise ParameterError("the model has no conditions; name them when it is made: TSGAN(conditions=[...])")
    if isinstance(conditions, Mapping):
        if several := [name for name, value in conditions.items() if not np.isscalar(value) and not _is_cell(value)]:
            raise InputTypeError(
                f"conditions={{...}} has more than one value for {several}; give a DataFrame with a row each"
            )
        frame = pd.DataFrame({name: [value] for name, value in conditions.items()})
        _check_columns(law, frame)
        n = 1 if n is None else n
        return Given(_checked(law, frame, extrapolate).iloc[[0] * n].reset_index(drop=True), n, None, None)
    if not isinstance(conditions, pd.DataFrame):
        raise InputTypeError(f"conditions must be a DataFrame or a mapping, not a {type(conditions).__name__}")
    _check_columns(law, conditions)
    checked = _checked(law, conditions, extrapolate)
    if not law.varying:
        _check_count("n", n, len(checked), "rows, one for each sequence")
        return Given(checked, len(checked), None, None)
    owner, lengths = _sequences(schema, conditions)
    order = np.argsort(owner, kind="stable")
    _check_count("n", n, len(lengths), "sequences")
    if length is not None and (lengths != length).any():
        raise ParameterError(
            f"length={length}, but the conditions have sequences of {sorted(set(lengths.tolist()))[:3]} rows"
        )
    checked = checked.iloc[order].reset_index(drop=True)
    first = np.cumsum(lengths) - lengths
    for k, name in enumerate(law.names):
        cells = checked[name]
        same = (cells == cells.shift()).to_numpy(dtype=bool, copy=True)
        same[first] = True
        if law.encoder.layout_.columns[k].static and not same.all():
            raise InputError(
                f"condition {name!r} is constant within each sequence, but changes (rows "
                f"{np.sort(order[~same])[:3].tolist()}, counted from 0)"
            )
    return Given(checked, len(lengths), lengths, _starts(schema, conditions, order, first, lengths))


def _is_cell(value: Any) -> bool:
    return not isinstance(value, pd.Series | pd.Index | np.ndarray | list | tuple | dict)


def _check_columns(law: ConditionLaw, frame: pd.DataFrame) -> None:
    if missing := [name for name in law.names if name not in frame]:
        raise InputError(f"conditions lack {missing}; all of {list(law.names)} are wanted")
    if not len(frame):
        raise InputError("conditions have no rows; leave them out to draw them")


def _check_count(name: str, said: int | None, count: int, what: str) -> None:
    if said is not None and said != count:
        raise ParameterError(f"{name}={said}, but the conditions have {count} {what}; leave {name} out")


def _sequences(schema: Schema, frame: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of each row's sequence, and their lengths, in the order of their first rows."""
    entities = [entity.name for entity in schema.entities]
    if entities and all(name in frame or name in frame.index.names for name in entities):
        owner = combinations([named(frame, "entity", name) for name in entities])
    elif "sequence" in frame.index.names:
        owner = pd.factorize(frame.index.get_level_values("sequence"))[0]
    elif schema.container == "panel":
        raise InputError(
            "conditions have a row for each step: say which rows belong together in a column "
            f"{entities[0]!r} or an index level 'sequence'"
        )
    else:
        owner = np.zeros(len(frame), dtype=np.int64)
    if (owner < 0).any():
        raise InputError(f"conditions have rows of no sequence (rows {np.flatnonzero(owner < 0)[:3].tolist()}, from 0)")
    return owner, np.bincount(owner)


def _starts(
    schema: Schema, frame: pd.DataFrame, order: NDArray[np.int64], first: NDArray[np.int64], lengths: NDArray[np.int64]
) -> list[float] | None:
    """First time of each sequence, where the rows have times."""
    axis = schema.axis
    if axis is None:
        return None
    if axis.name is not None and (axis.name in frame or axis.name in frame.index.names):
        times = named(frame, "time", axis.name).taken(order)
    elif isinstance(frame.index, pd.DatetimeIndex):
        times = frame.index.take(order)
    else:
        return None
    return [times_given(axis, times[a : a + count], "conditions") for a, count in zip(first, lengths, strict=True)]


def _checked(law: ConditionLaw, frame: pd.DataFrame, extrapolate: bool) -> pd.DataFrame:
    """The conditions in their dtypes; errors name what is unknown."""
    columns = {}
    for name, codec in zip(law.names, law.encoder.codecs_, strict=True):
        column = frame[name].reset_index(drop=True)
        if (missing := column.isna().to_numpy()).any():
            rows = np.flatnonzero(missing)[:3].tolist()
            raise InputError(f"condition {name!r} has missing cells (rows {rows}, counted from 0); fill them")
        if isinstance(codec, CategoricalColumn):
            columns[name] = _known_categories(codec, column)
        elif isinstance(codec, NumericColumn):
            columns[name] = _known_numbers(codec, column, extrapolate)
    return pd.DataFrame(columns)


def _known_categories(codec: CategoricalColumn, column: pd.Series) -> pd.Series:
    known = codec.categories.categories_
    if (unknown := ~column.isin(known).to_numpy()).any():
        listed = ", ".join(repr(value) for value in known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")
        raise InputError(
            f"condition {column.name!r} holds {column[unknown].unique()[:3].tolist()} (rows "
            f"{np.flatnonzero(unknown)[:3].tolist()}, counted from 0), which fit has not seen; known are {listed}"
        )
    places = {value: k for k, value in enumerate(known)}
    return codec.categories.decode(column.map(places).to_numpy(dtype=np.int64))


def _known_numbers(codec: NumericColumn, column: pd.Series, extrapolate: bool) -> pd.Series:
    dtype = codec.numbers.dtype_
    try:
        cells = column.astype(dtype)
        if codec.numbers.kind_ == "integer" and not (cells == column).all():
            raise ValueError("they are not whole")
    except (TypeError, ValueError) as error:
        raise InputTypeError(
            f"condition {column.name!r} is {column.dtype} and cannot become {dtype}, as it was in fit ({error}); convert it"
        ) from error
    low, high = codec.bounds
    seen = codec.numbers.inverse_transform(np.array([low, high]))
    outside = ((cells < seen[0]) | (cells > seen[1])).to_numpy()
    if outside.any():
        text = (
            f"condition {column.name!r} holds {cells[outside].iloc[0]} (rows {np.flatnonzero(outside)[:3].tolist()}, "
            f"counted from 0), outside the range {seen[0]} to {seen[1]} that fit has seen"
        )
        if not extrapolate:
            raise InputError(f"{text}; extrapolate=True allows it")
        warnings.warn(f"{text}: the networks are told the nearest value seen", UserWarning, stacklevel=5)
    return cells
