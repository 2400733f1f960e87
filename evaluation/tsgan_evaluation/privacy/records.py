"""What counts as a record: windows, windows without their level, whole series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsgan_evaluation._validation import DataError, FloatArray
from tsgan_evaluation.pair import Pair, Windows, indicators
from tsgan_evaluation.privacy.closeness import Nearest, nearest
from tsgan_evaluation.sequences import Sequences, halves

MOST_TRAIN, MOST_QUERIES = 20_000, 1000
POINTS = 24  # of a whole series
OVERLAP = 0.05


@dataclass(frozen=True, eq=False)
class Closeness:
    """The nearest training records of synthetic ones, and of real ones that were not trained on."""

    synthetic: Nearest
    reference: Nearest


def closest_windows(pair: Pair) -> tuple[Nearest, Windows, Windows]:
    """The nearest of all real windows for each synthetic one, the real and the synthetic windows."""
    windows = pair.cut(pair.real, "real", MOST_TRAIN), pair.cut(pair.synthetic, "synthetic", MOST_QUERIES)
    cells = _comparable([indicators(pair.real, w.values) for w in windows])
    return nearest(cells[0], cells[1], windows[0].rows, pair.window), *windows


def training_and_reference(pair: Pair) -> tuple[Sequences, Sequences]:
    """What synthetic records may be copies of, and real ones to compare with: the holdout or, without one, real halves."""
    if pair.holdout is not None:
        return pair.real, pair.holdout
    return halves(pair.real, np.random.default_rng([pair.seed, 3]))


def of_windows(pair: Pair, shape: bool) -> Closeness:
    """Closeness of windows, of their cells in the real columns' standard deviations.

    Parameters
    ----------
    pair : Pair
    shape : bool
        Whether windows count without their mean: a copy at another level has the same shape.

    Raises
    ------
    DataError
        If there are too few windows, or the holdout's are in the training data.
    """
    train, reference = training_and_reference(pair)
    windows = [
        pair.cut(train, "training", MOST_TRAIN),
        pair.cut(pair.synthetic, "synthetic", MOST_QUERIES),
        pair.cut(reference, "other real", MOST_QUERIES),
    ]
    cells = _comparable([indicators(pair.real, w.values) for w in windows])
    if shape:
        cells = [x - x.mean(1, keepdims=True) for x in cells]
    found = [nearest(cells[0], x, windows[0].rows, pair.window) for x in cells[1:]]
    if pair.holdout is not None:
        _refuse_overlap(pair, found[1].distance, cells[2])
    return Closeness(*found)


def of_series(pair: Pair) -> Closeness:
    """Closeness of whole series, each as 24 points from its beginning to its end and the logarithm of its length.

    Raises
    ------
    DataError
        If there are few series, or each is one window.
    """
    if pair.holdout is not None:
        pair.once("windows", lambda: of_windows(pair, shape=False))  # refuses a holdout that overlaps
    train, reference = training_and_reference(pair)
    sides = train, pair.synthetic, reference
    if any(x.offsets.any() or len(x) < 10 for x in sides):
        raise DataError("a side has fewer than 10 series to compare as wholes")
    if all((x.lengths == pair.window).all() for x in sides):
        raise DataError("each series is one window, whose distances stand above")
    cells = _comparable([_resampled(pair.real, x) for x in sides])
    lengths = [np.log(x.lengths)[:, None, None] for x in sides]
    spread = max(lengths[0].std(), 1e-3)  # equal lengths deviate by rounding
    records = [np.concatenate([x.reshape(len(x), 1, -1), n / spread], 2) for x, n in zip(cells, lengths, strict=True)]
    return Closeness(nearest(records[0], records[1]), nearest(records[0], records[2]))


def _resampled(real: Sequences, x: Sequences) -> FloatArray:
    """(B, POINTS, F) by linear interpolation; missing cells stay so."""
    place = np.linspace(0, 1, POINTS) * (x.lengths[:, None] - 1)  # (B, POINTS)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, x.lengths[:, None] - 1)
    share = (place - below)[..., None]
    a, b = (indicators(real, x.values[x.starts[:, None] + k]) for k in (below, above))
    return np.where(share > 0, (1 - share) * a + share * b, a)


def _comparable(sides: list[FloatArray]) -> list[FloatArray]:
    """In the training side's standard deviations, missing cells at its mean and constant columns left out."""
    train = sides[0]
    seen = ~np.isnan(train).all((0, 1))
    mean, deviation = (f(train[..., seen], (0, 1)) for f in (np.nanmean, np.nanstd))
    varies = deviation > 1e-9 * np.maximum(np.abs(mean), 1e-300)
    if not varies.any():
        raise DataError("no real column varies")
    mean, deviation = mean[varies], deviation[varies]
    return [np.nan_to_num((x[..., seen][..., varies] - mean) / deviation) for x in sides]


def _refuse_overlap(pair: Pair, distances: FloatArray, cells: FloatArray) -> None:
    """Refuse a holdout whose windows are in the training data more often than real halves share windows by chance."""
    moves = np.ptp(cells, axis=1).any(1)
    copies = float(((distances < 1e-9) & moves).mean())
    if copies <= OVERLAP:
        return
    by_chance = of_windows(Pair(pair.real, pair.real, pair.window, pair.seed), shape=False).reference.distance
    if copies > OVERLAP + float((by_chance < 1e-9).mean()):
        raise DataError(f"{copies:.0%} of the holdout's windows are in the real table too; hold out other data")
