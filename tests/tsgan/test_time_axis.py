"""Grids of time are recognised and go on; phases follow the wall clock."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.datasets import make_seasonal
from tsgan.exceptions import InputError, ParameterError
from tsgan.time_axis import DAY, WEEK, YEAR, TimeAxis, check_times, learn_time_axis, numbers

ONE = np.zeros(1, dtype=np.int64)


def learn(times: Any) -> TimeAxis:
    return learn_time_axis(times, check_times(times, ONE, times.name), ONE, in_index=isinstance(times, pd.Index))


@pytest.mark.parametrize("freq", ["s", "15min", "h", "D", "B", "ME", "MS", "QE", "YE", "W-MON"])
def test_a_grid_is_rebuilt_and_goes_on(freq: str) -> None:
    whole = pd.date_range("2023-01-31", periods=90, freq=freq)
    axis = learn(whole[:60])
    pd.testing.assert_index_equal(pd.DatetimeIndex(axis.rebuild(axis.starts[0], 90)), whole, check_names=False)


def test_steps_are_of_real_time_through_changes_of_the_clock() -> None:
    whole = pd.date_range("2024-03-29", periods=100, freq="h", tz="Europe/Berlin")
    axis = learn(pd.Series(whole, name="t"))
    rebuilt = pd.DatetimeIndex(axis.rebuild(axis.starts[0], 100))
    assert (rebuilt == whole).all()
    assert rebuilt.is_monotonic_increasing


def test_business_days_with_holidays_stay_business_days() -> None:
    days = pd.bdate_range("2024-01-01", periods=100).delete([10, 43])
    rebuilt = pd.DatetimeIndex(learn(days).rebuild(days[0].value, 50))
    assert (rebuilt.day_of_week < 5).all()


def test_gaps_do_not_hide_the_grid() -> None:
    hours = pd.date_range("2024-01-01", periods=100, freq="h").delete([5, 6, 40])
    assert learn(hours).step == 3600e9


@pytest.mark.parametrize("times", [np.arange(3, 60, 3), 0.5 * np.arange(40)], ids=["whole", "real"])
def test_numbers_are_times_too(times: np.ndarray) -> None:
    axis = learn(pd.Series(times, name="t"))
    rebuilt = axis.rebuild(axis.starts[0], len(times))
    np.testing.assert_allclose(rebuilt, times)
    assert rebuilt.dtype == times.dtype


@pytest.mark.parametrize("freq", ["15min", "D", "B", "MS"])
def test_the_clock_counts_steps_through_gaps_and_from_any_start(freq: str) -> None:
    whole = pd.date_range("2024-03-01", periods=60, freq=freq, tz="Europe/London")
    axis = learn(whole)
    clock = axis.clock(numbers(whole))
    np.testing.assert_array_equal(np.diff(clock), 1)
    np.testing.assert_array_equal(axis.clock(numbers(whole[[50, 7]])), clock[[50, 7]])


def test_the_clock_of_numbers_stands_firm_against_rounding() -> None:
    times = 0.1 * np.arange(5, 5000)
    np.testing.assert_array_equal(learn(pd.Series(times, name="t")).clock(times), np.arange(5, 5000))


def test_phases_are_those_that_the_span_supports() -> None:
    assert learn(pd.date_range("2024-01-01", periods=48, freq="h")).periods == ()
    assert learn(pd.date_range("2024-01-01", periods=24 * 10, freq="h")).periods == (DAY,)
    assert learn(pd.date_range("2024-01-01", periods=24 * 30, freq="h")).periods == (DAY, WEEK)
    assert learn(pd.date_range("2022-01-01", periods=800, freq="D")).periods == (WEEK, YEAR)


def test_a_phase_is_the_same_a_period_later_by_the_wall_clock() -> None:
    hours = pd.date_range("2024-03-20", periods=24 * 30, freq="h", tz="Europe/Berlin")
    axis = learn(hours)
    noon = axis.phases(hours[hours.hour == 12])
    np.testing.assert_allclose(noon[:, 0], noon[0, 0], atol=1e-3)
    np.testing.assert_allclose(noon[:, 2], noon[0, 2], atol=1e-3)


@pytest.mark.parametrize("dtype", ["float32", "float64", "Float64"])
def test_steps_that_rounding_has_parted_are_one_step(dtype: str) -> None:
    times = pd.Series(0.1 * np.arange(200), name="t").astype(dtype)
    axis = learn(times)
    assert axis.step == pytest.approx(0.1, rel=1e-5)
    rebuilt = pd.Series(axis.rebuild(axis.starts[0], 200))
    assert rebuilt.dtype == times.dtype
    np.testing.assert_allclose(rebuilt, times, rtol=1e-5)


def test_times_off_a_grid_are_irregular() -> None:
    axis = learn(pd.Series(np.arange(30) ** 2, name="t"))
    assert axis.irregular
    assert axis.step == 29


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (pd.Timedelta("132 days 04:31:12.345678901"), "132 days"),
        (pd.Timedelta("3 days 12:34:56.789"), "3 days 13:00:00"),
        (pd.Timedelta("00:05:13.2345"), "0 days 00:05:13"),
        (pd.Timedelta("8ns"), "0 days 00:00:00.000000008"),
        (1.23456789, "1.235"),
    ],
)
def test_a_mean_interval_is_told_as_people_would(step: Any, told: str) -> None:
    is_date = isinstance(step, pd.Timedelta)
    irregular = TimeAxis(
        "t", False, "datetime64[ns]" if is_date else "float64", step.value if is_date else step, None, False, (0,), (), True
    )
    assert irregular.pace == told
    assert replace(irregular, irregular=False).pace == str(step)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "UInt8"])
def test_times_beyond_a_dtype_go_on_in_a_wider_one(dtype: str) -> None:
    axis = learn(pd.Series(np.arange(60), name="t").astype(dtype))
    assert list(axis.rebuild(axis.starts[0], 400)) == list(range(400))


def test_timestamps_of_other_libraries_are_to_be_converted() -> None:
    times = pd.Series(pd.date_range("2024-01-01", periods=9, freq="h"), name="t").astype("timestamp[ns][pyarrow]")
    with pytest.raises(InputError, match=r"convert it with pandas\.to_datetime"):
        learn(times)


def test_steps_between_series_do_not_count() -> None:
    times = pd.Series([0, 2, 4, 6, 100, 102, 104, 106], name="t")
    starts = np.array([0, 4])
    axis = learn_time_axis(times, check_times(times, starts, "t"), starts, in_index=False)
    assert (axis.step, axis.starts) == (2, (0, 100))


def test_weekdays_keep_their_phase() -> None:
    days = pd.date_range("2024-01-01", periods=70, freq="D")
    phases = learn(days).phases(days)
    np.testing.assert_allclose(phases[7:], phases[:-7], atol=1e-4)
    assert len(np.unique(phases[:7].round(3), axis=0)) == 7
    sunday = phases[days.day_of_week == 6]
    np.testing.assert_allclose(sunday, [[0, 1]] * 10, atol=1e-4)


@pytest.mark.parametrize("gaps", [[], [7, 8]], ids=["whole", "gaps"])
def test_midnights_stay_midnights_through_changes_of_the_clock(gaps: list[int]) -> None:
    days = pd.date_range("2024-03-01", periods=60, freq="D", tz="Europe/Berlin").delete(gaps)
    rebuilt = pd.DatetimeIndex(learn(days).rebuild(days[0].value, 300))
    assert (rebuilt.hour == 0).all()
    assert rebuilt.is_unique


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_times_go_on_beyond_the_years_of_nanoseconds(unit: str) -> None:
    axis = learn(pd.date_range("1980-01-01", periods=200, freq="YS", unit=unit))
    rebuilt = pd.DatetimeIndex(axis.rebuild(axis.starts[0], 1000))
    assert rebuilt[-1] == pd.Timestamp("2979-01-01")
    assert axis.phases(rebuilt).shape == (1000, 0)


def test_times_before_the_years_of_nanoseconds_are_refused() -> None:
    with pytest.raises(InputError, match="beyond the years 1678 to 2261"):
        learn(pd.date_range("1000-01-01", periods=9, freq="YS", unit="s"))


def test_the_calendar_is_as_the_user_says() -> None:
    hours = pd.date_range("2024-01-01", periods=24 * 10, freq="h")
    values = check_times(hours, ONE, None)
    assert learn_time_axis(hours, values, ONE, True, []).periods == ()
    assert learn_time_axis(hours, values, ONE, True, ["week", "day"]).periods == (DAY, WEEK)
    christmas = learn_time_axis(hours, values, ONE, True, ["day", "holidays:US"])
    assert (christmas.periods, christmas.holidays) == ((DAY,), "US")
    days = hours[::24]
    with pytest.raises(InputError, match=r"no phase of \['day'\]"):
        learn_time_axis(days, check_times(days, ONE, None), ONE, True, ["day"])


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_holidays_are_days_of_the_local_calendar(zone: str | None) -> None:
    hours = pd.date_range("2023-12-20", periods=24 * 20, freq="h", tz=zone)
    axis = learn_time_axis(hours, check_times(hours, ONE, None), ONE, True, ["day", "holidays:US"])
    free = pd.DatetimeIndex(hours[axis.phases(hours)[:, -1] == 1])
    assert sorted({str(day.date()) for day in free}) == ["2023-12-25", "2024-01-01"]
    assert len(free) == 48


def test_holidays_want_days() -> None:
    steps = pd.Series(np.arange(100.0), name="t")
    with pytest.raises(InputError, match="the times have no days"):
        learn_time_axis(steps, check_times(steps, ONE, None), ONE, False, ["holidays:US"])


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        (["holidays:Atlantis"], "no such holidays are known"),
        (["holidays:US", "holidays:DE"], "the holidays of one region"),
        (["day", "moon"], "must be 'auto' or a list of"),
        (["dya"], r"\[\] \(--calendar none\) for none; did you mean 'day'"),
        ([1], "must be 'auto' or a list of"),
    ],
)
def test_a_wrong_calendar_is_refused(calendar: list[Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        TSGAN(calendar=calendar).fit(make_seasonal(200, random_state=0))


def test_holidays_steer_a_sample_and_survive_saving(tmp_path: Path) -> None:
    table = pd.DataFrame({"load": np.arange(400.0) % 7}, index=pd.date_range("2022-01-01", periods=400, freq="D"))
    model = TSGAN(calendar=["week", "holidays:US"], max_steps=2, random_state=0).fit(table)
    model.save(tmp_path / "model.safetensors")
    kept = tsgan.load(tmp_path / "model.safetensors")
    assert kept.schema_.axis is not None
    assert kept.schema_.axis.holidays == "US"
    pd.testing.assert_frame_equal(kept.sample(1, random_state=0), model.sample(1, random_state=0))
