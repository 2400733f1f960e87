import pickle
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from tsgan_evaluation import Report, evaluate
from tsgan_evaluation.dependence import correlations
from tsgan_evaluation.pictures import MOST
from tsgan_evaluation.pictures.model import Mark, Matrix, Panel, Picture, short
from tsgan_evaluation.temporal import autocorrelation

CURVES = ["marginals", "autocorrelations", "spectra", "profiles"]
ALL = ["sequences", *CURVES, "correlations", "map", "evidence", "extremes", "closest"]


def picture(report: Report, name: str) -> Picture:
    return next(picture for picture in report.pictures if picture.name == name)


def panel(report: Report, name: str, title: str) -> Panel:
    found = next(panel for panel in picture(report, name).panels if panel.title == title)
    assert isinstance(found, Panel)
    return found


def mark(of: Panel, side: str) -> Mark:
    return next(mark for mark in of.marks if mark.side == side)


def arrays(*columns: np.ndarray, series: int = 30, steps: int = 12) -> np.ndarray:
    return np.stack([np.broadcast_to(x, (series, steps)) for x in columns], 2).astype(float)


def drawn(real: np.ndarray, synthetic: np.ndarray) -> Report:
    return evaluate(real, synthetic, metrics=["ks"], floor_repeats=2)


NOISE = np.random.default_rng(0).normal(size=(2, 30, 12))


def test_every_picture_is_drawn_where_the_data_allow_it(odd_report: Report) -> None:
    assert [picture.name for picture in odd_report.pictures] == ALL
    assert all(picture.panels and not picture.reason for picture in odd_report.pictures)


def test_every_panel_says_in_words_what_it_shows(odd_report: Report) -> None:
    for shown in odd_report.pictures:
        for of in shown.panels:
            assert of.says or getattr(of, "reason", ""), (shown.name, of.title)


def test_marginals_are_shares_that_add_up_to_one() -> None:
    report = drawn(arrays(NOISE[0], NOISE[0] > 0), arrays(NOISE[1], NOISE[1] > 1))
    for title in "01":
        for side in ("real", "synthetic"):
            assert mark(panel(report, "marginals", title), side).y.sum() == pytest.approx(1)


def test_sides_on_the_same_axes_are_told_apart_by_more_than_colour(odd_report: Report) -> None:
    for shown in odd_report.pictures:
        for of in shown.panels:
            if isinstance(of, Panel) and {"real", "synthetic"} <= {mark.side for mark in of.marks}:
                assert not of.plain, (shown.name, of.title)


def test_bins_are_as_wide_as_steps_of_the_real_values() -> None:
    rolls = np.random.default_rng(1).integers(1, 7, (2, 30, 12))
    real, synthetic = arrays(rolls[0] * 1.15), arrays(rolls[1] * 1.15)
    shares = mark(panel(drawn(real, synthetic), "marginals", "0"), "real")
    np.testing.assert_allclose(np.diff(shares.x), 1.15)
    np.testing.assert_allclose(shares.y, np.bincount(rolls[0].ravel())[1:] / 360)


def test_curves_are_those_of_the_metrics() -> None:
    real = NOISE[0].cumsum(1)[..., None]
    shown = mark(panel(drawn(real, NOISE[1][..., None]), "autocorrelations", "0"), "real")
    np.testing.assert_allclose(shown.y, [autocorrelation(real, lag)[0] for lag in range(1, 7)])


def test_the_band_is_what_real_halves_span(odd_report: Report) -> None:
    for of in picture(odd_report, "autocorrelations").panels:
        assert isinstance(of, Panel)
        band = mark(of, "halves")
        assert band.top is not None
        assert (band.y <= band.top).all()
        assert ((band.y <= mark(of, "real").y + 0.05) & (mark(of, "real").y <= band.top + 0.05)).all()


def test_profiles_show_the_hours() -> None:
    hours = pd.date_range("2024-01-01", periods=24 * 40, freq="h")
    frame = pd.DataFrame({"x": hours.hour.to_numpy(float)}, index=hours)
    report = evaluate(frame, frame + 1, metrics=["ks"], floor_repeats=0)
    of = panel(report, "profiles", "x")
    np.testing.assert_allclose(mark(of, "real").y, np.arange(24))
    np.testing.assert_allclose(mark(of, "synthetic").y, np.arange(24) + 1)


def test_correlations_and_their_difference() -> None:
    x, y = NOISE
    real, synthetic = arrays(x, y), arrays(x, x + y)
    shown = picture(drawn(real, synthetic), "correlations").panels
    assert all(isinstance(of, Matrix) for of in shown)
    values = [of.values for of in shown if isinstance(of, Matrix)]
    np.testing.assert_allclose(values[0], correlations(real)[0])
    np.testing.assert_allclose(values[2], values[1] - values[0])


def test_the_worst_columns_come_first_and_the_rest_is_left_to_the_table() -> None:
    draw = np.random.default_rng(2)
    real, synthetic = draw.normal(size=(2, 40, 12, MOST + 3))
    synthetic[..., 7] *= 5
    titles = [of.title for of in picture(drawn(real, synthetic), "marginals").panels]
    assert len(titles) == MOST
    assert titles[0] == "7"


def test_closest_pairs_lie_upon_each_other_where_a_window_was_copied() -> None:
    draw = np.random.default_rng(3)
    real, synthetic = draw.normal(size=(2, 40, 12, 2))
    synthetic[5] = real[17]
    report = evaluate(real, synthetic, metrics=["window_distance"], floor_repeats=0)
    first = picture(report, "closest").panels[0]
    assert isinstance(first, Panel)
    assert first.note == "distance 0"
    sides = [[m.y for m in first.marks if m.side == side] for side in ("real", "synthetic")]
    np.testing.assert_allclose(sides[0], sides[1])


def test_what_cannot_be_drawn_says_why() -> None:
    report = drawn(arrays(NOISE[0][:, :4], steps=4), arrays(np.ones(4), steps=4))
    reasons = {of.name: of.reason for of in report.pictures if of.reason}
    assert reasons["profiles"] == "the tables have no dates as times"
    assert reasons["correlations"] == "there are fewer than two columns of numbers"
    assert "not asked" in reasons["evidence"]
    assert panel(report, "spectra", "0").reason == "a column does not vary within its sequences"


def test_pictures_are_the_same_for_the_same_seed() -> None:
    first, second = (drawn(arrays(NOISE[0]), arrays(NOISE[1])).pictures for _ in range(2))
    for a, b in zip(first, second, strict=True):
        for p, q in zip(a.panels, b.panels, strict=True):
            assert isinstance(p, Panel)
            assert isinstance(q, Panel)
            for m, n in zip(p.marks, q.marks, strict=True):
                np.testing.assert_array_equal(m.y, n.y)


def test_figures_are_drawn_without_touching_matplotlib_or_random_state(odd_report: Report, tmp_path: Path) -> None:
    settings, state = dict(mpl.rcParams), pickle.dumps(np.random.get_state())  # noqa: NPY002
    report = pickle.loads(pickle.dumps(odd_report))
    figures = report.figures()
    assert list(figures) == ALL
    with warnings.catch_warnings(action="error"):
        figures["correlations"].savefig(tmp_path / "picture.png", dpi=40)
    assert dict(mpl.rcParams) == settings
    assert pickle.dumps(np.random.get_state()) == state  # noqa: NPY002


def test_figures_without_real_data_show_no_sequence_of_it(odd_report: Report) -> None:
    assert {*ALL} - {*odd_report.figures(real_data=False)} == {"sequences", "closest"}


@pytest.mark.parametrize(
    ("x", "text"), [(0, "0"), (2.4e-17, "0"), (0.12345, "0.123"), (1234.5, "1,234"), (1e7, "1.0e+07"), (np.nan, "none")]
)
def test_figures_for_people(x: float, text: str) -> None:
    assert short(x) == text


def test_a_report_without_columns_has_no_pictures() -> None:
    empty = pd.DataFrame({"a": [None] * 10})
    report = evaluate(empty, empty)
    assert all(of.reason or not of.panels for of in report.pictures)
    assert report.figures() == {}
