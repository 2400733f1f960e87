"""How metrics look at a pair of tables: what their functions are given, column by column or once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from tsgan_evaluation._validation import DataError, FloatArray
from tsgan_evaluation.embedding import embed
from tsgan_evaluation.metric import Arguments
from tsgan_evaluation.pair import Pair
from tsgan_evaluation.privacy.records import of_series, of_windows


def cells(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """Every column of numbers: all of its cells, as sequences of one step, (rows, 1, 1)."""
    for c in pair.numbers:
        yield pair.real.columns[c].name, tuple(x.values[:, None, c : c + 1] for x in (pair.real, pair.synthetic))


def column_windows(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """Every column of numbers: its windows, (B, T, 1)."""
    for c in pair.numbers:
        yield pair.real.columns[c].name, tuple(x.values[..., c : c + 1] for x in pair.windows)


def number_windows(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """The columns of numbers together: windows, (B, T, C)."""
    if len(pair.numbers) > 1:
        yield "", tuple(x.values[..., pair.numbers] for x in pair.windows)


def scaled_channels(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """All channels together, scaled and clipped to the real ranges: windows, (B, T, F)."""
    yield "", pair.scaled


def grouped_channels(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """All channels together, (B, T, F), and the block of each window."""
    real, synthetic = pair.windows
    yield "", (*pair.channels, (real.block, synthetic.block))


def cells_in_sequences(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """As `cells`, and the sequence of each row."""
    owners = tuple(np.repeat(np.arange(len(x)), x.lengths) for x in (pair.real, pair.synthetic))
    for column, arguments in cells(pair):
        yield column, (*arguments, owners)


def codes(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """Every category and boolean: all of its cells, (rows, 1, 1)."""
    for c, column in enumerate(pair.real.columns):
        if column.kind in ("categorical", "boolean"):
            yield column.name, tuple(x.values[:, None, c : c + 1] for x in (pair.real, pair.synthetic))


def all_cells(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """Every column: all of its cells, (rows, 1, 1)."""
    for c, column in enumerate(pair.real.columns):
        yield column.name, tuple(x.values[:, None, c : c + 1] for x in (pair.real, pair.synthetic))


def all_column_windows(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """Every column: its windows, (B, T, 1)."""
    for c, column in enumerate(pair.real.columns):
        yield column.name, tuple(x.values[..., c : c + 1] for x in pair.windows)


def cells_and_kinds(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """All columns together: cells, (rows, 1, C), and which columns are categories."""
    kinds = [column.kind in ("categorical", "boolean") for column in pair.real.columns]
    yield "", (*(x.values[:, None] for x in (pair.real, pair.synthetic)), kinds)


def hours(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """As `cells`, and the hour of each row."""
    yield from _phases(pair, lambda clock: pd.DatetimeIndex(clock).hour.to_numpy())


def weekdays(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """As `cells`, and the day of the week of each row."""
    yield from _phases(pair, lambda clock: pd.DatetimeIndex(clock).day_of_week.to_numpy())


def _phases(pair: Pair, phase: Callable[[Any], Any]) -> Iterator[tuple[str, Arguments]]:
    clocks = pair.real.clock, pair.synthetic.clock
    if any(clock is None or clock.dtype.kind != "M" for clock in clocks):
        raise DataError("the tables have no dates as times")
    of = tuple(phase(clock)[:, None] for clock in clocks)
    for column, arguments in cells(pair):
        yield column, (*arguments, of)


def lengths(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """Steps of each series, (B, 1, 1)."""
    for x, side in ((pair.real, "real"), (pair.synthetic, "synthetic")):
        if len(x) < 5 or x.offsets.any():
            raise DataError(f"the {side} table has too few series to compare their lengths")
    yield "", tuple(x.lengths.astype(float)[:, None, None] for x in (pair.real, pair.synthetic))


def intervals(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """Seconds, or units of time, from each row to the next of its series, (rows, 1, 1)."""
    found = []
    for x in (pair.real, pair.synthetic):
        if x.clock is None:
            raise DataError("the tables have no times")
        steps = np.diff(x.clock)
        steps = steps / np.timedelta64(1, "s") if steps.dtype.kind == "m" else steps
        found.append(np.delete(steps, x.starts[1:] - 1)[:, None, None])
    if not all(map(len, found)):
        raise DataError("no series has two rows")
    yield "", tuple(found)


def forecast_windows(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """All channels together, (B, T, F), and the block of each real window."""
    yield "", (*pair.channels, pair.windows[0].block)


def embeddings(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """Windows of all channels as points of a learned space, (B, D); of half of the real data, as floors have."""
    yield "", _embedded(pair)


def _embedded(pair: Pair) -> tuple[FloatArray, FloatArray]:
    return pair.once("embedding", lambda: embed(*pair.halved.channels, seed=pair.seed))


def embeddings_apart(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """As `embeddings`, as many of either side, of windows that do not overlap: one that does is always the nearest."""
    points, apart = _embedded(pair), [side.apart for side in pair.halved.windows]
    count = min(map(len, apart))
    spread = [places[np.linspace(0, len(places) - 1, count).astype(int)] for places in apart]
    yield "", tuple(x[places] for x, places in zip(points, spread, strict=True))


def window_distances(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """Distances of windows to the closest training window, synthetic ones' and others', (M,)."""
    found = pair.once("windows", lambda: of_windows(pair, shape=False))
    yield "", (found.synthetic.distance, found.reference.distance)


def window_ratios(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """Ratios of windows' nearest to their second nearest distance, (M,)."""
    found = pair.once("windows", lambda: of_windows(pair, shape=False))
    yield "", (found.synthetic.ratio, found.reference.ratio)


def shape_distances(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """As `window_distances`, of windows less their means."""
    found = pair.once("shapes", lambda: of_windows(pair, shape=True))
    yield "", (found.synthetic.distance, found.reference.distance)


def series_distances(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """As `window_distances`, of whole series."""
    found = pair.once("series", lambda: of_series(pair))
    yield "", (found.synthetic.distance, found.reference.distance)


def series_ratios(pair: Pair) -> Iterator[tuple[str, Arguments]]:
    """As `window_ratios`, of whole series."""
    found = pair.once("series", lambda: of_series(pair))
    yield "", (found.synthetic.ratio, found.reference.ratio)
