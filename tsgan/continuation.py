"""Futures of given histories: the end of a series of which nothing but its conditions is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from tsgan.conditions import Known, step_conditions
from tsgan.constraints import Increasing
from tsgan.device import one_thread
from tsgan.exceptions import InputError
from tsgan.kriging import krige, series_of
from tsgan.latent_covariance import latent_covariance
from tsgan.preparation import learned_frame
from tsgan.sampling import stream_seed
from tsgan.spans import Spans
from tsgan.timeline import Timeline

if TYPE_CHECKING:
    from tsgan.fitted import Fitted
    from tsgan.reading import Table
    from tsgan.reparameterisation import Reparameterisation
    from tsgan.schema import Schema
    from tsgan.told import Told

READ = 240  # last steps of a history that are read


@one_thread()
def draw_futures(model: Fitted, given: Table, told: Told | None, length: int, paths: int, seed: int) -> pd.DataFrame:
    """Learned columns of the futures of all sequences of a table, history by history and path by path.

    Parameters
    ----------
    model : Fitted
    given : Table
        Of histories.
    told : Told or None
        Conditions of the futures, one of each history.
    length : int
        Steps of each.
    paths : int
        How many for each history.
    seed : int

    Raises
    ------
    InputError
        If a category is none that fit has seen, or a series has no value of a column that had no gap in fit.
    """
    schema, law, network, encoder = model.schema, model.law, model.generator, model.encoder
    table = filled(given, schema)
    timeline = table.timeline(schema.axis)
    learned = learned_frame(table, schema, model.rules)
    channels, flags = encoder.transform(learned, timeline)
    gaps = _gaps(given, schema, model.rules, list(learned))
    own = None if law is None else law.features(table.frame, timeline)
    past = step_conditions(schema.axis, table.times, table.lengths, model.positions, own, length)
    known = Known(schema.axis, model.positions, future_spans(table, schema, length, 1))
    if law is not None and told is not None:
        known = replace(known, own=told.features, varying=law.varying)
    futures = []
    for k, end in enumerate((table.starts + table.lengths).tolist()):
        count = min(READ, int(table.lengths[k]))
        rows = slice(end - count, end)
        series = series_of(
            network,
            _longer(channels[rows], length),
            _longer(flags[rows], length),
            _longer(gaps[rows], length, True),
            np.concatenate([past[rows], known.of(k, 0, length)]),
            known.varying,
        )
        noise = torch.Generator(network.level_table.device).manual_seed(stream_seed(seed, k))
        latent = krige(network, series, latent_covariance(model), paths, noise)[:, : count + length]
        levels, raised = (part.cpu().numpy() for part in network.observe(latent.to(network.level_table.device)))
        events = raised > 0.5
        levels[:, :count], events[:, :count] = channels[rows], flags[rows]
        begins, ahead = np.arange(count + length) == 0, timeline.clock[end - 1] + np.arange(1, length + 1)
        clock = np.concatenate([timeline.clock[rows], ahead])
        decoded = encoder.inverse_transform(
            levels.reshape(paths * (count + length), levels.shape[-1]),
            events.reshape(paths * (count + length), events.shape[-1]),
            Timeline(np.tile(begins, paths), np.tile(clock, paths)),
        )
        decoded = decoded[np.tile(np.arange(count + length) >= count, paths)]
        futures.append(
            _as_it_was(
                decoded, learned.iloc[end - 1], [column.static and column.value for column in encoder.layout_.columns]
            )
        )
    return pd.concat(futures, ignore_index=True)


def _gaps(given: Table, schema: Schema, rules: Reparameterisation, names: list[Any]) -> NDArray[np.bool_]:
    """Cells of the learned columns that gaps tell nothing of, shape (rows, columns): those that fit has not seen."""
    complete = {column.name for column in schema.columns if not column.gaps}
    missing = {name: given.frame[name].isna().to_numpy() for name in given.frame if name in complete}
    nothing = np.zeros(len(given.frame), dtype=bool)
    gaps = dict(missing)
    for rule in rules.constraints:
        unknown = np.any([missing.get(name, nothing) for name in (*rule.ruled, *rule.read)], 0)
        if isinstance(rule, Increasing):
            unknown = unknown | np.append(False, unknown[:-1])  # a step behind a gap tells of all of it
        gaps |= dict.fromkeys(rule.ruled, unknown)
    return np.stack([gaps.get(name, nothing) for name in names], 1)


def _longer(rows: NDArray[Any], length: int, value: Any = 0) -> NDArray[Any]:
    """So many rows more."""
    return np.pad(rows, ((0, length), (0, 0)), constant_values=value)


def _as_it_was(decoded: pd.DataFrame, last: pd.Series, constant: list[bool]) -> pd.DataFrame:
    """Futures of a history with what is constant as it was: codecs do not know it exactly."""
    columns = [cells for _, cells in decoded.items()]
    for k in np.flatnonzero(constant):
        columns[k] = pd.Series([last.iloc[k]] * len(decoded), index=decoded.index).astype(columns[k].dtype)
    return pd.concat(columns, axis=1).set_axis(decoded.columns, axis=1)


def filled(table: Table, schema: Schema) -> Table:
    """The table, gaps closed in columns that had none in fit: with the last value before, else the first after.

    Raises
    ------
    InputError
        If a series has no value of such a column.
    """
    gappy = [c.name for c in schema.columns if not c.gaps and table.frame[c.name].isna().any()]
    if not gappy:
        return table
    owner = np.repeat(np.arange(len(table.lengths)), table.lengths)
    frame = table.frame.copy(deep=False)
    for name in gappy:
        closed = frame[name].groupby(owner).ffill().groupby(owner).bfill()
        if closed.isna().any():
            empty = closed.isna().to_numpy()
            where = np.sort(np.flatnonzero(empty) if table.rows is None else table.rows[empty])
            raise InputError(
                f"column {name!r} has no value in series {owner[empty][0]} (rows {where[:3].tolist()}, counted from 0), but "
                "no gap in fit; fill it in, or leave the series out"
            )
        frame[name] = closed
    return replace(table, frame=frame)


def future_spans(table: Table, schema: Schema, length: int, paths: int) -> Spans:
    """Where the futures lie, history by history and path by path."""
    n = len(table.lengths) * paths
    elapsed = np.repeat(table.lengths, paths)
    starts: list[float] = []
    if schema.axis is not None and table.numbers is not None:
        last = table.numbers[table.starts + table.lengths - 1].tolist()
        ahead = [time if schema.axis.irregular else schema.axis.shift(time, 1) for time in last]
        starts = [time for time in ahead for _ in range(paths)]
    return Spans(np.full(n, length), elapsed, starts, elapsed)
