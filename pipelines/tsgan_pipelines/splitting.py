"""What is learned and what is held out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsgan.exceptions import InputError
from tsgan.wording import nearest

ENTITIES = 20  # series from which on whole ones are held out


def hold_out(
    table: pd.DataFrame, share: float, entity: list[str], time: str | None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Split off series, or where they are few the last rows of each.

    Parameters
    ----------
    table : DataFrame
    share : float
        From 0 to below 1.
    entity : list of str
        Columns that tell the series apart; none for one series.
    time : str or None
        Column by which rows are in order; None for the order they have.

    Returns
    -------
    train : DataFrame
    held : DataFrame or None
        Rows in their order; None where nothing is held out.

    Raises
    ------
    InputError
        If columns are missing, or too little would be left.
    """
    if missing := [name for name in [*entity, *([time] if time else [])] if name not in table.columns]:
        raise InputError(f"the table has no column {missing[0]!r}{nearest(missing[0], table.columns)}")
    if share == 0:
        return table, None
    owner = table.groupby(entity, sort=False, dropna=False).ngroup() if entity else pd.Series(0, index=table.index)
    count = int(owner.max()) + 1
    if count >= ENTITIES:
        chosen = np.linspace(0, count - 1, round(share * count) + 2).round()[1:-1]
        out = owner.isin(chosen).to_numpy()
    else:
        rows = table[time] if time else pd.Series(np.arange(len(table)), index=table.index)
        rank, size = rows.groupby(owner).rank(method="first"), owner.groupby(owner).transform("size")
        out = (rank > size - (share * size).round()).to_numpy()
    if not out.any() or out.all():
        raise InputError(f"data.holdout: {share} of {count} series and {len(table)} rows leaves one side empty; say 0")
    return table[~out], table[out]
