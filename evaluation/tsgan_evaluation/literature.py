"""The scores that papers print, of windows as arrays on the literature's scale, each beside its noise floor."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import nan

import pandas as pd
from numpy.typing import ArrayLike

from tsgan_evaluation._validation import check_pair
from tsgan_evaluation.floor import NoiseFloor, noise_floor
from tsgan_evaluation.pair import scaled
from tsgan_evaluation.registry import METRICS

LITERATURE = ("ks", "autocorrelation", "correlational", "discriminative", "gru32", "feature_judge")


def score(
    real: ArrayLike,
    synthetic: ArrayLike,
    metrics: Iterable[str] | None = None,
    seed: int = 0,
    floor_repeats: int = 3,
    gap: int | None = None,
) -> pd.DataFrame:
    """Judge synthetic windows by the metrics that papers print; `evaluate` does more, for tables.

    Both sides are scaled with the real columns' minimum and maximum first, and the synthetic one is clipped to that
    range for all metrics but the feature judge. Figures of seeded metrics are the same for the same seed, machine and
    number of threads.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
        In order of time; NaN is a missing cell.
    synthetic : array_like of shape (B', T, C)
        In the real data's units.
    metrics : iterable of str, optional
        Of ``ks``, ``autocorrelation``, ``correlational``, ``discriminative``, ``gru32``, ``feature_judge``; all of them by
        default.
    seed : int
    floor_repeats : int
        Splits of the real data for each noise floor; 0 leaves the floors out (NaN).
    gap : int, optional
        Sequences dropped between the halves for the floors, see `noise_floor`: T - 1 by default, 0 if sequences do not
        overlap.

    Returns
    -------
    DataFrame
        One row a metric, with ``value``, ``floor`` (median between halves of the real data), ``floor_high`` (95 %) and
        ``best``.

    Raises
    ------
    ValueError
        If a metric is unknown, or the arrays cannot be compared; see the message.
    """
    names = list(LITERATURE if metrics is None else metrics)
    if unknown := [name for name in names if name not in LITERATURE]:
        raise ValueError(f"unknown metrics {unknown}; choose from {[*LITERATURE]}")
    real, synthetic = scaled(*check_pair(real, synthetic))
    rows = []
    for name in names:
        metric = METRICS[name]
        value = float(metric(real, synthetic if name == "feature_judge" else synthetic.clip(0, 1), seed=seed))
        floor = NoiseFloor(nan, nan)
        if floor_repeats:
            floor = noise_floor(partial(metric, seed=seed), real, floor_repeats, gap)
        rows.append({"value": value, "floor": floor.median, "floor_high": floor.high, "best": metric.best})
    return pd.DataFrame(rows, index=pd.Index(names, name="metric"), columns=["value", "floor", "floor_high", "best"])
