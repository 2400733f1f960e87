"""From a fitted model to columns: sequences by themselves, or futures of given ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsgan.condition_law import ConditionLaw
from tsgan.conditions import Known
from tsgan.continuation import Histories, future_spans, read_histories
from tsgan.exceptions import InputError, ParameterError
from tsgan.fitted import Fitted
from tsgan.given import Given, read_given
from tsgan.intervals import numbers_of
from tsgan.roles import combinations, named
from tsgan.sampling import sample_channels
from tsgan.schema import Schema
from tsgan.spans import Spans
from tsgan.time_axis import SLACK
from tsgan.wording import counted
from tsgan.writing import write, write_paths

if TYPE_CHECKING:
    from tsgan.reading import Table


def sample_sequences(model: Fitted, spans: Spans, given: Given | None, seed: int) -> Any:
    """Sequences of these spans, and conditions if any, in the user's form."""
    told = None
    if model.law is not None and given is not None:
        told = given.rows(spans.lengths)
    elif model.law is not None:
        known = Known(model.schema.axis, model.positions, spans)
        told = model.law.draw(known, spans.timeline(model.schema.axis), seed)
    encoded, intervals = generate(model, spans, told, None, seed)
    return write(model.schema, encoded, spans.lengths, spans.starts, intervals, told, seed)


def sample_futures(
    model: Fitted, table: Table, paths: int, length: int, conditions: Any, extrapolate: bool, seed: int
) -> Any:
    """``paths`` futures of each sequence of a table, in the user's form.

    Raises
    ------
    InputError, ParameterError
    """
    schema, histories = model.schema, len(table.lengths)
    _check_grid(schema, table)
    told = None
    if model.law is not None:
        told = future_conditions(model.law, schema, table, length, conditions, extrapolate)
        step = np.arange(histories * length).reshape(histories, 1, length)
        told = told.iloc[np.broadcast_to(step, (histories, paths, length)).ravel()].reset_index(drop=True)
    elif conditions is not None:
        read_given(schema, None, conditions, None, None, extrapolate)
    begin = read_histories(model, table, length, paths)
    spans = future_spans(table, schema, length, paths)
    encoded, intervals = generate(model, spans, told, begin, seed)
    starts = spans.starts
    if intervals is not None:  # the first one leads from the history's last time
        first = numbers_of(intervals.iloc[::length])
        starts = [start + step for start, step in zip(starts, first, strict=True)]
    names = [cells.iloc[table.starts].reset_index(drop=True) for cells in table.identifiers]
    own = table.frame[[column.name for column in schema.columns if column.pattern is not None and column.static]]
    own = own.iloc[np.repeat(table.starts, paths * length)].reset_index(drop=True)
    known = own if told is None else pd.concat([told, own], axis=1)
    return write_paths(schema, encoded, spans.lengths, starts, intervals, known, names, paths)


def future_conditions(
    law: ConditionLaw, schema: Schema, table: Table, length: int, conditions: Any, extrapolate: bool
) -> pd.DataFrame:
    """Conditions of all steps of the futures, one of each history."""
    last = table.frame[list(law.names)].iloc[table.starts + table.lengths - 1]
    constant = [name for k, name in enumerate(law.names) if law.encoder.layout_.columns[k].static]
    if conditions is None and law.varying:
        varying = [name for name in law.names if name not in constant]
        raise ParameterError(
            f"the future of {varying} is not known; say it with conditions=, {counted(length, 'row')} for each history"
        )
    rows = np.repeat(np.arange(len(last)), length)
    if conditions is None:
        return last.iloc[rows].reset_index(drop=True)
    given = read_given(schema, law, conditions, None, length, extrapolate)
    frame = given.rows(np.full(given.n, length))
    if isinstance(conditions, pd.DataFrame):
        if given.n != len(last):
            raise ParameterError(
                f"the conditions have {counted(given.n, 'sequence')}, but given= has {counted(len(last), 'history')}"
            )
        _check_names(schema, table, conditions)
        _check_times(schema, table, given)
    else:
        frame = frame.iloc[np.tile(np.arange(length), len(last))].reset_index(drop=True)
    for name in constant:
        if (frame[name].to_numpy() != last[name].to_numpy()[rows]).any():
            raise InputError(f"condition {name!r} is constant within each sequence, but differs from that of its history")
    return frame


def _check_grid(schema: Schema, table: Table) -> None:
    """Raise where the histories have other steps than those learned."""
    theirs, ours = table.learn_schema().axis, schema.axis
    if theirs is None or ours is None or ours.irregular or theirs.irregular or table.lengths.max() < 3:
        return
    if theirs.freq != ours.freq or (ours.freq is None and not np.isclose(theirs.step, ours.step, rtol=1e-6)):
        raise InputError(f"given= has steps of {theirs.pace}, but fit has learned steps of {ours.pace}; resample it")


def _check_names(schema: Schema, table: Table, conditions: pd.DataFrame) -> None:
    """Raise where the conditions name other series than the histories, or name them in another order."""
    known = [*conditions.columns, *conditions.index.names]
    if not schema.entities or any(entity.name is None or entity.name not in known for entity in schema.entities):
        return
    roles = [named(conditions, "entity", entity.name) for entity in schema.entities]
    first = np.unique(combinations(roles), return_index=True)[1]
    for role, cells in zip(roles, table.identifiers, strict=True):
        theirs, ours = list(role.cells[first]), cells.iloc[table.starts].tolist()
        if theirs != ours:
            raise ParameterError(
                f"the conditions are for {role} {theirs[:3]}, the histories of {ours[:3]}; give them in the same order"
            )


def _check_times(schema: Schema, table: Table, given: Given) -> None:
    """Raise where the conditions have other times than those of the steps to come."""
    axis = schema.axis
    if axis is None or given.starts is None or table.numbers is None:
        return
    if axis.irregular:
        raise ParameterError("the conditions have times, but those to come are irregular and drawn; leave them out")
    lasts = table.numbers[table.starts + table.lengths - 1].tolist()
    for k, (start, last) in enumerate(zip(given.starts, lasts, strict=True)):
        ahead = axis.shift(last, 1)
        if abs(start - ahead) > SLACK * axis.step:
            theirs, end, ours = (axis.rebuild(time, 1)[0] for time in (start, last, ahead))
            raise ParameterError(
                f"the conditions of history {k} (counted from 0) begin at {theirs}, but it ends at {end} and goes on at "
                f"{ours}; give the times of the steps to come, or leave them out"
            )


def generate(
    model: Fitted, spans: Spans, told: pd.DataFrame | None, begin: Histories | None, seed: int
) -> tuple[pd.DataFrame, pd.Series | None]:
    """Generated columns, and the intervals of irregular times, of all rows; from cold, or from the ends of histories."""
    axis = model.schema.axis
    timeline, known = spans.timeline(axis), Known(axis, model.positions, spans)
    if model.law is not None and told is not None:
        known = replace(known, own=model.law.features(told, timeline), varying=model.law.varying)
    decoded = model.encoder.inverse_transform(*sample_channels(model.generator, known, seed, begin), timeline)
    decoded = decoded if begin is None else begin.kept(decoded)
    names = [model.schema.names[k] for k in model.schema.encoded]
    last = None if begin is None else begin.before
    if axis is None or not axis.irregular:
        return model.rules.undo(decoded, timeline.begins, names, last), None
    return model.rules.undo(decoded.iloc[:, :-1], timeline.begins, names, last), decoded.iloc[:, -1]
