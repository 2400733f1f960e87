"""One flat table of whatever a sample is: for files, and for those who know no index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd


def to_table(sample: Any, names: Sequence[Any]) -> pd.DataFrame:
    """One flat table of whatever :meth:`tsgan.TSGAN.sample` returns.

    Parameters
    ----------
    sample : DataFrame, list of DataFrame or ndarray
    names : sequence
        Of the columns, for arrays.

    Returns
    -------
    DataFrame
        Times, identifiers and numbers of sequences that stood in the index are its first columns; row numbers are dropped.
    """
    if isinstance(sample, np.ndarray):
        columns = [str(name) for name in names]
        series = [pd.DataFrame(x, columns=columns) for x in sample.reshape(-1, *sample.shape[-2:])]
        sample = series if sample.ndim == 3 else series[0]
    if isinstance(sample, list):
        sample = pd.concat(sample, keys=range(len(sample)), names=["sequence"])
    table = sample.reset_index(drop=True)
    numbers_rows = list(sample.index.names) in ([None], ["sequence", None], ["path", None])
    for level in reversed(range(sample.index.nlevels)):
        values = sample.index.get_level_values(level)
        is_time = isinstance(values, pd.DatetimeIndex)
        if values.name is not None or is_time or not numbers_rows:
            name = values.name if values.name is not None else "time" if is_time else f"level_{level}"
            table.insert(0, f"index_{name}" if name in table else name, values)
    return table
