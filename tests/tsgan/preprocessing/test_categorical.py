"""Categories come back in their dtype; none is invented."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsgan.dtypes import dtype_from_json, dtype_to_json
from tsgan.exceptions import InputError, InputTypeError
from tsgan.preprocessing import Categorical

COLUMNS: dict[str, Any] = {
    "booleans": pd.Series([True, False, True]),
    "booleans that may be missing": pd.Series([True, None, False], dtype="boolean"),
    "arrow booleans": pd.Series([True, None], dtype="bool[pyarrow]"),
    "ordered, with an unused level": pd.Series(pd.Categorical(["a", "b", None], ["c", "b", "a"], ordered=True)),
    "categories of numbers": pd.Series(pd.Categorical([1, 2, None], categories=[3, 2, 1])),
    "texts": pd.Series(["a", "b", None], dtype="str"),
    "strings": pd.Series(["a", None], dtype="string"),
    "arrow texts": pd.Series(["a", None], dtype=pd.ArrowDtype(pa.large_string())),
    "an arrow dictionary": pd.Series(["a", None], dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))),
    "mixed": pd.Series([1, "1", True, None, 1.5], dtype=object),
    "odd texts": pd.Series(["", "nan", "\n", "\0", "=cmd()", "\N{GRINNING FACE}", "\ud800"], dtype=object),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back(name: str) -> None:
    column = COLUMNS[name].rename("x")
    codec = Categorical().fit(column)
    onehot = codec.transform(column)
    assert (onehot.sum(1) == 1).all()
    assert onehot.shape[1] == len(codec.get_feature_names_out()) == len({(type(cell), str(cell)) for cell in column})
    back = codec.inverse_transform(onehot)
    pd.testing.assert_series_equal(back, column, check_exact=True)
    assert [type(cell) for cell in back] == [type(cell) for cell in column]
    assert dtype_from_json(dtype_to_json(column.dtype)) == column.dtype


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.floats(allow_nan=False), min_size=3, max_size=3), min_size=1, max_size=10))
def test_any_floats_give_a_category_that_was_seen(scores: list[list[float]]) -> None:
    codec = Categorical().fit(pd.Series(["a", "b", "c", "a"]))
    assert set(codec.inverse_transform(scores)) <= {"a", "b", "c"}


def test_the_commonest_category_is_the_first() -> None:
    assert Categorical().fit(pd.Series(["a", "b", "b", None])).categories_[0] == "b"


def test_what_cannot_be_a_category_is_refused() -> None:
    with pytest.raises(InputTypeError, match=r"column 'x' holds a Timestamp \(row 1, counted from 0\)"):
        Categorical().fit(pd.Series(["a", pd.Timestamp(0)], name="x"))
    with pytest.raises(InputError, match="column 'x' has 100 categories; at most 64"):
        Categorical().fit(pd.Series([f"w{k}" for k in range(100)], name="x"))
    with pytest.raises(InputError, match=r"column 'x' holds \['c'\], which were not seen by fit; known are a, b"):
        Categorical().fit(pd.Series(["a", "b"], name="x")).transform(pd.Series(["a", "c"], name="x"))


@pytest.mark.parametrize(
    "dtype", ["int64", "datetime64[s, Europe/Berlin]", "period[W-MON]", pd.ArrowDtype(pa.decimal128(9, 3))]
)
def test_dtypes_come_back_from_json(dtype: Any) -> None:
    dtype = pd.api.types.pandas_dtype(dtype)
    assert dtype_from_json(dtype_to_json(dtype)) == dtype


def test_a_dtype_without_a_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="neither texts, numbers nor booleans"):
        dtype_to_json(pd.CategoricalDtype([pd.Timestamp(0)]))
    assert np.dtype("float64") == dtype_from_json("float64")
