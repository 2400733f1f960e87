"""Whatever a sample is, it can be one flat table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsgan.flat import to_table

HOURS = pd.date_range("2024-01-01", periods=3, freq="h", tz="UTC")


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
    table.to_parquet(tmp_path / "t.parquet")
