"""Columns that are known at every m-th step and interpolated in between: hourly weather beside 10-minute sensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tsgan.preprocessing.grid import Grid
from tsgan.timeline import Timeline

EXACT = 1e-9  # of the range: a smaller second difference is none
ROUNDING = 1.5  # steps of the grid that the second difference of rounded points of a line may have
LARGEST = 1e300  # whose second differences are doubles
LONGEST = 1440  # steps between knots: minutes in a day
LEAST_BENDS = 20  # in a column whose rows all bend alike, one in 2**20 has them at every other step by chance
PURE = 0.98  # of the bends stand at knots, and of the rows between knots on their line
BENT = 0.2  # of the knots
COARSE = 3.0  # steps of the grid: rounded curves have bends of less, which may be in time with the clock


@dataclass(frozen=True)
class Knots:
    """Steps ``phase``, ``phase + period``, ... of the clock."""

    period: int
    phase: int

    def since(self, clock: NDArray[np.int64]) -> NDArray[np.int64]:
        """Steps since the last knot, 0 at one."""
        return (clock - self.phase) % self.period


def interpolate(values: NDArray[np.float64], at: NDArray[np.bool_], timeline: Timeline) -> NDArray[np.float64]:
    """Values on the lines between the knots; NaN stays NaN.

    Parameters
    ----------
    values : ndarray of shape (n,)
    at : ndarray of shape (n,), bool
        Knots. The first and the last value of rows that follow each other are knots too: nothing is extrapolated.
    timeline : Timeline
    """
    there = np.flatnonzero(~np.isnan(values))
    if not len(there):
        return values
    run = np.cumsum(timeline.breaks)[there]
    parted = run[1:] != run[:-1]
    knots = there[at[there] | np.append(True, parted) | np.append(parted, True)]
    lines = np.interp(np.arange(len(values)), knots, values[knots])
    return np.where(np.isnan(values), np.nan, lines)


def find_knots(values: NDArray[np.float64], timeline: Timeline, grid: Grid) -> Knots | None:
    """Where a column's knots are; None where it is not interpolated.

    A line has second differences of zero, or of what rounding to the grid makes of it. So nearly all that are greater must
    stand at every m-th step of the clock, the longest such m counts, and the rows in between must lie on the lines.

    Parameters
    ----------
    values : ndarray of shape (n,)
        NaN where missing; at least one is not.
    timeline : Timeline
    grid : Grid
        Of the values.
    """
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    size = max(abs(low), abs(high))
    if size > LARGEST or len(values) < 3:
        return None
    bends = np.abs(values[:-2] - 2 * values[1:-1] + values[2:])
    bends[timeline.breaks[1:-1] | timeline.breaks[2:]] = np.nan
    exact = EXACT * (high - low) + 4 * float(np.finfo(np.float32 if grid.single else np.float64).eps) * size
    for rounding in (0.0, grid.step):
        bent = bends > exact + ROUNDING * rounding
        if bent.sum() < LEAST_BENDS or np.median(bends[bent]) < COARSE * grid.step:
            continue
        knots = _at_one_phase(timeline.clock[1:-1][bent], timeline.clock[1:-1][~np.isnan(bends)])
        if knots is not None and _off_line(values, knots, timeline, exact + 1.01 * rounding) <= 1 - PURE:
            return knots
    return None


def _at_one_phase(bent: NDArray[np.int64], complete: NDArray[np.int64]) -> Knots | None:
    """The longest period at one phase of which nearly all bends stand, among the steps that could have one."""
    for period in range(min(LONGEST, 2 * len(complete) // len(bent)), 1, -1):
        counts = np.bincount(bent % period)
        phase = int(counts.argmax())
        if counts[phase] >= PURE * len(bent):
            return Knots(period, phase) if counts[phase] >= BENT * (complete % period == phase).sum() else None
    return None


def _off_line(values: NDArray[np.float64], knots: Knots, timeline: Timeline, tolerance: float) -> float:
    """Share of the rows between two knots that are not on their line."""
    row, since, run = np.arange(len(values)), knots.since(timeline.clock), np.cumsum(timeline.breaks)
    inner = (since > 0) & (row >= since) & (row - since + knots.period < len(values))
    left, share = (row - since)[inner], since[inner] / knots.period
    right = left + knots.period
    line = values[left] + share * (values[right] - values[left])
    off = np.abs(values[inner] - line)[run[left] == run[right]]
    off = off[~np.isnan(off)]
    return float((off > tolerance).mean()) if len(off) else 1.0
