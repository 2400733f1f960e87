"""From frames and arrays, as users have them, to `Sequences` of the same columns on every side."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas.api import types

from tsgan_evaluation._validation import DataError, FloatArray
from tsgan_evaluation.columns import Column, read_column, seconds
from tsgan_evaluation.sequences import IntArray, Sequences, label

Names = Hashable | Sequence[Hashable] | None
SIDES = ("real", "synthetic", "holdout")


def read_frames(
    frames: Sequence[pd.DataFrame], entity: Names, time: Hashable | None
) -> tuple[list[Sequences], dict[str, str]]:
    """Frames as sequences: grouped by entity, in order of time.

    Parameters
    ----------
    frames : sequence of DataFrame
        Real, synthetic and perhaps a holdout. They are not changed.
    entity : column or index level, or list of them, optional
        What tells series apart; all levels but the dates of a MultiIndex where it is left out. A real table without it
        is one series.
    time : column or index level, optional
        Order within a series; an index of dates where it is left out, the order of the rows without one.

    Returns
    -------
    list of Sequences, dict of str to str
        One for each frame; and why columns were left out, by name.

    Raises
    ------
    ValueError
        If there is no such column, a table is empty or no column is common to all.
    """
    entities = [entity] if isinstance(entity, str) or not isinstance(entity, Sequence) else list(entity)
    entities = [name for name in entities if name is not None]
    of_real = [name for name in entities if name in frames[0].columns or name in frames[0].index.names]
    parts = [
        _roles(frame, side, entities if side == "synthetic" else of_real, time)
        for frame, side in zip(frames, SIDES, strict=False)
    ]
    reasons: dict[str, str] = {}
    everywhere = [name for name in parts[0][0] if all(name in cells for cells, _, _ in parts)]
    for (cells, _, _), side in zip(parts, SIDES, strict=False):
        reasons |= {str(name): f"only some sides have it, {side} among them" for name in cells if name not in everywhere}
    if not everywhere:
        raise ValueError(
            "real and synthetic have no column in common: "
            + "; ".join(f"{side} has {[*map(str, cells)]}" for (cells, _, _), side in zip(parts, SIDES, strict=False))
        )
    columns, numbers = [], []
    for name in everywhere:
        try:
            column, as_numbers = read_column(str(name), [part[0][name] for part in parts])
        except DataError as error:
            reasons[str(name)] = str(error)
            continue
        columns.append(column)
        numbers.append(as_numbers)
    clocks = [clock for _, _, clock in parts if clock is not None]
    if len(clocks) not in (0, len(parts)) or len({types.is_numeric_dtype(clock) for clock in clocks}) > 1:
        kinds = (f"{side}: {None if part[2] is None else part[2].dtype}" for part, side in zip(parts, SIDES, strict=False))
        raise ValueError(f"times must be dates on every side, or numbers, or nowhere ({'; '.join(kinds)})")
    sides = []
    for k, (_, owner, clock) in enumerate(parts):
        values = np.column_stack([of_sides[k] for of_sides in numbers]) if columns else np.empty((len(frames[k]), 0))
        sides.append(_in_order(tuple(columns), values, owner, clock))
    return sides, reasons


def _roles(
    frame: pd.DataFrame, side: str, entities: list[Any], time: Hashable | None
) -> tuple[dict[Any, pd.Series], pd.Index | None, pd.Series | None]:
    """Cells by column, the entity of each row and its time."""
    if frame.empty:
        raise ValueError(f"{side} is empty: it has {len(frame)} rows and {len(frame.columns)} columns")
    if not frame.columns.is_unique:
        raise ValueError(f"{side} has several columns named {frame.columns[frame.columns.duplicated()][0]!r}; rename them")
    index = frame.index
    levels = {name: index.get_level_values(k) for k, name in enumerate(index.names)}
    dates = [name for name, level in levels.items() if isinstance(level, pd.DatetimeIndex | pd.PeriodIndex)]
    if not entities and isinstance(index, pd.MultiIndex):
        entities = [name for name in levels if name not in (dates[:1] if time is None else [time])]

    def find(name: Hashable, role: str) -> pd.Series:
        found = frame[name] if name in frame.columns else levels.get(name)
        if found is None:
            known = {str(one): one for one in [*frame.columns, *index.names]}
            close = difflib.get_close_matches(str(name), known, n=1)
            cure = f"did you mean {known[close[0]]!r}?" if close else f"it has {', '.join(known)}"
            raise ValueError(f"{role} is {name!r}, but {side} has no such column or index level; {cure}")
        return pd.Series(found).reset_index(drop=True)

    keys = [find(name, "entity") for name in entities]
    clock = find(time, "time") if time is not None else pd.Series(levels[dates[0]]) if dates else None
    clock = None if clock is None else _as_time(clock, side)
    owner = None
    if keys:
        missing = pd.concat(keys, axis=1).isna().any(axis=1)
        if missing.any():
            raise ValueError(f"{side} has {int(missing.sum())} rows without an entity; drop them or name them")
        owner = pd.Index(keys[0]) if len(keys) == 1 else pd.MultiIndex.from_arrays(keys)
    left = [name for name in frame.columns if name not in entities and name != time]
    return {name: frame[name].reset_index(drop=True) for name in left}, owner, clock


def _in_order(columns: tuple[Column, ...], values: Any, owner: pd.Index | None, clock: pd.Series | None) -> Sequences:
    """Rows sorted by the first appearance of their entity, then by time, then as they were."""
    codes, names = (np.zeros(len(values), int), pd.Index([""])) if owner is None else pd.factorize(owner)
    dates = clock is not None and not types.is_numeric_dtype(clock)
    when = None if clock is None else seconds(clock) if dates else clock.to_numpy(float)
    order = np.lexsort((codes,) if when is None else (when, codes))  # stable
    lengths = np.bincount(codes, minlength=len(names))
    shown = _on_the_wall(clock) if dates else when
    return Sequences(
        columns=columns,
        values=np.asarray(values, dtype=float)[order],
        lengths=lengths.astype(np.int64),
        names=label(tuple(names)),
        offsets=np.zeros(len(names), np.int64),
        block=np.zeros(len(names), np.int64),
        clock=None if shown is None else shown[order],
    )


def _as_time(clock: pd.Series, side: str) -> pd.Series:
    """Dates, or numbers."""
    if clock.isna().any():
        raise ValueError(f"{side} has {int(clock.isna().sum())} rows without a time; drop them or fill them in")
    if isinstance(clock.dtype, pd.PeriodDtype):
        return clock.dt.to_timestamp()
    if types.is_timedelta64_dtype(clock):
        return clock.dt.total_seconds()
    if types.is_numeric_dtype(clock):
        return clock
    try:
        return pd.to_datetime(clock, format=None if types.is_datetime64_any_dtype(clock) else "ISO8601")
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"the times of {side} are neither dates nor numbers ({error}); convert them with pandas.to_datetime"
        ) from error


def _on_the_wall(clock: pd.Series) -> Any:
    """What a clock on the wall shows: local time without its zone."""
    return (clock if clock.dt.tz is None else clock.dt.tz_localize(None)).to_numpy("datetime64[ns]")


def read_arrays(arrays: Sequence[ArrayLike]) -> tuple[list[Sequences], dict[str, str], list[str]]:
    """Arrays of shape (B, T, C) as sequences; overlapping windows are put together to the series they were cut from.

    Returns
    -------
    list of Sequences, dict of str to str, list of str
        One for each array; why columns were left out, by number; and what was put together, in words.

    Raises
    ------
    ValueError
        If the arrays are not numeric, of three dimensions, with the same number of columns.
    """
    sides, said = [], []
    for array, side in zip(arrays, SIDES, strict=False):
        try:
            x = np.asarray(array, dtype=float)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{side} is not numeric ({error}); pass a frame, or encode its other columns") from error
        if x.ndim != 3 or 0 in x.shape:
            raise ValueError(f"{side} has shape {x.shape}; arrays must be (sequences, steps, columns), and not empty")
        sides.append(x)
    if len({x.shape[2] for x in sides}) > 1:
        raise ValueError("; ".join(f"{s} has {x.shape[2]} columns" for s, x in zip(SIDES, sides, strict=False)))
    read, reasons = [], {}
    for c in range(sides[0].shape[2]):
        try:
            read.append(read_column(str(c), [pd.Series(x[..., c].ravel()) for x in sides])[0])
        except DataError as error:
            reasons[str(c)] = str(error)
    kept = [int(column.name) for column in read]
    out = []
    for x, side in zip(sides, SIDES, strict=False):
        values, lengths = _joined(x)
        if len(lengths) < len(x):
            said.append(f"{side}: {len(x):,} overlapping windows were put together to {len(lengths):,} series")
        none = np.zeros(len(lengths), np.int64)
        out.append(Sequences(tuple(read), values[:, kept], lengths, label(tuple(range(len(lengths)))), none, none))
    return out, reasons, said


def _joined(x: FloatArray) -> tuple[FloatArray, IntArray]:
    """Rows (n, C) and lengths of the series that windows (B, T, C) were cut from, in order and s < T steps apart."""
    B, T, C = x.shape
    for stride in range(1, T):
        # Constant stretches fit anywhere: what says that windows overlap is a window that moves.
        moves = (x[:-1, stride:] != x[:-1, stride : stride + 1]).any((1, 2))
        if (_same(x[:-1, -1], x[1:, -1 - stride]) & moves).sum() <= moves.sum() / 2:
            continue
        fits = _same(x[:-1, stride:], x[1:, :-stride])
        if moves.any() and fits[moves].mean() > 0.5:
            begins = np.r_[True, ~fits]
            rows = np.where(begins[:, None], True, np.arange(T) >= T - stride)  # (B, T), those that are new
            return x[rows], np.add.reduceat(rows.sum(1), np.flatnonzero(begins))
    return x.reshape(-1, C), np.full(B, T, np.int64)


def _same(a: FloatArray, b: FloatArray) -> Any:
    """Whether a's and b's entries are equal throughout, (n, ...) -> (n,)."""
    return ((a == b) | (np.isnan(a) & np.isnan(b))).reshape(len(a), -1).all(1)
