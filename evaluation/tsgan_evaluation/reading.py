"""The pair of tables that is judged: read, cut into blocks, thinned where they are large."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tsgan_evaluation.pair import Pair
from tsgan_evaluation.sequences import FEW, Sequences, in_blocks, thin
from tsgan_evaluation.tables import SIDES, read_arrays, read_frames

WINDOW, SHORTEST = 24, 3
Table: TypeAlias = "pd.DataFrame | ArrayLike"


def read_pair(
    real: Table,
    synthetic: Table,
    holdout: Table | None = None,
    entity: Hashable | Sequence[Hashable] | None = None,
    time: Hashable | None = None,
    window: int | None = None,
    seed: int = 0,
    max_rows: int = 200_000,
) -> tuple[Pair, dict[str, str], list[str]]:
    """The pair that `evaluate` judges, why columns were left out, and notes on what was done; parameters as there."""
    if window is not None and window < SHORTEST:
        raise ValueError(f"window is {window!r}; it must be at least {SHORTEST} steps")
    sides, reasons, notes = _read([x for x in (real, synthetic, holdout) if x is not None], entity, time)
    # Entities in a frame come in any order; sequences of an array may be in order of time.
    is_frame = isinstance(real, pd.DataFrame)
    length = _window(sides, window, None if is_frame else (real, synthetic))
    for k, side in enumerate(sides):
        draw = np.random.default_rng([seed, k])
        sides[k] = thin(in_blocks(side, length, draw if is_frame else None), max_rows, draw)
        if len(sides[k].values) < len(side.values):
            notes.append(f"{SIDES[k]}: {len(sides[k].values):,} of {len(side.values):,} rows looked at (seed {seed})")
    notes += [f"column {name!r} left out: {reason}" for name, reason in reasons.items()]
    return Pair(sides[0], sides[1], length, seed, sides[2] if len(sides) > 2 else None), reasons, notes


def _read(
    tables: list[Table], entity: Hashable | Sequence[Hashable] | None, time: Hashable | None
) -> tuple[list[Sequences], dict[str, str], list[str]]:
    frames = [isinstance(x, pd.DataFrame) for x in tables]
    if all(frames):
        return *read_frames(tables, entity, time), []
    if any(frames):
        kinds = ", ".join(f"{side} is a {type(x).__name__}" for side, x in zip(SIDES, tables, strict=False))
        raise ValueError(f"{kinds}; pass frames only, or arrays only")
    if entity is not None or time is not None:
        raise ValueError("entity= and time= name columns of frames; each sequence of an array is one of its own")
    return read_arrays(tables)


def _window(sides: list[Sequences], window: int | None, arrays: tuple[Any, Any] | None) -> int:
    """Steps of a window, see `evaluate`."""
    longest = min(int(x.lengths.max()) for x in sides[:2])
    if window is not None:
        if window > longest:
            raise ValueError(f"window is {window} steps, but the longest series of a side has {longest}")
        return window
    if arrays is not None:
        return min(int(np.shape(x)[1]) for x in arrays)

    def enough(x: Sequences) -> int:
        return int(np.quantile(x.lengths, 0.25, method="lower")) if len(x) >= FEW else int(x.lengths.max()) // 40

    return min(max(SHORTEST, min(WINDOW, *map(enough, sides[:2]))), max(longest, 1))
