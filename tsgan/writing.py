"""From synthetic channels back to what the user gave: columns, dtypes, time, identifiers, container."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.schema import Schema


def write(schema: Schema, values: NDArray[np.float64], lengths: NDArray[np.int64], starts: list[float]) -> Any:
    """Assemble the sample.

    Parameters
    ----------
    schema : Schema
    values : ndarray of shape (rows, learned columns)
        Of all sequences, one after the other.
    lengths : ndarray of shape (n,)
    starts : list of float
        First time of each sequence; empty where there is no time.

    Returns
    -------
    DataFrame, list of DataFrame or ndarray
        As the input of ``fit``. One long series comes back as one frame (2-D array) for n = 1; for other n the frame has
        an outer index level ``sequence`` (the array a leading axis).
    """
    frame = value_frame(schema, values)
    ends = np.cumsum(lengths)
    if schema.container in ("matrix", "array"):
        array = frame.to_numpy(dtype=schema.columns[0].dtype)
        if schema.container == "matrix" and len(lengths) == 1:
            return array
        return array.reshape(len(lengths), int(lengths[0]) if len(lengths) else 0, array.shape[1])
    if schema.container == "panel":
        identifiers = new_identifiers(schema, len(lengths))
        frame = add_column(frame, schema.entity, identifiers.repeat(lengths).reset_index(drop=True))
    frames = []
    for k, (end, length) in enumerate(zip(ends, lengths, strict=True)):
        part = frame.iloc[end - length : end].reset_index(drop=True)
        if schema.axis is not None:
            times = schema.axis.rebuild(starts[k], int(length))
            if schema.axis.in_index:
                part.index = pd.Index(times, name=schema.axis.name)
                if isinstance(part.index, pd.DatetimeIndex) and not schema.axis.index_freq:
                    part.index.freq = None
            else:
                part = add_column(part, schema.axis.name, pd.Series(times))
        frames.append(part[list(schema.order)])
    if schema.container == "frames":
        return frames
    if schema.container == "panel":
        in_index = schema.axis is not None and schema.axis.in_index
        return pd.concat(frames, ignore_index=not in_index) if frames else frame.reindex(columns=list(schema.order))
    if len(frames) == 1:
        return frames[0]
    if not frames:
        return empty(schema)
    return pd.concat(frames, keys=range(len(frames)), names=["sequence", *frames[0].index.names])


def empty(schema: Schema) -> pd.DataFrame:
    """A frame without rows."""
    frame = value_frame(schema, np.zeros((0, len(schema.learned))))
    if schema.axis is not None and not schema.axis.in_index:
        frame = add_column(frame, schema.axis.name, pd.Series(schema.axis.rebuild(schema.axis.starts[0], 0)))
    return frame[list(schema.order)]


def value_frame(schema: Schema, values: NDArray[np.float64]) -> pd.DataFrame:
    """All value columns in their dtypes, constants and copies among them."""
    learned = iter(values.T)
    columns: list[pd.Series] = []
    for column in schema.columns:
        if column.kind == "constant":
            series = pd.Series(np.full(len(values), column.value)).astype(column.dtype)
        elif column.source is not None:
            series = columns[column.source].astype(column.dtype)
        else:
            series = cast(next(learned), column.dtype)
        columns.append(series)
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(len(values)))
    frame.columns = pd.Index(schema.names)
    return frame


def cast(values: NDArray[np.float64], dtype: str) -> pd.Series:
    """Numbers in a column's dtype; NaN becomes the dtype's own missing value."""
    target = pd.api.types.pandas_dtype(dtype)
    if pd.api.types.is_integer_dtype(target):
        values = np.round(values)
        if isinstance(target, np.dtype):
            return pd.Series(values.astype(target))
    series = pd.Series(values)
    return series.astype(target) if isinstance(target, np.dtype) else series.convert_dtypes().astype(target)


def new_identifiers(schema: Schema, n: int) -> pd.Series:
    """Numbers beyond the real ones for numeric entities (wider ones, if need be), ``synthetic-0``... for others."""
    dtype = pd.api.types.pandas_dtype(schema.entity_dtype)
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        fresh = pd.Series(schema.next_entity + np.arange(n))
        return fresh if n and fresh.iloc[-1] > _largest(dtype) else fresh.astype(dtype)
    text = pd.Series([f"synthetic-{k}" for k in range(n)], dtype=object)
    return text.astype("category" if isinstance(dtype, pd.CategoricalDtype) else dtype)


def _largest(dtype: Any) -> float:
    numpy_dtype = getattr(dtype, "numpy_dtype", dtype)
    return float(np.iinfo(numpy_dtype).max if numpy_dtype.kind in "iu" else np.finfo(numpy_dtype).max)


def add_column(frame: pd.DataFrame, name: Any, values: pd.Series) -> pd.DataFrame:
    """The frame with another column at its end."""
    added = pd.concat([frame, values], axis=1)
    added.columns = pd.Index([*frame.columns, name])
    return added
