"""Curves of single columns: distribution, autocorrelation, spectrum, calendar; real, synthetic, between real halves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan_evaluation._validation import DataError, FloatArray
from tsgan_evaluation.pair import Pair
from tsgan_evaluation.pictures.model import Mark, Panel, Picture, Style, Ticks, short
from tsgan_evaluation.sequences import Sequences
from tsgan_evaluation.temporal import autocorrelation, profile, spectrum

SPLITS = 5  # of the real data; each gives two halves
BINS = 40
BARS = 8  # categories that get a bar of their own
WINDOWS = 1500  # that curves over time are means of
SMALLEST = 1e-4  # share of cells that a logarithmic axis shows
Curve = Callable[[Sequences, int], FloatArray]  # of a side's column


@dataclass(frozen=True, eq=False)
class Sides:
    """Real, synthetic and halves of the real sequences."""

    pair: Pair
    halves: list[Sequences]

    @classmethod
    def of(cls, pair: Pair) -> Sides:
        """None are halves where the real data cannot be halved."""
        try:
            splits = [pair.split(np.random.default_rng([pair.seed, 5, k])) for k in range(SPLITS)]
        except DataError:
            splits = []
        return cls(pair, [side for split in splits for side in (split.real, split.synthetic)])

    def marks(self, x: FloatArray, curve: Curve, c: int, style: Style = "line") -> list[Mark]:
        """The band of the halves, the real and the synthetic curve of column c."""
        found = []
        for half in self.halves:
            try:
                found.append(curve(half, c))
            except DataError:  # a half may lack what the whole has
                continue
        marks = []
        if found:
            low, top = np.min(found, 0), np.max(found, 0)
            if style == "steps":  # a band has no steps of its own
                edges, low, top = np.repeat(x, 2)[1:-1], np.repeat(low, 2), np.repeat(top, 2)
                marks.append(Mark("halves", "band", edges, low, top))
            elif style != "bars":
                marks.append(Mark("halves", "band", x, low, top))
        real, synthetic = curve(self.pair.real, c), curve(self.pair.synthetic, c)
        return [*marks, Mark("real", style, x, real), Mark("synthetic", style, x, synthetic)]


def marginals(sides: Sides, columns: list[int]) -> Picture:
    """Histograms of numbers, shares of categories."""
    panels = [_guarded(sides.pair, c, lambda c: _marginal(sides, c)) for c in columns]
    caption = (
        "Share of the observed cells by value. The outer bins hold what lies beyond; where one bin holds more than half, "
        "the scale is logarithmic."
    )
    return Picture("marginals", caption, panels)


def _marginal(sides: Sides, c: int) -> Panel:
    pair, column = sides.pair, sides.pair.real.columns[c]
    if column.kind in ("categorical", "boolean"):
        categories = column.categories if column.kind == "categorical" else (False, True)
        labels = [str(x) for x in categories[:BARS]] + (["others"] if len(categories) > BARS else [])
        x = np.arange(len(labels), dtype=float)
        marks = sides.marks(x, lambda s, c: _shares(s, c, np.arange(len(x) + 1.0) - 0.5), c, "bars")
        return _panel(column.name, marks, "", "share of cells", x_ticks=(x.tolist(), labels))
    edges = _edges(*(x.values[:, c] for x in (pair.real, pair.synthetic)))
    marks = sides.marks(edges, lambda s, c: _shares(s, c, edges), c, "steps")
    log = len(edges) > 2 and bool(marks[-2].y.max() > 0.5)
    if log:
        marks = [
            Mark(m.side, m.style, m.x, m.y.clip(SMALLEST), None if m.top is None else m.top.clip(SMALLEST)) for m in marks
        ]
    ticks = None
    if column.kind == "datetime":
        places = np.linspace(edges[0], edges[-1], 3)
        ticks = places.tolist(), pd.to_datetime(places, unit="s").strftime("%Y-%m-%d").tolist()
    return _panel(column.name, marks, "", "share of cells", x_ticks=ticks, log=log)


def _edges(real: FloatArray, synthetic: FloatArray) -> FloatArray:
    """Of a histogram's equally wide bins, as wide as a step of the real values' grid or several, if they have one."""
    both = [x[~np.isnan(x)] for x in (real, synthetic)]
    low, high = (float(f(np.quantile(x, q) for x in both)) for f, q in ((min, 0.002), (max, 0.998)))
    if high - low <= 1e-9 * abs(high):
        return low + np.array([-0.5, 0.5]) * max(1.0, abs(low))
    width = (high - low) / BINS
    values = np.unique(both[0])
    step = float(np.median(np.diff(values))) if len(values) > 1 else 0.0
    if step > width / 4:  # else bins would hold one value or two by turns
        width = step * max(1, round(width / step))
        low -= step / 2
    count = int(np.ceil((high - low) / width - 1e-9))
    return low + width * np.arange(count + 1.0)


def _shares(x: Sequences, c: int, edges: FloatArray) -> FloatArray:
    cells = x.values[:, c]
    cells = cells[~np.isnan(cells)]
    if not len(cells):
        raise DataError("no cell of it is observed")
    place = np.searchsorted(edges, cells, side="right") - 1
    counts = np.bincount(place.clip(0, len(edges) - 2), minlength=len(edges) - 1)
    shares: FloatArray = counts / len(cells)
    return shares


def autocorrelations(sides: Sides, columns: list[int]) -> Picture:
    """Autocorrelation of each column of numbers by lag."""
    lags = np.arange(1, max(sides.pair.window // 2, 1) + 1)  # longer ones rest on few pairs of cells

    def curve(x: Sequences, c: int) -> FloatArray:
        windows = _windows(sides.pair, x, c)
        return np.array([autocorrelation(windows, int(lag))[0] for lag in lags])

    def panel(c: int) -> Panel:
        marks = sides.marks(lags.astype(float), curve, c)
        return _panel(sides.pair.real.columns[c].name, marks, "lag in steps", "autocorrelation")

    panels = [_guarded(sides.pair, c, panel) for c in columns if c in sides.pair.numbers]
    caption = f"How far a value resembles those some steps before it, within windows of {sides.pair.window} steps."
    return Picture("autocorrelations", caption, panels)


def spectra(sides: Sides, columns: list[int]) -> Picture:
    """Share of each column's variance by frequency."""
    T = sides.pair.window
    frequencies = np.arange(1, T // 2 + 1) / T
    periods = [T, *(p for p in (12, 8, 6, 4, 3, 2) if p <= T / 2)]
    ticks = [1 / p for p in periods], [short(p) for p in periods]

    def panel(c: int) -> Panel:
        marks = sides.marks(frequencies, lambda x, c: spectrum(_windows(sides.pair, x, c))[:, 0].clip(1e-9), c)
        return _panel(sides.pair.real.columns[c].name, marks, "period in steps", "share of variance", ticks, log=True)

    panels = [_guarded(sides.pair, c, panel) for c in columns if c in sides.pair.numbers]
    caption = f"How fast it varies: slow swings left, jitter right, within windows of {T} steps."
    return Picture("spectra", caption, panels)


def profiles(sides: Sides, columns: list[int]) -> Picture:
    """Mean of each column of numbers by the hour of the day and the day of the week."""
    clocks = [x.clock for x in (sides.pair.real, sides.pair.synthetic)]
    if any(clock is None or clock.dtype.kind != "M" for clock in clocks):
        raise DataError("the tables have no dates as times")
    kinds = [column.kind for column in sides.pair.real.columns]
    panels = []
    for season in SEASONS:
        if all(len(np.unique(season.phase(clock))) > 1 for clock in clocks):
            panels += [_profile(sides, c, season) for c in columns if kinds[c] in ("numeric", "boolean")]
    if not panels:
        raise DataError("there are no columns of numbers, or the times of a side all lie at one hour of one weekday")
    return Picture(
        "profiles", "Mean by the hour of the day and the day of the week. The figures compare shapes, not levels.", panels
    )


@dataclass(frozen=True)
class Season:
    """A phase of the calendar, with ``count`` values."""

    label: str
    count: int
    ticks: Ticks
    phase: Callable[[Any], NDArray[np.int_]]


SEASONS = (
    Season("hour of the day", 24, ([0, 6, 12, 18], ["0", "6", "12", "18"]), lambda x: np.asarray(pd.DatetimeIndex(x).hour)),
    Season(
        "day of the week",
        7,
        ([*range(7)], ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]),
        lambda x: np.asarray(pd.DatetimeIndex(x).day_of_week),
    ),
)


def _profile(sides: Sides, c: int, season: Season) -> Panel:
    def curve(x: Sequences, c: int) -> FloatArray:
        return profile(x.values[:, c], season.phase(x.clock), season.count)

    def panel(c: int) -> Panel:
        marks = sides.marks(np.arange(season.count, dtype=float), curve, c)
        return _panel(sides.pair.real.columns[c].name, marks, season.label, "mean", season.ticks)

    return _guarded(sides.pair, c, panel)


def _windows(pair: Pair, x: Sequences, c: int) -> FloatArray:
    """Windows of one column, (B, T, 1)."""
    return pair.cut(x, "chosen", WINDOWS).values[..., [c]]


def _guarded(pair: Pair, c: int, panel: Callable[[int], Panel]) -> Panel:
    try:
        return panel(c)
    except DataError as error:
        return Panel(pair.real.columns[c].name, [], reason=str(error))


def _panel(
    title: str,
    marks: list[Mark],
    x_label: str,
    y_label: str,
    x_ticks: Ticks | None = None,
    log: bool = False,
) -> Panel:
    """A panel that says where its last two marks, real and synthetic, differ most."""
    real, synthetic = marks[-2:]
    with np.errstate(all="ignore"):
        apart = np.abs(np.log(synthetic.y / real.y) if log else synthetic.y - real.y)
    says = f"{title}: {y_label} of real and synthetic"
    if not np.isnan(apart).all():
        k = int(np.nanargmax(np.where(np.isinf(apart), np.nan_to_num(apart), apart)))
        labels = dict(zip(*x_ticks, strict=True)) if x_ticks else {}
        place = labels.get(float(real.x[k]), short(1 / real.x[k] if x_label.startswith("period") else float(real.x[k])))
        says += f" differ most at {x_label or 'the value'} {place}: {short(real.y[k])} against {short(synthetic.y[k])}."
    return Panel(title, marks, x_label, y_label, x_ticks, log=log, says=says)
