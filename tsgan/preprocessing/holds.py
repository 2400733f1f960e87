"""Sticky columns: sensors that repeat their last value more often than its grid explains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEAST_SHARE = 0.05
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
