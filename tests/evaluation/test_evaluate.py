import json
import random

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.signal import lfilter

from tsgan_evaluation import METRICS, Report, evaluate

SLOW = ["discriminative", "gru32", "predictive", "feature_judge"]
CHEAP = ["ks", "autocorrelation", "correlational"]


def ar1(n: int, steps: int = 24, seed: int = 0, rho: float = 0.8) -> np.ndarray:
    innovations = np.random.default_rng(seed).normal(size=(n, steps + 50, 3))
    innovations[..., 1] += innovations[..., 0]
    return np.asarray(lfilter([1], [1, -rho], innovations, axis=1))[:, 50:]


def panel(n: int, seed: int = 0, rho: float = 0.8) -> pd.DataFrame:
    frame = pd.DataFrame(ar1(n, seed=seed, rho=rho).reshape(-1, 3), columns=["a", "b", "c"])
    hours = pd.date_range("2024-01-01", periods=24, freq="h")
    return frame.assign(id=np.repeat(np.arange(n), 24), ts=np.tile(hours, n))


REAL, SAME, OTHER = panel(120), panel(120, seed=1), panel(120, seed=2, rho=0.3)


def judged(synthetic: pd.DataFrame, **parameters: object) -> Report:
    parameters = {"metrics": CHEAP, "entity": "id", "time": "ts"} | parameters
    return evaluate(REAL, synthetic, **parameters)  # type: ignore[arg-type]


def test_another_draw_of_the_same_law_is_as_real() -> None:
    frame = judged(SAME).to_frame()
    assert frame.columns.tolist() == [
        "family",
        "metric",
        "column",
        "value",
        "floor",
        "floor_high",
        "best",
        "verdict",
        "reason",
    ]
    assert len(frame) == 3 + 3 + 1
    assert (frame["verdict"] == "as real").sum() >= 6
    assert (frame["floor"] <= frame["floor_high"]).all()


def test_a_fault_is_bad_where_it_lies_and_as_real_elsewhere() -> None:
    frame = judged(SAME.assign(b=5 * SAME["b"])).to_frame().set_index(["metric", "column"])
    assert frame.loc[("ks", "b"), "verdict"] == "bad"
    assert frame.loc[("ks", "a"), "verdict"] == "as real"
    frame = judged(OTHER).to_frame().set_index("metric")
    assert (frame.loc["autocorrelation", "verdict"] == "bad").all()


def test_one_number_is_on_top() -> None:
    same, other = (judged(x, metrics=["feature_judge"], floor_repeats=1) for x in (SAME, OTHER))
    assert 0.4 < same.judge_auc < 0.6 < 0.9 < other.judge_auc
    assert other.judge_interval[0] < other.judge_auc < other.judge_interval[1]
    assert f"feature judge AUC {other.judge_auc:.2f}" in repr(other)
    assert np.isnan(judged(SAME).judge_auc)


def test_a_long_series_is_judged_by_blocks_of_time() -> None:
    series = pd.DataFrame(ar1(1, 800)[0], index=pd.date_range("2024", periods=800, freq="h"))
    other = pd.DataFrame(ar1(1, 900, seed=1)[0], index=pd.date_range("2025", periods=900, freq="h"))
    report = evaluate(series, other, metrics=[*CHEAP, "feature_judge"], floor_repeats=1)
    assert report.window == 20
    assert (report.to_frame()["verdict"] != "bad").all()
    assert 0.3 < report.judge_auc < 0.7


def test_arrays_and_frames_agree() -> None:
    real, other = (x[["a", "b", "c"]].to_numpy().reshape(-1, 24, 3) for x in (REAL, OTHER))
    values = [evaluate(real, other, metrics=CHEAP).to_frame()["value"], judged(OTHER).to_frame()["value"]]
    np.testing.assert_allclose(*values)


def test_the_order_of_rows_and_columns_does_not_matter() -> None:
    mixed = OTHER.sample(frac=1, random_state=0)[["c", "ts", "b", "id", "a"]]
    pd.testing.assert_series_equal(judged(OTHER).to_frame()["value"], judged(mixed).to_frame()["value"])


def test_a_seed_gives_the_same_report_on_any_number_of_threads() -> None:
    chosen = [*CHEAP, "feature_judge"]
    reports = [judged(OTHER, metrics=chosen, n_jobs=n, floor_repeats=2) for n in (1, 3)]
    assert reports[0].to_json() == reports[1].to_json()


def test_the_report_says_in_json_what_its_frame_says() -> None:
    report = judged(OTHER)
    read = json.loads(report.to_json())
    assert [row["metric"] for row in read["rows"]] == report.to_frame()["metric"].tolist()
    assert read["judge"]["auc"] is None
    assert read["window"] == 24


def test_the_report_is_short_in_text_and_html() -> None:
    report = judged(OTHER.rename(columns={"a": "<a>"}).assign(a=OTHER["a"]))
    assert len(repr(report).splitlines()) < 20
    assert "<a>" not in report._repr_html_()
    assert "&lt;a&gt;" in report._repr_html_()


def states() -> list[object]:
    legacy = repr(np.random.get_state())  # noqa: NPY002 the legacy state is what must not move
    return [random.getstate(), legacy, torch.get_rng_state().tolist(), torch.get_num_threads()]


def test_inputs_global_states_and_thread_counts_are_left_alone() -> None:
    frames, before = (REAL.copy(), OTHER.copy()), states()
    judged(OTHER, metrics=["feature_judge"], floor_repeats=0)
    assert states() == before
    pd.testing.assert_frame_equal(frames[0], REAL)
    pd.testing.assert_frame_equal(frames[1], OTHER)


def test_large_sides_are_thinned_and_the_report_says_so() -> None:
    report = judged(OTHER, max_rows=960)
    assert "real: 960 of 2,880 rows looked at (seed 0)" in report.notes
    assert "960 of 2,880" in repr(report)


def test_the_window_follows_the_data_or_the_user() -> None:
    assert judged(SAME).window == 24
    assert judged(SAME, window=12).window == 12
    short = REAL[REAL["ts"].dt.hour < 10]
    assert judged(short).window == 10
    assert evaluate(ar1(30, 40), ar1(30, 40), metrics=CHEAP, floor_repeats=0).window == 40
    with pytest.raises(ValueError, match="window is 48 steps, but the longest series of a side has 24"):
        judged(SAME, window=48)
    with pytest.raises(ValueError, match="window is 2; it must be at least 3"):
        judged(SAME, window=2)


def test_metrics_are_chosen_by_name_or_family() -> None:
    assert set(judged(SAME, metrics=["marginal"], floor_repeats=0).to_frame()["family"]) == {"marginal"}
    with pytest.raises(ValueError, match=r"unknown metrics \['fid'\]; choose from"):
        judged(SAME, metrics=["fid"])


def test_without_repeats_there_are_no_floors_and_no_verdicts() -> None:
    frame = judged(SAME, floor_repeats=0).to_frame()
    assert frame["floor"].isna().all()
    assert (frame["verdict"] == "").all()
    assert (frame["reason"] == "").all()


@pytest.mark.parametrize(
    ("arguments", "roles", "message"),
    [
        ((REAL, ar1(9)), {}, "real is a DataFrame, synthetic is a ndarray; pass frames only"),
        ((ar1(9), ar1(9)), {"entity": "id"}, "entity= and time= name columns of frames"),
        (("real.csv", "synthetic.csv"), {}, "real is not numeric"),
        ((REAL, SAME), {"entity": "who"}, "entity is 'who'"),
    ],
)
def test_misuse_is_refused(arguments: tuple[object, object], roles: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate(*arguments, metrics=CHEAP, **roles)  # type: ignore[arg-type]


def test_progress_goes_to_standard_error_only_if_asked(capsys: pytest.CaptureFixture[str]) -> None:
    judged(SAME, floor_repeats=0)
    assert capsys.readouterr() == ("", "")
    judged(SAME, floor_repeats=0, progress=True)
    assert capsys.readouterr().out == ""


def test_columns_that_cannot_be_compared_are_rows_with_their_reason() -> None:
    odd = {"only": 1.0, "mixed": "text", "empty": np.nan, "wild": np.inf}
    real = REAL.assign(mixed=1.0, empty=np.nan, wild=1.0, code=np.arange(len(REAL)).astype(str))
    frame = evaluate(real, SAME.assign(**odd, code="x"), entity="id", time="ts", metrics=CHEAP).to_frame()
    reasons = frame[frame["metric"] == "column"].set_index("column")["reason"]
    assert set(reasons.index) == {"only", "mixed", "empty", "wild", "code"}
    assert reasons.str.startswith("not computed, because ").all()
    assert "infinite" in reasons["wild"]
    assert "no observed cell in the real table" in reasons["empty"]
    assert set(frame.loc[frame["metric"] == "ks", "column"]) == {"a", "b", "c"}


def test_no_column_left_is_a_report_of_reasons() -> None:
    frame = evaluate(REAL[["id", "a"]], REAL[["id"]].assign(a="text"), entity="id").to_frame()
    # The lengths of the series are all that is left to compare.
    assert frame.loc[frame["value"].notna(), "metric"].tolist() == ["length"]
    assert frame.loc[frame["value"].isna(), "reason"].str.startswith("not computed, because ").all()


@pytest.mark.parametrize("n", [1, 6])
def test_a_handful_of_short_series_gives_figures_or_reasons(n: int) -> None:
    few, quick = REAL[REAL["id"] < n], [m for m in METRICS if m not in SLOW]
    frame = evaluate(few, few, entity="id", time="ts", metrics=quick, floor_repeats=2).to_frame()
    assert (frame["value"].notna() | frame["reason"].str.startswith("not computed, because ")).all()


@pytest.mark.slow
def test_the_default_suite_judges_all_families() -> None:
    report = evaluate(REAL.head(40 * 24), SAME, SAME.tail(40 * 24), entity="id", time="ts", floor_repeats=0)
    frame = report.to_frame()
    assert set(frame["metric"]) == set(METRICS)
    assert frame["value"].notna().any()
    assert report.evidence is not None
    assert report.closest is not None


@pytest.mark.slow
def test_clean_data_raise_few_alarms() -> None:
    quick = ["marginal", "temporal", "dependence", "embedding", "next_step", "multi_step"]
    verdicts = pd.concat(
        [
            evaluate(panel(150, seed=s), panel(150, seed=s + 1), entity="id", time="ts", metrics=quick, seed=s).to_frame()[
                "verdict"
            ]
            for s in (10, 20)
        ]
    )
    verdicts = verdicts[verdicts != ""]
    assert (verdicts != "as real").mean() < 0.1


def test_a_short_report_says_why_figures_are_missing() -> None:
    shown = repr(evaluate(REAL, SAME, holdout=REAL, entity="id", time="ts", metrics=["window_copies"]))
    assert "1 not computed, because" in shown
    assert "hold out other data" in shown
