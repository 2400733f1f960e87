"""Tables come from files, folders, databases and fsspec addresses, and go there."""

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from tsgan.exceptions import InputError
from tsgan_pipelines.files import TABLES
from tsgan_pipelines.sources import read_source, write_sink

READINGS = pd.DataFrame(
    {"t": pd.date_range("2024-01-01", periods=4, freq="h"), "who": ["a", "b", "a", None], "x": [1.5, None, 2.0, -3.0]}
)


@pytest.mark.parametrize("suffix", TABLES)
def test_a_table_comes_back_from_a_file(tmp_path: Path, suffix: str) -> None:
    address = str(tmp_path / f"table{suffix}")
    write_sink(READINGS, address)
    pd.testing.assert_frame_equal(read_source(address, time="t"), READINGS, check_dtype=False)
    assert [path.name for path in tmp_path.iterdir()] == [f"table{suffix}"]


def test_a_folder_of_parquet_is_one_table(tmp_path: Path) -> None:
    READINGS.dropna(subset="who").to_parquet(tmp_path / "parts", partition_cols=["who"])
    assert len(read_source(str(tmp_path / "parts"))) == 3


@pytest.mark.parametrize("name", ["parts", "t.parquet", "t.csv", "t.feather"])
def test_columns_that_are_dropped_are_left_out(tmp_path: Path, name: str) -> None:
    place, table = tmp_path / name, READINGS.dropna()
    if name == "parts":
        table.to_parquet(place, partition_cols=["who"])
    else:
        write_sink(table, str(place))
    assert sorted(read_source(str(place), time="t", drop=["x"])) == ["t", "who"]
    with pytest.raises(InputError, match=r"^data\.drop: the table has no column 'z'; there are .*x"):
        read_source(str(place), drop=["z"])


def test_of_parquet_only_the_other_columns_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, read = [], pd.read_parquet

    def spy(path: Path, columns: list[str] | None) -> pd.DataFrame:
        asked.append(columns)
        return read(path, columns=columns)

    READINGS.to_parquet(tmp_path / "t.parquet")
    monkeypatch.setattr(pd, "read_parquet", spy)
    read_source(str(tmp_path / "t.parquet"), drop=["x"])
    assert asked == [["t", "who"]]


def test_an_address_of_fsspec_is_opened() -> None:
    pytest.importorskip("fsspec")
    write_sink(READINGS, "memory://folder/table.csv")
    pd.testing.assert_frame_equal(read_source("memory://folder/table.csv", time="t"), READINGS, check_dtype=False)


@pytest.mark.parametrize("query", ["readings", "SELECT x FROM readings WHERE x > 1"])
def test_a_database_answers(tmp_path: Path, query: str) -> None:
    path = tmp_path / "plant.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE readings (x REAL)")
        connection.executemany("INSERT INTO readings VALUES (?)", [(1.5,), (2.5,)])
    connection.close()
    assert read_source(f"sqlite:///{path}", query)["x"].tolist() == [1.5, 2.5]


def test_texts_of_a_database_are_dates_where_they_are_times(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/plant.db"
    write_sink(READINGS, address, "readings")
    assert read_source(address, "SELECT * FROM readings", time="t")["t"].tolist() == READINGS["t"].tolist()
    write_sink(READINGS.assign(t="noon"), address, "readings")
    with pytest.raises(InputError, match="column 't' of what 'readings' gives cannot be read as dates"):
        read_source(address, "readings", time="t")


def test_a_table_that_a_database_does_not_take_leaves_the_old_one(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/plant.db"
    write_sink(READINGS, address, "readings")
    with pytest.raises(InputError, match="does not take the table 'readings'"):
        write_sink(pd.DataFrame({"x": [1.0, 2.0], "odd": [1, 1j]}, dtype=object), address, "readings")
    assert len(read_source(address, "readings")) == len(READINGS)


def test_what_is_bundled_needs_no_file() -> None:
    assert "temp" in read_source("weather")


@pytest.mark.parametrize(
    ("address", "query", "message"),
    [
        ("table.xls", None, "must end in .csv, .parquet, .feather or .jsonl"),
        ("sqlite:///none.db", "DROP", "does not answer 'DROP'"),
        ("oracle://x/y", "t", "install the database's driver"),
        ("readings", "t", "like sqlite:///plant.db"),
        ("broken.parquet", None, "cannot be read"),
        ("sqlite:///plant.db", "SELECT 1 FROM none", r"does not answer .* \(no such table: none\)$"),
        ("moon://table.csv", None, "cannot be reached from here"),
    ],
)
def test_what_cannot_be_read_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, query: str | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("table.xls", "broken.parquet"):
        Path(name).write_text("nothing")
    with pytest.raises(InputError, match=message):
        read_source(address, query)


def test_a_missing_file_and_a_wrong_end_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_source(str(tmp_path / "none.csv"))
    with pytest.raises(InputError, match="must end in"):
        write_sink(READINGS, str(tmp_path / "out.xls"))


def test_passwords_are_not_shown() -> None:
    with pytest.raises(InputError) as caught:
        read_source("oracle://me:secret@host/plant", "readings")
    assert "me:***@host" in str(caught.value)
    assert "secret" not in str(caught.value)
