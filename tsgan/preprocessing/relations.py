"""Columns that others give away: exact linear combinations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve
from scipy.linalg.lapack import dpotrf

EXACT = 1 - 1e-9  # share of the variance that the other columns explain
ROWS_A_COLUMN = 20
MOST_ROWS = 50_000
MOST_COLUMNS = 200
TINY = 1e-150  # deviation
ROUNDING = 1e-12  # of the deviation
SLIGHT = 1e-6  # of the deviation: no rounding is as great, no other sum as near
EQUAL = 1.005  # times a weight: rounding tells no more


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
        # Term by term: what a product makes of a row may depend on how many rows there are.
        terms = (weight * column for weight, column in zip(self.weights, values.T, strict=True))
        return np.asarray(self.intercept + sum(terms, np.zeros(len(values))))


class Traits(NamedTuple):
    """What else counts of columns, each of shape (C,).

    ``ranks`` are how readily they are told from others: those of rank 0 only from one, of which they are a copy in other
    units. ``zeros`` are 0 in their units, ``steps`` the least differences that they can express, 0 where none is.
    """

    ranks: NDArray[np.float64]
    zeros: NDArray[np.float64]
    steps: NDArray[np.float64]


def find_relations(values: NDArray[np.float64], traits: Traits | None = None) -> list[Relation]:
    """Columns to be told from the others, in the order of their finding; a source may itself be a later target.

    Relations are looked for in complete rows: first among the columns with the fewest gaps, as many as leave enough of
    them, then among the others. What rounding leaves is learned
    (:class:`tsgan.preprocessing.linear_column.LinearColumn`).

    Parameters
    ----------
    values : ndarray of shape (n, C)
        NaN where missing. Later columns are more readily told from earlier ones.
    traits : Traits, optional
        By default alike, and without steps.
    """
    count = values.shape[1]
    traits = traits or Traits(np.ones(count), *np.zeros((2, count)))
    relations, rest, missing = list[Relation](), np.arange(count), np.isnan(values)
    while len(some := rest[_mostly_complete(missing[:, rest])]) > 1:
        relations += _among(values, missing, traits, some)
        rest = np.setdiff1d(rest, some)
    return relations


def _mostly_complete(missing: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The columns (n, C) with the fewest gaps, as many as have 20 complete rows each."""
    order = np.argsort(missing.sum(0), kind="stable")
    complete = (~np.logical_or.accumulate(missing[:, order], axis=1)).sum(0)
    enough = np.flatnonzero(complete >= ROWS_A_COLUMN * (np.arange(len(order)) + 1))
    return np.sort(order[: enough[-1] + 1 if len(enough) else 0])


def _among(
    values: NDArray[np.float64], missing: NDArray[np.bool_], traits: Traits, columns: NDArray[np.int64]
) -> list[Relation]:
    """Relations among some columns: again and again the first one that those before it explain makes a relation with them.

    One member of it, not always that one, is taken away as what the others tell.
    """
    complete = values[~missing[:, columns].any(1)]
    with np.errstate(over="ignore"):
        spread, scale = np.ptp(complete[:, columns], axis=0), complete[:, columns].std(0)
    varies = (spread > 0) & (scale > TINY) & np.isfinite(scale)  # others have no square
    kept, scale = columns[varies], scale[varies]
    if len(kept) > MOST_COLUMNS:
        return []
    mean = complete[:, kept].mean(0)
    own = Traits(traits.ranks[kept], (traits.zeros[kept] - mean) / scale, traits.steps[kept] / scale)
    scaled, whole = (values[:, kept] - mean) / scale, (complete[:, kept] - mean) / scale
    correlation = whole.T @ whole / len(whole)
    pool, found = np.arange(len(kept)), list[tuple[int, NDArray[np.int64]]]()
    while (sum_ := _first_sum(correlation, pool)) is not None:
        last, weights = sum_
        target = _told(scaled, np.abs(whole @ weights), own, weights)
        pool = pool[pool != (last if target is None else target)]
        if target is not None:
            found.append((int(kept[target]), kept[pool]))
    return [_simplest(complete, target, sources, kept[pool]) for target, sources in found]


def _first_sum(correlation: NDArray[np.float64], pool: NDArray[np.int64]) -> tuple[int, NDArray[np.float64]] | None:
    """The first column that those before it explain, and the weights (C,) with which they cancel; None where none is."""
    # A Cholesky factor is what each column has of its own.
    _, stopped = dpotrf(correlation[np.ix_(pool, pool)] - (1 - EXACT) * np.eye(len(pool)))
    if stopped <= 0:
        return None
    last, before = int(pool[stopped - 1]), pool[: stopped - 1]
    weights = np.zeros(len(correlation))
    weights[last] = 1.0
    weights[before] = -solve(correlation[np.ix_(before, before)], correlation[before, last], assume_a="pos")
    return last, weights


def _told(
    scaled: NDArray[np.float64], left: NDArray[np.float64], traits: Traits, weights: NDArray[np.float64]
) -> int | None:
    """The column that is best told from the others, where these weights (C,) make the standardised ones (n, C) cancel.

    What is ``left`` in complete rows is rounding.
    If there is one, a column in which nothing is lost when it is rounded; then one whose gaps follow from the others'; then
    one of the highest rank; then the one that is explained best, which is a total rather than one of its summands, in which
    the total's errors would weigh more; the last of equal ones. None where no column is explained.
    """
    size, deviation = np.abs(weights), float(np.sqrt((left**2).mean()))
    members = np.flatnonzero(size > max(0.02 * deviation, 1e-9))
    explained = deviation**2 <= (1 - EXACT) * size**2
    able = [int(k) for k in members if explained[k] and (traits.ranks[k] or len(members) == 2)]
    if not able:
        return None
    most, lost = float(left.max()) + ROUNDING, size * traits.steps / 2
    finest = min((loss for loss in lost[members] if loss), default=0.0)

    def key(k: int) -> tuple[bool, bool, float]:
        others = members[members != k]
        rounds = bool(most <= lost[k] + SLIGHT * size[k] and lost[k] <= 1.01 * max(most, finest))
        return rounds, _gaps_follow(scaled, traits.zeros, weights, k, others, most), traits.ranks[k]

    keys = {k: key(k) for k in able}
    best = [k for k in able if keys[k] == max(keys.values())]
    return max(k for k in best if size[k] * EQUAL >= size[best].max())


def _gaps_follow(
    scaled: NDArray[np.float64],
    zeros: NDArray[np.float64],
    weights: NDArray[np.float64],
    target: int,
    others: NDArray[np.int64],
    most: float,
) -> bool:
    """Whether a column is missing exactly where one of the others is, or is their sum with missing cells as 0."""
    missing, gaps = np.isnan(scaled[:, target]), np.isnan(scaled[:, others])
    if (missing == gaps.any(1)).all():
        return True
    if (missing & ~gaps.all(1)).any():
        return False
    left = weights[target] * scaled[:, target] + np.where(gaps, zeros[others], scaled[:, others]) @ weights[others]
    return not (np.abs(left) > most + SLIGHT).any()


def _simplest(
    values: NDArray[np.float64], target: int, sources: NDArray[np.int64], independent: NDArray[np.int64]
) -> Relation:
    """The column told from those that are told from no others, where these do as well as all."""

    def left(relation: Relation) -> float:
        return float((values[:, target] - relation.predict(values[:, relation.sources])).std())

    few, rounding = _fit(values, target, independent), ROUNDING * float(values[:, target].std())
    if left(few) <= rounding:
        return few
    every = _fit(values, target, sources)
    return few if left(few) <= 1.001 * left(every) + rounding else every


def _fit(values: NDArray[np.float64], target: int, sources: NDArray[np.int64]) -> Relation:
    """Least squares; weights as round as the residual allows, and no sources that add nothing."""
    x, y = values[:, sources] - values[:, sources].mean(0), values[:, target]
    scale, y_scale = x.std(0), y.std()
    weights = np.linalg.lstsq(x / scale, (y - y.mean()) / y_scale, rcond=None)[0]
    left = ((y - y.mean()) / y_scale - x / scale @ weights).std()
    sources = sources[np.abs(weights) > max(0.02 * left, 1e-9)]
    x = values[:, sources]
    weights = np.linalg.lstsq(x - x.mean(0), y - y.mean(), rcond=None)[0]
    residual = (y - y.mean() - (x - x.mean(0)) @ weights).std()
    chance = np.sqrt(1 + 8 * (1 + len(sources)) / len(y))  # of weights that fit better than the true ones
    for decimals in range(1, 9):
        rounded = np.round(weights, decimals)
        if (y - x @ rounded).std() <= chance * residual + ROUNDING * y_scale:
            weights = rounded
            break
    intercept = float(np.median(y - x @ weights))  # of an exact combination the constant itself
    error = 8 * residual / np.sqrt(len(y)) + ROUNDING * y_scale
    intercept = next((r for d in range(9) if abs((r := round(intercept, d)) - intercept) <= error), intercept)
    return Relation(target, tuple(sources.tolist()), tuple(weights.tolist()), intercept)
