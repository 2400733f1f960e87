"""Numbers that each series has of its own (a weight at admission, a date of birth): what is learned in their place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tsgan.preprocessing.grid import Grid


def between(values: NDArray[np.float64], grid: Grid, draw: np.random.Generator) -> NDArray[np.float64]:
    """Means of neighbours, two by two, in place of the values themselves.

    The empirical quantiles of a few values are these values: a map through them would keep each of them, give it back, and
    end at exactly the least and the greatest one, which tell most of whose they are. A mean of two is nobody's, unless they
    share it, and half as many means as values cannot be solved for them (univariate microaggregation; Defays & Nanopoulos
    1993). The price is a range that ends half a gap inside the outermost values; of two values but one mean is left.

    On a grid with no more cells than there are values (a number of children) the values stay: most cells are somebody's
    anyhow, and to hit one tells nothing.

    Parameters
    ----------
    values : ndarray of shape (n,)
        One of each series, finite.
    grid : Grid
        On which they lie.
    draw : Generator
        Of the order: sorted, the means would look autocorrelated.

    Returns
    -------
    ndarray of shape ((n + 1) // 2,) or (n,)
        On the grid.
    """
    ordered = np.sort(values)
    if len(ordered) > 1 and ordered[-1] / 2 - ordered[0] / 2 > len(ordered) * grid.step / 2:
        first = np.minimum(np.arange(0, len(ordered), 2), len(ordered) - 2)  # the last of an odd number is in two pairs
        ordered = grid.snap(ordered[first] / 2 + ordered[first + 1] / 2)
    return np.asarray(draw.permutation(ordered))


@np.errstate(over="ignore")
def around(values: NDArray[np.float64]) -> tuple[float, float]:
    """Round numbers below the least and above the greatest of several values, by the power of ten of half their range."""
    unit = 10.0 ** np.floor(np.log10(values.max() / 2 - values.min() / 2))
    return float(np.floor(values.min() / unit) * unit), float(np.ceil(values.max() / unit) * unit)
