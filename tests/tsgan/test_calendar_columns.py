"""Columns that are read off the clock are recognised and follow it."""

import numpy as np
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.calendar_columns import CalendarPart, find_calendar_part

HOURS = pd.date_range("2024-01-01", periods=3000, freq="h")
WEATHER_HOURS = HOURS.tz_localize("UTC")


@pytest.mark.parametrize(
    ("column", "times", "part"),
    [
        (HOURS.hour, HOURS, CalendarPart("hour")),
        (HOURS.day_of_week + 1, HOURS, CalendarPart("day_of_week", offset=1)),
        (HOURS.month.astype("int8"), HOURS, CalendarPart("month")),
        (WEATHER_HOURS.hour, WEATHER_HOURS, CalendarPart("hour")),
        (HOURS.hour.where(HOURS.month < 3, 7), HOURS, None),
        (HOURS.hour.astype(float), HOURS, None),
        (HOURS.hour, np.arange(3000), None),
    ],
    ids=["hour", "weekday from 1", "month", "hour in a zone", "not always", "floats", "no times"],
)
def test_a_part_of_the_time_is_recognised(column: pd.Index, times: pd.Index, part: CalendarPart | None) -> None:
    assert find_calendar_part(pd.Series(column), pd.Index(times)) == part


def test_another_zone_is_found_through_the_change_of_the_clock() -> None:
    there = WEATHER_HOURS.tz_convert("America/New_York")
    part = find_calendar_part(pd.Series(there.hour), WEATHER_HOURS)
    assert part is not None
    assert part.zone is not None
    assert (part.of(WEATHER_HOURS) == there.hour).all()


def test_calendar_columns_follow_the_times_of_a_sample(tmp_path) -> None:  # type: ignore[no-untyped-def]
    x = np.sin(np.arange(3000) / 10)
    frame = pd.DataFrame({"hour": HOURS.hour.astype("Int8"), "x": x, "weekday": HOURS.day_of_week}, index=HOURS)
    model = TSGAN(max_steps=1, random_state=0, device="cpu").fit(frame)
    assert model.schema_.to_frame()["role"].tolist() == ["time", "calendar", "numeric", "calendar"]
    model.save(tmp_path / "m.safetensors")
    for fitted in (model, tsgan.load(tmp_path / "m.safetensors", device="cpu")):
        sample = fitted.sample(1, length=5000)
        assert sample.dtypes.equals(frame.dtypes)
        assert (sample["hour"] == sample.index.hour).all()
        assert (sample["weekday"] == sample.index.day_of_week).all()
