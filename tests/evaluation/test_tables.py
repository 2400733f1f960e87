import numpy as np
import pandas as pd
import pytest

from tsgan_evaluation.tables import read_arrays, read_frames

RNG = np.random.default_rng(0)
HOURS = pd.date_range("2024-01-01", periods=6, freq="h", name="ts")
PANEL = pd.DataFrame({"id": list("bbbaaa"), "ts": [*HOURS[2::-1], *HOURS[:3]], "x": [3.0, 2, 1, 4, 5, 6]})


def test_a_panel_is_sorted_by_time_within_its_series() -> None:
    (side, _), reasons = read_frames([PANEL, PANEL], "id", "ts")
    assert side.names.tolist() == ["b", "a"]
    assert side.values[:, 0].tolist() == [1, 2, 3, 4, 5, 6]
    assert side.lengths.tolist() == [3, 3]
    assert [column.name for column in side.columns] == ["x"]
    assert reasons == {}


def test_several_columns_tell_series_apart() -> None:
    frame = PANEL.assign(site=[1, 1, 2, 2, 2, 2])
    assert read_frames([frame, frame], ["id", "site"], "ts")[0][0].names.tolist() == [("b", 1), ("b", 2), ("a", 2)]


def test_an_index_of_dates_is_the_time_and_other_levels_tell_series_apart() -> None:
    series = pd.DataFrame({"x": range(6)}, index=HOURS[::-1])
    assert read_frames([series, series], None, None)[0][0].values[:, 0].tolist() == [5, 4, 3, 2, 1, 0]
    levels = PANEL.set_index(["id", "ts"])
    assert read_frames([levels, levels], None, None)[0][0].names.tolist() == ["b", "a"]
    assert read_frames([levels, PANEL], "id", "ts")[0][0].names.tolist() == ["b", "a"]


def test_a_real_series_may_stand_beside_many_synthetic_ones() -> None:
    real, synthetic = read_frames([PANEL.drop(columns="id"), PANEL], "id", "ts")[0]
    assert (len(real), len(synthetic)) == (1, 2)


def test_columns_that_not_all_sides_have_are_left_out_and_named() -> None:
    sides, reasons = read_frames([PANEL.assign(y=1), PANEL.assign(z=1)], "id", "ts")
    assert [column.name for column in sides[0].columns] == ["x"]
    assert reasons.keys() == {"y", "z"}


def test_local_clocks_are_kept_and_order_is_universal() -> None:
    local = pd.date_range("2024-10-27 00:00", periods=4, freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"ts": local[::-1], "x": range(4)})
    side = read_frames([frame, frame], None, "ts")[0][0]
    assert side.clock is not None
    assert pd.DatetimeIndex(side.clock).hour.tolist() == [0, 1, 2, 2]
    assert side.values[:, 0].tolist() == [3, 2, 1, 0]


@pytest.mark.parametrize(
    ("frames", "roles", "message"),
    [
        ([PANEL, PANEL], ("who", "ts"), "entity is 'who', but synthetic has no such column"),
        ([PANEL, PANEL], ("id", "when"), "time is 'when', but real has no such column or index level; it has id, ts"),
        ([PANEL, PANEL], ("idd", "ts"), "entity is 'idd', but synthetic has no such column .*; did you mean 'id'"),
        ([PANEL, PANEL.drop(columns="id")], ("id", "ts"), "entity is 'id', but synthetic has no such"),
        ([PANEL, PANEL.iloc[:0]], ("id", "ts"), "synthetic is empty: it has 0 rows"),
        ([PANEL, PANEL.rename(columns={"x": "y"})], ("id", "ts"), "no column in common"),
        ([PANEL, PANEL.assign(ts=range(6))], ("id", "ts"), "times must be dates on every side, or numbers"),
        ([PANEL, PANEL.assign(ts="soon")], ("id", "ts"), "times of synthetic are neither dates nor numbers"),
        ([PANEL, PANEL.assign(ts=pd.NaT)], ("id", "ts"), "synthetic has 6 rows without a time"),
        ([PANEL, PANEL.assign(id=None)], ("id", "ts"), "synthetic has 6 rows without an entity"),
        ([PANEL, pd.concat([PANEL, PANEL["x"]], axis=1)], ("id", "ts"), "several columns named 'x'"),
    ],
)
def test_misuse_is_refused(frames: list[pd.DataFrame], roles: tuple[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_frames(frames, *roles)


def test_overlapping_windows_are_put_together_to_their_series() -> None:
    walks = [RNG.normal(size=(n, 2)).cumsum(0) for n in (50, 30)]
    for stride in (1, 3):
        cut = [np.lib.stride_tricks.sliding_window_view(w, 8, 0).transpose(0, 2, 1)[::stride] for w in walks]
        (side, _), _, said = read_arrays([np.concatenate(cut), RNG.normal(size=(9, 8, 2))])
        used = [stride * (len(c) - 1) + 8 for c in cut]
        assert side.lengths.tolist() == used
        np.testing.assert_array_equal(side.values, np.concatenate([w[:n] for w, n in zip(walks, used, strict=True)]))
        assert said == [f"real: {sum(map(len, cut))} overlapping windows were put together to 2 series"]


@pytest.mark.parametrize("x", [RNG.normal(size=(40, 8, 2)), np.zeros((40, 8, 2)), RNG.integers(0, 2, (40, 8, 1))])
def test_other_sequences_stay_as_they_are(x: np.ndarray) -> None:
    assert read_arrays([x, x])[0][0].lengths.tolist() == [8] * 40


def test_arrays_that_are_none_are_refused() -> None:
    x = np.zeros((4, 5, 2))
    for bad, message in [
        (x[0], "synthetic has shape"),
        ("a", "not numeric"),
        (x[:, :, :1], "real has 2 columns"),
        (x[:0], "not empty"),
    ]:
        with pytest.raises(ValueError, match=message):
            read_arrays([x, bad])
