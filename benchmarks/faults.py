"""Faults to plant in real data: each takes clean sequences and the training data, and gives a table with that fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.panels import LEAD, Panel

ATOM = 0.05
Fault = Callable[[Panel, Panel, np.random.Generator], Panel]
FAULTS: dict[str, Fault] = {}


def fault(function: Fault) -> Fault:
    """List a fault under its function's name."""
    FAULTS[function.__name__] = function
    return function


@fault
def shuffled(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """The steps of each sequence in random order, all columns alike."""
    order = draw.permuted(np.tile(np.arange(clean.shown.shape[1]), (len(clean), 1)), axis=1)
    return show(clean, np.take_along_axis(clean.shown, order[..., None], 1))


@fault
def reversed_time(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """The last step first."""
    return show(clean, clean.shown[:, ::-1])


@fault
def noise(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """White noise of 1 % of each column's standard deviation."""
    return replace(clean, values=clean.values + 0.01 * deviation(clean) * draw.normal(size=clean.values.shape))


@fault
def smoothed(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """The mean of each step and its two neighbours; cells stay missing."""
    x = np.pad(clean.shown, ((0, 0), (1, 1), (0, 0)), mode="edge")
    around = np.stack([x[:, :-2], x[:, 1:-1], x[:, 2:]])
    seen = ~np.isnan(around)
    mean = np.where(seen, around, 0).sum(0) / seen.sum(0).clip(1)
    return show(clean, np.where(np.isnan(clean.shown), np.nan, mean))


@fault
def scaled(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """The first column times 1.1."""
    return replace(clean, values=clean.values * np.where(np.arange(clean.values.shape[2]) == 0, 1.1, 1.0))


@fault
def lagged(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """The first column three steps late."""
    x = clean.shown.copy()
    x[..., 0] = clean.values[:, :-LEAD, 0]
    return show(clean, x)


@fault
def mixed(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """Each column, and the label, from another sequence."""
    x = np.stack([clean.values[draw.permutation(len(clean)), :, c] for c in range(clean.values.shape[2])], 2)
    return replace(clean, values=x, label=None if clean.label is None else draw.permutation(clean.label))


@fault
def mode_dropped(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """No sequence of the first mode: winter, the rarer class, the earliest years."""
    return clean.take(clean.mode != np.unique(train.mode)[0])


@fault
def last_mode_dropped(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """No sequence of the last mode: autumn, whose days are like some of other seasons; the usual class, the latest years."""
    return clean.take(clean.mode != np.unique(train.mode)[-1])


@fault
def half_identical(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """The first half of the sequences is the first one over and over."""
    place = np.arange(len(clean))
    return replace(clean, values=clean.values[np.where(place < len(clean) // 2, 0, place)])


@fault
def copied(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """The training data."""
    return train


@fault
def tenth_copied(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """A tenth of the sequences is training data."""
    return swap_in(clean, train, draw.permutation(min(len(clean), len(train)))[: len(clean) // 10])


@fault
def copied_shifted(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """The training data, a step later, each sequence at another level: normal, of a quarter of the standard deviation."""
    offset = 0.25 * deviation(train) * draw.normal(size=(len(train), 1, train.values.shape[2]))
    return show(train, train.values[:, LEAD - 1 : -1] + offset)


@fault
def surrogate(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """Each sequence with random phases: its values in another order, with nearly its spectra and cross-spectra.

    Iterated amplitude adjusted Fourier transform (Schreiber & Schmitz 1996), from phases that turn by the same angles in
    all columns (Prichard & Theiler 1994). Missing cells are interpolated for it, and stay missing.
    """
    x = filled(clean).shown  # (B, T, C)
    T = x.shape[1]
    wanted = np.fft.rfft(x, axis=1)
    angles = draw.uniform(0, 2 * np.pi, (len(x), wanted.shape[1], 1))
    angles[:, 0] = 0
    y = np.fft.irfft(wanted * np.exp(1j * angles), T, axis=1)
    for _ in range(20):
        phases = np.angle(np.fft.rfft(in_the_order_of(y, x), axis=1))
        y = np.fft.irfft(np.abs(wanted) * np.exp(1j * phases), T, axis=1)
    return show(clean, in_the_order_of(np.where(np.isnan(clean.shown), np.nan, y), clean.shown))


@fault
def atoms_smeared(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """Values with 5 % of a column's cells, with noise of 1 % of its standard deviation."""
    x = clean.values.copy()
    for c in range(x.shape[2]):
        column = pd.Series(train.shown[..., c].ravel())
        shares = column.value_counts() / column.notna().sum()
        x[..., c] += np.where(np.isin(x[..., c], shares.index[shares >= ATOM]), draw.normal(size=x.shape[:2]), 0) * (
            0.01 * deviation(clean)[c]
        )
    return replace(clean, values=x)


@fault
def missing_filled(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """Missing cells interpolated."""
    return filled(clean)


@fault
def clock_shifted(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """The clock three hours fast."""
    return replace(clean, start=None if clean.start is None else clean.start + np.timedelta64(3, "h"))


@fault
def week_shifted(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """The calendar three days fast."""
    return replace(clean, start=None if clean.start is None else clean.start + np.timedelta64(3, "D"))


@fault
def clock_slow(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """Rows 62 minutes apart in place of 60."""
    return replace(clean, minutes=62)


@fault
def relabelled(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """A quarter of the sequences, at random, has the first of the labels."""
    if clean.label is None:
        return clean
    return replace(clean, label=np.where(draw.random(len(clean)) < 0.25, np.unique(train.label)[0], clean.label))


@fault
def rows_lost(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """A row in twenty is not there."""
    return replace(clean, kept=draw.random(clean.shown.shape[:2]) > 0.05)


@fault
def cut_short(clean: Panel, train: Panel, draw: np.random.Generator) -> Panel:
    """A quarter of the sequences end four steps early."""
    B, T, _ = clean.shown.shape
    return replace(clean, kept=~((draw.random((B, 1)) < 0.25) & (np.arange(T) >= T - 4)))


def show(panel: Panel, shown: NDArray[np.float64]) -> Panel:
    """The panel with these steps, (B, T, C), after its lead."""
    return replace(panel, values=np.concatenate([panel.values[:, :LEAD], shown], 1))


def deviation(panel: Panel) -> NDArray[np.float64]:
    """Standard deviation of each column, (C,)."""
    spread: NDArray[np.float64] = np.nanstd(panel.shown, (0, 1))
    return spread


def filled(panel: Panel) -> Panel:
    """Missing cells interpolated within their sequence; its ends held, and the column's mean where nothing is seen."""
    x = panel.values
    B, T, C = x.shape
    wide = pd.DataFrame(x.transpose(1, 0, 2).reshape(T, B * C))  # a column for each sequence's column
    y = wide.interpolate(limit_direction="both").to_numpy().reshape(T, B, C).transpose(1, 0, 2)
    return replace(panel, values=np.where(np.isnan(y), np.nanmean(x, (0, 1)), y))


def in_the_order_of(y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each sequence of ``x``, rearranged so that its ranks over time are those of ``y``; missing cells are last in both."""
    out: NDArray[np.float64] = np.take_along_axis(np.sort(x, axis=1), y.argsort(1).argsort(1), 1)
    return out


def swap_in(panel: Panel, other: Panel, which: NDArray[Any]) -> Panel:
    """The panel with the other's sequences at these places."""
    from_other = np.zeros(len(panel), bool)
    from_other[which] = True
    place = np.arange(len(panel)).clip(0, len(other) - 1)
    x = np.where(from_other[:, None, None], other.values[place], panel.values)
    label = None if panel.label is None or other.label is None else np.where(from_other, other.label[place], panel.label)
    return replace(panel, values=x, label=label)
