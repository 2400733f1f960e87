"""Missing cells of which nothing is uncertain, because other cells tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsgan.preprocessing.linear_column import LinearColumn
from tsgan.preprocessing.table_encoder import numbers_of
from tsgan.static_gaps import closed

if TYPE_CHECKING:
    from tsgan.preprocessing import TableEncoder
    from tsgan.reading import Table
    from tsgan.schema import Schema


def told_by_others(table: Table, schema: Schema) -> pd.DataFrame:
    """The frame with the missing cells that others tell: of copies, of what is constant, of what is read off the clock."""
    frame = table.frame.copy(deep=False)
    for column in schema.columns:
        cells = frame[column.name]
        if not cells.isna().any():
            continue
        if column.calendar is not None and table.times is not None:
            of_clock = column.calendar.of(pd.DatetimeIndex(table.times)).astype(cells.dtype)
            frame[column.name] = cells.where(cells.notna(), of_clock)
        elif column.static:
            frame[column.name] = closed(cells, table.begins)
    for column in schema.columns:
        if column.source is not None:
            one, other = column.name, schema.columns[column.source].name
            frame[one] = _coalesced(frame[one], frame[other])
            frame[other] = _coalesced(frame[other], frame[one])
    return frame


def told_by_sums(frame: pd.DataFrame, encoder: TableEncoder, names: list[Any]) -> pd.DataFrame:
    """The frame with the missing cells that are all that is missing of an exact sum; ``names`` are those of the codecs."""
    for k, codec in enumerate(encoder.codecs_):
        if not isinstance(codec, LinearColumn) or not codec.combination.exact:
            continue
        relation, finest = codec.combination.relation, codec.combination.finest
        parts = [names[j] for j in relation.sources]
        gaps = frame[[names[k], *parts]].isna().to_numpy()
        for weight, j, gap in zip(relation.weights, relation.sources, gaps[:, 1:].T, strict=True):
            alone = gap & (gaps.sum(1) == 1)
            if not alone.any():
                continue
            cells, own = frame[names[j]], numbers_of(encoder.codecs_[j])
            left = codec.numbers.transform(frame[names[k]]) - relation.intercept
            for other, source in zip(relation.weights, relation.sources, strict=True):
                if source != j:
                    left = left - other * numbers_of(encoder.codecs_[source]).transform(frame[names[source]])
            solved = own.inverse_transform(np.where(alone, np.round(left / weight / finest) * finest, own.zero))
            frame[names[j]] = cells.where(~alone, solved.astype(cells.dtype))
    return frame


def _coalesced(cells: pd.Series, others: pd.Series) -> pd.Series:
    return cells if not cells.isna().any() else cells.where(cells.notna(), others.astype(cells.dtype))
