"""Columns that interpolate another clock's values do so in what is sampled too."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

import tsgan
from tsgan import TSGAN
from tsgan.constraints import Positive
from tsgan.datasets import load_weather
from tsgan.preprocessing.interpolated_column import InterpolatedColumn
from tsgan.reading import read

DRAW = np.random.default_rng(0)
N = 720
NOTE = "interpolated between values every 6 rows"


def hourly(n: int, phase: int = 0) -> np.ndarray:
    """Temperatures on a grid of .1, known at every sixth row, lines between."""
    knots = np.round(15 + lfilter([1], [1, -0.8], DRAW.normal(size=n // 6 + 3)), 1)
    return np.asarray(np.interp(np.arange(n), (np.arange(len(knots)) - 1) * 6 + phase, knots))


def sensors(start: str = "2024-01-01 00:20", n: int = N) -> pd.DataFrame:
    """Every ten minutes; the weather of full hours."""
    times = pd.date_range(start, periods=n, freq="10min", name="when")
    first = -times[0].minute // 10 % 6
    temp = hourly(n, first)
    columns = {"sensor": DRAW.normal(size=n), "temp": temp, "rounded": hourly(n, first).round(2), "f": temp * 1.8 + 32}
    return pd.DataFrame(columns, index=times)


def quick(**parameters: object) -> TSGAN:
    return TSGAN(max_steps=2, random_state=0, device="cpu", **parameters)  # type: ignore[arg-type]


FRAME = sensors()


@pytest.fixture(scope="module")
def model() -> TSGAN:
    return quick().fit(FRAME)


def bends(values: np.ndarray) -> np.ndarray:
    return np.abs(np.diff(values, 2))


def check(sample: pd.DataFrame) -> None:
    knot = sample.index.minute[1:-1] == 0
    for name, tolerance in (("temp", 1e-9), ("rounded", 0.0101), ("f", 0.0101)):
        assert bends(sample[name].to_numpy())[~knot].max() <= tolerance
    inner = sample["temp"][sample.index.minute == 0]
    np.testing.assert_allclose(inner, inner.round(1), atol=1e-12)
    assert sample["temp"].between(FRAME["temp"].min(), FRAME["temp"].max()).all()
    np.testing.assert_array_equal(sample["rounded"], sample["rounded"].round(2))


def test_second_differences_are_zero_but_at_the_knots(model: TSGAN) -> None:
    notes = model.schema_.to_frame()["note"]
    assert notes["temp"] == notes["rounded"] == NOTE
    assert notes["f"] == "is 1.8 temp"
    assert notes["sensor"] == ""
    sample = model.sample(random_state=0)
    check(sample)
    assert (bends(sample["temp"].to_numpy())[sample.index.minute[1:-1] == 0] > 1e-3).mean() > 0.8
    assert bends(sample["sensor"].to_numpy()).min() > 0


def test_a_window_from_anywhere_has_its_knots_by_the_clock(model: TSGAN) -> None:
    sample = model.sample(30, length=24, random_state=0)
    windows = [part.droplevel(0) for _, part in sample.groupby(level=0)]
    assert len({part.index[0].minute for part in windows}) == 6
    for part in windows:
        check(part)


def test_a_loaded_model_samples_the_same(model: TSGAN, tmp_path: Path) -> None:
    model.save(tmp_path / "m.safetensors")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    pd.testing.assert_frame_equal(loaded.sample(2, random_state=1), model.sample(2, random_state=1))
    assert loaded.score(FRAME) == model.score(FRAME)


@pytest.mark.parametrize(
    "damage", [{"period": 0}, {"phase": 6}, {"phase": None}, {"range": []}, {"grid": {"step": 1, "x": 1}}], ids=str
)
def test_knots_that_cannot_be_are_refused(model: TSGAN, damage: dict[str, object]) -> None:
    state = model.encoder_.codecs_[1].to_json()
    InterpolatedColumn.from_json(state)
    with pytest.raises((TypeError, ValueError)):
        InterpolatedColumn.from_json(state | {"knots": state["knots"] | damage})


def test_a_table_comes_back_from_its_codecs(model: TSGAN) -> None:
    learned = FRAME[model.schema_.names]
    timeline = read(FRAME).timeline(model.schema_.axis)
    back = model.encoder_.inverse_transform(*model.encoder_.transform(learned, timeline), timeline)
    np.testing.assert_allclose(back, learned, atol=1e-2)


def test_entities_share_the_clock() -> None:
    parts = [sensors(f"2024-01-0{k} 00:{k}0", 120).reset_index().assign(id=k) for k in range(1, 6)]
    model = quick(entity="id", time="when").fit(pd.concat(parts, ignore_index=True))
    assert model.schema_.to_frame().loc["temp", "note"] == NOTE
    for _, part in model.sample(8, random_state=0).groupby("id"):
        knot = part["when"].dt.minute.to_numpy()[1:-1] == 0
        assert bends(part["temp"].to_numpy())[~knot].max() <= 1e-9


def test_without_times_rows_are_counted() -> None:
    model = quick().fit(FRAME[["sensor", "temp"]].reset_index(drop=True))
    values = model.sample(random_state=0)["temp"].to_numpy()
    assert bends(values)[np.arange(1, N - 1) % 6 != 4].max() <= 1e-9


@pytest.mark.parametrize("freq", ["D", "B", "MS"])
def test_steps_of_a_calendar_are_counted_too(freq: str) -> None:
    times = pd.date_range("1990-01-01", periods=300, freq=freq, tz="Europe/London")
    model = quick().fit(pd.DataFrame({"x": DRAW.normal(size=300), "y": hourly(300, 2)}, index=times))
    assert model.schema_.to_frame().loc["y", "note"] == NOTE
    sample = model.sample(20, length=24, random_state=0)
    for _, part in sample.groupby(level=0):
        row = times.get_indexer(part.index.get_level_values(1))[1:-1]
        assert bends(part["y"].to_numpy())[row % 6 != 2].max() <= 1e-9


def test_missing_cells_stay_missing_and_bend_nothing() -> None:
    holes = FRAME.assign(temp=FRAME["temp"].mask(DRAW.random(N) < 0.05))[["sensor", "temp"]]
    sample = quick().fit(holes).sample(random_state=0)
    assert 0.01 < sample["temp"].isna().mean() < 0.2
    assert np.nanmax(bends(sample["temp"].to_numpy())[sample.index.minute[1:-1] != 0]) <= 1e-9


def test_a_column_that_is_said_to_be_numeric_or_is_ruled_is_left_alone() -> None:
    model = quick(schema={"temp": "numeric"}, constraints=[Positive("rounded")]).fit(FRAME.drop(columns="f"))
    notes = model.schema_.to_frame()["note"]
    assert not notes.str.contains("interpolated").any()


def test_weather_itself_is_not_interpolated() -> None:
    schema, _ = tsgan.inspect(load_weather(), entity="origin", time="time_hour")
    assert not schema.to_frame()["note"].str.contains("interpolated").any()
