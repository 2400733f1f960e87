"""The panels that `benchmarks.power` plants faults in: sequences with classes, atoms, missing cells and a calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.data import SHARED
from tsgan.datasets import load_weather, make_ar, make_sines

LEAD = 3
CLASSES, SHARES = ("rare", "usual"), (0.3, 0.7)


@dataclass(frozen=True, eq=False)
class Panel:
    """B sequences of T steps in C columns of numbers.

    Attributes
    ----------
    values : ndarray of shape (B, LEAD + T, C)
        The first steps belong to no sequence: they are what a lagged column comes from. NaN is a missing cell.
    columns : tuple of str
    mode : ndarray of shape (B,)
        What may be dropped: a class, a season, an era.
    label : ndarray of shape (B,), optional
        A category that the table shows.
    start : ndarray of datetime64 of shape (B,), optional
        Of the first step shown.
    minutes : int
        From each row to the next, where there is a clock.
    kept : ndarray of bool of shape (B, T), optional
        Rows that the table has; all of them by default.
    """

    values: NDArray[np.float64]
    columns: tuple[str, ...]
    mode: NDArray[Any]
    label: NDArray[Any] | None = None
    start: NDArray[np.datetime64] | None = None
    kept: NDArray[np.bool_] | None = None
    minutes: int = 60

    def __len__(self) -> int:
        return len(self.values)

    @property
    def shown(self) -> NDArray[np.float64]:
        """The sequences without the steps before them, (B, T, C)."""
        return self.values[:, LEAD:]

    def take(self, which: NDArray[Any]) -> Panel:
        """The sequences at these places, or where this is true."""
        per_sequence = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("columns", "minutes")}
        return replace(self, **{name: x[which] for name, x in per_sequence.items() if x is not None})

    def frame(self) -> pd.DataFrame:
        """The long table: ``id``, ``ts`` where there is a clock, the columns, ``label`` where there is one."""
        B, T, C = self.shown.shape
        table = pd.DataFrame(self.shown.reshape(B * T, C), columns=list(self.columns))
        table.insert(0, "id", np.repeat(np.arange(B), T))
        if self.start is not None:
            table.insert(1, "ts", (self.start[:, None] + np.arange(T) * np.timedelta64(self.minutes, "m")).ravel())
        if self.label is not None:
            table["label"] = np.repeat(self.label, T)
        return table if self.kept is None else table[self.kept.ravel()]


def weather() -> Panel:
    """Days at three airports: rain is mostly 0, a tenth of the pressures are missing, seasons from winter on are modes."""
    columns = ["temp", "humid", "wind_speed", "precip", "pressure"]
    parts = []
    for origin, part in load_weather().groupby("origin"):
        series = part.set_index("time_hour")[columns].asfreq("h")
        starts = np.arange(LEAD, len(series) - 23, 24)
        values = series.to_numpy()[starts[:, None] + np.arange(-LEAD, 24)]
        # Days with rows that are not there, and the one of the wind of 1,048 miles an hour, which one side only would have.
        whole = ~np.isnan(values).all(2).any(1) & ~(values[..., 2] > 100).any(1)
        times = series.index.tz_convert("America/New_York").tz_localize(None)[starts[whole]]
        season = (times.month.to_numpy() % 12) // 3
        clock = times.to_numpy("datetime64[ns]")
        parts.append(Panel(values[whole], tuple(columns), season, np.full(len(times), origin), clock))
    per_sequence = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in ("values", "mode", "label", "start")
    }
    return Panel(columns=tuple(columns), **per_sequence)


def process(count: int, random_state: int) -> Panel:
    """Sequences of one known law, with something of every sort.

    ``level`` and ``gaps`` are autoregressive, of correlated innovations; the rarer class lies three units higher in the
    first, and a tenth of the cells of the second are missing. ``rain`` is another, below its mean 0; ``wave`` is a sine.
    Each sequence is a day of its own, and ``level`` two units lower at weekends.
    """
    draw = np.random.default_rng(random_state)
    steps = LEAD + 24
    ar = make_ar(count, steps, coef=(0.9, 0.6, 0.8), correlation=0.6, random_state=draw)
    label = draw.choice(CLASSES, count, p=SHARES)
    start = np.datetime64("2024-01-01", "m") + np.arange(count) * np.timedelta64(1, "D")
    weekend = (start.astype("datetime64[D]").astype(int) + 3) % 7 >= 5  # the epoch was a Thursday
    level = ar[..., 0] + 3 * (label == "rare")[:, None] - 2 * weekend[:, None]
    gaps = np.where(draw.random((count, steps)) < 0.1, np.nan, ar[..., 1])
    wave = make_sines(count, steps, 1, random_state=draw)[..., 0]
    values = np.stack([level, gaps, ar[..., 2].clip(0), wave], 2)
    return Panel(values, ("level", "gaps", "rain", "wave"), label, label, start)


def stocks() -> Panel:
    """Six weeks each of a stock's daily prices and volume; a third of the years is a mode."""
    table = pd.read_csv(SHARED / "stock_data.csv")
    starts = np.arange(LEAD, len(table) - 29, 30)
    values = table.to_numpy(float)[starts[:, None] + np.arange(-LEAD, 30)]
    return Panel(values, tuple(table.columns), np.arange(len(starts)) * 3 // len(starts))


def parts(panel: Panel, draw: np.random.Generator) -> tuple[Panel, Panel, Panel]:
    """Two fifths each for training and for faults, a fifth held out; no sequence in two of them."""
    order = draw.permutation(len(panel))
    cuts = np.array([2, 4]) * len(panel) // 5
    train, clean, holdout = (panel.take(np.sort(part)) for part in np.split(order, cuts))
    return train, clean, holdout


DATA: dict[str, Callable[[int], Panel]] = {
    "weather": lambda _: weather(),
    "process": lambda seed: process(1000, seed),
    "stocks": lambda _: stocks(),
}
