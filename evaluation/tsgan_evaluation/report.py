"""What an evaluation found: rows of a table, one number on top, and the verdict on each."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from functools import cached_property
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsgan_evaluation._writing import write_whole
from tsgan_evaluation.evidence import Evidence
from tsgan_evaluation.features import FeatureJudgement
from tsgan_evaluation.metric import Metric
from tsgan_evaluation.pair import Pair
from tsgan_evaluation.verdict import Verdict, floor_bound, verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tsgan_evaluation.pictures.model import Picture

MOST_REASONS = 5  # that a short report tells


@dataclass(frozen=True)
class Row:
    """A metric's figure for a column, or for the table where ``column`` is empty.

    Attributes
    ----------
    family, metric, column : str
    value : float
        NaN where it was not computed.
    floor, floor_high : float
        Median between halves of the real data, and what they exceed in one of twenty splits on any of the metric's
        columns, see `floor_bound`; NaN without any.
    best : float
    verdict : {"as real", "visible", "bad", ""}
        See `verdict`.
    reason : str
        "not computed, because ...", or why there is no floor; empty where nothing is missing.
    """

    family: str
    metric: str
    column: str
    value: float = nan
    floor: float = nan
    floor_high: float = nan
    best: float = nan
    verdict: Verdict = ""
    reason: str = ""

    @property
    def times_floor(self) -> float:
        """How many times as far from the best as the floor's bound; NaN without a floor."""
        from tsgan_evaluation.registry import METRICS

        if not (isfinite(self.value) and isfinite(self.floor_high)):
            return nan
        metric = METRICS[self.metric]
        return metric.distance(self.value) / (metric.distance(self.floor_high) + 1e-9)


def make_row(metric: Metric, column: str, value: float | str, floors: list[float | str], columns: int = 1) -> Row:
    """The row of a value, or of the reason why there is none, and of its values between halves of the real data.

    ``columns`` is how many the metric was computed of, see `floor_bound`.
    """
    if isinstance(value, str):
        return Row(metric.family, metric.name, column, best=metric.best, reason=f"not computed, because {value}")
    numbers = [x for x in floors if not isinstance(x, str)]
    reason = f"no floor, because {floors[0]}" if floors and not numbers else ""
    found, bound = verdict(metric, numbers, value, columns), floor_bound(metric, numbers, value, columns)
    if isfinite(bound) and not found:
        reason = "no verdict, because so few halves of the real data may differ as much as the metric can"
    return Row(
        metric.family,
        metric.name,
        column,
        value,
        float(np.median(numbers)) if numbers else nan,
        bound,
        metric.best,
        found,
        reason,
    )


@dataclass(frozen=True, eq=False)
class Report:
    """Figures, floors and verdicts of `evaluate`.

    It holds the tables that were judged, for its pictures: a pickled report is as confidential as the real data.

    Attributes
    ----------
    rows : list of Row
    notes : list of str
        What was subsampled, left out or put together before anything was judged.
    window, seed : int
    pair : Pair
        Both sides, and the holdout, as they were judged.
    judge : FeatureJudgement or None
        Verdict of the feature judge on the table; None where it was not asked or could not judge.
    evidence : Evidence or None
        Why it tells the sides apart.
    closest : DataFrame or None
        Synthetic windows closest to real ones, see `closest_pairs`; None where privacy was not asked for or there are too
        few windows.
    """

    rows: list[Row]
    notes: list[str]
    window: int
    seed: int
    pair: Pair
    judge: FeatureJudgement | None = None
    evidence: Evidence | None = None
    closest: pd.DataFrame | None = None

    @property
    def judge_auc(self) -> float:
        """The one number: how well the feature judge tells real from synthetic, 0.5 not at all, 1 always; NaN without."""
        return nan if self.judge is None else self.judge.auc

    @property
    def judge_interval(self) -> tuple[float, float]:
        """Its 95 % confidence interval."""
        return (nan, nan) if self.judge is None else (self.judge.low, self.judge.high)

    @property
    def too_close(self) -> list[Row]:
        """What speaks of copies of the real data: privacy rows that are bad, and a judge's AUC visibly below 0.5."""

        def copies(row: Row) -> bool:
            if row.metric == "feature_judge":
                return row.verdict in ("visible", "bad") and row.value < row.best
            return row.verdict == "bad" and row.family == "privacy"

        return [row for row in self.rows if copies(row)]

    def to_frame(self) -> pd.DataFrame:
        """One line a figure: family, metric, column, value, floor, floor_high, best, verdict and reason, see `Row`."""
        return pd.DataFrame([asdict(row) for row in self.rows], columns=list(Row.__dataclass_fields__))

    def to_json(self, real_data: bool = True) -> str:
        """All figures as JSON; what was not computed is null.

        Parameters
        ----------
        real_data : bool
            Whether to name the real sequences that are closest to synthetic ones.
        """
        low, high = self.judge_interval
        return json.dumps(
            {
                "judge": {"auc": _or_none(self.judge_auc), "low": _or_none(low), "high": _or_none(high)},
                "window": self.window,
                "seed": self.seed,
                "notes": self.notes,
                "columns": None if self.evidence is None else self.evidence.columns.to_dict("records"),
                "features": None if self.evidence is None else self.evidence.features.to_dict("records"),
                "closest": None
                if self.closest is None or not real_data
                else json.loads(self.closest.to_json(orient="records")),
                "rows": [{name: _or_none(x) for name, x in asdict(row).items()} for row in self.rows],
            },
            indent=1,
        )

    @cached_property
    def pictures(self) -> list[Picture]:
        """What `to_html` and `figures` show, as numbers; computed when first asked for, which takes some seconds."""
        from tsgan_evaluation.pictures import draw

        return draw(self)

    def to_html(self, path: str | Path, real_data: bool = True) -> None:
        """Write one page with the verdict, the table and the pictures; it needs no network and no other file.

        Parameters
        ----------
        path : str or Path
        real_data : bool
            Whether to show single real sequences, and the real ones closest to synthetic ones: such a page is as
            confidential as the data. Without them it holds sums over the real data only (histograms, means,
            correlations, points of windows on a map), which is no proof of anonymity.
        """
        from tsgan_evaluation.page import render

        write_whole(Path(path), render(self, real_data))

    def figures(self, real_data: bool = True) -> dict[str, Figure]:
        """The page's pictures as figures of matplotlib, by name, for papers and trackers; those without panels left out.

        Parameters
        ----------
        real_data : bool
            As of `to_html`.
        """
        from tsgan_evaluation.pictures.static import figure

        shown = [p for p in self.pictures if p.panels and (real_data or not p.shows_rows)]
        return {picture.name: figure(picture) for picture in shown}

    def log_to_mlflow(self, real_data: bool = True) -> str:
        """Log to MLflow's active run, which stays open, or to one of its own.

        Each figure is a metric ``family/metric/column``, its floors are ``floor/...`` and ``floor_high/...``; the page, the
        pictures, the table and all of it as JSON lie in the artifacts' folder ``evaluation``; digests of both tables are
        the run's inputs.

        Parameters
        ----------
        real_data : bool
            As of `to_html`.

        Returns
        -------
        str
            The run's id.
        """
        from tsgan_evaluation.tracking import log_report

        return log_report(self, real_data)

    def _headline(self) -> str:
        low, high = self.judge_interval
        if self.judge is None:
            return "no verdict of the feature judge"
        of_judge = next(row for row in self.rows if row.metric == "feature_judge")
        floor = f"halves of the real data {of_judge.floor:.2f}" if isfinite(of_judge.floor) else of_judge.reason
        found = f": {of_judge.verdict}" if of_judge.verdict else ""
        return f"feature judge AUC {self.judge_auc:.2f} ({low:.2f} to {high:.2f}; {floor}){found}"

    def _summary(self) -> list[str]:
        close = ", ".join(f"{row.metric} {row.value:.2f} ({row.verdict})" for row in self.too_close)
        return [
            self._headline(),
            *([f"too close to the real data, as copies are: {close}"] if close else []),
            f"windows of {self.window} steps, {self._counts()}",
        ]

    def _counts(self) -> str:
        verdicts = [row.verdict for row in self.rows]
        missing = sum(row.reason.startswith("not computed") for row in self.rows)
        counts = [f"{verdicts.count(v)} {v}" for v in ("as real", "visible", "bad")]
        return ", ".join([*counts, *([f"{missing} not computed"] if missing else [])])

    def _missing(self) -> list[str]:
        """Why metrics were not computed, each reason once."""
        reasons = Counter(row.reason for row in self.rows if row.reason.startswith("not computed"))
        return [f"{count} {reason}" for reason, count in reasons.most_common(MOST_REASONS)]

    def _worst(self, count: int = 10) -> pd.DataFrame:
        """The rows furthest above their floors."""
        frame = self.to_frame()
        excess = (frame["value"] - frame["best"]).abs() / ((frame["floor_high"] - frame["best"]).abs() + 1e-9)
        faulty = frame[frame["verdict"].isin(["visible", "bad"])]
        order = excess[faulty.index].sort_values(ascending=False, kind="stable").index[:count]
        return faulty.loc[order, ["metric", "column", "value", "floor", "floor_high", "verdict"]]

    def __repr__(self) -> str:
        worst = self._worst()
        first, *others = self._summary()
        lines = [f"Report: {first}", *others]
        if len(worst):
            lines += ["", worst.to_string(index=False, float_format="{:.3f}".format)]
        notes = [*self.notes, *self._missing()]
        return "\n".join([*lines, *(["", *notes] if notes else [])])

    def _repr_html_(self) -> str:
        from html import escape

        table = self._worst().to_html(index=False, float_format="{:.3f}".format, border=0)
        notes = "".join(f"<li>{escape(note)}</li>" for note in [*self.notes, *self._missing()])
        first, *others = map(escape, self._summary())
        return f"<p><b>{first}</b><br>{'<br>'.join(others)}</p>{table}<ul>{notes}</ul>"


def _or_none(x: Any) -> Any:
    return None if isinstance(x, float) and not isfinite(x) else x
