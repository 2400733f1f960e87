"""``start=`` and ``index=`` say when sequences are; what leaves the grid is told."""

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan import TSGAN
from tsgan.exceptions import ParameterError
from tsgan.spans import first_time, read_span
from tsgan.time_axis import TimeAxis, check_times, learn_time_axis, numbers

ONE = np.zeros(1, dtype=np.int64)
HOURS = pd.date_range("2024-03-01", periods=100, freq="h")
BERLIN = pd.date_range("2024-03-01", periods=100, freq="h", tz="Europe/Berlin")


def axis(times: Any) -> TimeAxis:
    return learn_time_axis(times, check_times(times, ONE, times.name), ONE, in_index=isinstance(times, pd.Index))


def rebuilt(times: Any, wanted: pd.Index | pd.Series) -> pd.Index:
    """The times of a sample that is asked for those of ``index=``."""
    learned = axis(times)
    length, start = read_span(learned, None, None, wanted)
    assert length is not None
    assert start is not None
    return pd.Index(learned.rebuild(start, length))


@pytest.fixture(scope="module")
def panel_model() -> TSGAN:
    noise = np.random.default_rng(0).standard_normal(60)
    frame = pd.DataFrame({"id": np.repeat([*"abc"], 20), "at": [*HOURS[:20]] * 3, "y": noise})
    return TSGAN(entity="id", time="at", max_steps=1, random_state=0).fit(frame)


@pytest.fixture(scope="module")
def series_model() -> TSGAN:
    frame = pd.DataFrame({"y": np.random.default_rng(0).standard_normal(100)}, index=HOURS)
    return TSGAN(max_steps=1, random_state=0).fit(frame)


def test_every_series_of_a_panel_begins_at_the_start(panel_model: TSGAN) -> None:
    sample = panel_model.sample(3, start="2031-05-05 07:00")
    assert sample.groupby("id")["at"].first().tolist() == [pd.Timestamp("2031-05-05 07:00")] * 3
    assert len(sample) == 60


def test_one_series_has_the_index_asked_for(series_model: TSGAN) -> None:
    wanted = pd.date_range("2031-05-05 07:00", periods=30, freq="h")
    sample = series_model.sample(index=wanted)
    pd.testing.assert_index_equal(sample.index, wanted, exact="equiv", check_names=False)
    assert series_model.sample(2, index=wanted).index.get_level_values(1).tolist() == [*wanted, *wanted]
    assert len(series_model.sample(0, index=wanted)) == 0


def test_what_is_sampled_does_not_depend_on_how_its_times_are_said(series_model: TSGAN) -> None:
    by_start = series_model.sample(1, 30, random_state=0, start="2031-05-05")
    by_index = series_model.sample(index=pd.date_range("2031-05-05", periods=30, freq="h"), random_state=0)
    pd.testing.assert_frame_equal(by_start, by_index)


STARTS = ["2030-05-05", datetime.date(2030, 5, 5), np.datetime64("2030-05-05"), pd.Timestamp("2030-05-05")]


@pytest.mark.parametrize("start", STARTS, ids=lambda start: type(start).__name__)
def test_a_start_may_be_any_timestamp(start: Any) -> None:
    assert first_time(axis(HOURS), start) == pd.Timestamp("2030-05-05").value


@pytest.mark.parametrize("start", ["2025-03-30 01:00+01:00", "2025-03-30T00:00Z", pd.Timestamp("2025-03-30", tz="UTC")])
def test_a_start_of_another_zone_is_the_same_moment(start: Any) -> None:
    assert first_time(axis(BERLIN), start) == pd.Timestamp("2025-03-30", tz="UTC").value


@pytest.mark.parametrize("day", ["2025-03-30", "2025-10-26"])
@pytest.mark.parametrize("freq", ["h", "D"])
def test_an_index_goes_through_changes_of_the_clock(day: str, freq: str) -> None:
    times, wanted = (pd.date_range(first, periods=60, freq=freq, tz="Europe/Berlin") for first in ("2024-06-01", day))
    assert (rebuilt(times, wanted) == wanted).all()
    assert (rebuilt(times, wanted.tz_convert("UTC")) == wanted).all()


@pytest.mark.parametrize("freq", ["ME", "MS", "QE", "W-MON", "B"])
def test_an_index_may_follow_a_calendar(freq: str) -> None:
    wanted = pd.date_range("1999-01-01", periods=20, freq=freq)
    assert (rebuilt(pd.date_range("2020-01-31", periods=60, freq=freq), wanted) == wanted).all()


def test_a_start_off_the_calendar_moves_on_to_it() -> None:
    assert (
        first_time(axis(pd.date_range("2020-01-31", periods=60, freq="ME")), "2024-02-03")
        == pd.Timestamp("2024-02-29").value
    )


@pytest.mark.parametrize("first", ["1990-01-01", "2019-12-02", "2030-01-01"])
def test_the_clock_counts_along_a_calendar_from_before_what_was_seen(first: str) -> None:
    learned = axis(pd.date_range("2020-01-01", periods=60, freq="MS"))
    months = pd.date_range(first, periods=20, freq="MS")
    since = 12 * (months.year - 2020) + months.month - 1
    assert (learned.clock(numbers(months)) - learned.clock(np.array(learned.starts)) == since).all()


def test_times_that_are_numbers_go_on_from_a_start() -> None:
    whole, real = axis(pd.Series(np.arange(0, 500, 10), name="t")), axis(pd.Series(0.1 * np.arange(50), name="t"))
    assert (whole.rebuild(first_time(whole, -7.0), 3) == [-7, 3, 13]).all()
    np.testing.assert_allclose(real.rebuild(first_time(real, 2), 3), [2, 2.1, 2.2])
    assert rebuilt(pd.Series(np.arange(0, 500, 10), name="t"), pd.Index([5.0, 15.0])).tolist() == [5, 15]


def test_times_below_what_a_dtype_holds_get_a_wider_one() -> None:
    bytes_ = axis(pd.Series(np.arange(100, dtype=np.uint8), name="t"))
    assert bytes_.rebuild(first_time(bytes_, -5), 3).tolist() == [-5, -4, -3]


def test_rounded_times_are_on_the_grid() -> None:
    thirds = pd.Series(np.arange(50) / 3, name="t")
    np.testing.assert_allclose(rebuilt(thirds, pd.Index([10.0, 10.3333, 10.6667])), [10, 31 / 3, 32 / 3])


@pytest.mark.parametrize("start", ["2031-07-01", "2031-07-01 00:00", "2031-07-01T00:00+02:00", "2031-06-30T22:00Z"])
def test_a_start_that_says_no_zone_is_local_time(start: str) -> None:
    learned = axis(BERLIN)
    assert learned.rebuild(first_time(learned, start), 1)[0] == pd.Timestamp("2031-07-01", tz="Europe/Berlin")


BAD_STARTS: dict[str, tuple[Any, Any, str]] = {
    "no time": (None, "2024-01-01", "no time: rows are steps"),
    "a word": (HOURS, "soon", "start='soon' is no timestamp"),
    "missing": (HOURS, pd.NaT, "is no timestamp .*missing"),
    "a number": (HOURS, 5, "start=5 must be a timestamp"),
    "beyond nanoseconds": (HOURS, "2300-01-01", "of the years 1678 to 2261"),
    "a zone": (HOURS, "2024-01-01T00:00Z", "has the time zone UTC, the times seen by fit none"),
    "no zone": (BERLIN, pd.Timestamp("2024-01-01"), "has no time zone, the times seen by fit Europe/Berlin"),
    "shown by no clock": (BERLIN, "2024-03-31 02:30", r"clocks in Europe/Berlin show it twice or not at all; write its off"),
    "shown twice": (BERLIN, "2024-10-27 02:30", "twice or not at all"),
    "a date for numbers": (pd.Series(range(50)), pd.Timestamp("2024-01-01"), "must be a whole number"),
    "between whole numbers": (pd.Series(range(50)), 5.5, "must be a whole number"),
    "too great": (pd.Series(range(50)), 10**30, "must be a whole number"),
    "too great for steps": (pd.Series(0.1 * np.arange(50)), 1e18, r"must be a number.* in steps of 0\.1"),
    "infinite": (pd.Series(0.1 * np.arange(50)), np.inf, "must be a number"),
}


@pytest.mark.parametrize(("times", "start", "message"), BAD_STARTS.values(), ids=BAD_STARTS)
def test_a_wrong_start_is_told(times: Any, start: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        first_time(None if times is None else axis(times), start)


AT = pd.date_range("2030-01-01", periods=3, freq="h")
IRREGULAR = pd.DatetimeIndex(HOURS[0] + pd.to_timedelta(np.arange(50) ** 2, unit="min"))
BAD_INDICES: dict[str, tuple[Any, Any, str]] = {
    "no time": (None, AT, "the table that was learned has none: rows are steps"),
    "irregular": (IRREGULAR, AT, "irregular: their intervals are drawn; say only when to begin"),
    "no index": (HOURS, ["2030-01-01"], "must be a pandas Index or Series of times, not a list"),
    "empty": (HOURS, AT[:0], "index= is empty"),
    "another frequency": (
        HOURS,
        pd.date_range("2030-01-01", periods=3),
        "at row 1 .*steps of 0 days 01:00:00, without gaps",
    ),
    "a gap": (HOURS, AT[[0, 2]], "leave the grid seen by fit at row 1 "),
    "backwards": (HOURS, AT[::-1], "leave the grid seen by fit at row 1 "),
    "twice the same": (HOURS, AT[[0, 1, 1]], "leave the grid seen by fit at row 2 "),
    "off the calendar": (pd.date_range("2020-01-31", periods=60, freq="ME"), AT, "at row 0 .*steps of ME"),
    "missing": (HOURS, pd.DatetimeIndex([AT[0], pd.NaT]), r"index= has missing times \(rows \[1\]"),
    "a zone": (HOURS, AT.tz_localize("UTC"), "index= has the time zone UTC, the times seen by fit none"),
    "no zone": (BERLIN, AT, "index= has no time zone, the times seen by fit Europe/Berlin"),
    "text": (HOURS, pd.Series(["2030-01-01"]), "index= has times of dtype .*convert them, dates with pandas.to_datetime"),
    "numbers": (HOURS, pd.RangeIndex(3), "index= has times of dtype int64, those seen by fit are datetime64"),
    "dates for numbers": (pd.Series(range(50)), AT, "index= has times of dtype datetime64.*, those seen by fit are int64"),
    "booleans": (pd.Series(range(50)), pd.Index([False, True]), "index= has times of dtype bool"),
    "beyond nanoseconds": (HOURS, pd.date_range("2262-04-11 22:00", periods=9, freq="h", unit="s"), "beyond the years 1678"),
}


@pytest.mark.parametrize(("times", "index", "message"), BAD_INDICES.values(), ids=BAD_INDICES)
def test_a_wrong_index_is_told(times: Any, index: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        read_span(None if times is None else axis(times), None, None, index)


@pytest.mark.parametrize("also", [{"length": 3}, {"start": "2030-01-01"}])
def test_an_index_stands_alone(series_model: TSGAN, also: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="leave length= and start= out"):
        series_model.sample(index=AT, **also)


def test_irregular_times_begin_at_the_start() -> None:
    frame = pd.DataFrame({"y": np.random.default_rng(0).standard_normal(50)}, index=IRREGULAR)
    sample = TSGAN(max_steps=1, random_state=0).fit(frame).sample(1, 5, start="2031-01-01")
    assert sample.index[0] == pd.Timestamp("2031-01-01")
