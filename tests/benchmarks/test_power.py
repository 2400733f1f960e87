from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.panels import DATA, process
from benchmarks.power import CLEAN, caught, false_alarms, outcomes, rates, show, sides
from tsgan_evaluation import METRICS, evaluate

QUICK = ["ks", "missing_rate", "correlational", "window_distance"]
PLANTED = ["mixed", "copied", "missing_filled", "clock_shifted"]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DATA, "process", lambda seed: replace(process(250, seed), start=None))


def test_verdicts_are_those_of_evaluate() -> None:
    found = {(x["fault"], x["metric"]): (x["columns"], x["alarms"]) for x in found_in_process()}
    for fault, panels in sides("process", 0, ["mixed", "copied"]).items():
        train, synthetic, holdout = (panel.frame() for panel in panels)
        report = evaluate(train, synthetic, holdout, entity="id", metrics=QUICK, window=24, seed=0).to_frame()
        for metric, rows in report.groupby("metric"):
            assert found[fault, str(metric)] == (len(rows), (rows["verdict"] != "as real").sum())


def found_in_process() -> list[dict[str, object]]:
    return list(outcomes("process", 0, [METRICS[name] for name in QUICK], PLANTED))


def test_faults_are_caught_by_what_should_see_them_and_left_out_where_they_change_nothing() -> None:
    table = rates(pd.DataFrame(found_in_process()))
    assert table.columns.tolist() == ["mixed", "copied", "missing_filled", CLEAN]
    assert table.index.tolist() == QUICK
    assert (table.loc[["correlational"], "mixed"] == 100).all()
    assert table.loc["missing_rate", "missing_filled"] == table.loc["window_distance", "copied"] == 100
    assert table.loc["ks", "mixed"] == table.loc["correlational", "copied"] == 0


def test_a_fault_counts_once_however_many_columns_show_it() -> None:
    rows = [("ks", "noise", 3, 2), ("ks", "noise", 3, 0), ("ks", CLEAN, 3, 0), ("ks", CLEAN, 0, 0)]
    table = rates(pd.DataFrame(rows, columns=["metric", "fault", "columns", "alarms"]))
    assert table.loc["ks"].tolist() == [50, 0]
    assert show(table).splitlines()[-1] == "1 noise, 2 clean"


def test_each_draw_has_its_own_parts() -> None:
    first, again, other = (sides("process", draw, [])[CLEAN][0].values for draw in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other, equal_nan=True)


def test_letters_say_on_which_data_a_fault_is_caught() -> None:
    tables = {
        "weather": pd.DataFrame({"noise": [96.0, 90.0]}, index=["ks", "spectrum"]),
        "process": pd.DataFrame({"noise": [100.0], "mixed": [0.0]}, index=["ks"]),
    }
    table = caught(tables)
    assert table.index.tolist() == ["ks", "spectrum"]
    assert table.loc["ks", ["noise", "mixed", "copied"]].tolist() == ["wp", "", ""]
    assert table.loc["spectrum", "noise"] == ""


def test_false_alarms_are_counted_on_clean_sequences_only() -> None:
    rows = [("ks", CLEAN, 4, 1), ("ks", CLEAN, 4, 0), ("ks", "noise", 4, 4)]
    line = false_alarms(pd.DataFrame(rows, columns=["metric", "fault", "columns", "alarms"])).splitlines()[-1]
    assert line.split() == ["ks", "50.0", "12.5"]
