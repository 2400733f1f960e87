"""pandas dtypes as JSON and back, exactly."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

PLAIN = str | int | float | bool
MARKERS: dict[str, Any] = {"None": None, "nan": float("nan"), "NA": pd.NA, "NaT": pd.NaT}


def missing_marker(X: pd.Series) -> str:
    """Name of what stands for the first missing cell of a column of objects; "None" where none is missing."""
    missing = X[X.isna()]
    if not pd.api.types.is_object_dtype(X.dtype) or missing.empty:
        return "None"
    first = missing.iloc[0]
    return next((name for name, marker in MARKERS.items() if first is marker), "nan")


def dtype_to_json(dtype: Any) -> Any:
    """JSON form of a dtype.

    Raises
    ------
    TypeError
        If it could not be restored.
    """
    form: Any = str(dtype)
    if isinstance(dtype, pd.StringDtype):
        form = {"string": dtype.storage, "nan": dtype.na_value is not pd.NA}
    elif isinstance(dtype, pd.ArrowDtype):
        form = {"arrow": base64.b64encode(pa.schema([("", dtype.pyarrow_dtype)]).serialize()).decode()}
    elif isinstance(dtype, pd.CategoricalDtype):
        categories = [] if dtype.categories is None else dtype.categories.tolist()
        if not all(isinstance(value, PLAIN) for value in categories):
            raise TypeError("its categories are neither texts, numbers nor booleans")
        form = {"categories": categories, "of": dtype_to_json(dtype.categories.dtype), "ordered": bool(dtype.ordered)}
    if dtype_from_json(form) != dtype:
        raise TypeError(f"the dtype {dtype} cannot be restored from a file")
    return form


def dtype_from_json(form: Any) -> Any:
    """The dtype of such a form; raises TypeError, ValueError or KeyError for anything else."""
    if isinstance(form, str):
        return pd.api.types.pandas_dtype(form)
    if "string" in form:
        return pd.StringDtype(form["string"], na_value=float("nan") if form["nan"] else pd.NA)
    if "arrow" in form:
        return pd.ArrowDtype(pa.ipc.read_schema(pa.py_buffer(base64.b64decode(form["arrow"]))).field(0).type)
    categories = pd.Index(form["categories"], dtype=dtype_from_json(form["of"]))
    return pd.CategoricalDtype(categories, ordered=form["ordered"])


def with_missing(values: pd.Series, missing: NDArray[np.bool_], dtype: Any, marker: str) -> pd.Series:
    """The column in its dtype, cells missing where they should be."""
    numpy_dtype = getattr(dtype, "numpy_dtype", dtype)
    if getattr(numpy_dtype, "kind", "O") == "f":
        limits = np.finfo(numpy_dtype)
        values = values.clip(float(limits.min), float(limits.max))
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        return (values.mask(missing) if dtype.kind == "f" else values).astype(dtype)
    if missing.any():
        is_object = pd.api.types.is_object_dtype(dtype)
        values = values.astype(object) if is_object else values.convert_dtypes()
        values = values.mask(missing, MARKERS[marker] if is_object else pd.NA)
    return values.astype(dtype)
