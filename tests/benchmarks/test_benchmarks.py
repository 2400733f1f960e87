"""The benchmarks run, and judge what they say they judge."""

import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.continuation import crps, energy, seasonal_naive
from benchmarks.data import DATA, WINDOW, Benchmark, windows
from benchmarks.evaluation_speed import run as evaluation_speed
from benchmarks.long import drift
from benchmarks.long import windows as rollout_windows
from benchmarks.losses import JUDGES, MEMBERS, floor
from benchmarks.losses import run as run_member
from benchmarks.losses import summarise as summarise_members
from benchmarks.quality import summarise
from benchmarks.speed import PARTS, measure
from benchmarks.tables import by_chance, differences
from benchmarks.tables import windows as table_windows
from tsgan import TSGAN
from tsgan.datasets import make_sines
from tsgan.exceptions import ConvergenceError
from tsgan.parameters import check_parameters


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


def test_members_of_the_family_are_parameters_that_go_together() -> None:
    for params in MEMBERS.values():
        check_parameters(TSGAN(**params))


def test_a_member_is_trained_and_judged_and_one_that_diverges_has_no_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(JUDGES, "discriminative")  # it takes its time
    benchmark = Benchmark(make_sines(80, WINDOW, 2, random_state=0))
    row = run_member(benchmark, benchmark.real(), {"max_steps": 2, "hidden_size": 8}, 1.0, 0)
    assert row["steps"] == 2
    assert row["feature judge"] > 0.8
    assert all(math.isfinite(row[name]) for name in JUDGES)

    def fit(self: TSGAN, X: object) -> TSGAN:
        raise ConvergenceError("no longer finite")

    monkeypatch.setattr(TSGAN, "fit", fit)
    lost = run_member(benchmark, benchmark.real(), {}, 1.0, 0)
    assert lost["diverged"] == 1
    table = summarise_members([{"data": "a", "member": "b", "seed": k} | row for k, row in enumerate([row, row, lost])])
    assert table.loc[("a", "b"), "feature judge"] == pytest.approx(row["feature judge"], abs=1e-3)
    assert table.loc[("a", "b"), "diverged"] == 1


def test_the_floor_of_the_family_is_between_halves_of_the_real_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(JUDGES, "discriminative")
    benchmark = Benchmark(make_sines(200, WINDOW, 2, random_state=0))
    found = floor(benchmark.real(), benchmark.gap)
    assert abs(found["feature judge"] - 0.5) < 0.2
    assert found["coverage"] > 0.8


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


@pytest.mark.parametrize("series", [1, 100])
def test_chance_is_what_draws_of_the_same_process_differ_by(series: int) -> None:
    real = pd.DataFrame({"kind": np.where(np.random.default_rng(0).random(2000) < 0.3, "a", "b"), "same": 0.0})
    owner = pd.Series(np.arange(2000) * series // 2000)
    found = by_chance(real, owner, np.random.default_rng(0))
    deviation = (0.3 * 0.7 / 2000) ** 0.5
    assert 0.2 * deviation < found["states"] < 2 * deviation
    assert found["missing"] == 0


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


def test_crps_and_energy_are_their_definitions() -> None:
    draw = np.random.default_rng(0)
    paths, real = draw.normal(size=(7, 4, 2)), draw.normal(size=(4, 2))
    pairs = [(a, b) for a in range(7) for b in range(7) if a != b]
    apart = np.mean([np.abs(paths[a] - paths[b]) for a, b in pairs])
    assert crps(paths, real) == pytest.approx(np.abs(paths - real).mean() - apart / 2)
    distances = np.mean([np.linalg.norm(paths[a] - paths[b]) for a, b in pairs])
    to_real = np.mean([np.linalg.norm(path - real) for path in paths])
    assert energy(paths, real) == pytest.approx((to_real - distances / 2) / np.sqrt(8))


def test_the_crps_of_the_right_normal_law_is_its_closed_form() -> None:
    draw = np.random.default_rng(0)
    real = draw.normal(size=(5000, 1))
    assert crps(draw.normal(size=(400, 5000, 1)), real) == pytest.approx(1 / np.sqrt(np.pi), rel=0.03)


def test_the_seasonal_naive_goes_on_at_the_right_hour() -> None:
    hours = pd.date_range("2024-01-01 05:00", periods=60 * 24, freq="h")
    table = pd.DataFrame({"a": hours.hour.to_numpy(dtype=float)}, index=hours)
    paths = seasonal_naive(table, np.random.default_rng(0))(table.iloc[: 30 * 24 + 7])
    np.testing.assert_array_equal(paths[:, :24, 0] % 24, np.tile((np.arange(24) + 12) % 24, (len(paths), 1)))


def test_windows_of_rollouts_are_cut_where_they_should() -> None:
    rollouts = np.arange(2 * 50.0).reshape(2, 50, 1)
    cut = rollout_windows(rollouts, np.array([3, 10]), 5)
    np.testing.assert_array_equal(cut[..., 0], [np.arange(3, 8), 50 + np.arange(10, 15)])


def test_drift_is_nothing_between_the_data_and_itself() -> None:
    real = np.random.default_rng(0).normal(size=(4000, 2))
    table = drift(real, real[None], ["a", "b"])
    np.testing.assert_allclose(table[["mean, all", "mean, last tenth", "lag 24", "lag 720"]], 0, atol=1e-12)
    np.testing.assert_allclose(table[["deviation, all", "within a rollout, last tenth"]], 1)


def test_the_speed_of_the_evaluation_is_measured_metric_by_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DATA, "sines", lambda: Benchmark(np.random.default_rng(0).random((60, WINDOW, 2))))
    table = evaluation_speed("sines", ["ks", "correlational"])
    assert table.index.get_level_values("metric").tolist() == ["ks", "correlational", "all 2, two threads"]
    assert (table["seconds"] > 0).all()
