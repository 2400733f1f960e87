"""Conditions that the user sets: checked against what was seen, and spread over the rows of a sample."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.condition_law import ConditionLaw
from tsgan.exceptions import InputError, InputTypeError, ParameterError
from tsgan.preprocessing.categorical import Categorical
from tsgan.preprocessing.categorical_column import CategoricalColumn
from tsgan.preprocessing.numbers import Numbers, number_kind
from tsgan.preprocessing.numeric_column import NumericColumn
from tsgan.roles import Role, combinations, named
from tsgan.rows import Rows
from tsgan.schema import Schema
from tsgan.spans import times_given
from tsgan.wording import closest, counted

SHOWN = 10
ROWS = 8192  # of conditions that are spread over a sample at a time


class Given(NamedTuple):
    """Checked conditions of n sequences.

    ``frame`` has their rows, one for each sequence or, where ``lengths`` (n,) says how many, one for each step;
    ``starts`` are first times, where the user's rows have times.
    """

    frame: pd.DataFrame
    n: int
    lengths: NDArray[np.int64] | None
    starts: list[float] | None

    @property
    def each(self) -> pd.DataFrame:
        """Of each sequence the first row."""
        first = np.arange(self.n) if self.lengths is None else np.cumsum(self.lengths) - self.lengths
        return self.frame.iloc[first].reset_index(drop=True)

    def pieces(self, rows: Rows) -> Iterator[pd.DataFrame]:
        """The conditions of all rows of a sample, some at a time."""
        for first in range(0, rows.count, ROWS):
            part = rows.part(first, min(first + ROWS, rows.count))
            own = part.sequences[part.owner] if self.lengths is None else slice(first, first + part.rows)
            yield self.frame.iloc[own].reset_index(drop=True)

    def rows(self, lengths: NDArray[np.int64]) -> pd.DataFrame:
        """A row for each step of sequences of these lengths."""
        if self.lengths is not None:
            return self.frame
        return self.frame.iloc[np.repeat(np.arange(self.n), lengths)].reset_index(drop=True)


def read_given(
    schema: Schema,
    law: ConditionLaw | None,
    conditions: Any,
    n: int | None,
    length: int | None,
    extrapolate: bool,
    in_part: bool = False,
) -> Given:
    """Check what the user sets.

    Parameters
    ----------
    schema : Schema
    law : ConditionLaw or None
    conditions : DataFrame or mapping
        A mapping of names to single values is the same for all sequences, and for all of their steps. A frame has a row
        for each sequence where all conditions are constant within one, and a row for each step where one varies, or where
        rows share a sequence; sequences are told apart by the entity columns, or by a column or index level ``sequence``.
    n, length : int or None
        As the user gave them.
    extrapolate : bool
        Whether numbers may lie outside the range seen.
    in_part : bool, default=False
        Whether some conditions that are constant within each sequence will do.

    Raises
    ------
    ParameterError, InputError, InputTypeError
    """
    if law is None:
        raise ParameterError("the model has no conditions; name them when it is made: TSGAN(conditions=[...])")
    if isinstance(conditions, Mapping):
        if several := [name for name, value in conditions.items() if not pd.api.types.is_scalar(value)]:
            raise InputTypeError(f"conditions={{...}} has no single value for {several}; give a DataFrame with a row each")
        frame = pd.DataFrame({name: [value] for name, value in conditions.items()})
        checked = _checked(law, frame, extrapolate)
        _check_complete(schema, law, frame, in_part)
        n = 1 if n is None else n
        return Given(checked.iloc[[0] * n].reset_index(drop=True), n, None, None)
    if not isinstance(conditions, pd.DataFrame):
        cure = "; concatenate them with keys=..., names=['sequence', None]" if isinstance(conditions, list) else ""
        raise InputTypeError(f"conditions must be a DataFrame or a mapping, not a {type(conditions).__name__}{cure}")
    if twice := [name for name in law.names if list(conditions.columns).count(name) > 1]:
        raise InputError(f"conditions have more than one column {twice}; drop all but one of each")
    checked = _checked(law, conditions, extrapolate)
    _check_complete(schema, law, conditions, in_part)
    owner = owners(schema, conditions)
    constant = [name for name, part in zip(law.names, law.encoder.layout_.columns, strict=True) if part.static]
    if set(checked) <= set(constant) and (owner is None or owner.max() == len(owner) - 1):
        _check_count("n", n, len(checked), "row")
        each = np.arange(len(checked))
        return Given(checked, len(checked), None, _starts(schema, conditions, each, each, np.ones_like(each)))
    if owner is None:
        if schema.container == "panel":
            raise InputError(
                "conditions have a row for each step: say which rows belong together in "
                f"{[entity.name for entity in schema.entities]} or in a column or index level 'sequence'"
            )
        owner = np.zeros(len(conditions), dtype=np.int64)
    order, lengths = np.argsort(owner, kind="stable"), np.bincount(owner)
    _check_count("n", n, len(lengths), "sequence")
    uneven = schema.container in ("matrix", "array") and len(set(lengths)) > 1
    if uneven or (length is not None and (lengths != length).any()):
        what = "an array has sequences of one length" if uneven else f"length={length}"
        raise ParameterError(f"{what}, but the conditions have sequences of {np.unique(lengths)[:3].tolist()} rows")
    checked = checked.iloc[order].reset_index(drop=True)
    first = np.cumsum(lengths) - lengths
    for name in checked:
        cells = checked[name]
        same = (cells == cells.shift()).to_numpy(dtype=bool, copy=True)
        same[first] = True
        if name in constant and not same.all():
            raise InputError(
                f"condition {name!r} is constant within each sequence, but changes (rows "
                f"{np.sort(order[~same])[:3].tolist()}, counted from 0)"
            )
    return Given(checked, len(lengths), lengths, _starts(schema, conditions, order, first, lengths))


def _check_complete(schema: Schema, law: ConditionLaw, frame: pd.DataFrame, in_part: bool) -> None:
    """Raise unless all conditions are there, or some given which the others can be drawn, and rows."""
    there, missing = ([name for name in law.names if (name in frame) is known] for known in (True, False))
    if missing:
        others = {*schema.names, *(entity.name for entity in schema.entities)}
        meant = [(name, closest(name, missing)) for name in frame if name not in others]
        hint = next((f"; did you mean {close!r} by {name!r}?" for name, close in meant if close is not None), "")
        constant = {name for name, part in zip(law.names, law.encoder.layout_.columns, strict=True) if part.static}
        if hint or not there or not in_part:
            raise InputError(f"conditions lack {missing}; all of {list(law.names)} are wanted{hint}")
        if course := [name for name in there if name not in constant]:
            raise InputError(
                f"conditions lack {missing}, which cannot be drawn given the course of {course} in time; give all of "
                f"{list(law.names)}, or only some that are constant within each series"
            )
    if not len(frame):
        raise InputError("conditions have no rows; leave them out to draw them")


def _check_count(name: str, said: int | None, count: int, what: str) -> None:
    if said is not None and said != count:
        each = ", one for each sequence" if what == "row" else ""
        raise ParameterError(f"{name}={said}, but the conditions have {counted(count, what)}{each}; leave {name} out")


def owners(schema: Schema, frame: pd.DataFrame) -> NDArray[np.int64] | None:
    """Number of each row's sequence, in the order of their first rows; None where nothing says which it is."""
    levels = sum(entity.level is not None for entity in schema.entities)
    as_in_fit = frame.index.nlevels == levels + (schema.axis is not None and schema.axis.in_index)
    roles = []
    for entity in schema.entities:
        if entity.name is None and as_in_fit:  # levels without names are told by their places
            roles.append(Role(None, entity.level, frame.index.get_level_values(entity.level)))
        elif entity.name is not None and entity.name in [*frame.columns, *frame.index.names]:
            roles.append(named(frame, "entity", entity.name))
    if roles and len(roles) == len(schema.entities):
        return combinations(roles)
    if "sequence" in frame.index.names or ("sequence" in frame and "sequence" not in schema.names):
        return combinations([named(frame, "sequence", "sequence")])
    return None


def _starts(
    schema: Schema, frame: pd.DataFrame, order: NDArray[np.int64], first: NDArray[np.int64], lengths: NDArray[np.int64]
) -> list[float] | None:
    """First time of each sequence, where the rows have times."""
    axis = schema.axis
    if axis is None:
        return None
    levels = [frame.index.get_level_values(k) for k in range(frame.index.nlevels)]
    dates = [level for level in levels if isinstance(level, pd.DatetimeIndex)]
    if axis.name is not None and (axis.name in frame or axis.name in frame.index.names):
        times = named(frame, "time", axis.name).taken(order)
    elif dates:
        times = dates[0].take(order)
    else:
        return None
    return [
        times_given(axis, times[a : a + count], "conditions=", order[a : a + count])
        for a, count in zip(first, lengths, strict=True)
    ]


def _checked(law: ConditionLaw, frame: pd.DataFrame, extrapolate: bool) -> pd.DataFrame:
    """The conditions in their dtypes; errors name what is unknown."""
    columns = {}
    for name, codec in zip(law.names, law.encoder.codecs_, strict=True):
        if name not in frame:
            continue
        column = frame[name].reset_index(drop=True)
        if (missing := column.isna().to_numpy()).any():
            rows = np.flatnonzero(missing)[:3].tolist()
            raise InputError(f"condition {name!r} has missing cells (rows {rows}, counted from 0); fill them")
        if isinstance(codec, CategoricalColumn):
            columns[name] = _known_categories(codec.categories, column)
        elif isinstance(codec, NumericColumn):
            columns[name] = _known_numbers(codec, column, extrapolate)
    return pd.DataFrame(columns)


def _known_categories(categories: Categorical, column: pd.Series) -> pd.Series:
    is_object = pd.api.types.is_object_dtype(categories.dtype_)

    def key(cell: Any) -> Any:
        plain = cell.item() if isinstance(cell, np.generic) else cell
        # 1, "1" and True may all be categories of a column of objects; elsewhere 1 and 1.0 are the same.
        return (type(plain), plain) if is_object else plain

    known = categories.categories_
    places = {key(value): k for k, value in enumerate(known)}
    cells = column.astype(object)
    codes = np.array([places.get(key(cell), -1) if pd.api.types.is_hashable(cell) else -1 for cell in cells], dtype=np.int64)
    if (unknown := codes < 0).any():
        held = ", ".join(list(dict.fromkeys(map(repr, cells[unknown])))[:3])
        listed = ", ".join(repr(value) for value in known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")
        raise InputError(
            f"condition {column.name!r} holds {held} (rows {np.flatnonzero(unknown)[:3].tolist()}, counted from 0), which "
            f"fit has not learned; known are {listed}"
        )
    return categories.decode(codes)


def _known_numbers(codec: NumericColumn, column: pd.Series, extrapolate: bool) -> pd.Series:
    cells = _in_dtype(codec.numbers, column)
    values = codec.numbers.transform(cells)
    low, high = codec.bounds
    if (outside := (values < low) | (values > high)).any():
        first, last = codec.numbers.inverse_transform(np.array([low, high]))
        text = (
            f"condition {column.name!r} holds {cells[outside].iloc[0]} (rows {np.flatnonzero(outside)[:3].tolist()}, "
            f"counted from 0), outside the range {first} to {last} that fit has seen"
        )
        if np.isinf(values).any():
            raise InputError(f"{text}; replace what is infinite")
        if not extrapolate:
            raise InputError(f"{text}; extrapolate=True allows it")
        warnings.warn(f"{text}: the networks are told the nearest value seen", UserWarning, stacklevel=5)
    return cells


def _in_dtype(numbers: Numbers, column: pd.Series) -> pd.Series:
    """The cells in the dtype that fit has seen; InputTypeError where they would be others there."""
    kind, dtype = numbers.kind_, numbers.dtype_
    try:
        if kind not in ("float", "integer") and column.dtype.kind in "biuf":
            raise TypeError("numbers could be anything")
        cells = (column.astype(np.float64) if kind == "float" else column).astype(dtype)
        if number_kind(cells) != kind or (kind == "integer" and not (cells == column).all()):
            raise ValueError("its cells would change")
    except (TypeError, ValueError, OverflowError, NotImplementedError) as error:  # the last is pyarrow's
        raise InputTypeError(
            f"condition {column.name!r} is {column.dtype} and cannot become {kind} ({dtype}), as it was in fit ({error}); "
            "convert it"
        ) from error
    return cells
