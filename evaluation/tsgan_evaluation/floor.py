"""Noise floors: what a metric shows between two halves of the real data themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from tsgan_evaluation._validation import FloatArray, check_sequences


@dataclass(frozen=True)
class NoiseFloor:
    """A metric's values between halves of the real data.

    Attributes
    ----------
    median : float
        What to expect where nothing is wrong.
    high : float
        95 % quantile, the largest value for up to 20 repeats.
    """

    median: float
    high: float


def noise_floor(
    metric: Callable[[FloatArray, FloatArray], SupportsFloat], real: ArrayLike, repeats: int = 5, gap: int | None = None
) -> NoiseFloor:
    """The metric between disjoint halves of the real data, made of alternating contiguous blocks.

    Every repeat uses blocks of another size, from four times the gap to a twentieth of the data, and shifts them. Small
    blocks lie close together and look alike; long ones show how far the series drifts. A half holds less than half of
    the data, so the floor errs on the high side. For the feature judge, neighbours in time act as
    copies do: small blocks can push its AUC below 0.5, drift pushes it above.

    Parameters
    ----------
    metric : callable
        ``metric(real, synthetic) -> float``, as those of `METRICS`.
    real : array_like of shape (B, T, C)
        In order of time.
    repeats : int
        Number of splits, at least 1.
    gap : int, optional
        Sequences dropped at the end of each block, so that the halves share no step. T - 1 by default, which is right
        for windows one step apart; ``ceil(T / s) - 1`` for windows s steps apart, 0 for sequences that do not overlap.

    Returns
    -------
    NoiseFloor

    Raises
    ------
    ValueError
        If there are too few sequences to make halves of, or too few in a half for the metric.
    """
    real = check_sequences(real, "real", least_sequences=2)
    gap = real.shape[1] - 1 if gap is None else gap
    if repeats < 1 or gap < 0:
        raise ValueError(f"repeats is {repeats!r} and gap {gap!r}; they must be at least 1 and 0")
    if len(real) < 2 * (gap + 1):
        raise ValueError(
            f"real has {len(real)} sequences; halves with gaps of {gap} need at least {2 * (gap + 1)}: "
            "pass more, or gap=0 if the sequences do not overlap"
        )
    smallest = min(4 * (gap + 1), len(real) // 2)
    sizes = np.geomspace(smallest, max(smallest, len(real) // 20), repeats).astype(int)
    values = [_between_halves(metric, real, int(size), gap, int(size) * r // repeats) for r, size in enumerate(sizes)]
    return NoiseFloor(float(np.median(values)), float(np.quantile(values, 0.95, method="higher")))


def alternating_halves(real: FloatArray, size: int, gap: int, shift: int = 0) -> tuple[FloatArray, FloatArray]:
    """Even and odd blocks of ``size`` sequences, each without its last ``gap``; the first is ``shift`` shorter."""
    block, place = np.divmod(np.arange(len(real)) + shift, size)
    kept = place < size - gap
    return real[kept & (block % 2 == 0)], real[kept & (block % 2 == 1)]


def _between_halves(
    metric: Callable[[FloatArray, FloatArray], SupportsFloat], real: FloatArray, size: int, gap: int, shift: int
) -> float:
    even, odd = alternating_halves(real, size, gap, shift)
    try:
        return float(metric(even, odd))
    except ValueError as error:
        raise ValueError(
            f"no noise floor from halves of {len(even)} and {len(odd)} of the {len(real)} real sequences: {error}"
        ) from error
