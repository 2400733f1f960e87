"""What is written is like what was read: containers, columns, dtypes, times, identifiers."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan.preprocessing import TableEncoder
from tsgan.reading import read
from tsgan.writing import write

ROWS = 40
VALUES = np.sin(np.arange(float(ROWS)))
HOURS = pd.date_range("2024-03-30", periods=ROWS, freq="h", name="when")
DTYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "Int8", "Int64"]
DTYPES += ["UInt16", "Float32", "Float64", "int64[pyarrow]"]


def frame(dtype: str = "float64", **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"a": VALUES, "b": (np.arange(ROWS) % 7)}).astype({"b": dtype}).assign(**columns)


def panel(identifiers: Any, dtype: str | None = None) -> pd.DataFrame:
    parts = [frame(t=HOURS, id=pd.Series([k] * ROWS)) for k in identifiers]
    whole = pd.concat(parts, ignore_index=True)[["b", "t", "id", "a"]]
    return whole if dtype is None else whole.astype({"id": dtype})


def again(X: Any, n: int = 1, length: int = ROWS, **roles: Any) -> Any:
    """The container written with its own first values."""
    table = read(X, **roles)
    schema = table.learn_schema()
    encoder = TableEncoder().fit(table.frame.iloc[:, schema.encoded])
    channels, flags = encoder.transform(table.frame.iloc[:length, schema.encoded])
    starts = [] if schema.axis is None else [schema.axis.starts[0]] * n
    values = encoder.inverse_transform(np.tile(channels, (n, 1)), np.tile(flags, (n, 1)))
    return write(schema, values, np.full(n, length), starts)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_frame_comes_back_in_its_dtypes(dtype: str) -> None:
    X = frame(dtype, constant=pd.Series([3] * ROWS, dtype=dtype))
    pd.testing.assert_frame_equal(again(X), X)


@pytest.mark.parametrize("dtype", ["float32", "float64", "Int8", "Int64", "Float64", "int64[pyarrow]"])
def test_missing_cells_come_back(dtype: str) -> None:
    X = pd.DataFrame({"a": VALUES, "b": pd.Series([1, 2, None, 4] * 10, dtype=dtype)})
    X["copy"] = X["b"]
    pd.testing.assert_frame_equal(again(X), X)


@pytest.mark.parametrize(
    "index",
    [
        HOURS,
        HOURS.tz_localize("Europe/Berlin", nonexistent="shift_forward", ambiguous=True)[:20],
        pd.date_range("2024-01-31", periods=ROWS, freq="ME"),
        pd.DatetimeIndex(HOURS.to_numpy()),
        HOURS.as_unit("s"),
    ],
    ids=["named", "zone", "month ends", "no frequency", "seconds"],
)
def test_an_index_of_times_comes_back_with_name_zone_unit_and_frequency(index: pd.DatetimeIndex) -> None:
    X = frame().iloc[: len(index)].set_index(index)
    sample = again(X, length=len(index))
    pd.testing.assert_frame_equal(sample, X)
    assert sample.index.freq == index.freq


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "float32", "float64", "Int64", "Float64", "int64[pyarrow]"])
def test_a_column_of_numbers_as_times_comes_back(dtype: str) -> None:
    X = frame(t=pd.Series(3 * np.arange(ROWS), dtype=dtype))[["t", "b", "a"]]
    pd.testing.assert_frame_equal(again(X, time="t"), X)


def test_times_grow_into_a_wider_dtype_rather_than_wrap_around() -> None:
    X = pd.DataFrame({"t": np.arange(100, dtype="int8"), "a": np.arange(100.0) ** 2})
    table = read(X, time="t")
    sample = write(table.learn_schema(), pd.DataFrame({"a": np.zeros(200)}), np.array([200]), [0])
    assert sample["t"].tolist() == list(range(200))


NAMES = [
    ["x", "y"],
    ["größe", "速度"],
    [0, 1],
    [7, "x"],
    [("p", "x"), ("p", "y")],
    pd.date_range("2024-01-01", periods=2),
]


@pytest.mark.parametrize("names", NAMES, ids=str)
def test_names_come_back(names: Any) -> None:
    X = frame().set_axis(pd.Index(names), axis=1)
    assert again(X).columns.equals(X.columns)


@pytest.mark.parametrize("shape", [(ROWS, 3), (2, ROWS, 3)])
@pytest.mark.parametrize("dtype", ["int8", "int64", "float16", "float32", "float64"])
def test_arrays_come_back_in_shape_and_dtype(shape: tuple[int, ...], dtype: str) -> None:
    X = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    sample = again(X, n=shape[0] if len(shape) == 3 else 1)
    assert sample.shape == shape
    assert sample.dtype == X.dtype


def test_frames_of_a_list_come_back_as_a_list() -> None:
    X = frame().set_index(HOURS)
    for part in again([X, X], n=3):
        pd.testing.assert_frame_equal(part, X, check_freq=False)


def test_several_samples_of_a_series_have_an_outer_level() -> None:
    sample = again(frame().set_index(HOURS), n=2)
    assert sample.index.names == ["sequence", "when"]
    pd.testing.assert_frame_equal(sample.loc[1], frame().set_index(HOURS), check_freq=False)


def containers() -> dict[str, tuple[Any, dict[str, Any]]]:
    return {
        "frame": (frame(), {}),
        "indexed frame": (frame().set_index(HOURS), {}),
        "frame with a time column": (frame(t=HOURS), {"time": "t"}),
        "panel": (panel("xy"), {"entity": "id", "time": "t"}),
        "indexed panel": (panel("xy").set_index("t"), {"entity": "id"}),
        "panel without times": (panel([1, 2]).drop(columns="t"), {"entity": "id"}),
    }


@pytest.mark.parametrize("name", containers())
def test_an_empty_sample_has_the_columns_dtypes_and_index_of_a_full_one(name: str) -> None:
    X, roles = containers()[name]
    none, some = again(X, n=0, **roles), again(X, n=2, **roles)
    assert len(none) == 0
    assert none.dtypes.equals(X.dtypes)
    assert none.dtypes.equals(some.dtypes)
    assert none.index.names == some.index.names
    assert [level.dtype for level in index_levels(none)] == [level.dtype for level in index_levels(some)]


def index_levels(X: pd.DataFrame) -> list[pd.Index]:
    return [X.index.get_level_values(k) for k in range(X.index.nlevels)]


def test_no_frames_and_no_sequences_of_arrays_are_empty() -> None:
    assert again([frame(), frame()], n=0) == []
    assert again(np.ones((2, ROWS, 3)) * VALUES[:, None], n=0).shape == (0, 0, 3)


@pytest.mark.parametrize(
    ("identifiers", "dtype"),
    [
        (["x", "synthetic-0"], None),
        (["x", "y"], "object"),
        (["x", "y"], "category"),
        ([3, 7], "category"),
        ([3, 7], "int8"),
        ([3, 7], "Int64"),
        ([3, 7], "float32"),
        ([-4, -2], None),
        ([2**63 - 1, 1], None),
        ([126, 127], "int8"),
        ([254, 255], "UInt8"),
        ([True, False], None),
        (pd.to_datetime(["2024-01-01", "2024-01-02"]), None),
    ],
    ids=str,
)
def test_new_identifiers_are_as_many_as_sequences_and_never_real_ones(identifiers: Any, dtype: str | None) -> None:
    X = panel(identifiers, dtype)
    sample = again(X, n=3, entity="id", time="t")
    assert list(sample) == list(X)
    assert sample.groupby("id", observed=True).size().tolist() == [ROWS] * 3
    assert not set(sample["id"]) & set(X["id"])


@pytest.mark.parametrize("dtype", ["str", "object", "category", "int64", "Int64", "float64"])
def test_new_identifiers_have_the_dtype_of_the_real_ones(dtype: str) -> None:
    X = panel([1, 2]).astype({"id": dtype})
    fresh = again(X, n=2, entity="id", time="t")["id"]
    assert isinstance(fresh.dtype, type(X["id"].dtype))
    assert fresh.dtype == X["id"].dtype or dtype == "category"
