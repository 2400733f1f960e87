"""Sticky columns: sensors that repeat their last value more often than its grid explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tsgan.preprocessing.monotone import MonotoneScaler

LEAST_SHARE = 0.05
ROUNDS = 5  # parting two values may make two others equal
CELLS = 2.0  # levels by which a step goes in a sticky column: in a coarse one values repeat because they are rounded
EXCESS = 1.5  # times as many repeats as moves to the next level above, or below


def repeats(values: NDArray[np.float64], free: NDArray[np.bool_], begins: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a value is that of the row before, shape (n,).

    Parameters
    ----------
    values : ndarray of shape (n,)
    free : ndarray of shape (n,), bool
        Whether it is a value, not an event.
    begins : ndarray of shape (n,), bool
        Rows with which sequences begin.
    """
    held = np.zeros(len(values), dtype=bool)
    held[1:] = (values[1:] == values[:-1]) & free[1:] & free[:-1] & ~begins[1:]
    return held


def share_of_repeats(values: NDArray[np.float64], free: NDArray[np.bool_], begins: NDArray[np.bool_]) -> float:
    """Share of the steps from value to value that change nothing; see :func:`repeats`."""
    pairs = free[1:] & free[:-1] & ~begins[1:]
    return float(repeats(values, free, begins)[1:][pairs].mean()) if pairs.any() else 0.0


def is_sticky(values: NDArray[np.float64], free: NDArray[np.bool_], begins: NDArray[np.bool_]) -> bool:
    """Whether values repeat more often than by rounding.

    Over 5 % of them do, the others move by several levels (values that occur at all), and repeats are 1.5 times as many as
    moves to the next level above, or below, or more: of a rounded continuous series that moves by several levels they are
    hardly more.

    Parameters
    ----------
    values, free, begins : ndarray of shape (n,)
        See :func:`repeats`.
    """
    pairs = free[1:] & free[:-1] & ~begins[1:]
    rank = np.unique(values, return_inverse=True)[1]
    change = np.abs(np.diff(rank)[pairs])
    moved = change[change > 0]
    if not len(moved) or len(moved) > (1 - LEAST_SHARE) * len(change):
        return False
    same, next_to = len(change) - len(moved), np.count_nonzero(moved == 1) / 2
    return bool(np.median(moved) >= CELLS and same > EXCESS * next_to)


@dataclass
class Before:
    """What the rows before have left of a sticky column whose rows come in pieces.

    Parameters
    ----------
    keep : int
        Rows of this piece that are behind the next one.
    free : bool
        Whether the last row had a value.
    levels, trends : tuple of float
        The last level and the direction of the last change, at the beginning of each round and after all of them; none
        before the first piece.
    """

    keep: int = 0
    free: bool = False
    levels: tuple[float, ...] = ()
    trends: tuple[float, ...] = ()


def parted(
    values: NDArray[np.float64],
    free: NDArray[np.bool_],
    held: NDArray[np.bool_],
    begins: NDArray[np.bool_],
    scaler: MonotoneScaler,
    before: Before | None = None,
) -> NDArray[np.float64]:
    """Values that differ from those before them unless they are held: rounding had made some equal.

    These go on by a cell of the grid, in the direction of the last change.

    Parameters
    ----------
    values : ndarray of shape (n,)
        On the grid.
    free, held, begins : ndarray of shape (n,), bool
        See :func:`repeats`; whether a value is held.
    scaler : MonotoneScaler
        With the grid and the range.
    before : Before, optional
        Of pieces; brought to what is behind the next one.
    """
    before = before or Before()
    chained = free & np.append(before.free, free[:-1]) & ~begins  # to the row before
    moves = ~(held & chained)
    first, owner = np.flatnonzero(moves), np.cumsum(moves) - 1
    level, follows = values[first].copy(), chained[first]
    low, high = scaler.minimum_, scaler.maximum_
    last = owner[before.keep - 1] if before.keep else -1  # level behind the next piece
    levels, trends = list[float](), list[float]()
    for k in range(ROUNDS + 1):
        start, trend = (before.levels[k], before.trends[k]) if before.levels else (level[:1].sum(), 0.0)
        change = np.diff(level, prepend=start)
        moved = np.flatnonzero(change[: last + 1])
        levels.append(float(level[last]) if last >= 0 else start)
        trends.append(float(np.sign(change[moved[-1]])) if len(moved) else trend)
        equal = (change == 0) & follows
        if k == ROUNDS or not equal.any():
            continue
        signs = np.append(trend, np.sign(change))
        behind = signs[np.maximum.accumulate(np.where(signs != 0, np.arange(len(signs)), 0))][1:]
        direction = np.where(behind[equal] < 0, -1.0, 1.0)
        ahead = level[equal] + scaler.grid_.step * direction
        direction = np.where((ahead > high) | (ahead < low), -direction, direction)
        level[equal] = np.clip(scaler.grid_.snap(level[equal] + scaler.grid_.step * direction), low, high)
    whole = np.append(before.levels[ROUNDS] if before.levels else 0.0, level)
    if before.keep:
        before.free, before.levels, before.trends = bool(free[before.keep - 1]), tuple(levels), tuple(trends)
    return np.asarray(whole[owner + 1])
