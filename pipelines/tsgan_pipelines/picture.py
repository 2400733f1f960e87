"""Real beside synthetic in one picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from tsgan_pipelines.files import replacing

SIDES = {"Real": "#0072B2", "Synthetic": "#D55E00"}  # Okabe & Ito's: told apart with any colour vision
WEEK = pd.Timedelta(days=7)
PALE = "#b0b0b0"


def draw(real: pd.DataFrame, synthetic: pd.DataFrame, labels: Mapping[str, str], title: str, path: Path) -> None:
    """Draw a fortnight and the whole of two series side by side on the same axes.

    Parameters
    ----------
    real, synthetic : DataFrame
        A year by the hour, indexed by time.
    labels : mapping of str to str
        Label, with its unit, of each column to draw.
    title : str
    path : Path
        Of a PNG.
    """
    figure = Figure(figsize=(14, 1.7 * len(labels) + 1.5), dpi=150, layout="constrained")
    figure.suptitle(title, fontsize=16, fontweight="bold")
    figure.supxlabel(
        "Shaded: from the lowest to the highest hour of a day, around its mean. Gaps: missing values.", fontsize=10
    )
    ((left, right),) = figure.subfigures(1, 2, wspace=0.03, squeeze=False)
    begin = real.index[len(real) // 4].normalize()
    fortnight = [series.loc[begin : begin + 2 * WEEK] for series in (real, synthetic)]
    weeks = pd.date_range(begin, periods=3, freq=WEEK)
    _draw_half(left, "Two weeks, hour by hour", fortnight, labels, _draw_hours, weeks, "%d %b")
    quarters = pd.date_range(real.index[0].normalize(), real.index[-1], freq="QS")
    _draw_half(right, "A year, day by day", [real, synthetic], labels, _draw_days, quarters, "%b")
    with replacing(path) as part:
        figure.savefig(part, format="png")


def _draw_half(
    half: SubFigure,
    title: str,
    pair: list[pd.DataFrame],
    labels: Mapping[str, str],
    draw_series: Callable[[Axes, pd.Series, str], None],
    ticks: pd.DatetimeIndex,
    tick_format: str,
) -> None:
    """A row for each column of the tables, a column for each side."""
    half.suptitle(title, fontsize=13)
    grid = half.subplots(len(labels), 2, sharex=True, sharey="row", squeeze=False)
    for column, (series, (side, colour)) in enumerate(zip(pair, SIDES.items(), strict=True)):
        grid[0, column].set_title(side, color=colour, fontsize=12, fontweight="bold")
        for axes, (name, label) in zip(grid[:, column], labels.items(), strict=True):
            draw_series(axes, series[name], colour)
            axes.margins(x=0)
            axes.grid(color=PALE, alpha=0.4, linewidth=0.6)
            axes.spines[["top", "right"]].set_visible(False)
            axes.spines[["left", "bottom"]].set_color(PALE)
            axes.tick_params(color=PALE, labelsize=9)
            if column == 0:
                axes.set_ylabel(label, fontsize=10)
    half.align_ylabels(grid[:, 0])
    grid[0, 0].set_xticks(ticks, ticks.strftime(tick_format))


def _draw_hours(axes: Axes, series: pd.Series, colour: str) -> None:
    axes.plot(series.index, series, color=colour, linewidth=0.9)


def _draw_days(axes: Axes, series: pd.Series, colour: str) -> None:
    days = series.resample("D").agg(["min", "mean", "max"])
    axes.fill_between(days.index, days["min"], days["max"], color=colour, alpha=0.25, linewidth=0)
    axes.plot(days.index, days["mean"], color=colour, linewidth=0.9)
