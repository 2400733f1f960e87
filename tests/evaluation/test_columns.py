import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from tsgan_evaluation._validation import DataError
from tsgan_evaluation.columns import read_column


def read(real: object, synthetic: object) -> tuple[str, list[list[float]]]:
    column, cells = read_column("x", [pd.Series(real), pd.Series(synthetic)])
    return column.kind, [side.tolist() for side in cells]


@pytest.mark.parametrize(
    ("cells", "kind", "numbers"),
    [
        ([1, 2], "numeric", [1, 2]),
        (pd.array([1, 2], dtype="Int64"), "numeric", [1, 2]),
        ([Decimal("1.5"), Decimal(2)], "numeric", [1.5, 2]),
        (pd.to_timedelta([1, 2], unit="s"), "numeric", [1, 2]),
        ([True, False], "boolean", [1, 0]),
        (pd.array([True, False], dtype="boolean"), "boolean", [1, 0]),
        (["b", "a"], "categorical", [0, 1]),
        (pd.Categorical([5, 3]), "categorical", [0, 1]),
        (pd.to_datetime(["1970-01-01 01:00", "1970-01-02 00:00"]), "datetime", [3600, 86400]),
        (pd.to_datetime(["1970-01-01 01:00+01:00", "1970-01-02 01:00+01:00"]), "datetime", [0, 86400]),
        (pd.period_range("1970-01-01", periods=2, freq="D"), "datetime", [0, 86400]),
        ([datetime.date(1970, 1, 1), datetime.date(1970, 1, 2)], "datetime", [0, 86400]),
    ],
)
def test_kinds_and_their_numbers(cells: object, kind: str, numbers: list[float]) -> None:
    assert read(cells, cells) == (kind, [numbers, numbers])


def test_missing_cells_are_nan_in_every_kind() -> None:
    for real in (
        [1.0, None],
        pd.array([1, None], dtype="Int64"),
        ["a", None],
        [True, None],
        pd.to_datetime(["2024-01-01", None]),
    ):
        assert np.isnan(read(real, real)[1][0]).tolist() == [False, True]


def test_categories_are_those_of_all_sides_the_most_common_first() -> None:
    column, cells = read_column("x", [pd.Series(["a", "b", "b"]), pd.Series(["c", "a"])])
    assert column.categories == ("b", "a", "c")
    assert [side.tolist() for side in cells] == [[1, 0, 0], [2, 1]]


def test_text_that_holds_numbers_or_dates_is_read_where_the_real_side_has_them() -> None:
    assert read([1.5, 2], ["1.5", "7"])[1][1] == [1.5, 7]
    assert read(pd.to_datetime(["1970-01-02"]), ["1970-01-02"])[1][1] == [86400]


@pytest.mark.parametrize(
    ("real", "synthetic", "reason"),
    [
        ([1.0, 2.0], ["a", "b"], "numeric in the real table, but .* in the synthetic table"),
        (["a", "b"], [1.0, 2.0], "categorical in the real table, but numeric in the synthetic table"),
        (pd.to_datetime(["2024-01-01"]), [5.0], "datetime in the real table, but numeric"),
        ([1.0, 2.0], [np.inf, 1], "1 infinite values in the synthetic table"),
        ([1.0, 2.0], [None, None], "no observed cell in the synthetic table"),
        ([f"id{k}" for k in range(200)], ["id1"], "200 different texts in 200 rows"),
        ([1j, 2j], [1j], "complex"),
    ],
)
def test_what_cannot_be_compared_says_why(real: object, synthetic: object, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        read(real, synthetic)
