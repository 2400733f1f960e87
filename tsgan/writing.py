"""From synthetic channels back to what the user gave: columns, dtypes, time, identifiers, container."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.identifiers import make_new
from tsgan.intervals import rebuild_times
from tsgan.schema import Schema


def write(
    schema: Schema,
    encoded: pd.DataFrame,
    lengths: NDArray[np.int64],
    starts: list[float],
    intervals: pd.Series | None = None,
    known: pd.DataFrame | None = None,
    seed: int = 0,
) -> Any:
    """Assemble the sample.

    Parameters
    ----------
    schema : Schema
    encoded : DataFrame
        The columns that are no copies, of all sequences, one after the other.
    lengths : ndarray of shape (n,)
    starts : list of float
        First time of each sequence; empty where there is no time.
    intervals : Series, optional
        Before each row, where times are irregular.
    known : DataFrame, optional
        Columns that are not generated, of all rows: conditions, a history's own identifiers.
    seed : int
        Of identifiers that are drawn.

    Returns
    -------
    DataFrame, list of DataFrame or ndarray
        As the input of ``fit``. One long series comes back as one frame (2-D array) for n = 1; for other n the frame has
        an outer index level ``sequence`` (the array a leading axis).
    """
    frame = value_frame(schema, encoded, lengths, known, seed)
    if schema.container in ("matrix", "array"):
        array = frame.to_numpy(dtype=schema.columns[0].dtype)
        if schema.container == "matrix" and len(lengths) == 1:
            return array
        return array.reshape(len(lengths), int(lengths[0]) if len(lengths) else 0, array.shape[1])
    identifiers = [entity.make(len(lengths), seed + len(schema.columns) + k) for k, entity in enumerate(schema.entities)]
    if schema.container == "panel":
        return panel(schema, frame, lengths, starts, intervals, identifiers)
    frames = sequence_frames(schema, frame, lengths, starts, intervals)
    if schema.container == "frames":
        return frames
    if not frames:  # no rows, but columns, dtypes and index
        return keyed([with_times(schema, frame, schema.axis.starts[0] if schema.axis else 0)], "sequence")
    return frames[0] if len(lengths) == 1 else keyed(frames, "sequence")


def write_paths(
    schema: Schema,
    encoded: pd.DataFrame,
    lengths: NDArray[np.int64],
    starts: list[float],
    intervals: pd.Series | None,
    known: pd.DataFrame | None,
    identifiers: list[pd.Series],
    paths: int,
) -> Any:
    """Assemble futures, ``paths`` of each of several histories.

    Parameters
    ----------
    schema, encoded, lengths, starts, intervals, known
        As for :func:`write`, history by history and path by path.
    identifiers : list of Series
        Of each history, for each entity.
    paths : int

    Returns
    -------
    DataFrame, list of DataFrame or ndarray
        With an outer index level ``path``; arrays have the shape (paths, T, C) or (B, paths, T, C).
    """
    frame = value_frame(schema, encoded, lengths, known, 0)
    if schema.container in ("matrix", "array"):
        array = frame.to_numpy(dtype=schema.columns[0].dtype).reshape(-1, paths, int(lengths[0]), frame.shape[1])
        return array[0] if schema.container == "matrix" else array
    if schema.container == "panel":
        own = [names.iloc[np.repeat(np.arange(len(names)), paths)].reset_index(drop=True) for names in identifiers]
        whole = panel(schema, frame, lengths, starts, intervals, own)
        path = np.repeat(np.arange(len(lengths)) % paths, lengths)
        levels = [whole.index.get_level_values(k) for k in range(whole.index.nlevels)]
        return whole.set_axis(pd.MultiIndex.from_arrays([path, *levels], names=["path", *whole.index.names]))
    frames = sequence_frames(schema, frame, lengths, starts, intervals)
    histories = [keyed(frames[k : k + paths], "path") for k in range(0, len(frames), paths)]
    return histories if schema.container == "frames" else histories[0]


def panel(
    schema: Schema,
    frame: pd.DataFrame,
    lengths: NDArray[np.int64],
    starts: list[float],
    intervals: pd.Series | None,
    identifiers: list[pd.Series],
) -> pd.DataFrame:
    """The sequences as one frame, with these identifiers of each in its columns or index levels."""
    owner, levels = np.repeat(np.arange(len(lengths)), lengths), {}
    for entity, names in zip(schema.entities, identifiers, strict=True):
        cells = names.iloc[owner].reset_index(drop=True)
        if entity.level is None:
            frame = add_column(frame, entity.name, cells)
        else:
            levels[entity.level] = pd.Index(cells, dtype=cells.dtype, name=entity.name)
    frames = sequence_frames(schema, frame, lengths, starts, intervals)
    if not frames:
        frames = [with_times(schema, frame, schema.axis.starts[0] if schema.axis else 0)]
    has_times = schema.axis is not None and schema.axis.in_index
    whole = pd.concat(frames, ignore_index=not has_times)
    return with_levels(whole, levels, has_times) if levels else whole


def sequence_frames(
    schema: Schema, frame: pd.DataFrame, lengths: NDArray[np.int64], starts: list[float], intervals: pd.Series | None
) -> list[pd.DataFrame]:
    """Each sequence by itself, with its times."""
    ends = np.cumsum(lengths)
    return [
        with_times(
            schema,
            frame.iloc[end - length : end],
            starts[k] if starts else 0,
            None if intervals is None else intervals.iloc[end - length : end],
        )
        for k, (end, length) in enumerate(zip(ends, lengths, strict=True))
    ]


def keyed(frames: list[pd.DataFrame], level: str) -> pd.DataFrame:
    """The frames one below the other, numbered in an outer index level."""
    return pd.concat(frames, keys=range(len(frames)), names=[level, *frames[0].index.names])


def with_times(schema: Schema, part: pd.DataFrame, start: float, intervals: pd.Series | None = None) -> pd.DataFrame:
    """The rows of one sequence with their times, columns in the user's order."""
    part = part.reset_index(drop=True)
    if schema.axis is not None:
        axis = schema.axis
        times = axis.rebuild(start, len(part)) if intervals is None else rebuild_times(axis, start, intervals)
        clock = {c.name: c.calendar.of(pd.DatetimeIndex(times)).astype(c.dtype) for c in schema.columns if c.calendar}
        part = _replaced(part, clock) if clock else part
        if schema.axis.in_index:
            part.index = pd.Index(times, name=schema.axis.name)
            if isinstance(part.index, pd.DatetimeIndex) and not schema.axis.index_freq:
                part.index.freq = None
        else:
            part = add_column(part, schema.axis.name, pd.Series(times))
    return part[list(schema.order)]


def with_levels(frame: pd.DataFrame, levels: dict[int, pd.Index], has_times: bool) -> pd.DataFrame:
    """The frame with levels of identifiers as its index, and its times, where it has them there, in the level left free."""
    if has_times:
        free = next(k for k in range(len(levels) + 1) if k not in levels)
        levels = levels | {free: frame.index}
    ordered = [levels[k] for k in sorted(levels)]
    return frame.set_axis(pd.MultiIndex.from_arrays(ordered) if len(ordered) > 1 else ordered[0])


def value_frame(
    schema: Schema, encoded: pd.DataFrame, lengths: NDArray[np.int64], known: pd.DataFrame | None, seed: int
) -> pd.DataFrame:
    """All value columns, those that are known, copies and identifiers among them."""
    own = iter(encoded.items())
    columns: list[pd.Series] = []
    for column in schema.columns:
        if column.calendar is not None:  # comes with the times
            columns.append(pd.Series(0, index=encoded.index).astype(column.dtype))
        elif known is not None and column.name in known:
            columns.append(known[column.name])
        elif column.pattern is not None:
            count = len(lengths) if column.static else len(encoded)
            rows = np.repeat(np.arange(len(lengths)), lengths) if column.static else np.arange(len(encoded))
            fresh = make_new(column.pattern, column.dtype, count, seed + len(columns))
            columns.append(fresh.iloc[rows].reset_index(drop=True))
        elif column.source is not None:
            copied, is_alike = columns[column.source], schema.columns[column.source].dtype == column.dtype
            columns.append(copied if is_alike else copied.astype(column.dtype))
        else:
            columns.append(next(own)[1])
    frame = pd.concat(columns, axis=1)
    frame.columns = pd.Index(schema.names)
    return frame


def _replaced(part: pd.DataFrame, columns: dict[Any, pd.Series]) -> pd.DataFrame:
    together = pd.concat([columns.get(name, part[name]) for name in part.columns], axis=1)
    together.columns = part.columns
    return together


def add_column(frame: pd.DataFrame, name: Any, values: pd.Series) -> pd.DataFrame:
    """The frame with another column at its end."""
    added = pd.concat([frame, values], axis=1)
    added.columns = pd.Index([*frame.columns, name])
    return added
