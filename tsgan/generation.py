"""From a fitted model to columns: sequences by themselves, or futures of given ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from tsgan.condition_law import ConditionLaw
from tsgan.constraints import Before
from tsgan.continuation import filled, future_spans
from tsgan.exceptions import InputError, ParameterError
from tsgan.fitted import Fitted
from tsgan.flatlines import Overlay
from tsgan.futures import draw_futures
from tsgan.given import Given, owners, read_given
from tsgan.intervals import numbers_of
from tsgan.preprocessing.pieces import Pieces
from tsgan.roles import combinations, named
from tsgan.rows import Part, Rows, whole
from tsgan.sampling import Channels, roll
from tsgan.schema import Schema
from tsgan.spans import Spans
from tsgan.time_axis import SLACK
from tsgan.told import Told
from tsgan.wording import counted
from tsgan.writing import Writer, write, write_paths

if TYPE_CHECKING:
    from tsgan.reading import Table


class Piece(NamedTuple):
    """Some of the rows of a sample: generated columns, intervals of irregular times, conditions."""

    part: Part
    encoded: pd.DataFrame
    intervals: pd.Series | None
    told: pd.DataFrame | None


def sample_sequences(model: Fitted, spans: Spans, given: Given | None, seed: int) -> Any:
    """Sequences of these spans, and conditions if any, in the user's form."""
    rows = Rows(spans, model.schema.axis)
    piece = next(generate(model, spans, _told(model, spans, rows, given, seed), seed))
    return write(model.schema, piece.encoded, spans.lengths, spans.starts, piece.intervals, piece.told, seed)


def stream_sequences(model: Fitted, spans: Spans, given: Given | None, seed: int, chunk: int) -> Iterator[pd.DataFrame]:
    """The same in pieces of some ``chunk`` rows; see :meth:`tsgan.TSGAN.stream`."""
    rows, schema = Rows(spans, model.schema.axis), model.schema
    writer = Writer(schema, spans.lengths, spans.starts, seed, in_pieces=rows.count > chunk)
    for piece in generate(model, spans, _told(model, spans, rows, given, seed), seed, chunk):
        frame = writer.frame(piece.part, writer.values(piece.part, piece.encoded, piece.told), piece.intervals)
        is_array = schema.container in ("matrix", "array")
        yield frame.astype(schema.columns[0].dtype).set_axis([str(name) for name in frame], axis=1) if is_array else frame


def _told(model: Fitted, spans: Spans, rows: Rows, given: Given | None, seed: int) -> Told | None:
    """Conditions of all rows: given, or drawn, or the ones given and the others drawn."""
    if model.law is None:
        return None
    if given is not None and len(given.frame.columns) == len(model.law.names):
        return Told(model.law, given.pieces(rows), rows)
    asked = None if given is None else given.each
    return Told(model.law, model.law.draw(model.known(spans, None), rows, seed, asked), rows)


def sample_futures(
    model: Fitted, table: Table, paths: int, length: int, conditions: Any, extrapolate: bool, seed: int
) -> Any:
    """``paths`` futures of each sequence of a table, in the user's form.

    Raises
    ------
    InputError, ParameterError
    """
    schema, histories = model.schema, len(table.lengths)
    told, known = None, None
    if model.law is not None:
        told = future_conditions(model.law, schema, table, length, conditions, extrapolate)
        known = Told(model.law, [told], Rows(future_spans(table, schema, length, 1), schema.axis))
        step = np.arange(histories * length).reshape(histories, 1, length)
        told = told.iloc[np.broadcast_to(step, (histories, paths, length)).ravel()].reset_index(drop=True)
    elif conditions is not None:
        read_given(schema, None, conditions, None, None, extrapolate)
    decoded = draw_futures(model, table, known, length, paths, seed)
    intervals = decoded.iloc[:, -1] if schema.axis is not None and schema.axis.irregular else None
    spans = future_spans(table, schema, length, paths)
    last = np.repeat(table.starts + table.lengths - 1, paths)
    begins = np.arange(len(decoded)) % length == 0
    encoded = model.rules.undo(
        decoded if intervals is None else decoded.iloc[:, :-1],
        begins,
        [schema.names[k] for k in schema.encoded],
        filled(table, schema).frame.iloc[last].reset_index(drop=True),
    )
    if schema.flatlines is not None:
        part = whole(spans.lengths)
        encoded = Overlay(schema.flatlines, spans.lengths, False, seed).lay(encoded, part.sequences, part.begins)
    starts = spans.starts
    if intervals is not None:  # the first one leads from the history's last time
        first = numbers_of(intervals.iloc[::length])
        starts = [start + step for start, step in zip(starts, first, strict=True)]
    names = [cells.iloc[table.starts].reset_index(drop=True) for cells in table.identifiers]
    own = table.frame[[column.name for column in schema.columns if column.pattern is not None and column.static]]
    own = own.iloc[np.repeat(table.starts, paths * length)].reset_index(drop=True)
    own = own if told is None else pd.concat([told, own], axis=1)
    return write_paths(schema, encoded, spans.lengths, starts, intervals, own, names, paths)


def future_conditions(
    law: ConditionLaw, schema: Schema, table: Table, length: int, conditions: Any, extrapolate: bool
) -> pd.DataFrame:
    """Conditions of all steps of the futures, one of each history."""
    for name in law.names:
        if len(missing := np.flatnonzero(table.frame[name].isna())):
            where = table.first_rows(missing)
            raise InputError(f"condition {name!r} has missing cells in given= (rows {where}, counted from 0); fill them in")
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
    conditions = _with_constant(schema, law, last[constant], length, conditions)
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


def _with_constant(schema: Schema, law: ConditionLaw, last: pd.DataFrame, length: int, conditions: Any) -> Any:
    """The conditions, with those that are constant in each history where they are left out; ``last`` has a row for each."""
    if not isinstance(conditions, Mapping | pd.DataFrame) or all(name in conditions for name in last):
        return conditions
    if isinstance(conditions, Mapping):
        if not all(pd.api.types.is_scalar(value) for value in conditions.values()):
            return conditions
        owner = np.repeat(np.arange(len(last)), length)
        frame = pd.DataFrame(dict(conditions), index=pd.Index(owner, name="sequence"))
    else:
        frame = conditions.copy(deep=False)
        one_each = not law.varying and len(frame) == len(last)
        told = owners(schema, frame)
        owner = np.arange(len(last)) if one_each and told is None else np.zeros(len(frame), int) if told is None else told
        owner = np.minimum(owner, len(last) - 1)  # too many sequences are told of later
    for name in last:
        if name not in conditions:
            frame[name] = last[name].iloc[owner].array
    return frame


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


def generate(model: Fitted, spans: Spans, told: Told | None, seed: int, chunk: int | None = None) -> Iterator[Piece]:
    """Generated rows, all at once, or in pieces of some ``chunk`` rows."""
    axis, schema = model.schema.axis, model.schema
    rows, known = Rows(spans, axis), model.known(spans, told)
    pieces, before, first = Pieces(model.encoder), [Before() for _ in model.rules.constraints], 0
    names = [schema.names[k] for k in schema.encoded]
    anywhere = model.positions is None
    overlay = None if schema.flatlines is None else Overlay(schema.flatlines, spans.lengths, anywhere, seed)
    chunks = _in_chunks(roll(model.generator, known, seed), rows.count, chunk) if rows.count else [(0, pieces.none)]
    for read, (levels, flags) in chunks:
        timeline = rows.timeline(rows.part(read, read + len(levels)))
        decoded = pieces.decode(levels, flags, timeline, last=read + len(levels) == rows.count)
        part = rows.part(first, first + len(decoded))
        first += len(decoded)
        intervals = decoded.iloc[:, -1] if axis is not None and axis.irregular else None
        decoded = decoded if intervals is None else decoded.iloc[:, :-1]
        if len(decoded) or not rows.count:
            table = model.rules.undo(decoded, rows.timeline(part).begins, names, before=before)
            table = table if overlay is None else overlay.lay(table, part.sequences, part.begins)
            yield Piece(part, table, intervals, None if told is None else told.take(len(decoded)))


def _in_chunks(channels: Iterator[Channels], rows: int, chunk: int | None) -> Iterator[tuple[int, Channels]]:
    """Number of the first row, levels and flags of so many of the ``rows``, the last time of the rest."""
    first = filled = size = 0
    for levels, flags in channels:
        taken = 0
        while taken < len(levels):
            if not filled:
                size = min(chunk or rows, rows - first)
                some = np.empty((size, levels.shape[1]), dtype=np.float32), np.empty((size, flags.shape[1]), dtype=bool)
            count = min(size - filled, len(levels) - taken)
            for channels_of_piece, piece in zip(some, (levels, flags), strict=True):
                channels_of_piece[filled : filled + count] = piece[taken : taken + count]
            filled, taken = filled + count, taken + count
            if filled == size:
                yield first, some
                first, filled = first + size, 0
