"""The pictures of a report: `draw` says what each shows, `static` and the page show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from tsgan_evaluation._validation import DataError
from tsgan_evaluation.pictures import curves, examples, maps
from tsgan_evaluation.pictures.model import Panel, Picture, short

if TYPE_CHECKING:
    from tsgan_evaluation.report import Report, Row

MOST = 12  # columns that are drawn one by one
# The metric that puts what a picture shows of a column into a figure, by the label of the panel's x axis.
FIGURES: dict[str, dict[str, tuple[str, ...]]] = {
    "marginals": {"": ("total_variation", "ks")},
    "autocorrelations": {"lag in steps": ("autocorrelation",)},
    "spectra": {"period in steps": ("spectrum",)},
    "profiles": {"hour of the day": ("hourly_profile",), "day of the week": ("weekday_profile",)},
}


def draw(report: Report) -> list[Picture]:
    """All pictures of a report; one that cannot be drawn says why."""
    pair, judged, pairs = report.pair, report.evidence, report.closest
    every = worst_first(report)
    columns = every[:MOST]
    sides = curves.Sides.of(pair)

    def evidence() -> Picture:
        if judged is None:
            raise DataError("the feature judge was not asked, or could not judge")
        return maps.evidence(judged.columns, judged.features)

    def extremes() -> Picture:
        if judged is None:
            raise DataError("the feature judge was not asked, or could not judge")
        return examples.extremes(pair, judged.windows, every)

    def closest() -> Picture:
        if pairs is None:
            raise DataError("privacy was not asked for, or there are too few windows")
        return examples.closest(pair, pairs, every)

    tasks: dict[str, Callable[[], Picture]] = {
        "sequences": lambda: examples.side_by_side(pair, columns),
        "marginals": lambda: curves.marginals(sides, columns),
        "autocorrelations": lambda: curves.autocorrelations(sides, columns),
        "spectra": lambda: curves.spectra(sides, columns),
        "profiles": lambda: curves.profiles(sides, columns),
        "correlations": lambda: maps.correlation_maps(pair, every),
        "map": lambda: maps.window_map(pair),
        "evidence": evidence,
        "extremes": extremes,
        "closest": closest,
    }
    pictures = []
    for name, task in tasks.items():
        try:
            pictures.append(_annotated(task(), report.rows))
        except DataError as error:
            pictures.append(Picture(name, "", [], reason=str(error)))
    return pictures


def worst_first(report: Report) -> list[int]:
    """The pair's columns, those furthest above a floor first."""
    names = [column.name for column in report.pair.real.columns]
    worst = dict.fromkeys(names, 0.0)
    for row in report.rows:
        if row.column in worst and isfinite(row.times_floor):
            worst[row.column] = max(worst[row.column], row.times_floor)
    return sorted(range(len(names)), key=lambda c: -worst[names[c]])


def _annotated(picture: Picture, rows: list[Row]) -> Picture:
    """With the figure, floor and verdict of each panel's column below its title."""
    metrics = FIGURES.get(picture.name)
    if metrics is None:
        return picture
    panels = []
    for panel in picture.panels:
        assert isinstance(panel, Panel)
        wanted = metrics.get(panel.x_label, ())
        of = sorted(
            (r for r in rows if r.metric in wanted and r.column == panel.title), key=lambda r: wanted.index(r.metric)
        )
        note = next((in_words(row) for row in of if isfinite(row.value)), "")
        panels.append(replace(panel, note=note, says=f"{panel.says} {note}".strip()))
    return replace(picture, panels=panels)


def in_words(row: Row) -> str:
    """A figure beside its floor."""
    floor = f" (floor {short(row.floor_high)}): {row.verdict}" if row.verdict else ""
    return f"{row.metric} {short(row.value)}{floor}"
