"""From a table to what is learned of it: schema, constraints, codecs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from tsgan.classification import NOTHING, Said
from tsgan.constraints import Constraint, FixedCombinations, Increasing, Inequality
from tsgan.flatlines import find_flatlines, flat_rows
from tsgan.identifiers import look_like_names
from tsgan.intervals import interval_column
from tsgan.preprocessing import TableEncoder
from tsgan.reading import Table, read
from tsgan.reparameterisation import Reparameterisation, turned
from tsgan.schema import Schema
from tsgan.static_gaps import find_static_gaps
from tsgan.wording import counted
from tsgan.writing import add_column

MOST_COMPARED = 30  # columns between which inequalities are looked for


def prepare(
    table: Table,
    constraints: Sequence[Constraint],
    min_entities: int,
    random_state: int,
    said: Said = NOTHING,
) -> tuple[Schema, Reparameterisation, TableEncoder, TableEncoder | None]:
    """Classify the columns, check the constraints and fit the codecs of what is learned, and of the conditions if any.

    Raises
    ------
    InputError, InputTypeError
        What was found where, and what to do.
    """
    schema, kinds = table.learn_schema(said), said.kinds or {}
    _warn_of_names(table, schema, kinds)
    timeline = table.timeline(schema.axis)
    schema = replace(schema, flatlines=find_flatlines(schema, table.frame, timeline.begins))
    generated = table.numbered(schema.encoded)
    gaps = find_static_gaps(schema, generated, timeline.begins, constraints)
    constant = {schema.names[k] for k in schema.encoded if schema.columns[k].static}
    rules = Reparameterisation(turned(constraints, constant), gaps).fit(generated, timeline.begins)
    learned = learned_frame(table, schema, rules)
    told = ~flat_rows(schema, table.frame, timeline.begins)
    constant = rules.static(constant)
    names = list(learned.columns)
    intervals = {names[-1]} if schema.axis is not None and schema.axis.irregular else set()
    encoder = TableEncoder(
        random_state,
        static=tuple(k for k, name in enumerate(names) if name in constant),
        apart=tuple(k for k, name in enumerate(names) if name in rules.ruled - rules.bound | intervals),
        bound=tuple(k for k, name in enumerate(names) if name in rules.bound),
        min_entities=min_entities,
        said={k: kinds[name] for k, name in enumerate(names) if name in kinds},
    ).fit(learned[told], timeline=timeline.at(told))
    _warn(encoder.left_out(names), min_entities)
    notes = encoder.notes(names) | rules.notes
    dtypes = {name: dtype for name, dtype in encoder.dtypes(names).items() if name not in rules.ruled}
    if not schema.conditions:
        return schema.described(notes, dtypes), rules, encoder, None
    set_by_user = table.frame.iloc[:, schema.conditions]
    asked = list(set_by_user.columns)
    law = TableEncoder(
        random_state,
        static=tuple(k for k, place in enumerate(schema.conditions) if schema.columns[place].static),
        apart=range(len(asked)),
        min_entities=min_entities,
        said={k: kinds[name] for k, name in enumerate(asked) if name in kinds},
    ).fit(set_by_user, timeline=timeline)
    _warn(law.left_out(asked), min_entities)
    return schema.described(notes | law.notes(asked), dtypes | law.dtypes(asked)), rules, encoder, law


def _warn_of_names(table: Table, schema: Schema, kinds: dict[Any, str]) -> None:
    """Say which columns of numbers may name the series, unless the user has said what they are for."""
    some = [c.name for c in schema.columns if c.kind == "numeric" and c.static and not c.condition and c.name not in kinds]
    if names := [name for name in some if look_like_names(table.frame[name].iloc[table.starts])]:
        warnings.warn(
            f"columns {names} have another whole number in each series, as identifiers have, and are learned as numbers; "
            f"say schema={{{names[0]!r}: 'identifier'}} for new ones, 'numeric' where they count or measure, or drop them",
            UserWarning,
            stacklevel=4,
        )


def _warn(left_out: dict[Any, int], min_entities: int) -> None:
    """Say which columns' rare categories are not learned."""
    for name, count in left_out.items():
        warnings.warn(
            f"column {name!r}: {counted(count, 'category')} in fewer than min_entities={min_entities} series left out, so "
            "as not to tell whose they are; their cells count as the commonest category",
            UserWarning,
            stacklevel=4,
        )


def learned_frame(table: Table, schema: Schema, rules: Reparameterisation) -> pd.DataFrame:
    """The columns that are learned: those of the table, constraints built in, and the intervals of irregular times."""
    learned = rules.apply(table.frame.iloc[:, schema.encoded], table.begins)
    if schema.axis is None or table.numbers is None or not schema.axis.irregular:
        return learned
    name = "interval"
    while name in schema.names:
        name += "'"
    return add_column(learned, name, interval_column(schema.axis, table.numbers, table.starts))


def inspect(
    X: Any,
    *,
    entity: Any = None,
    time: Any = None,
    static: Sequence[Any] | None = None,
    schema: dict[Any, str] | None = None,
) -> tuple[Schema, list[Constraint]]:
    """What a table would be taken for, and what holds in all of its rows; nothing is trained.

    Parameters
    ----------
    X, entity, time, static, schema
        As for :class:`tsgan.TSGAN`.

    Returns
    -------
    schema : Schema
        Prints as a table.
    suggestions : list of Constraint
        Inequalities between columns, columns that never fall and combinations that are fixed: those that mean something
        may be given to ``TSGAN(constraints=...)``.

    Raises
    ------
    InputError, InputTypeError
        As ``fit`` would.
    """
    table = read(X, entity, time)
    described, *_ = prepare(table, (), 1, 0, Said(schema, static))
    return described, suggest(table, described)


def suggest(table: Table, schema: Schema) -> list[Constraint]:
    """Constraints that hold in every row and say something: see :func:`inspect`."""
    found: list[Constraint] = []
    free = [column for column in schema.columns if column.kind in ("numeric", "categorical") and not column.static]
    complete = [column for column in free if not table.frame[column.name].isna().any()]
    numbers = [column.name for column in complete if column.kind == "numeric" and column.dtype.kind in "iuf"]
    inner = ~table.begins[1:]
    for name in numbers:
        steps = np.diff(table.frame[name].to_numpy(dtype=np.float64))[inner]
        if len(steps) and (steps >= 0).all() and (steps > 0).any():
            found.append(Increasing(name))
    falling = [name for name in numbers if Increasing(name) not in found]
    ruled: set[Any] = set()
    for left, right in combinations(falling[:MOST_COMPARED], 2):
        a, b = (table.frame[name].to_numpy(dtype=np.float64) for name in (left, right))
        overlap = max(a.min(), b.min()) < min(a.max(), b.max())
        for low, high, x, y in ((left, right, a, b), (right, left, b, a)):
            if overlap and high not in ruled and low not in ruled and (x <= y).all():
                found.append(Inequality(low, "<=", high))
                ruled.add(high)
    groups = [column.name for column in free if column.kind == "categorical"]
    for pair in combinations(groups, 2):
        cells = table.frame[list(pair)].astype(object)
        seen = [cells[name].nunique(dropna=False) for name in pair]
        if len(cells.drop_duplicates()) == max(seen) < seen[0] * seen[1] and not ruled & set(pair):
            found.append(FixedCombinations(pair))
            ruled |= set(pair)
    return found


def as_code(constraint: Constraint) -> str:
    """A constraint as it is written in Python."""
    if isinstance(constraint, Inequality):
        return f"Inequality({constraint.left!r}, {constraint.sign!r}, {constraint.right!r})"
    if isinstance(constraint, FixedCombinations):
        return f"FixedCombinations({list(constraint.columns)!r})"
    if isinstance(constraint, Increasing):
        return f"Increasing({constraint.column!r})"
    return str(constraint)
