"""What MLflow is told of a model: the columns that go in and come out, parameters, an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema
from mlflow.types.schema import AnyType

from tsgan.mlflow.tables import flat, jsonable

if TYPE_CHECKING:
    from tsgan.estimator import TSGAN

SEQUENCE = "sequence"  # column that says which steps are one sequence's
SHOWN = 20  # sequences of which types are read
PARAMS = ParamSchema([ParamSpec(name, DataType.long, None) for name in ("n", "length", "random_state")])


def describe(model: TSGAN) -> tuple[ModelSignature, tuple[pd.DataFrame, dict[str, int]]]:
    """Signature and input example of a fitted model, from a small sample: no cell of the data is in them.

    Returns
    -------
    signature : ModelSignature
        Inputs are the conditions, if there are any; all of them optional, for without a row they are drawn. Outputs are the
        columns of the flat table that is answered.
    example : tuple of DataFrame and dict
        Conditions of two sequences, without columns if there are none, and parameters.
    """
    table = flat(model, model.sample(SHOWN, length=1, random_state=0))
    outputs = columns(table)
    params = {"length": 5, "random_state": 0}
    if model.law_ is None:
        return ModelSignature(None, outputs, PARAMS), (pd.DataFrame(), {"n": 2, **params})
    names = [str(name) for name in model.law_.names]
    inputs = [ColSpec(column_type(table[name]), name, required=False) for name in names]
    if model.law_.varying and SEQUENCE not in model.schema_.names:
        inputs.append(ColSpec(DataType.long, SEQUENCE, required=False))
    return ModelSignature(Schema(inputs), outputs, PARAMS), (jsonable(table[names].head(2)), params)


def columns(table: pd.DataFrame) -> Schema:
    """Names and types of a table's columns."""
    return Schema([ColSpec(column_type(cells), str(name)) for name, cells in table.items()])


def column_type(cells: pd.Series) -> DataType | AnyType:
    """MLflow's type of a column; any type where it has no word for it (durations, zones, decimals)."""
    dtype: Any = cells.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    for holds, data_type in (
        (pd.api.types.is_bool_dtype, DataType.boolean),
        (pd.api.types.is_integer_dtype, DataType.long),
        (pd.api.types.is_float_dtype, DataType.double),
        (pd.api.types.is_datetime64_dtype, DataType.datetime),
    ):
        if holds(dtype):
            return data_type
    return DataType.string if pd.api.types.infer_dtype(cells.astype(object), skipna=True) == "string" else AnyType()
