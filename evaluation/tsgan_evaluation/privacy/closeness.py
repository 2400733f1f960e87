"""Whether synthetic records are closer to the training data than other real records are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsgan_evaluation._validation import DataError, FloatArray
from tsgan_evaluation.sequences import IntArray

CHUNK = 200
CLOSEST = 0.01  # of other real records; copies are closer than nearly all of them


@dataclass(frozen=True, eq=False)
class Nearest:
    """For each query its nearest training record.

    Attributes
    ----------
    index : ndarray of shape (M,)
        Of the nearest record.
    distance, second : ndarray of shape (M,)
        To it, and to the nearest record that does not overlap it; root mean square over cells, in the cells' units.
    """

    index: IntArray
    distance: FloatArray
    second: FloatArray

    @property
    def ratio(self) -> FloatArray:
        """Distance to the nearest over that to the second, (M,): 1 where both are as near, near 0 at a copy."""
        return np.divide(self.distance, self.second, out=np.ones_like(self.distance), where=self.second > 0)


def nearest(train: FloatArray, queries: FloatArray, rows: IntArray | None = None, apart: int = 1) -> Nearest:
    """The nearest training records of queries.

    Parameters
    ----------
    train : ndarray of shape (N, ...)
        At least 2 records; no missing cells.
    queries : ndarray of shape (M, ...)
    rows : ndarray of shape (N,), optional
        Where each record begins; those less than ``apart`` rows from the nearest overlap it, and are no second nearest.
    apart : int

    Raises
    ------
    DataError
        If there are too few records, or all overlap.
    """
    a, b = train.reshape(len(train), -1), queries.reshape(len(queries), -1)  # (N, D), (M, D)
    if min(len(a) - 1, len(b)) < 1:
        raise DataError(f"{len(a)} training and {len(b)} other records are too few to compare distances")
    rows = np.arange(len(a)) * apart if rows is None else rows
    squares, index = (a**2).sum(1), np.empty(len(b), np.int64)
    second_index = np.empty(len(b), np.int64)
    for start in range(0, len(b), CHUNK):
        part = slice(start, start + CHUNK)
        distance = squares - 2 * (b[part] @ a.T)  # but for the query's own square
        index[part] = first = distance.argmin(1)
        distance[np.abs(rows - rows[first][:, None]) < apart] = np.inf
        second_index[part] = distance.argmin(1)
    if (np.abs(rows[second_index] - rows[index]) < apart).any():
        raise DataError("all training records overlap, so that there is no second nearest")
    # Anew for the pairs found: differences of large squares would lose the small distances of copies.
    first, second = (np.sqrt(((b - a[k]) ** 2).mean(1)) for k in (index, second_index))
    return Nearest(index, first, second)


def closer_share(synthetic: FloatArray, reference: FloatArray) -> float:
    """Chance that a synthetic record is closer to the training data than another real record is.

    Parameters
    ----------
    synthetic, reference : ndarray of shape (M,), (M',)
        Distances to the closest training record, or ratios of the nearest to the second nearest distance, of synthetic
        records and of real ones that were not trained on.

    Returns
    -------
    float
        From 0 to 1; 0.5 if they are as close as chance has it, ties count half; above it, copies.

    Raises
    ------
    DataError
        If a side has fewer than 10 records.

    References
    ----------
    Distance to closest record and nearest neighbour distance ratio: Zhao et al. 2021, "CTAB-GAN", section 5; with a
    holdout as the reference: Platzer & Reutterer 2021, "Holdout-based empirical assessment of mixed-type synthetic data".
    """
    _check(synthetic, reference)
    ordered = np.sort(reference)
    beaten = len(ordered) - (np.searchsorted(ordered, synthetic, "left") + np.searchsorted(ordered, synthetic, "right")) / 2
    return float(beaten.mean() / len(ordered))


def copied_share(synthetic: FloatArray, reference: FloatArray) -> float:
    """Share of the synthetic records closer to the training data than all but the closest 1 % of other real records.

    Unlike `closer_share` it sees a few copies among many honest records.

    Parameters
    ----------
    synthetic, reference : ndarray of shape (M,), (M',)
        Distances to the closest training record.

    Returns
    -------
    float
        From 0 to 1; 0.01 if synthetic records are as close as chance has it, or further away.

    Raises
    ------
    DataError
        If a side has fewer than 10 records.
    """
    _check(synthetic, reference)
    return float((synthetic < np.quantile(reference, CLOSEST)).mean())


def _check(synthetic: FloatArray, reference: FloatArray) -> None:
    if min(len(synthetic), len(reference)) < 10:
        raise DataError(f"{len(synthetic)} synthetic and {len(reference)} other records are too few; 10 are the least")
