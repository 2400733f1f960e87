"""Tables with missing cells, completed by draws given what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from tsgan.conditions import step_conditions
from tsgan.constraints import Increasing
from tsgan.continuation import filled
from tsgan.deduction import told_by_others, told_by_sums
from tsgan.device import one_thread
from tsgan.exceptions import InputError
from tsgan.flags import raise_flags
from tsgan.kriging import krige, series_of
from tsgan.latent_covariance import latent_covariance
from tsgan.preparation import learned_frame
from tsgan.rows import whole
from tsgan.writing import Writer

if TYPE_CHECKING:
    from tsgan.fitted import Fitted
    from tsgan.reading import Table
    from tsgan.schema import Schema

CERTAIN = 1e3  # excess over a threshold, of events of which one must be up


@one_thread()
def completed(model: Fitted, table: Table, draws: int, seed: int) -> list[pd.DataFrame]:
    """So many complete tables of value columns, in the order of the rows of ``table``.

    Cells that are there stay as they are.

    Raises
    ------
    InputError
        If a series has no value of a column that had no gap in fit, or a cell is missing that cannot be made.
    """
    schema, encoder, rules = model.schema, model.encoder, model.rules
    frame = told_by_others(table, schema)
    if encoder.linear_:
        frame = told_by_sums(frame, encoder, list(rules.apply(frame.iloc[:1, schema.encoded], np.ones(1, dtype=bool))))
    table = replace(table, frame=frame)
    missing = frame.isna()
    _check(model, table, missing)
    timeline = table.timeline(schema.axis)
    learned = learned_frame(filled(table, schema), schema, rules)
    gaps = np.stack([missing[name] if name in missing else np.zeros(len(missing), bool) for name in learned], 1)
    channels, flags = encoder.transform(learned, timeline)
    values, events = np.repeat(channels[None], draws, 0), np.repeat(flags[None], draws, 0)
    own = None if model.law is None else model.law.features(table.frame, timeline)
    known = step_conditions(schema.axis, table.times, table.lengths, model.positions, own)
    noise = torch.Generator(model.generator.level_table.device).manual_seed(seed)
    layout = encoder.layout_
    for start, n in zip(table.starts.tolist(), table.lengths.tolist(), strict=True):
        rows = slice(start, start + n)
        if not gaps[rows].any():
            continue
        series = series_of(model.generator, channels[rows], flags[rows], gaps[rows], known[rows], model.varying)
        told = series.conditions[:, None].expand(-1, draws, -1)
        rollouts = torch.cat(list(model.generator.rollouts(told, noise)), 1)
        latent = krige(model.generator, series, rollouts, latent_covariance(model))
        made, raised = _read_off(model, latent[:, : len(flags[rows])])
        values[:, rows] = np.where(gaps[rows][:, layout.value_columns], made, values[:, rows])
        events[:, rows] = np.where(gaps[rows][:, layout.flag_columns], raised, events[:, rows])
    starts = [] if table.numbers is None else table.numbers[table.starts].tolist()
    writer, names = Writer(schema, table.lengths, starts, seed), [schema.names[k] for k in schema.encoded]
    frames = []
    for of_draw, events_of_draw in zip(values, events, strict=True):
        decoded = encoder.inverse_transform(of_draw, events_of_draw, timeline)
        own_columns = rules.undo(decoded, timeline.begins, names)[names]
        made_frame = writer.values(whole(table.lengths), own_columns, table.frame[_not_made(schema)])
        frames.append(_filled_in(table.frame, made_frame, missing))
    return frames


def as_given(X: Any, table: Table, frame: pd.DataFrame) -> Any:
    """What the user gave, read as ``table``, with the cells of a frame that has the rows of the table."""
    if table.container in ("matrix", "array"):
        return frame.to_numpy().reshape(np.shape(X))
    given = X if isinstance(X, list) else [X]
    cells = frame if table.rows is None else frame.iloc[np.argsort(table.rows)]
    ends = np.cumsum([len(part) for part in given])
    parts = []
    for part, end in zip(given, ends, strict=True):
        own, complete = cells.iloc[end - len(part) : end], part.copy()
        for name in own:
            if part[name].isna().any():
                complete[name] = own[name].set_axis(part.index)
        parts.append(complete)
    return parts if isinstance(X, list) else parts[0]


def _read_off(model: Fitted, latent: torch.Tensor) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Levels and flags of latent channels (draws, rows, D), where no cell is missing."""
    prior = model.generator.prewhitening
    levels, excess = latent.to(prior.threshold.device).split([prior.n_values, prior.n_flags], -1)
    excess = excess - prior.threshold
    first = 0
    for codec in model.encoder.codecs_:
        if codec.missing_code is not None and codec.missing_code > 0:
            excess[..., first + codec.missing_code - 1] = -torch.inf
        elif codec.missing_code == 0:  # it is where no event is up
            excess[..., first : first + codec.n_events] += CERTAIN
        first += codec.n_events + codec.sticky
    flags = raise_flags(excess, prior.layout.groups) if prior.n_flags else excess
    return levels.cpu().numpy(), (flags > 0).cpu().numpy()


def _not_made(schema: Schema) -> list[Any]:
    """Columns that are told, never made: conditions and identifiers."""
    return [column.name for column in schema.columns if column.condition or column.pattern is not None]


def _check(model: Fitted, table: Table, missing: pd.DataFrame) -> None:
    """Raise unless all that is missing can be made."""

    def rows(where: NDArray[np.bool_]) -> str:
        return f"rows {table.first_rows(np.flatnonzero(where))}, counted from 0, of {np.count_nonzero(where)}"

    for name in _not_made(model.schema):
        if missing[name].any():
            raise InputError(
                f"column {name!r} has missing cells ({rows(missing[name].to_numpy())}), but conditions and identifiers are "
                "never made; fill them in"
            )
    for rule in model.rules.constraints:
        own = missing[[*rule.ruled, *rule.read]].to_numpy()
        if isinstance(rule, Increasing) and own.any():
            raise InputError(
                f"{rule}: the column has missing cells ({rows(own.any(1))}); fill them in, by a line for example"
            )
        if (some := own.any(1) & ~own.all(1)).any():
            raise InputError(
                f"{rule}: some of its columns are missing and others not ({rows(some)}); fill in all of them, or none"
            )


def _filled_in(frame: pd.DataFrame, made: pd.DataFrame, missing: pd.DataFrame) -> pd.DataFrame:
    """The frame, what is missing in it taken from what was made."""
    columns = []
    for name, cells in frame.items():
        complete = _filled_cells(cells, made[name]) if missing[name].any() else cells
        columns.append(_narrowed(complete, made[name].dtype))
    return pd.concat(columns, axis=1)


def _filled_cells(cells: pd.Series, made: pd.Series) -> pd.Series:
    """A column with its missing cells as they were made, in its dtype, with the categories that it lacks."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.cat.add_categories(pd.Index(made[cells.isna()].dropna().unique()).difference(cells.cat.categories))
    return cells.where(cells.notna(), made.astype(cells.dtype))


def _narrowed(cells: pd.Series, dtype: Any) -> pd.Series:
    """Whole numbers and booleans in the dtype that fit has seen, where only their gaps had made it another."""
    kinds = [getattr(kind, "kind", "") for kind in (cells.dtype, dtype)]
    if kinds[0] not in ("f", "O") or kinds[1] not in ("i", "u", "b"):
        return cells
    narrow = cells.astype(dtype)
    return narrow if (narrow == cells).all() else cells
