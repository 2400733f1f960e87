"""Sequences themselves: real beside synthetic, those that give the data away, those closest to real ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsgan_evaluation._validation import FloatArray
from tsgan_evaluation.pair import Pair
from tsgan_evaluation.pictures.model import Mark, Panel, Picture, Side, Ticks, short
from tsgan_evaluation.sequences import Sequences

STEPS, MOST = 168, 6  # that a panel shows of each sequence, and sequences in it
PAIRS = 4  # of closest windows, and windows that look most and least real
STACKED = 12  # columns of a window


def side_by_side(pair: Pair, columns: list[int]) -> Picture:
    """Sequences drawn at random, each column with the same scale on both sides."""
    sides: list[tuple[Side, Sequences]] = [("real", pair.real), ("synthetic", pair.synthetic)]
    length = min(STEPS, *(int(np.median(x.lengths)) for _, x in sides))
    draw = np.random.default_rng([pair.seed, 6])
    drawn = {side: _drawn(x, max(length, 2), draw) for side, x in sides}
    panels = []
    for c in columns:
        column = pair.real.columns[c]
        both = np.concatenate([x.values[rows, c] for side, x in sides for rows in drawn[side]])
        low, high = (np.nanmin(both), np.nanmax(both)) if not np.isnan(both).all() else (0.0, 1.0)
        margin = max(0.04 * (high - low), 1e-6 * abs(high)) or 0.5
        ticks: Ticks | None = None
        if column.kind == "categorical":
            shown = np.unique(np.linspace(low, high, 6).round().astype(int))
            ticks = shown.astype(float).tolist(), [str(column.categories[k]) for k in shown]
        elif column.kind == "datetime":
            places = np.linspace(low, high, 3)
            ticks = places.tolist(), pd.to_datetime(places, unit="s").strftime("%Y-%m-%d").tolist()
        for side, x in sides:
            cells = [x.values[rows, c] for rows in drawn[side]]
            marks = [Mark(side, "line", np.arange(len(y), dtype=float), y) for y in cells]
            of = np.concatenate(cells)
            span = f"from {short(np.nanmin(of))} to {short(np.nanmax(of))}" if not np.isnan(of).all() else "all missing"
            says = f"{column.name}: {len(marks)} {side} sequences of {length} steps, {span}."
            y_range = float(low - margin), float(high + margin)
            panels.append(Panel(f"{column.name}, {side}", marks, "step", "", None, ticks, y_range, says=says))
    count = max(map(len, drawn.values()))
    caption = (
        f"{'One stretch' if count == 1 else f'{count} sequences'} of either side, drawn at random; gaps are missing cells."
    )
    return Picture("sequences", caption, panels, across=2, shows_rows=True)


def _drawn(x: Sequences, length: int, draw: np.random.Generator) -> list[slice]:
    """Rows of a few sequences of about that length: one if they are long, more if they are short."""
    fitting = np.flatnonzero(x.lengths >= length)
    fitting = fitting if len(fitting) else np.arange(len(x))
    count = int(np.clip(STEPS // length, 1, MOST))
    chosen = np.sort(draw.permutation(fitting)[:count])
    begins = [draw.integers(0, max(1, x.lengths[k] - length + 1)) for k in chosen]
    return [
        slice(x.starts[k] + begin, x.starts[k] + min(begin + length, x.lengths[k]))
        for k, begin in zip(chosen, begins, strict=True)
    ]


def extremes(pair: Pair, windows: pd.DataFrame, columns: list[int]) -> Picture:
    """Synthetic windows that look most and least real to the feature judge."""
    panels = []
    for looks in ("least real", "most real"):
        for place, row in enumerate(_apart(windows.loc[windows["looks"] == looks, "row"], pair.window), 1):
            cells = pair.synthetic.values[row : row + pair.window]
            panels.append(_stacked(pair, f"{looks.capitalize()}, no. {place}", {"synthetic": cells}, columns))
    caption = "Synthetic windows to which the judge gives the lowest and the highest scores, one column above the other."
    return Picture("extremes", caption, panels, across=4)


def _apart(rows: pd.Series, window: int) -> list[int]:
    """The first few that do not overlap: neighbours look alike."""
    kept: list[int] = []
    for row in map(int, rows):
        if len(kept) < PAIRS and all(abs(row - other) >= window for other in kept):
            kept.append(row)
    return kept


def closest(pair: Pair, pairs: pd.DataFrame, columns: list[int]) -> Picture:
    """Synthetic windows upon the real ones that they are closest to."""
    panels = []
    for place, found in enumerate(pairs.head(PAIRS).to_dict("records"), 1):
        cells: dict[Side, FloatArray] = {
            "real": pair.real.values[found["real_row"] : found["real_row"] + pair.window],
            "synthetic": pair.synthetic.values[found["synthetic_row"] : found["synthetic_row"] + pair.window],
        }
        note = f"distance {short(found['distance'])}"
        panels.append(_stacked(pair, f"Pair {place}", cells, columns, note))
    caption = (
        "The synthetic windows closest to a real one, upon it, one column above the other. Distances are root mean squares "
        "in standard deviations of the real columns: 0 is a copy."
    )
    return Picture("closest", caption, panels, across=2, shows_rows=True)


def _stacked(pair: Pair, title: str, sides: dict[Side, FloatArray], columns: list[int], note: str = "") -> Panel:
    """All columns of a window, one above the other, each in its real standard deviations."""
    columns = columns[:STACKED]
    of_real = pair.real.values[:, columns]
    mean, deviation = np.nanmean(of_real, 0), np.nanstd(of_real, 0)
    place = 4.0 * np.arange(len(columns))[::-1]
    x = np.arange(pair.window, dtype=float)
    marks = []
    for side, cells in sides.items():
        scaled = (cells[:, columns] - mean) / np.where(deviation > 0, deviation, 1)
        marks += [Mark(side, "line", x, scaled[:, k].clip(-3, 3) + place[k]) for k in range(len(columns))]
    names = [pair.real.columns[c].name for c in columns]
    says = f"{title}: a window of {', '.join(names)}. {note}"
    y_range = -3.5, place[0] + 3.5
    return Panel(title, marks, "step", "", None, (place.tolist(), names), y_range, note=note, says=says)
