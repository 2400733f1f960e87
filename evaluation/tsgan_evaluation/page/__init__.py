"""The report as one page that needs no network: `render`."""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from plotly.offline import get_plotlyjs

from tsgan_evaluation._validation import FloatArray
from tsgan_evaluation.pictures import MOST
from tsgan_evaluation.pictures.model import COLOURS, NAMES, Mark, Matrix, Panel, Picture, short
from tsgan_evaluation.registry import METRICS

if TYPE_CHECKING:
    from tsgan_evaluation.report import Report, Row

HERE = Path(__file__).parent
VERDICTS = ("bad", "visible", "as real", "")
SIGNS = {"bad": "✕", "visible": "!", "as real": "✓", "": "?"}  # so that no verdict is told by colour alone
OPEN = 6  # panels of a picture that are not folded away


def render(report: Report, real_data: bool) -> str:
    """The page's HTML.

    Parameters
    ----------
    report : Report
    real_data : bool
        Whether pictures of single real sequences are on it.
    """
    pictures = [p if real_data or not p.shows_rows else _withheld(p) for p in report.pictures]
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters["figure"] = short
    return environment.get_template("template.html").render(
        report=report,
        headline=headline(report),
        judged=next((row for row in report.rows if row.metric == "feature_judge"), None),
        auc=report.judge_auc,
        interval=report.judge_interval,
        rows=sorted(report.rows, key=_worst_first),
        families=_families(report.rows),
        verdicts=VERDICTS,
        signs=SIGNS,
        counts=Counter(row.verdict for row in report.rows),
        metrics=[METRICS[name] for name in dict.fromkeys(row.metric for row in report.rows) if name in METRICS],
        pictures=pictures,
        data=_script([[_panel(panel) for panel in picture.panels] for picture in pictures]),
        names=NAMES,
        open=lambda picture: 2 * picture.across if picture.across > 3 else OPEN,
        notes=[*report.notes, *_left_out(report)],
        shows_rows=any(p.shows_rows and p.panels for p in pictures),
        real_data=real_data,
        sides=_sides(report),
        css=(HERE / "page.css").read_text("utf-8"),
        js=(HERE / "page.js").read_text("utf-8"),
        plotly=_plotly(),
    )


def headline(report: Report) -> tuple[str, str]:
    """The verdict in a word or two, and in sentences; copies come first."""
    word, sentence = _judged(report)
    if not report.too_close:
        return word, sentence
    names = ", ".join(f"{row.metric} ({row.verdict})" for row in report.too_close)
    return "Too close", f"{sentence} As close to the real data as copies are, by {names}."


def _judged(report: Report) -> tuple[str, str]:
    row = next((row for row in report.rows if row.metric == "feature_judge"), None)
    if row is None:
        return "No verdict", "The feature judge, which gives the one number, was not asked."
    if isnan(report.judge_auc):
        return "No verdict", f"The feature judge, which gives the one number, could not judge: {row.reason}."
    low, high = report.judge_interval
    sentence = (
        f"Shown a real and a synthetic window, the feature judge picks the real one in {100 * report.judge_auc:.1f} % of "
        f"the pairs (95 % interval {100 * low:.1f} to {100 * high:.1f} %); 50 % is chance"
    )
    if not row.verdict:
        return "No verdict", f"{sentence}. There is no floor to compare it with{f' ({row.reason})' if row.reason else ''}."
    sentence += f", {100 * row.floor:.1f} % is what it does between halves of the real data."
    word = {"as real": "As real", "visible": "Visibly synthetic", "bad": "Told apart"}[row.verdict]
    return word, sentence


def _worst_first(row: Row) -> tuple[int, float]:
    times = row.times_floor
    return VERDICTS.index(row.verdict), -times if isfinite(times) else 0.0


def _families(rows: list[Row]) -> list[tuple[str, Counter[str]]]:
    """How often each verdict was given in each family."""
    return [
        (family, Counter(row.verdict for row in rows if row.family == family))
        for family in dict.fromkeys(row.family for row in rows if row.family != "input")
    ]


def _sides(report: Report) -> list[tuple[str, int, int]]:
    """Name, rows and sequences of each side."""
    pair = report.pair
    sides = [("Real", pair.real), ("Synthetic", pair.synthetic), ("Holdout", pair.holdout)]
    return [(name, len(x.values), len(x)) for name, x in sides if x is not None]


def _withheld(picture: Picture) -> Picture:
    reason = "it shows single real sequences, and this page was made without real data"
    return Picture(picture.name, "", [], reason=reason)


def _left_out(report: Report) -> list[str]:
    """What the pictures do not show."""
    count = len(report.pair.real.columns)
    return [f"pictures of single columns: {MOST} of {count}, worst first; the table has all"] if count > MOST else []


def _panel(panel: Panel | Matrix) -> dict[str, Any]:
    """What the page's script draws; names of columns go into it as they are."""
    if isinstance(panel, Matrix):
        return {"matrix": [_numbers(row) for row in panel.values], "labels": panel.labels, "limit": panel.limit}
    return {
        "marks": [_mark(mark) for mark in panel.marks],
        "plain": panel.plain,
        "x": {"title": panel.x_label, "ticks": panel.x_ticks},
        "y": {"title": panel.y_label, "ticks": panel.y_ticks, "range": panel.y_range, "log": panel.log},
    }


def _mark(mark: Mark) -> dict[str, Any]:
    arrays = {"x": _numbers(mark.x), "y": _numbers(mark.y), "top": None if mark.top is None else _numbers(mark.top)}
    return {
        "side": mark.side,
        "name": NAMES[mark.side],
        "colour": COLOURS[mark.side],
        "style": mark.style,
        "base": mark.base,
    } | arrays


def _numbers(x: FloatArray) -> list[float | None]:
    """Six digits are more than a screen shows; what is missing is null."""
    return [float(f"{v:.6g}") if isfinite(v) else None for v in np.asarray(x, float)]


def _script(data: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _plotly() -> str:
    """plotly.js, deflated: it is 4.8 MB, which would leave no room below 5 MB; 2.0 MB so."""
    return base64.b64encode(zlib.compress(get_plotlyjs().encode(), 9)).decode()
