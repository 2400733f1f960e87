"""Names of metrics that are typed, and the scores that gates may name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import nan

import pandas as pd

from tsgan.exceptions import ParameterError
from tsgan.wording import nearest
from tsgan_evaluation import METRICS, Report

FAMILIES = {metric.family: None for metric in METRICS.values()}
GATED = {"judge_auc": "feature_judge", **{name: name for name in METRICS}}  # scores, and the metrics that they come from


def check_metrics(names: Iterable[str]) -> None:
    """Raise ParameterError if one is neither a metric nor a family of them."""
    known = [*FAMILIES, *METRICS]
    for name in names:
        if name not in known:
            raise ParameterError(f"there is no metric or family {name!r}{nearest(name, known)}")


def computed(metrics: Collection[str] | None) -> list[str]:
    """The scores of ``GATED`` that an evaluation by these metrics or families has; all for None."""
    return [
        score for score, metric in GATED.items() if metrics is None or metric in metrics or METRICS[metric].family in metrics
    ]


def figures(report: Report) -> dict[str, float]:
    """The scores of ``GATED``, of the metrics' columns the worst; NaN where there is none."""
    rows = report.to_frame().query("family in @FAMILIES and value == value")
    worst = {name: max(values, key=METRICS[name].distance) for name, values in rows.groupby("metric")["value"]}
    return {"judge_auc": report.judge_auc, **{name: float(worst.get(name, nan)) for name in METRICS}}


def reasons(rows: pd.DataFrame) -> dict[str, str]:
    """Why scores of ``GATED`` were not computed, from the rows of a report; of those where a reason is known."""
    found = rows[rows["reason"].str.startswith("not computed")].groupby("metric")["reason"].first()
    return {score: found[metric] for score, metric in GATED.items() if metric in found}
