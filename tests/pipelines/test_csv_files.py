"""CSV files are read as others write them; what is left out or kept of their index is said."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tsgan_pipelines.csv_files import INDEX, read_csv

DAYS = pd.date_range("2024-01-01", periods=3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t.csv"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("a,b\n1.5,x\n2.5,y\n", {}),
        ("a;b\n1.5;x\n2.5;y\n", {}),
        ("a\tb\n1.5\tx\n2.5\ty\n", {}),
        ('\ufeff"a";"b"\n1,5;x\n2,5;y\n', {"decimal": ","}),
        ("a;b;\n1.5;x;\n2.5;y;\n", {}),
    ],
    ids=["commas", "semicolons", "tabs", "decimal commas", "a separator at the end of lines"],
)
def test_the_separator_is_found(text: str, options: dict[str, Any], path: Path) -> None:
    path.write_text(text, encoding="utf-8")
    pd.testing.assert_frame_equal(read_csv(path, **options), pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]}))


def test_decimal_commas_are_told(path: Path) -> None:
    path.write_text("x;y;z\n1;a;1\n1,5;b;2\n")
    with pytest.warns(UserWarning, match=r"columns \['x'\] of .* pass --decimal ,"):
        assert read_csv(path)["x"].tolist() == ["1", "1,5"]
    assert read_csv(path, texts=["x"])["x"].tolist() == ["1", "1,5"]


def test_a_separator_in_a_quoted_name_is_none(path: Path) -> None:
    path.write_text('"a, b, c";d\n1;2\n')
    assert [*read_csv(path)] == ["a, b, c", "d"]


def test_dates_are_dates_but_for_identifiers_and_what_is_said_to_be_text(path: Path) -> None:
    frame = pd.DataFrame(dict.fromkeys(["day", "born", "code", "when"], DAYS))
    frame.assign(born=frame["born"].where(frame.index != 1)).to_csv(path, index=False)
    table = read_csv(path, "when", entities=["day"], texts=["code"])
    assert [name for name in table if table[name].dtype.kind == "M"] == ["born"]
    assert table["code"].tolist() == ["2024-01-01", "2024-01-02", "2024-01-03"]


def test_numbers_that_are_said_to_be_text_keep_their_zeros(path: Path) -> None:
    path.write_text("card,when,x\n007,01012024,1\n,02012024,2\n")
    table = read_csv(path, "when", date_format="%d%m%Y", texts=["card"])
    assert table["card"][0] == "007"
    assert table["card"].isna()[1]
    assert table["when"].tolist() == ["01012024", "02012024"]


def test_an_index_of_dates_comes_back_as_one(path: Path) -> None:
    frame = pd.DataFrame({"x": [1, 2, 3]}, index=DAYS)
    frame.to_csv(path)
    for time in (None, "time"):
        pd.testing.assert_frame_equal(read_csv(path, time), frame, check_freq=False, check_index_type=False)


@pytest.mark.parametrize("first", [0, 1])
def test_numbers_of_rows_are_left_out(first: int, path: Path) -> None:
    pd.DataFrame({"x": [7, 8, 9]}, index=range(first, first + 3)).to_csv(path)
    assert [*read_csv(path)] == ["x"]


@pytest.mark.parametrize("text", [",x\na,1\nb,2\n", "x\na,1\nb,2\n"], ids=["an empty name", "no name"])
def test_an_index_of_texts_is_kept_and_told(text: str, path: Path) -> None:
    path.write_text(text)
    with pytest.warns(UserWarning, match=r"first column of '.*t\.csv' has no name; it is learned as 'Unnamed: 0'"):
        table = read_csv(path)
    assert table[INDEX].tolist() == ["a", "b"]
    assert read_csv(path, entities=[INDEX])[INDEX].tolist() == ["a", "b"]


def test_a_table_without_rows_is_not_told_of_commas(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    (tmp_path / "d.csv").write_text("when,x\n")
    assert read_csv(tmp_path / "d.csv").empty
    assert not recwarn
