"""What each fault changes, and what it keeps."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.faults import FAULTS, deviation
from benchmarks.panels import LEAD, Panel, parts, process, weather

PROCESS = process(300, 0)
TRAIN, CLEAN, HOLDOUT = parts(PROCESS, np.random.default_rng(0))
WHOLE = [name for name in FAULTS if name not in ("copied", "copied_shifted", "mode_dropped", "last_mode_dropped")]


def planted(name: str, clean: Panel = CLEAN) -> Panel:
    return FAULTS[name](clean, TRAIN, np.random.default_rng(1))


def cells(panel: Panel) -> np.ndarray:
    """Each column's cells in order of size, (B T, C)."""
    return np.sort(panel.shown.reshape(-1, panel.shown.shape[2]), axis=0)


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_changes_its_side_and_neither_argument(name: str) -> None:
    before = CLEAN.frame(), TRAIN.frame()
    after = planted(name).frame()
    assert not after.equals(before[0])
    assert [*after] == [*before[0]]
    pd.testing.assert_frame_equal(CLEAN.frame(), before[0])
    pd.testing.assert_frame_equal(TRAIN.frame(), before[1])


@pytest.mark.parametrize("name", WHOLE)
def test_most_faults_keep_the_number_of_sequences(name: str) -> None:
    assert planted(name).shown.shape == CLEAN.shown.shape


@pytest.mark.parametrize("name", ["shuffled", "reversed_time", "mixed", "surrogate"])
def test_faults_of_order_keep_the_distributions(name: str) -> None:
    np.testing.assert_array_equal(cells(planted(name)), cells(CLEAN))


@pytest.mark.parametrize("name", ["shuffled", "reversed_time"])
def test_columns_move_through_time_together(name: str) -> None:
    rows = {tuple(row) for row in np.nan_to_num(CLEAN.shown[5])}
    assert {tuple(row) for row in np.nan_to_num(planted(name).shown[5])} == rows


def test_a_surrogate_keeps_the_spectrum_and_loses_the_direction_of_time() -> None:
    steps = np.arange(24)
    saw = np.stack([(steps + k) % 8 / 8 for k in range(200)])[..., None] + np.random.default_rng(0).normal(
        0, 0.05, (200, 24, 1)
    )
    clean = Panel(np.concatenate([np.zeros((200, LEAD, 1)), saw], 1), ("x",), np.zeros(200))
    power = [(np.abs(np.fft.rfft(x.shown, axis=1)) ** 2).mean(0) for x in (clean, planted("surrogate", clean))]
    np.testing.assert_allclose(power[1], power[0], rtol=0.15, atol=0.1)
    skew = [(np.diff(x.shown, axis=1) ** 3).mean() for x in (clean, planted("surrogate", clean))]
    assert skew[0] < -0.05
    assert abs(skew[1]) < 0.01


def test_noise_is_a_hundredth_of_the_deviation() -> None:
    added = planted("noise").shown - CLEAN.shown
    np.testing.assert_allclose(np.nanstd(added, (0, 1)), deviation(CLEAN) / 100, rtol=0.05)


def test_smoothing_takes_the_mean_of_neighbours() -> None:
    x = CLEAN.shown[3, :, 0]
    y = planted("smoothed").shown[3, :, 0]
    assert y[7] == pytest.approx(x[6:9].mean())
    assert y[0] == pytest.approx((2 * x[0] + x[1]) / 3)


def test_one_column_is_scaled_or_late_and_the_others_are_as_they_were() -> None:
    for name in ("scaled", "lagged"):
        np.testing.assert_array_equal(planted(name).shown[..., 1:], CLEAN.shown[..., 1:])
    np.testing.assert_allclose(planted("scaled").shown[..., 0], 1.1 * CLEAN.shown[..., 0])
    np.testing.assert_array_equal(planted("lagged").shown[:, 3:, 0], CLEAN.shown[:, :-3, 0])
    np.testing.assert_array_equal(planted("lagged").shown[:, :3, 0], CLEAN.values[:, :3, 0])


def test_mixed_columns_keep_their_own_past() -> None:
    rows = {tuple(x) for x in CLEAN.shown[..., 0]}
    assert {tuple(x) for x in planted("mixed").shown[..., 0]} == rows
    apart = [abs(np.corrcoef(x.shown[..., 0].ravel(), x.shown[..., 2].ravel())[0, 1]) for x in (CLEAN, planted("mixed"))]
    assert apart[1] < 0.15 < 0.25 < apart[0]


def test_a_mode_is_gone_and_the_rest_is_there() -> None:
    assert set(planted("mode_dropped").mode) == {"usual"}
    assert set(planted("last_mode_dropped").mode) == {"rare"}
    assert len(planted("mode_dropped")) == (CLEAN.mode == "usual").sum()


def test_half_of_the_windows_are_one_window() -> None:
    x = planted("half_identical").shown
    half = len(x) // 2
    assert len({v[:, 0].tobytes() for v in x[:half]}) == 1
    np.testing.assert_array_equal(x[half:], CLEAN.shown[half:])


def test_copies_come_from_the_training_data() -> None:
    known = {x.tobytes() for x in TRAIN.shown}
    share = np.mean([x.tobytes() in known for x in planted("tenth_copied").shown])
    assert planted("copied") is TRAIN
    assert share == pytest.approx(0.1, abs=0.01)


def test_shifted_copies_have_the_shape_of_the_training_data_a_step_later() -> None:
    difference = planted("copied_shifted").shown[:, 1:] - TRAIN.shown[:, :-1]
    np.testing.assert_allclose(np.nanstd(difference, 1), 0, atol=1e-12)
    np.testing.assert_allclose(np.nanmean(difference, 1).std(0), deviation(TRAIN) / 4, rtol=0.2)


def test_atoms_are_gone_and_other_cells_are_as_they_were() -> None:
    before, after = CLEAN.shown, planted("atoms_smeared").shown
    assert (before[..., 2] == 0).mean() > 0.3
    assert not (after[..., 2] == 0).any()
    np.testing.assert_array_equal(after[before != 0], before[before != 0])


def test_missing_cells_are_filled_from_their_neighbours_and_others_kept() -> None:
    before, after = CLEAN.shown, planted("missing_filled").shown
    assert np.isnan(before).any()
    assert not np.isnan(after).any()
    np.testing.assert_array_equal(after[~np.isnan(before)], before[~np.isnan(before)])
    assert after[..., 1].max() <= np.nanmax(CLEAN.values[..., 1])


def test_rows_are_lost_and_ends_cut() -> None:
    lost, cut = planted("rows_lost").frame(), planted("cut_short").frame()
    assert len(lost) / len(CLEAN.frame()) == pytest.approx(0.95, abs=0.01)
    lengths = cut.groupby("id").size()
    assert set(lengths) == {20, 24}
    assert (lengths == 20).mean() == pytest.approx(0.25, abs=0.1)


def test_the_clock_is_fast() -> None:
    ahead = {name: planted(name).frame()["ts"] - CLEAN.frame()["ts"] for name in ("clock_shifted", "week_shifted")}
    assert set(ahead["clock_shifted"]) == {pd.Timedelta(hours=3)}
    assert set(ahead["week_shifted"]) == {pd.Timedelta(days=3)}


def test_the_clock_is_slow() -> None:
    times = planted("clock_slow").frame().groupby("id")["ts"]
    assert set(times.diff().dropna()) == {pd.Timedelta(minutes=62)}
    assert times.first().equals(CLEAN.frame().groupby("id")["ts"].first())


def test_labels_are_others_and_numbers_as_they_were() -> None:
    after = planted("relabelled")
    assert after.label is not None
    assert (after.label == "rare").mean() == pytest.approx(0.3 + 0.7 / 4, abs=0.1)
    np.testing.assert_array_equal(after.values, CLEAN.values)


def test_weekends_are_lower() -> None:
    table = PROCESS.frame()
    weekend = table["ts"].dt.day_of_week >= 5
    assert table.loc[weekend, "level"].mean() - table.loc[~weekend, "level"].mean() == pytest.approx(-2, abs=0.5)


def test_parts_share_no_sequence() -> None:
    numbers = [len(x) for x in (TRAIN, CLEAN, HOLDOUT)]
    assert numbers == [120, 120, 60]
    assert len({x.tobytes() for part in (TRAIN, CLEAN, HOLDOUT) for x in part.shown}) == 300


def test_days_of_weather_are_whole_and_led_by_the_hours_before() -> None:
    days = weather()
    assert days.values.shape[1:] == (LEAD + 24, 5)
    assert not np.isnan(days.shown[..., 0]).all(1).any()
    assert days.start is not None
    months = pd.DatetimeIndex(days.start).month
    assert set(months[days.mode == 0]) == {12, 1, 2}
    np.testing.assert_array_equal(days.values[1, :LEAD, 0], days.values[0, -LEAD:, 0])
