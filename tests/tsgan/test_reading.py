"""Every container becomes one table of sequences; messages count rows as the user does."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan.classification import learn_columns
from tsgan.exceptions import InputError
from tsgan.identifiers import first_new
from tsgan.reading import read
from tsgan.schema import KEPT_LENGTHS, kept_lengths

ROWS = 40
ONE = np.zeros(1, dtype=np.int64)  # first row of the only sequence
FRAME = pd.DataFrame({"a": np.sin(np.arange(float(ROWS))), "b": np.arange(ROWS) % 7})
PANEL = pd.DataFrame(  # rows of two series in turn
    {"id": ["x", "y"] * 20, "t": np.repeat(np.arange(20), 2), "a": np.cos(np.arange(float(ROWS)))}
)


def infinite_at(row: int) -> pd.DataFrame:
    return PANEL.assign(a=PANEL["a"].where(np.arange(ROWS) != row, np.inf))


@pytest.mark.parametrize(
    ("X", "container", "lengths"),
    [
        (FRAME, "frame", [40]),
        ([FRAME, FRAME.iloc[:10]], "frames", [40, 10]),
        (FRAME.to_numpy(), "matrix", [40]),
        (np.zeros((3, 5, 2)), "array", [5, 5, 5]),
        (np.zeros((3, 5, 2)).tolist(), "array", [5, 5, 5]),
    ],
    ids=["frame", "frames", "matrix", "array", "nested lists"],
)
def test_sequences_of_each_container_are_told_apart(X: Any, container: str, lengths: list[int]) -> None:
    table = read(X)
    assert table.container == container
    assert table.lengths.tolist() == lengths
    assert table.starts.tolist() == [0, *np.cumsum(lengths)[:-1]]
    assert len(table.frame) == sum(lengths)


def test_interleaved_series_are_put_one_after_the_other() -> None:
    table = read(PANEL, "id", "t")
    assert table.times is not None
    assert table.times.tolist() == [*range(20), *range(20)]
    np.testing.assert_array_equal(table.frame["a"], PANEL.sort_values(["id", "t"])["a"])
    assert list(table.frame) == ["a"]
    assert table.order == ("id", "t", "a")


def test_combinations_of_several_columns_are_series() -> None:
    frame = PANEL.assign(site=np.arange(ROWS) // 20)
    table = read(frame, ["site", "id"])
    assert table.lengths.tolist() == [10] * 4
    np.testing.assert_array_equal(table.frame["a"], frame.sort_values(["site", "id"], kind="stable")["a"])
    assert [(entity.name, entity.first) for entity in table.entities] == [("site", 2), ("id", 0)]


def test_a_tuple_is_the_name_of_one_column_where_there_is_one() -> None:
    frame = PANEL.set_axis(pd.Index([("x", "id"), "t", "a"], tupleize_cols=False), axis=1)
    assert [entity.name for entity in read(frame, ("x", "id"), "t").entities] == [("x", "id")]
    assert len(read(PANEL, ("id", "t")).lengths) == ROWS


def test_series_keep_the_order_of_their_first_rows() -> None:
    assert read(PANEL.iloc[::-1].sort_values("t", kind="stable"), "id", "t").frame["a"].iloc[0] == PANEL["a"].iloc[1]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (infinite_at(37), r"column 'a' holds 1 infinite value .*rows \[37\]"),
        (PANEL.assign(t=PANEL["t"].where(np.arange(ROWS) != 37, 2.5)), r"not sorted within a series \(rows \[37\]"),
        (PANEL.assign(t=PANEL["t"].where(np.arange(ROWS) != 37, 17)), r"duplicates within a series \(rows \[37\]"),
        (PANEL.assign(t=PANEL["t"].where(np.arange(ROWS) != 37)), r"missing values \(rows \[37\]"),
        (PANEL.assign(t=PANEL["t"].where(np.arange(ROWS) != 39, np.inf)), r"infinite values \(rows \[39\]"),
    ],
    ids=["infinity", "unsorted", "twice", "missing", "endless"],
)
def test_rows_at_fault_are_counted_in_the_table_that_was_given(X: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(X, "id", "t").learn_schema()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int8", "UInt16", "Int64"])
def test_times_that_go_back_are_found_in_any_dtype(dtype: str) -> None:
    with pytest.raises(InputError, match="not sorted"):
        read(FRAME.assign(t=np.arange(ROWS)[::-1]).astype({"t": dtype}), time="t")


HOURS = pd.date_range("2024-01-01", periods=ROWS, freq="h")


@pytest.mark.parametrize(
    ("second", "kind"),
    [(FRAME, "no times"), (FRAME.set_index(HOURS.tz_localize("UTC")), r"times of dtype datetime64\[.*UTC\]")],
    ids=["no times", "another zone"],
)
def test_frames_of_a_list_have_times_of_one_kind(second: pd.DataFrame, kind: str) -> None:
    with pytest.raises(InputError, match=f"frame 1 of the list has {kind}"):
        read([FRAME.set_index(HOURS), second])


def test_what_is_masked_is_missing() -> None:
    masked = np.ma.masked_greater(FRAME.to_numpy(), 5)
    np.testing.assert_array_equal(read(masked).frame.isna(), masked.mask)


@pytest.mark.parametrize("dtype", [">f4", ">i2", "f2", "O", "?"])
def test_arrays_of_any_numbers_are_read(dtype: str) -> None:
    array = (np.arange(80).reshape(40, 2) % 2).astype(dtype)
    np.testing.assert_array_equal(read(array).frame, array.astype(float))


def test_nothing_is_written_into_the_input() -> None:
    array = np.arange(80.0).reshape(40, 2)
    array.setflags(write=False)
    read(array).learn_schema()
    frame = pd.DataFrame(array, columns=["a", "b"], copy=False)
    read(frame).learn_schema()


@pytest.mark.parametrize(
    ("identifiers", "first"),
    [
        ([3, 1, 2], 4),
        ([-5, -3], 0),
        ([1.5, 2.5], 3),
        (["x", "synthetic-7", "synthetic-a"], 8),
        (["x", "y"], 0),
        ([True, False], 0),
        ([2**63 - 1], 2**63),
    ],
    ids=str,
)
def test_new_identifiers_begin_after_the_real_ones(identifiers: list[Any], first: int) -> None:
    assert first_new(pd.Series(identifiers)) == first


@pytest.mark.parametrize("dtype", ["int8", "uint16", "float32", "Int64", "Float64", "int64[pyarrow]"])
def test_constants_and_copies_are_recognised_in_any_dtype(dtype: str) -> None:
    frame = pd.DataFrame({"a": np.arange(9), "b": np.full(9, 3), "c": np.arange(9)}).astype(dtype)
    columns = learn_columns(frame, ONE)
    assert [column.kind for column in columns] == ["numeric", "constant", "copy"]
    assert (columns[1].note, columns[2].source) == (f"always {frame['b'][0]}", 0)
    assert {column.dtype for column in columns} == {frame["a"].dtype}


def test_copies_miss_the_same_cells() -> None:
    x = pd.Series([1.0, np.nan, 2.0])
    kinds = [column.kind for column in learn_columns(pd.DataFrame({"a": x, "b": x, "c": x.fillna(3.0)}), ONE)]
    assert kinds == ["numeric", "copy", "numeric"]


def test_a_constant_with_a_missing_cell_is_learned() -> None:
    assert learn_columns(pd.DataFrame({"a": [2.0, np.nan, 2.0]}), ONE)[0].kind == "numeric"


def test_each_column_is_of_a_kind() -> None:
    frame = pd.DataFrame(
        {
            "number": [1.5, 2.5, 3.5],
            "date": pd.date_range("2024", periods=3),
            "text": ["a", "b", "a"],
            "boolean": [True, True, False],
            "mixed": [1, "1", 2],
            "same cells": ["a", "b", "a"],
        }
    )
    kinds = {column.name: column.kind for column in learn_columns(frame, ONE)}
    assert kinds == dict.fromkeys(frame, "categorical") | {"number": "numeric", "date": "numeric", "same cells": "copy"}


def test_what_changes_between_sequences_only_is_static() -> None:
    frame = pd.DataFrame({"a": [1, 1, 2, 2], "b": [np.nan, np.nan, 1, 1], "c": list("xxyx"), "d": list("xxyy")})
    columns = learn_columns(frame, np.array([0, 2]))
    assert [column.static for column in columns] == [True, True, False, True]
    assert not any(column.static for column in learn_columns(frame, ONE))


def test_the_schema_reads_as_a_table() -> None:
    schema = read(PANEL.assign(seven=7, same=PANEL["a"]), "id", "t").learn_schema()
    table = schema.to_frame()
    assert table["role"].to_dict() == {"id": "entity", "t": "time", "a": "numeric", "seven": "constant", "same": "copy"}
    assert table["note"].to_dict()["same"] == "equals 'a'"
    assert "always 7" in str(schema)
    assert "always 7" in schema._repr_html_()


def test_of_many_lengths_the_quantiles_are_kept() -> None:
    kept = kept_lengths(np.arange(10, 1010))
    assert len(kept) == KEPT_LENGTHS
    assert (kept[0], kept[-1]) == (10, 1009)
    assert kept_lengths(np.array([7, 5])) == (5, 7)
