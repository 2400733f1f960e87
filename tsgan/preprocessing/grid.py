"""The grid on which a column's values lie: integers, decimals, or the steps of a sensor's converter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

MAX_DECIMALS = 9
FINEST = 1e-9  # step of a converter, relative to its range
REPEATED = 2.0  # a converter's grid is looked for where each value occurs at least this often on average


@dataclass(frozen=True)
class Grid:
    """Values ``offset + k step``, rounded to ``decimals``; ``step`` 0 stands for no grid at all.

    Parameters
    ----------
    step, offset : float
        In units of the column.
    decimals : int or None
        Decimal places of the values, None where they have more than nine.
    single : bool
        Whether all values are exact in single precision.
    """

    step: float = 0.0
    offset: float = 0.0
    decimals: int | None = None
    single: bool = False

    @property
    def rounding(self) -> Grid:
        """What decimals and precision make of values, whatever the step."""
        return replace(self, step=0.0 if self.decimals is None else 10.0**-self.decimals, offset=0.0)

    def nodes(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Nearest ``offset + k step``, not rounded."""
        if not self.step:
            return values
        return self.offset + self.step * np.round((values - self.offset) / self.step)

    @np.errstate(over="ignore")  # what is too large for single precision
    def snap(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Nearest values on the grid."""
        values = self.nodes(values)
        if self.decimals is not None:
            values = np.round(values, self.decimals) + 0.0  # no negative zeros
        return values.astype(np.float32).astype(np.float64) if self.single else values


@np.errstate(over="ignore", invalid="ignore")  # what is too large for single precision or for decimals has none
def learn_grid(values: NDArray[np.float64]) -> Grid:
    """Find the grid of finite values.

    Decimals are those that represent all values up to single precision. Where values repeat, a wider lattice is
    accepted if no value is further from it than rounding to these decimals explains.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Finite; at least one.
    """
    levels = np.unique(values)
    # Text of 16 digits does not always give a single back exactly.
    near_single = np.isclose(levels.astype(np.float32), levels, rtol=1e-14, atol=0.0).all()
    single = bool(near_single) and not bool((np.round(levels) == levels).all())

    def same(rounded: NDArray[np.float64]) -> bool:
        if single:
            return bool((rounded.astype(np.float32) == levels.astype(np.float32)).all())
        return bool((np.abs(rounded - levels) <= 1e-12 * np.abs(levels)).all())

    decimals = next((d for d in range(MAX_DECIMALS + 1) if same(np.round(levels, d))), None)
    unit = 0.0 if decimals is None else 10.0**-decimals
    if len(levels) > 2 and len(values) >= REPEATED * len(levels) and np.diff(levels).min() > FINEST * np.ptp(levels):
        step, offset = _lattice(levels)
        slack = float(np.abs(Grid(step, offset).nodes(levels) - levels).max())
        chance = (2 * slack / step) ** (len(levels) - 2)  # that so many levels anywhere lie as near to some lattice
        if step > 1.5 * unit and slack <= 0.8 * unit + 1e-6 * step and chance < 1e-3:
            return Grid(step, offset, decimals, single)
    return Grid(unit, 0.0, decimals, single)


def _lattice(levels: NDArray[np.float64]) -> tuple[float, float]:
    """Step and offset of sorted levels, by least squares over a range that grows from where they are dense."""
    middle = float(levels[len(levels) // 2])
    step, offset = float(np.diff(levels).min()), middle
    reach = 8.0
    while True:
        near = np.abs(levels - middle) <= reach * step
        k = np.round((levels[near] - offset) / step)
        if near.sum() > 2:
            step, offset = (float(p) for p in np.polyfit(k, levels[near], 1))
        if near.all():
            return step, offset
        reach *= 2
