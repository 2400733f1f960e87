from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsgan.exceptions import InputError
from tsgan_pipelines.files import TABLES, check_output, read_table, replacing, to_table, write_table

HOURS = pd.date_range("2024-01-01", periods=3, freq="h", tz="UTC")


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.CSV"])
def test_a_table_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    table = pd.DataFrame({"when": HOURS, "x": [1.5, np.nan, 0.1 + 0.2], "n": [1, 2, 3]})
    write_table(table, tmp_path / name)
    pd.testing.assert_frame_equal(read_table(tmp_path / name, "when"), table)


def test_numbers_stay_numbers_as_times(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"year": [1990, 1991]}), tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv", "year")["year"].tolist() == [1990, 1991]


def test_times_of_two_zones_are_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("when\n2024-01-01 00:00-05:00\n2024-07-01 00:00-04:00\n")
    with pytest.raises(InputError, match=r"column 'when' of .* all in one time zone"):
        read_table(tmp_path / "t.csv", "when")


@pytest.mark.parametrize(("name", "content"), [("t.csv", b""), ("t.csv", b"\xff\xfe\x00"), ("t.parquet", b"PAR")])
def test_a_damaged_file_is_named(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}' cannot be read as \.{name[2:]}"):
        read_table(tmp_path / name)


def test_a_folder_is_no_output(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(IsADirectoryError, match=r"t\.csv' is a folder; name a file"):
        check_output(tmp_path / "t.csv", TABLES, force=True)


def test_what_fails_midway_leaves_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "t.csv") as part:
        1 / part.write_text("")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"t.csv": "old"}


def test_times_in_the_index_become_a_column() -> None:
    frame = pd.DataFrame({"x": [1, 2, 3]}, index=HOURS)
    assert [*to_table(frame, ["x"]).columns] == ["time", "x"]
    assert [*to_table(frame.rename_axis("hour"), ["x"]).columns] == ["hour", "x"]
    assert [*to_table(frame.reset_index(drop=True), ["x"]).columns] == ["x"]


def test_many_sequences_are_numbered() -> None:
    frame = pd.DataFrame({"x": [1, 2, 3]}, index=HOURS)
    many = pd.concat([frame, frame], keys=range(2), names=["sequence"])
    for sample in (many, [frame, frame]):
        table = to_table(sample, ["x"])
        assert [*table.columns] == ["sequence", "time", "x"]
        assert table["sequence"].tolist() == [0, 0, 0, 1, 1, 1]


def test_identifiers_in_an_index_without_names_are_kept() -> None:
    frame = pd.DataFrame({"x": [1, 2, 3]}, index=HOURS)
    assert [*to_table(pd.concat({"a": frame}), ["x"]).columns] == ["level_0", "time", "x"]
    assert [*to_table(pd.concat({"a": frame}).swaplevel(), ["x"]).columns] == ["time", "level_1", "x"]


def test_a_column_called_sequence_keeps_its_name() -> None:
    frame = pd.DataFrame({"sequence": [7]})
    assert to_table([frame, frame], ["sequence"]).to_dict("list") == {"index_sequence": [0, 1], "sequence": [7, 7]}


@pytest.mark.parametrize(("shape", "columns"), [((4, 2), ["0", "1"]), ((3, 4, 2), ["sequence", "0", "1"])])
def test_arrays_become_tables_that_parquet_can_hold(shape: tuple[int, ...], columns: list[str], tmp_path: Path) -> None:
    table = to_table(np.zeros(shape), [0, 1])
    assert [*table.columns] == columns
    assert len(table) == np.prod(shape[:-1])
    write_table(table, tmp_path / "t.parquet")


def test_times_that_are_no_dates_are_told_how_to_say_their_format(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("when;x\n05/03/2012;1\n06/03/2012;2\n")
    with pytest.raises(InputError, match=r"column 'when' of .*'05/03/2012' may begin .*, or pass --date-format"):
        read_table(tmp_path / "t.csv", "when")
    with pytest.raises(InputError, match=r"cannot be read as dates \(.*match format \"%Y\"\); write them like"):
        read_table(tmp_path / "t.csv", "when", date_format="%Y")
    read = read_table(tmp_path / "t.csv", "when", date_format="%d/%m/%Y")
    assert read["when"].tolist() == [pd.Timestamp("2012-03-05"), pd.Timestamp("2012-03-06")]
