"""Tables that are written one after the other are read as one; a sample in pieces is the file of one at once."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan import TSGAN
from tsgan_pipelines.files import TABLES, read_table, write_tables
from tsgan_pipelines.sampling import write_sample

HOURS = pd.date_range("2024-01-01", periods=100, freq="h")
TABLE = pd.DataFrame(
    {
        "when": HOURS,
        "abroad": HOURS.tz_localize("Europe/Berlin"),
        "x": np.random.default_rng(0).normal(size=100),
        "count": pd.array([*range(99), None], dtype="Int64"),
        "text": pd.Series([None] * 60 + ["größer, als"] * 40, dtype=object),
        "flag": np.arange(100) % 3 == 0,
    }
)


@pytest.mark.parametrize("suffix", TABLES)
def test_tables_below_each_other_are_one(suffix: str, tmp_path: Path) -> None:
    one, several = tmp_path / f"one{suffix}", tmp_path / f"several{suffix}"
    assert write_tables([TABLE], one) == 100
    assert write_tables((TABLE.iloc[k : k + 30].reset_index(drop=True) for k in range(0, 100, 30)), several) == 100
    pd.testing.assert_frame_equal(read_table(several), read_table(one), check_exact=True)
    if suffix in (".csv", ".jsonl"):
        assert several.read_bytes() == one.read_bytes()
    assert sorted(tmp_path.iterdir()) == [one, several]


def test_dates_of_a_csv_file_keep_their_form_and_lose_nothing(tmp_path: Path) -> None:
    parts = [["2024-01-01 00:00", "2024-01-01 06:00"], ["2024-01-02 00:00", None], ["2024-01-03 00:00:00.25"]]
    write_tables((pd.DataFrame({0: pd.to_datetime(part, format="ISO8601"), "x": 0.5}) for part in parts), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines() == [
        "0,x",
        "2024-01-01 00:00:00,0.5",
        "2024-01-01 06:00:00,0.5",
        "2024-01-02 00:00:00,0.5",
        ",0.5",
        "2024-01-03 00:00:00.250,0.5",
    ]


def test_nothing_is_left_of_what_ends_badly(tmp_path: Path) -> None:
    def ends_badly() -> Any:
        yield TABLE
        raise KeyboardInterrupt

    for suffix in TABLES:
        (tmp_path / f"t{suffix}").write_text("before")
        with pytest.raises(KeyboardInterrupt):
            write_tables(ends_badly(), tmp_path / f"t{suffix}")
        assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]
        (tmp_path / f"t{suffix}").unlink()


@pytest.mark.parametrize("suffix", TABLES)
def test_a_sample_in_pieces_is_one_at_once(suffix: str, tmp_path: Path) -> None:
    walk = np.random.default_rng(0).normal(size=(100, 2)).cumsum(0)
    model = TSGAN(max_steps=1, random_state=0, device="cpu").fit(pd.DataFrame(walk, columns=["a", "b"], index=HOURS))
    paths = [tmp_path / f"{chunk}{suffix}" for chunk in (70, 1000)]
    written = [write_sample(model, path, 2, 110, None, random_state=0, chunk=int(path.stem)) for path in paths]
    assert written == [(220, ["sequence", "time", "a", "b"])] * 2
    pd.testing.assert_frame_equal(*map(read_table, paths), check_exact=True)
