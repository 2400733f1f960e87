"""The one table that a model answers with, in a program and as JSON."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsgan.flat import to_table

if TYPE_CHECKING:
    from tsgan.estimator import TSGAN

WORDS = str | int | float | np.generic | datetime.date | None  # what MLflow's JSON encoder knows of cells


def flat(model: TSGAN, sample: Any) -> pd.DataFrame:
    """A sample as a table whose columns do not depend on how many sequences there are, with texts as names."""
    container = model.schema_.container
    if container == "matrix" and sample.ndim == 2:
        sample = sample[None]
    if container == "frame" and sample.index.nlevels == 1:
        sample = [sample]
    table = to_table(sample, model.schema_.names)
    return table.set_axis([str(name) for name in table.columns], axis=1)


def jsonable(table: pd.DataFrame) -> pd.DataFrame:
    """The table with None for missing cells, and texts for what JSON has no word for (durations, periods, decimals)."""
    return pd.concat([_plain(cells) for _, cells in table.items()], axis=1)


def _plain(cells: pd.Series) -> pd.Series:
    missing = cells.isna()
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind in "biuf" and not missing.any():
        return cells
    told = [
        None if gone else cell if isinstance(cell, WORDS) else str(cell)
        for cell, gone in zip(cells.astype(object), missing, strict=True)
    ]
    return pd.Series(told, index=cells.index, dtype=object, name=cells.name)
