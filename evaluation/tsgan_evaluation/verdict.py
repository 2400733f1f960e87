"""How a figure compares with its noise floor: the one place where "as real" is defined."""

from __future__ import annotations

from math import ceil, isfinite, nan, sqrt
from typing import Literal

import numpy as np
from scipy.stats import t as student

from tsgan_evaluation.metric import Metric

VISIBLE = 3.0
Verdict = Literal["as real", "visible", "bad", ""]


def floor_bound(metric: Metric, floors: list[float], value: float, columns: int = 1) -> float:
    """What halves of the real data exceed in one of twenty splits, in the direction in which the value lies.

    One of twenty is for all columns of a metric together: each has its share (Šidák 1967), so that a table of many
    columns is not bound to have some beyond. The bound is the order statistic that a further split exceeds with that
    probability (the largest of 19 or 20 for one column); where there are too few splits for it, the largest or the normal
    prediction bound (Student's t), whichever is further: wide for two or three. Distances from the best value count on
    the side where the metric's faults lie; where they lie on both, splits may lie on one of them for a reason of their
    own (neighbours in time act as copies), and the bound is that far from the best value or from their mean, whichever
    is further. No bound is nearer than the metric's margin.

    Parameters
    ----------
    metric : Metric
    floors : list of float
        Its values between halves.
    value : float
        Says on which side of the best value the bound is asked for, where faults lie on both.
    columns : int
        Columns that the metric is asked of.

    Returns
    -------
    float
        A value of the metric, in its range; NaN with fewer than two splits.
    """
    n = len(floors)
    if n < 2:
        return nan
    low, high = metric.range
    probability = 0.95 ** (1 / columns)
    if metric.worse == "both":
        mean, width = float(np.mean(floors)), _beyond(floors, (1 + probability) / 2)
        bound = max(metric.best, mean) + width if value > metric.best else min(metric.best, mean) - width
        return min(max(bound, low), high)
    distances = sorted(metric.distance(x) for x in floors)
    rank = ceil(probability * (n + 1) - 1e-9)
    distance = (
        distances[rank - 1] if rank <= n else max(distances[-1], float(np.mean(distances)) + _beyond(distances, probability))
    )
    distance = max(distance, metric.margin)
    return min(max(metric.best + (distance if metric.worse == "above" else -distance), low), high)


def _beyond(x: list[float], probability: float) -> float:
    """How far from the mean of normal draws the next one stays with this probability."""
    n = len(x)
    return float(student.ppf(probability, n - 1) * np.std(x, ddof=1) * sqrt(1 + 1 / n))


def verdict(metric: Metric, floors: list[float], value: float, columns: int = 1) -> Verdict:
    """``as real`` up to the floor's bound, ``visible`` up to three times as far or half the way to the worst, else ``bad``.

    Half the way to the metric's worst value counts where that is nearer. Distances are those of `floor_bound`. There is no
    verdict with fewer than two splits, nor where the bound is that worst value: halves that differ as much as the metric
    can say nothing.
    """
    bound = floor_bound(metric, floors, value, columns)
    if not isfinite(bound):
        return ""
    centre, worst = metric.best, metric.range[1] if value > metric.best else metric.range[0]
    if metric.worse == "both":
        beyond = max if value > metric.best else min
        centre = beyond(metric.best, float(np.mean(floors)))
    elif metric.distance(value) == 0:
        return "as real"
    if bound == worst:
        return ""
    sign = 1 if value > metric.best else -1
    distance, allowed = sign * (value - centre), abs(bound - centre) + 1e-9  # equal shares differ by rounding
    if distance <= allowed:
        return "as real"
    return "visible" if distance <= min(VISIBLE * allowed, (allowed + abs(worst - centre)) / 2) else "bad"
