"""How metrics look at a pair of tables: what their functions are given, column by column or once."""

from __future__ import annotations

from collections.abc import Iterator

from tsgan_evaluation.metric import Arguments
from tsgan_evaluation.pair import Pair


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
