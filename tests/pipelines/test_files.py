import errno
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan.exceptions import InputError
from tsgan.replacing import replacing
from tsgan_pipelines.files import TABLES, check_output, read_table, write_table

HOURS = pd.date_range("2024-01-01", periods=3, freq="h", tz="UTC")


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.CSV"])
def test_a_table_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    table = pd.DataFrame({"when": HOURS, "x": [1.5, np.nan, 0.1 + 0.2], "n": [1, 2, 3]})
    write_table(table, tmp_path / name)
    pd.testing.assert_frame_equal(read_table(tmp_path / name, "when"), table)


def test_numbers_stay_numbers_as_times(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"year": [1990, 1991]}), tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv", "year")["year"].tolist() == [1990, 1991]


def test_times_with_an_offset_here_and_there_are_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("when\n2024-01-01 00:00-05:00\n2024-07-01 00:00\n")
    with pytest.raises(InputError, match=r"column 'when' of .* all with their offset from UTC or none"):
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


def test_a_place_that_takes_no_files_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_output(tmp_path / "t.csv", TABLES, force=False)
    assert not list(tmp_path.iterdir())

    def refuse(**_: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(PermissionError, match=r"t\.csv' cannot be written \(Permission denied\); name a place"):
        check_output(tmp_path / "t.csv", TABLES, force=False)


def test_what_fails_midway_leaves_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "t.csv") as part:
        1 / part.write_text("")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"t.csv": "old"}


def test_times_that_are_no_dates_are_told_how_to_say_their_format(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("when;x\n05/03/2012;1\n06/03/2012;2\n")
    with pytest.raises(InputError, match=r"column 'when' of .*'05/03/2012' may begin .*, or pass --date-format"):
        read_table(tmp_path / "t.csv", "when")
    with pytest.raises(InputError, match=r"cannot be read as dates \(.*match format \"%Y\"\); write them like"):
        read_table(tmp_path / "t.csv", "when", date_format="%Y")
    read = read_table(tmp_path / "t.csv", "when", date_format="%d/%m/%Y")
    assert read["when"].tolist() == [pd.Timestamp("2012-03-05"), pd.Timestamp("2012-03-06")]
