"""Grids of time are recognised and go on; phases follow the wall clock."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan.time_axis import DAY, WEEK, YEAR, TimeAxis, check_times, learn_time_axis

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
