"""Sticky columns: sensors that repeat their last value more often than its grid explains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tsgan.preprocessing.monotone import MonotoneScaler

LEAST_SHARE = 0.05
ROUNDS = 5  # parting two values may make two others equal
CELLS = 2.0  # of the grid that a step goes in a sticky column: in a coarse one values repeat because they are rounded


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


def is_sticky(values: NDArray[np.float64], free: NDArray[np.bool_], begins: NDArray[np.bool_], step: float) -> bool:
    """Whether over 5 % of the values repeat the last one, while the others move by several cells of the grid ``step``."""
    pairs = free[1:] & free[:-1] & ~begins[1:]
    change = np.abs(np.diff(values)[pairs])
    moved = change[change > 0]
    if not len(moved) or len(moved) > (1 - LEAST_SHARE) * len(change):
        return False
    return bool(np.median(moved) >= CELLS * step)


def parted(
    values: NDArray[np.float64],
    free: NDArray[np.bool_],
    held: NDArray[np.bool_],
    begins: NDArray[np.bool_],
    scaler: MonotoneScaler,
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
    """
    chained = np.zeros(len(values), dtype=bool)  # to the row before
    chained[1:] = free[1:] & free[:-1] & ~begins[1:]
    moves = ~(held & chained)
    first, owner = np.flatnonzero(moves), np.cumsum(moves) - 1
    level, follows = values[first].copy(), chained[first]
    low, high = scaler.minimum_, scaler.maximum_
    for _ in range(ROUNDS):
        equal = np.zeros(len(level), dtype=bool)
        equal[1:] = (level[1:] == level[:-1]) & follows[1:]
        if not equal.any():
            break
        last = np.sign(np.diff(level, prepend=level[:1]))
        trend = last[np.maximum.accumulate(np.where(last != 0, np.arange(len(level)), 0))]
        direction = np.where(trend[equal] < 0, -1.0, 1.0)
        ahead = level[equal] + scaler.grid_.step * direction
        direction = np.where((ahead > high) | (ahead < low), -direction, direction)
        level[equal] = np.clip(scaler.grid_.snap(level[equal] + scaler.grid_.step * direction), low, high)
    return np.asarray(level[owner])
