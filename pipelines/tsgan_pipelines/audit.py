"""What a report says of copies, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from tsgan_evaluation import Report

FIGURES = ["metric", "value", "floor", "floor_high", "verdict"]
PLACES = ["distance", "synthetic_series", "synthetic_step", "real_series", "real_step"]


def describe(report: Report) -> str:
    """Verdict, privacy figures beside their floors, and the closest pairs.

    Parameters
    ----------
    report : Report
        With the metrics of the family ``privacy``.
    """
    frame = report.to_frame().query("family == 'privacy'")
    computed = frame[frame["value"].notna()]
    against = "halves of the real data, without a holdout" if report.pair.holdout is None else "a holdout"
    lines = [f"{_verdict(computed)} (against {against}; windows of {report.window} steps)"]
    if len(computed):
        lines += ["", computed[FIGURES].to_string(index=False, float_format="{:.3f}".format)]
    if report.closest is not None:
        pairs = report.closest[PLACES].to_string(index=False, float_format="{:.3f}".format)
        lines += ["", "closest pairs of windows, in standard deviations of the real columns:", pairs]
    reasons = [f"{row.metric}: {row.reason}" for row in frame.itertuples() if row.reason]
    return "\n".join([*lines, *([""] if reasons or report.notes else []), *reasons, *report.notes])


def _verdict(rows: pd.DataFrame) -> str:
    """The worst verdict of the figures, and whose it is."""
    for found, words in (
        ("bad", "too close to the real data, as copies are"),
        ("visible", "closer to the real data than other real data is"),
    ):
        if names := rows.loc[rows["verdict"] == found, "metric"].tolist():
            return f"{words}: {', '.join(names)}"
    return "as close to the real data as other real data is" if rows["verdict"].any() else "no verdict"
