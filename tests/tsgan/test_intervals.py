"""Irregular times come back irregular, in their dtype, strictly increasing."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.intervals import elapsed, interval_column, rebuild_times
from tsgan.reading import read

SECONDS = np.random.default_rng(0).exponential(600, 300).astype(int) + 5
STAMPS = pd.Series(pd.Timestamp("2024-03-29") + pd.to_timedelta(SECONDS.cumsum(), unit="s"))


def visits(times: Any = STAMPS) -> pd.DataFrame:
    return pd.DataFrame({"time": times, "y": np.random.default_rng(1).normal(size=len(times)).cumsum()})


TIMES = {
    "nanoseconds": STAMPS,
    "seconds": STAMPS.astype("datetime64[s]"),
    "a zone": STAMPS.dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin"),
    "whole numbers": pd.Series(SECONDS.cumsum()),
    "nullable": pd.Series(SECONDS.cumsum()).astype("Int64"),
    "real numbers": pd.Series((SECONDS / 365.25).cumsum().round(4)),
}


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
def test_times_are_rebuilt_from_their_intervals(times: pd.Series) -> None:
    table = read(visits(times), time="time")
    axis = table.learn_schema().axis
    assert axis is not None
    assert axis.irregular
    assert table.numbers is not None
    since = elapsed(axis, interval_column(axis, table.numbers, table.starts))
    rebuilt = pd.Series(rebuild_times(axis, axis.starts[0], since), name="time")
    pd.testing.assert_series_equal(rebuilt, times.rename("time"), rtol=1e-12)


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
def test_sampled_times_increase_as_those_seen_do(times: pd.Series, tmp_path: Path) -> None:
    frame = visits(times)
    model = TSGAN(time="time", max_steps=2, random_state=0).fit(frame)
    sample = model.sample(2)
    assert list(sample.dtypes) == list(frame.dtypes)
    change = sample["time"].groupby(level=0).diff().dropna().astype(frame["time"].diff().dropna().dtype)
    assert change.min() >= frame["time"].diff().min() * (1 - 1e-9)
    assert change.max() <= frame["time"].diff().max() * (1 + 1e-9)
    assert change.nunique() > 100
    model.save(tmp_path / "m.safetensors")
    pd.testing.assert_frame_equal(
        tsgan.load(tmp_path / "m.safetensors").sample(2, random_state=1), model.sample(2, random_state=1)
    )


def test_a_panel_of_visits_keeps_the_law_of_its_intervals() -> None:
    draw = np.random.default_rng(2)
    weeks = [
        np.concatenate([[0], draw.choice([1, 4, 13], size=draw.integers(3, 9), p=[0.2, 0.3, 0.5])]).cumsum()
        for _ in range(60)
    ]
    frame = pd.concat(
        [pd.DataFrame({"id": f"p{k}", "week": w, "y": draw.normal(size=len(w))}) for k, w in enumerate(weeks)],
        ignore_index=True,
    )
    sample = TSGAN(entity="id", time="week", max_steps=5, random_state=0).fit(frame).sample(300)
    assert set(sample.groupby("id")["week"].first()) == {0}
    real, fake = (x.groupby("id")["week"].diff().dropna().value_counts(normalize=True).sort_index() for x in (frame, sample))
    pd.testing.assert_series_equal(fake, real, atol=0.08)


def test_the_schema_says_so() -> None:
    model = TSGAN(time="time", max_steps=1, random_state=0).fit(visits())
    assert "irregular" in model.schema_.to_frame().loc["time", "note"]
    assert model.n_features_in_ == 1


def test_a_column_that_is_called_as_the_intervals_are_stays() -> None:
    frame = visits().rename(columns={"y": "interval"})
    assert list(TSGAN(time="time", max_steps=1, random_state=0).fit(frame).sample(1)) == ["time", "interval"]


def test_an_irregular_index_keeps_its_name() -> None:
    frame = visits().set_index("time")
    sample = TSGAN(max_steps=1, random_state=0).fit(frame).sample(1)
    assert sample.index.name == "time"
    assert sample.index.is_monotonic_increasing
    assert sample.index.is_unique
