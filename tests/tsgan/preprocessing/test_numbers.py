"""Whatever is a number underneath comes back exactly, in its dtype."""

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsgan.exceptions import InputError
from tsgan.preprocessing import Numbers

DATES = [datetime.date(2020, 1, 1), None, datetime.date(2021, 1, 1)]
TIMES = pd.to_datetime(["2020-01-01", None, "2020-03-05"])
SECONDS = pd.to_timedelta([1, None, 60], unit="s")

COLUMNS: dict[str, tuple[Any, Any]] = {
    "int8": ([1, -128, 127], "int8"),
    "uint64": ([0, 2**64 - 1, 5], "uint64"),
    "int64 at its end": ([2**63 - 1, 2**63 - 2], "int64"),
    "int64 beyond the doubles": ([2**53 + 1, 2**53 + 3, 2**53], "int64"),
    "Int64": ([1, None, 2**53 + 1], "Int64"),
    "UInt8": ([1, None, 255], "UInt8"),
    "float16": ([1.5, np.nan], "float16"),
    "Float32": ([1.5, None], "Float32"),
    "arrow integers": ([1, None], "int32[pyarrow]"),
    "arrow floats": ([1.5, None], "double[pyarrow]"),
    "timestamps": (TIMES, None),
    "timestamps to the year 9999": (TIMES.as_unit("s").where([True, True, False], pd.Timestamp("9999-12-31")), None),
    "timestamps in a zone": (pd.date_range("2024-10-27", periods=60, freq="30min", tz="Europe/Berlin"), None),
    "arrow timestamps": (TIMES, "timestamp[us][pyarrow]"),
    "arrow timestamps in a zone": (TIMES.tz_localize("UTC"), "timestamp[us, tz=UTC][pyarrow]"),
    "durations": (SECONDS, None),
    "arrow durations": (SECONDS, "duration[s][pyarrow]"),
    "periods": (pd.PeriodIndex(["2020-01", None, "2021-05"], freq="M"), None),
    "dates": (DATES, object),
    "arrow dates": (DATES, pd.ArrowDtype(pa.date32())),
    "decimals": ([Decimal("1.10"), None, Decimal("-2.5")], object),
    "arrow decimals": ([Decimal("1.10"), None, Decimal("2.50")], pd.ArrowDtype(pa.decimal128(10, 2))),
    "integers as objects": ([1, None, 3], object),
    "floats as objects": ([1.25, 2.5, None], object),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back(name: str) -> None:
    values, dtype = COLUMNS[name]
    column = pd.Series(values, dtype=dtype, name="x")
    codec = Numbers().fit(column)
    numbers = codec.transform(column)
    assert (np.isnan(numbers) == column.isna()).all()
    pd.testing.assert_series_equal(codec.inverse_transform(numbers), column, check_exact=True)
    stored = Numbers.from_json(codec.to_json())
    pd.testing.assert_series_equal(stored.inverse_transform(numbers), column, check_exact=True)


@pytest.mark.parametrize("name", [name for name in COLUMNS if "float" not in name.lower()])
def test_any_float_gives_a_value_within_the_range(name: str) -> None:
    values, dtype = COLUMNS[name]
    column = pd.Series(values, dtype=dtype)
    back = Numbers().fit(column).inverse_transform([-1e300, -1.0, 0.4, 0.6, 1e300])
    assert back.dtype == column.dtype
    known = column.dropna()
    assert back.min() == known.min()
    assert back.max() == known.max()


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "uint64"])  # its range is beyond the doubles
def test_a_shy_one_gives_a_column_back_and_does_not_know_its_range(name: str) -> None:
    values, dtype = COLUMNS[name]
    column = pd.Series(values, dtype=dtype, name="x")
    codec = Numbers(shy=True).fit(column)
    stored = Numbers.from_json(codec.to_json())
    pd.testing.assert_series_equal(stored.inverse_transform(codec.transform(column)), column, check_exact=True)
    assert codec.steps_ is None or codec.kind_ == "float"


@pytest.mark.parametrize(
    ("values", "offset", "unit"),
    [
        ([100, 250, 430], 260, 10),
        ([7, 20], 13, 1),
        (pd.to_datetime(["1950-03-01", "1962-07-09", "1990-01-02"]).as_unit("s"), "1967-07-25", 86_400),
        (pd.to_timedelta([1.5, 3], unit="h").as_unit("ms"), 8_100_000, 600_000),
    ],
    ids=["integers", "two", "dates", "durations"],
)
def test_a_shy_one_counts_from_the_mean_in_round_steps(values: Any, offset: Any, unit: int) -> None:
    codec = Numbers(shy=True).fit(pd.Series(values))
    whole = pd.Timestamp(offset).as_unit("s").value // 10**9 if isinstance(offset, str) else offset
    assert abs(codec.offset_ - whole) <= unit
    assert codec.unit_ == unit


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-(2**52), 2**52), min_size=1, max_size=20))
def test_whole_numbers_are_exact(values: list[int]) -> None:
    column = pd.Series(values)
    codec = Numbers().fit(column)
    assert codec.inverse_transform(codec.transform(column)).tolist() == values
    assert codec.inverse_transform(codec.transform(column), bounded=False).tolist() == values


def test_without_bounds_only_the_dtype_is_one() -> None:
    codec = Numbers().fit(pd.Series([1, 2, 3], dtype="int8"))
    assert codec.inverse_transform([-1.0, 10.0, 1e9, -1e9], bounded=False).tolist() == [0, 11, 127, -128]


def test_parts_of_the_common_step_are_whole_numbers_too() -> None:
    codec = Numbers().fit(pd.Series([4, 10, 16]))
    assert codec.inverse_transform([0.5, -0.5, 1.0], bounded=False, parts=2).tolist() == [7, 1, 10]
    assert codec.inverse_transform([codec.zero], bounded=False, parts=3).tolist() == [0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", "b"], "column 'x' holds no numbers"),
        ([True, False], "column 'x' holds no numbers"),
        ([2**70, 1], "more than 64 bits"),
        ([Decimal("nan"), Decimal(1), Decimal("inf")], "not finite"),
    ],
    ids=str,
)
def test_other_columns_are_refused(values: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Numbers().fit(pd.Series(values, name="x"))
