"""Metrics as scikit-learn scorers, so that a search can select a synthesizer."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from tsgan_evaluation.registry import METRICS
from tsgan_evaluation.suite import evaluate

Scorer = Callable[..., float]


def make_scorer(
    metric: str,
    entity: Hashable | Sequence[Hashable] | None = None,
    time: Hashable | None = None,
    window: int | None = None,
    seed: int = 0,
) -> Scorer:
    """A scorer for ``GridSearchCV(synthesizer, ..., scoring=make_scorer("feature_judge"))``.

    It samples as many sequences as it is given to score against, and returns minus the metric's distance from its best
    value: greater is better, 0 is perfect. Of a metric that is asked of columns it is the mean over them.

    Parameters
    ----------
    metric : str
        A name out of `METRICS`.
    entity, time, window, seed
        As of `evaluate`.

    Returns
    -------
    callable
        ``scorer(estimator, X, y=None) -> float``, for estimators with ``sample(n)``.

    Raises
    ------
    ValueError
        If there is no such metric; from the scorer, if the metric cannot be computed: the reason.
    """
    if metric not in METRICS:
        raise ValueError(f"there is no metric {metric!r}; choose from {', '.join(METRICS)}")

    def scorer(estimator: Any, X: Any, y: object = None) -> float:
        synthetic = estimator.sample(_count(X, entity))
        report = evaluate(X, synthetic, None, entity, time, [metric], seed, window, floor_repeats=0)
        rows = [row for row in report.rows if row.metric == metric]
        values = [row.value for row in rows if isfinite(row.value)]
        if not values:
            raise ValueError(f"{metric} is {rows[0].reason}" if rows else f"{metric} has nothing to judge")
        return -float(np.mean([METRICS[metric].distance(value) for value in values]))

    return scorer


def _count(X: Any, entity: Hashable | Sequence[Hashable] | None) -> int:
    """Number of sequences."""
    if not isinstance(X, pd.DataFrame):
        return len(X)
    return 1 if entity is None else int(X.groupby(entity, sort=False, dropna=False).ngroups)
