"""The benchmarks run, and judge what they say they judge."""

import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.data import DATA, WINDOW, Benchmark, windows
from benchmarks.quality import summarise
from benchmarks.speed import PARTS, measure
from benchmarks.tables import differences
from benchmarks.tables import windows as table_windows


def test_windows_are_all_runs_of_consecutive_rows() -> None:
    values = np.arange(60.0).reshape(30, 2)
    cut = windows(values)
    assert cut.shape == (30 - WINDOW + 1, WINDOW, 2)
    np.testing.assert_array_equal(cut[3], values[3 : 3 + WINDOW])


def test_windows_of_a_panel_lie_within_its_series() -> None:
    weather = DATA["weather"]()
    rows = weather.table.groupby("origin").size()
    assert len(weather.real()) == sum(-(-(n - WINDOW + 1) // weather.stride) for n in rows)


def test_a_sample_is_cut_into_its_sequences() -> None:
    benchmark = Benchmark(np.zeros((3, WINDOW, 2)))
    assert benchmark.synthetic(np.ones((5, WINDOW, 2))).shape == (5, WINDOW, 2)


@pytest.mark.parametrize("name", ["stocks", "etth"])
def test_shared_data_is_read_where_it_is(name: str) -> None:
    try:
        real = DATA[name]().real()
    except FileNotFoundError:
        pytest.skip(f"the data of {name} is not here")
    assert np.isfinite(real).all()


def test_summary_is_the_mean_over_seeds_beside_the_floor() -> None:
    rows = [
        {"data": "a", "seed": s, "ks": 0.1 * s, "steps": 10, "seconds": 2.0, "floor_ks": 0.05 if s == 0 else math.nan}
        for s in range(3)
    ]
    table = summarise(rows)
    assert table.loc["a", "ks"] == pytest.approx(0.1)
    assert table.loc["a (floor)", "ks"] == pytest.approx(0.05)


def mixed(rng: np.random.Generator) -> pd.DataFrame:
    rain = np.where(np.arange(2000) % 20 < 8, 0.0, rng.exponential(size=2000))
    kinds = np.where(np.arange(2000) % 10 < 3, "a", "b")
    return pd.DataFrame(
        {"rain": rain, "kind": kinds, "gappy": np.where(rng.random(2000) < 0.1, np.nan, 1 + rng.random(2000))}
    )


def test_tables_have_no_differences_to_themselves_and_show_planted_ones() -> None:
    real, owner = mixed(np.random.default_rng(0)), pd.Series(0, index=range(2000))
    assert (differences(real, real, (owner, owner)) == 0).all(axis=None)
    other = real.assign(
        rain=real["rain"].sample(frac=1, random_state=0).to_numpy(),  # the same share, but no spells
        kind=np.where(np.arange(2000) % 10 < 5, "a", "b"),
        gappy=real["gappy"].ffill(),
    )
    found = differences(real, other, (owner, owner))
    assert found.loc["rain", "states"] == 0
    assert found.loc["rain", "stays"] == pytest.approx(-0.48, abs=0.05)
    assert abs(found.loc["kind", "states"]) == pytest.approx(0.2, abs=0.01)
    assert found.loc["gappy", "missing"] == pytest.approx(-0.1, abs=0.02)


def test_windows_of_a_table_are_in_order_of_time_and_not_too_many() -> None:
    table, owner = pd.DataFrame({"x": np.arange(60_000.0)}), pd.Series(0, index=range(60_000))
    cut = table_windows(table, owner, 5)
    assert len(cut) <= 20_000
    assert (np.diff(cut[:, 0, 0]) == 3).all()
    assert (np.diff(cut[:, :, 0], axis=1) == 1).all()


def test_speed_accounts_for_the_whole_iteration() -> None:
    figures = measure("sines", repeats=1)
    assert figures["ratio"] > 1
    assert sum(figures[f"share {part}"] for part in PARTS) == pytest.approx(1)
