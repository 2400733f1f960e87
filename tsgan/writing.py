"""From synthetic channels back to what the user gave: columns, dtypes, time, identifiers, container."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.clock import Clock
from tsgan.identifiers import Names
from tsgan.rows import Part, whole
from tsgan.schema import Schema


class Writer:
    """Parts of a sample in the user's columns, dtypes and index, where times and new identifiers go on from part to part.

    Parameters
    ----------
    schema : Schema
    lengths : ndarray of shape (n,)
        Of all sequences.
    starts : list of float
        First time of each; empty where there is no time.
    seed : int
        Of identifiers that are drawn.
    in_pieces : bool
        Whether there is more than one part.
    """

    def __init__(
        self, schema: Schema, lengths: NDArray[np.int64], starts: list[float], seed: int = 0, in_pieces: bool = False
    ) -> None:
        self.schema, self.lengths, n = schema, lengths, len(lengths)
        self.clock = None if schema.axis is None else Clock(schema.axis, starts, lengths, in_pieces)
        self.names = dict[int, Names | pd.Series]()  # of columns: one for each row, or for each sequence
        for k, column in enumerate(schema.columns):
            if column.pattern is not None:
                names = Names(column.pattern, column.dtype, n if column.static else int(lengths.sum()), seed + k)
                self.names[k] = names.take(n) if column.static else names
        self.entities = [entity.make(n, seed + len(schema.columns) + k) for k, entity in enumerate(schema.entities)]

    def values(self, part: Part, encoded: pd.DataFrame, known: pd.DataFrame | None) -> pd.DataFrame:
        """All value columns, those that are known, copies and identifiers among them.

        Parameters
        ----------
        part : Part
        encoded : DataFrame
            The columns that are no copies.
        known : DataFrame or None
            Columns that are not generated: conditions, a history's own identifiers.
        """
        own = iter(encoded.items())
        columns: list[pd.Series] = []
        for k, column in enumerate(self.schema.columns):
            if column.calendar is not None:  # comes with the times
                columns.append(pd.Series(0, index=encoded.index).astype(column.dtype))
            elif known is not None and column.name in known:
                columns.append(known[column.name])
            elif column.pattern is not None:
                names = self.names[k]
                fresh = names.take(part.rows) if isinstance(names, Names) else names.iloc[part.sequences[part.owner]]
                columns.append(fresh.reset_index(drop=True))
            elif column.source is not None:
                copied, is_alike = columns[column.source], self.schema.columns[column.source].dtype == column.dtype
                columns.append(copied if is_alike else copied.astype(column.dtype))
            else:
                columns.append(next(own)[1])
        frame = pd.concat(columns, axis=1)
        frame.columns = pd.Index(self.schema.names)
        return frame

    def frames(self, part: Part, values: pd.DataFrame, intervals: pd.Series | None) -> list[pd.DataFrame]:
        """The rows of each sequence by themselves, with their times; none where there are no rows."""
        ends = np.cumsum(part.counts)
        return [
            self._with_times(
                values.iloc[end - count : end],
                int(sequence),
                int(begin),
                None if intervals is None else intervals.iloc[end - count : end],
            )
            for sequence, begin, count, end in zip(part.sequences, part.begins, part.counts, ends, strict=True)
        ]

    def frame(self, part: Part, values: pd.DataFrame, intervals: pd.Series | None) -> pd.DataFrame:
        """The rows as one frame, where ``fit`` was given one; lists and arrays as frames with a level ``sequence``."""
        if self.schema.container == "panel":
            return self.panel(part, values, intervals, self.entities)
        alone = len(self.lengths) == 1 and self.schema.container in ("frame", "matrix")
        if alone and part.rows:
            return self.frames(part, values, intervals)[0]
        rows = self._together(part, values, intervals)
        levels = [part.sequences[part.owner], rows.index] if part.rows else [np.zeros(0, dtype=np.int64), rows.index]
        return rows.set_axis(pd.MultiIndex.from_arrays(levels, names=["sequence", rows.index.name]))

    def panel(
        self, part: Part, values: pd.DataFrame, intervals: pd.Series | None, identifiers: list[pd.Series]
    ) -> pd.DataFrame:
        """The rows as one frame, with these identifiers of each sequence in its columns or index levels."""
        owner, levels = part.sequences[part.owner], {}
        for entity, names in zip(self.schema.entities, identifiers, strict=True):
            cells = names.iloc[owner].reset_index(drop=True)
            if entity.level is None:
                values = add_column(values, entity.name, cells)
            else:
                levels[entity.level] = pd.Index(cells, dtype=cells.dtype, name=entity.name)
        has_times = self.schema.axis is not None and self.schema.axis.in_index
        together = self._together(part, values, intervals)
        if levels:
            return with_levels(together, levels, has_times)
        return together if has_times else together.set_axis(pd.RangeIndex(part.first, part.first + len(together)))

    def _with_times(self, rows: pd.DataFrame, sequence: int, begin: int, intervals: pd.Series | None) -> pd.DataFrame:
        """Rows of one sequence with their times, columns in the user's order."""
        rows, schema = rows.set_axis(pd.RangeIndex(begin, begin + len(rows))), self.schema
        if schema.axis is not None and self.clock is not None:
            rows = with_times(schema, rows, self.clock.times(sequence, begin, len(rows), intervals))
        return rows[list(schema.order)]

    def _together(self, part: Part, values: pd.DataFrame, intervals: pd.Series | None) -> pd.DataFrame:
        """Rows of all sequences with their times, or their steps as the index, columns in the user's order."""
        schema, axis = self.schema, self.schema.axis
        if axis is not None and axis.irregular and part.rows:  # the dtype of times may grow from sequence to sequence
            return pd.concat(self.frames(part, values, intervals))
        rows = values.set_axis(pd.Index(part.steps))
        if axis is not None and self.clock is not None:
            rows = with_times(schema, rows, self.clock.all_times(part))
        return rows[list(schema.order)]


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
    writer, part = Writer(schema, lengths, starts, seed), whole(lengths)
    values = writer.values(part, encoded, known)
    if schema.container in ("matrix", "array"):
        array = values.to_numpy(dtype=schema.columns[0].dtype)
        if schema.container == "matrix" and len(lengths) == 1:
            return array
        return array.reshape(len(lengths), int(lengths[0]) if len(lengths) else 0, array.shape[1])
    if schema.container == "frames":
        return writer.frames(part, values, intervals)
    return writer.frame(part, values, intervals)


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
    writer, part = Writer(schema, lengths, starts), whole(lengths)
    frame = writer.values(part, encoded, known)
    if schema.container in ("matrix", "array"):
        array = frame.to_numpy(dtype=schema.columns[0].dtype).reshape(-1, paths, int(lengths[0]), frame.shape[1])
        return array[0] if schema.container == "matrix" else array
    if schema.container == "panel":
        own = [names.iloc[np.repeat(np.arange(len(names)), paths)].reset_index(drop=True) for names in identifiers]
        together = writer.panel(part, frame, intervals, own)
        path = np.repeat(np.arange(len(lengths)) % paths, lengths)
        levels = [together.index.get_level_values(k) for k in range(together.index.nlevels)]
        return together.set_axis(pd.MultiIndex.from_arrays([path, *levels], names=["path", *together.index.names]))
    frames = writer.frames(part, frame, intervals)
    histories = [keyed(frames[k : k + paths], "path", range(paths)) for k in range(0, len(frames), paths)]
    return histories if schema.container == "frames" else histories[0]


def keyed(frames: list[pd.DataFrame], level: str, numbers: Sequence[int] | NDArray[np.int64]) -> pd.DataFrame:
    """The frames one below the other, with these numbers in an outer index level."""
    return pd.concat(frames, keys=list(numbers), names=[level, *frames[0].index.names])


def with_times(schema: Schema, rows: pd.DataFrame, times: Any) -> pd.DataFrame:
    """Rows of one sequence with these times, in the index or as the last column, and with what is read off them."""
    axis = schema.axis
    if axis is None:
        return rows
    clock = {c.name: c.calendar.of(pd.DatetimeIndex(times)).astype(c.dtype) for c in schema.columns if c.calendar}
    if clock:
        rows = _replaced(rows, {name: cells.set_axis(rows.index) for name, cells in clock.items()})
    if not axis.in_index:
        return add_column(rows, axis.name, pd.Series(times, index=rows.index))
    rows.index = pd.Index(times, name=axis.name)
    if isinstance(rows.index, pd.DatetimeIndex) and not axis.index_freq:
        rows.index.freq = None
    return rows


def with_levels(frame: pd.DataFrame, levels: dict[int, pd.Index], has_times: bool) -> pd.DataFrame:
    """The frame with levels of identifiers as its index, and its times, where it has them there, in the level left free."""
    if has_times:
        free = next(k for k in range(len(levels) + 1) if k not in levels)
        levels = levels | {free: frame.index}
    ordered = [levels[k] for k in sorted(levels)]
    return frame.set_axis(pd.MultiIndex.from_arrays(ordered) if len(ordered) > 1 else ordered[0])


def _replaced(part: pd.DataFrame, columns: dict[Any, pd.Series]) -> pd.DataFrame:
    together = pd.concat([columns.get(name, part[name]) for name in part.columns], axis=1)
    together.columns = part.columns
    return together


def add_column(frame: pd.DataFrame, name: Any, values: pd.Series) -> pd.DataFrame:
    """The frame with another column at its end."""
    added = pd.concat([frame, values], axis=1)
    added.columns = pd.Index([*frame.columns, name])
    return added
