"""Values with a mass of their own: no rain, lights off, a saturated sensor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEAST_SHARE = 0.05
LEAST_RUNS = 5  # a sensor that was stuck once is no atom
STANDS_OUT = 3.0  # times its neighbours' share: the mode of coarse values does not
FEW_LEVELS = 10
REPEATED = 5  # rows a level, for levels to be states


def find_atoms(values: NDArray[np.float64], step: float = 0.0, most: int = 4, least: int | None = None) -> tuple[float, ...]:
    """Values with over 5 % of the rows, in five runs or more, that stand out from the values next to them.

    Parameters
    ----------
    values : ndarray of shape (n,)
        In their order of time, finite.
    step : float
        Of their grid: a value whose neighbours on the grid are missing stands out too. 0 where there is none.
    most : int, default=4
        The commonest ones are kept, and one value at least is left.
    least : int, optional
        Of values of which each is another series': how many an atom, and all that is left beside the atoms, must be. They
        have no order of time, and no runs.
    """
    levels, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(levels) < 2:
        return ()
    near = np.diff(levels) <= 1.5 * step if step else np.ones(len(levels) - 1, dtype=bool)
    above, below = np.append(counts[1:] * near, 0), np.append(0, counts[:-1] * near)
    neighbours = np.maximum(above, below)
    runs = np.bincount(inverse[np.concatenate([[True], inverse[1:] != inverse[:-1]])], minlength=len(levels))
    often = runs >= LEAST_RUNS if least is None else counts >= least
    kept = np.flatnonzero((counts >= LEAST_SHARE * len(values)) & (counts > STANDS_OUT * neighbours) & often)
    kept = kept[np.argsort(-counts[kept], kind="stable")][:most]
    while len(kept) and len(values) - counts[kept].sum() < (least or 1):
        kept = kept[:-1]
    return tuple(levels[kept].tolist())


def few_levels(values: NDArray[np.float64], least: int = 1) -> tuple[float, ...] | None:
    """All values, the commonest first, where they are so few that each is a state by itself; else None.

    Of several levels each must occur ``least`` times.
    """
    levels, counts = np.unique(values, return_counts=True)
    if len(levels) > min(FEW_LEVELS, max(1, len(values) / REPEATED)) or (len(levels) > 1 and counts.min() < least):
        return None
    return tuple(levels[np.argsort(-counts, kind="stable")].tolist())
