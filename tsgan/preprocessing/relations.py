"""Columns that others give away: exact linear combinations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EXACT = 1 - 1e-9  # share of the variance that the other columns explain
ROWS_A_COLUMN = 20
MOST_ROWS = 50_000
MOST_COLUMNS = 200
TINY = 1e-150  # deviation


@dataclass(frozen=True)
class Relation:
    """A column as ``intercept + sum(weights * sources)`` plus what it adds.

    Parameters
    ----------
    target : int
        Position of the column.
    sources : tuple of int
    weights : tuple of float
    intercept : float
    """

    target: int
    sources: tuple[int, ...]
    weights: tuple[float, ...]
    intercept: float

    def predict(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The combination (n,) of the sources' values (n, sources)."""
        return np.asarray(self.intercept + values @ np.array(self.weights))


def find_relations(values: NDArray[np.float64]) -> list[Relation]:
    """Columns to be told from the others, in the order of their finding; a source may itself be a later target.

    One by one, the last column that the rest explains is taken away. What rounding leaves is learned
    (:class:`tsgan.preprocessing.linear_column.LinearColumn`).

    Parameters
    ----------
    values : ndarray of shape (n, C)
        Complete columns, none constant.
    """
    n, columns = values.shape
    if n < ROWS_A_COLUMN * columns or not 2 <= columns <= MOST_COLUMNS:
        return []
    with np.errstate(over="ignore"):
        scale = values.std(0)
    kept = np.flatnonzero((scale > TINY) & np.isfinite(scale)).tolist()  # others have no square
    scaled = np.zeros_like(values)
    scaled[:, kept] = (values[:, kept] - values[:, kept].mean(0)) / scale[kept]
    correlation = scaled.T @ scaled / len(scaled) + 1e-12 * np.eye(columns)
    relations = list[Relation]()
    while len(kept) > 1:
        explained = 1 - 1 / np.diagonal(np.linalg.inv(correlation[np.ix_(kept, kept)]))
        if explained.max() < EXACT:
            break
        target = max(column for column, share in zip(kept, explained, strict=True) if share >= EXACT)
        kept.remove(target)
        relations.append(_fit(values, target, kept))
    return relations


def _fit(values: NDArray[np.float64], target: int, sources: list[int]) -> Relation:
    """Least squares; weights as round as the residual allows, and no sources that add nothing."""
    scale = values.std(0)
    x, y = (values[:, sources] - values[:, sources].mean(0)) / scale[sources], values[:, target]
    weights = np.linalg.lstsq(x, (y - y.mean()) / scale[target], rcond=None)[0]
    left = ((y - y.mean()) / scale[target] - x @ weights).std()
    used = np.abs(weights) > max(0.02 * left, 1e-9)
    sources = [column for column, wanted in zip(sources, used, strict=True) if wanted]
    x = values[:, sources]
    weights = np.linalg.lstsq(x - x.mean(0), y - y.mean(), rcond=None)[0]
    residual = y - y.mean() - (x - x.mean(0)) @ weights
    for decimals in range(1, 9):
        rounded = np.round(weights, decimals)
        rest = y - x @ rounded
        if rest.std() <= 1.001 * residual.std() + 1e-9 * y.std():
            weights = rounded
            break
    intercept = float((y - x @ weights).mean())
    return Relation(target, tuple(sources), tuple(weights.tolist()), intercept)
