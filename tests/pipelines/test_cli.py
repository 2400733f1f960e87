import importlib.metadata
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import tsgan
from tsgan.constraints import Inequality, Range

Run = Callable[..., Any]
QUICK = ("--max-steps", "2", "--seed", "0")
PANEL = ("--entity", "site", "--time", "when", *QUICK)


@pytest.mark.parametrize("args", [["--help"], ["fit", "--help"], ["demo", "--help"]])
def test_help_loads_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys, atexit; from tsgan_pipelines.cli import main\n"
        "heavy = {'torch', 'pandas', 'numpy', 'scipy', 'sklearn', 'matplotlib', 'pyarrow', 'rich', 'safetensors'}\n"
        "atexit.register(lambda: print('loaded:', *heavy & sys.modules.keys()))\n"
        f"main({args!r})"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert printed.startswith("Usage: tsgan")
    assert printed.endswith("loaded:\n")


def test_help_says_what_the_exit_status_means(run: Run) -> None:
    assert "Exit status: 0 if all went well, 1 for a mistake" in run("--help").out


def test_the_version_is_the_distributions(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", {"tsgan": "1.2.3"}.__getitem__)
    assert run("--version") == (0, "tsgan 1.2.3\n", "")


def test_inspect_shows_what_columns_would_be_taken_for_and_what_holds(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    panel.assign(more=panel["level"] + 1, note="same").to_csv(tmp_path / "d.csv", index=False)
    status, out, err = run("inspect", tmp_path / "d.csv", *PANEL[:4])
    assert (status, err) == (0, "")
    for fact in ("entity", "time", "always same", "Inequality('level', '<=', 'more'),"):
        assert fact in out
    assert list(tmp_path.iterdir()) == [tmp_path / "d.csv"]


def test_a_suggestion_is_written_as_it_is_typed_and_holds(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    panel.assign(**{"more yet": panel["level"] + 1}).to_csv(tmp_path / "d.csv", index=False)
    suggested = "    --constraint 'level <= more yet'\n"
    assert suggested in run("inspect", tmp_path / "d.csv", *PANEL[:4]).out
    rules = ["--constraint", "level <= more yet", "--constraint", "-100 <= flow <= 100"]
    assert run("fit", tmp_path / "d.csv", "-o", tmp_path / "m.safetensors", *PANEL, *rules).status == 0
    run("sample", tmp_path / "m.safetensors", "-n", 20, "-o", tmp_path / "s.parquet")
    sampled = pd.read_parquet(tmp_path / "s.parquet")
    assert (sampled["level"] <= sampled["more yet"]).all()
    assert set(tsgan.load(tmp_path / "m.safetensors").constraints or ()) == {
        Inequality("level", "<=", "more yet"),
        Range("flow", -100, 100),
    }


def test_columns_are_what_is_said(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    table = panel.assign(code=[*range(6)] * 30, card=[f"{k:03d}" for k in range(180)])
    table.to_csv(tmp_path / "d.csv", index=False)
    kinds = ["--schema", "code=categorical", "--schema", "card=identifier"]
    out = run("inspect", tmp_path / "d.csv", *PANEL[:4], *kinds).out.splitlines()
    assert any(line.startswith("code") and "categorical" in line for line in out)
    more = ["--calendar", "day", "--min-entities", 1]
    assert run("fit", tmp_path / "d.csv", "-o", tmp_path / "m.safetensors", *PANEL, *kinds, *more).status == 0
    model = tsgan.load(tmp_path / "m.safetensors")
    assert model.schema_.to_frame().loc[["code", "card"], "role"].tolist() == ["categorical", "identifier"]
    assert (model.calendar, model.min_entities) == (["day"], 1)
    assert model.sample(1)["card"].str.fullmatch(r"\d{3,}").all()


def test_a_model_may_be_without_phases(run: Run, data: Path, tmp_path: Path) -> None:
    assert run("fit", data, "-o", tmp_path / "m.safetensors", *PANEL, "--calendar", "none").status == 0
    assert tsgan.load(tmp_path / "m.safetensors").calendar == []


def test_the_family_is_set_and_told(run: Run, data: Path, tmp_path: Path) -> None:
    fitted = run("fit", data, "-o", tmp_path / "m.safetensors", *PANEL, "--set", "loss=hinge", "--set", "cell=gru")
    assert fitted.status == 0
    assert "GRU of 64 hidden units" in fitted.out
    assert "loss hinge" in fitted.out


def test_fit_prints_the_schema_and_where_the_model_is(run: Run, data: Path, tmp_path: Path) -> None:
    status, out, err = run("fit", data, "-o", tmp_path / "m.safetensors", *PANEL)
    assert status == 0
    assert "step 2" in err
    for fact in ("new identifiers", "level", "numeric", "m.safetensors", "window", "2 steps in"):
        assert fact in out
    assert [path.name for path in tmp_path.iterdir()] == ["m.safetensors"]


def test_a_seed_repeats_the_fit(run: Run, data: Path, model: Path, tmp_path: Path) -> None:
    run("fit", data, "-o", tmp_path / "m.safetensors", *PANEL)
    samples = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    for path, fitted in zip(samples, (model, tmp_path / "m.safetensors"), strict=True):
        assert run("sample", fitted, "-o", path, "--seed", 1).status == 0
    pd.testing.assert_frame_equal(*map(pd.read_parquet, samples))


def test_sample_writes_tables_like_the_data(run: Run, panel: pd.DataFrame, model: Path, tmp_path: Path) -> None:
    status, out, _ = run("sample", model, "-n", 5, "-o", tmp_path / "s.parquet", "--length", 30)
    assert (status, out) == (0, f"{tmp_path / 's.parquet'}: 150 rows, 4 columns\n")
    sampled = pd.read_parquet(tmp_path / "s.parquet")
    assert [*sampled.columns] == [*panel.columns]
    assert sampled.groupby("site").size().tolist() == [30] * 5
    assert sampled.when.dtype.kind == "M"


def test_combinations_of_several_columns_tell_series_apart(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    table = panel.assign(unit=panel["site"].map({"a": 1, "b": 1, "c": 2}), site=[*"uv" * 90]).drop(columns="when")
    table.to_csv(tmp_path / "d.csv", index=False)
    several = ["--entity", "site", "--entity", "unit"]
    status, out, _ = run("fit", tmp_path / "d.csv", "-o", tmp_path / "m.safetensors", *several, *QUICK)
    assert (status, out.count("new identifiers")) == (0, 2)
    assert run("inspect", tmp_path / "d.csv", *several).status == 0
    run("sample", tmp_path / "m.safetensors", "-n", 3, "-o", tmp_path / "s.csv")
    assert pd.read_csv(tmp_path / "s.csv").groupby(["site", "unit"]).ngroups == 3


def test_series_come_as_they_are_asked_for(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    panel.assign(kind=panel["site"].map({"a": "x", "b": "y", "c": "x"})).to_csv(tmp_path / "d.csv", index=False)
    options = ["--condition", "kind", "--condition", "level", "--static", "kind"]
    fitted = run("fit", tmp_path / "d.csv", "-o", tmp_path / "m.safetensors", *PANEL, *options)
    assert (fitted.status, fitted.out.count("condition")) == (0, 2)
    assert run("info", tmp_path / "m.safetensors").out.count("condition") == 2
    asked = pd.DataFrame({"site": [1, 1, 1, 2, 2], "kind": [*"xxxyy"], "level": [0.0, 0.5, 1.0, 0.0, 99.0]})
    asked.to_csv(tmp_path / "asked.csv", index=False)
    options = ["--conditions", str(tmp_path / "asked.csv"), "--start", "2031-01-01T06:00"]
    refused = run("sample", tmp_path / "m.safetensors", "-o", tmp_path / "s.csv", *options)
    assert refused.status == 1
    assert refused.err.startswith("tsgan: condition 'level' holds 99.0 (rows [4]")
    assert refused.err.count("\n") == 1
    with pytest.warns(UserWarning, match="nearest value seen"):
        assert run("sample", tmp_path / "m.safetensors", "-o", tmp_path / "s.csv", *options, "--extrapolate").status == 0
    sampled = pd.read_csv(tmp_path / "s.csv", parse_dates=["when"])
    pd.testing.assert_frame_equal(sampled[["kind", "level"]], asked[["kind", "level"]])
    assert sampled.groupby("site")["when"].first().tolist() == [pd.Timestamp("2031-01-01 06:00")] * 2


def test_conditions_of_one_series_are_written_as_samples_are(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    panel.iloc[:60].set_index("when")[["level", "flow"]].rename_axis(None).to_parquet(tmp_path / "d.parquet")
    options = ["--condition", "level", "--window", "12", *QUICK]
    run("fit", tmp_path / "d.parquet", "-o", tmp_path / "m.safetensors", *options)
    run("sample", tmp_path / "m.safetensors", "-n", 2, "--length", 5, "-o", tmp_path / "1.csv")
    again = ["--conditions", tmp_path / "1.csv", "-o", tmp_path / "2.csv"]
    assert run("sample", tmp_path / "m.safetensors", *again).status == 0
    first, second = (pd.read_csv(tmp_path / name).drop(columns="flow") for name in ("1.csv", "2.csv"))
    assert [*first] == ["sequence", "time", "level"]
    pd.testing.assert_frame_equal(first, second)


def test_times_that_are_numbers_begin_at_a_number(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    panel.iloc[:60].assign(when=range(60))[["when", "level"]].to_csv(tmp_path / "d.csv", index=False)
    run("fit", tmp_path / "d.csv", "-o", tmp_path / "m.safetensors", "--time", "when", "--window", 12, *QUICK)
    run("sample", tmp_path / "m.safetensors", "--length", 3, "--start", 700, "-o", tmp_path / "s.csv")
    assert pd.read_csv(tmp_path / "s.csv")["when"].tolist() == [700, 701, 702]
    assert run("sample", tmp_path / "m.safetensors", "--start", "noon", "-o", tmp_path / "t.csv").status == 1


def test_histories_are_gone_on_from(run: Run, model: Path, panel: pd.DataFrame, tmp_path: Path) -> None:
    panel.to_csv(tmp_path / "h.csv", index=False)
    options = ["--given", tmp_path / "h.csv", "-n", 3, "--length", 4, "-o", tmp_path / "f.csv"]
    assert run("sample", model, *options).status == 0
    futures = pd.read_csv(tmp_path / "f.csv", parse_dates=["when"])
    assert (futures.groupby(["site", "path"]).size() == 4).all()
    assert set(futures["site"]) == set(panel["site"])
    assert (futures.groupby("site")["when"].min() > panel.groupby("site")["when"].max()).all()


def test_gaps_are_filled(run: Run, model: Path, panel: pd.DataFrame, tmp_path: Path) -> None:
    gappy = panel.copy()
    gappy.loc[gappy.index[5:20], "level"] = None
    gappy.to_csv(tmp_path / "g.csv", index=False)
    filled = run("impute", model, tmp_path / "g.csv", "-o", tmp_path / "c.csv", "--seed", 1)
    assert filled.out == f"{tmp_path / 'c.csv'}: {len(panel)} rows, 15 cells filled\n"
    before, after = (pd.read_csv(tmp_path / name) for name in ("g.csv", "c.csv"))
    assert not after.isna().any(axis=None)
    assert (after.where(before.notna()) == before).where(before.notna(), True).all(axis=None)
    found = json.loads(run("impute", model, tmp_path / "g.csv", "-o", tmp_path / "d.csv", "--seed", 1, "--json").out)
    assert found == {"output": str(tmp_path / "d.csv"), "rows": len(panel), "filled": 15}
    assert (tmp_path / "d.csv").read_text() == (tmp_path / "c.csv").read_text()


def test_a_sampled_csv_can_be_learned_again(run: Run, model: Path, tmp_path: Path) -> None:
    run("sample", model, "-n", 3, "-o", tmp_path / "s.csv")
    assert run("fit", tmp_path / "s.csv", "-o", tmp_path / "m.safetensors", *PANEL).status == 0


def test_one_series_without_time_comes_back_numbered(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    panel[["level", "flow"]].to_parquet(tmp_path / "d.parquet")
    run("fit", tmp_path / "d.parquet", "-o", tmp_path / "m.safetensors", "--window", 12, *QUICK)
    run("sample", tmp_path / "m.safetensors", "-n", 2, "-o", tmp_path / "s.csv")
    assert [*pd.read_csv(tmp_path / "s.csv").columns] == ["sequence", "level", "flow"]


def test_levels_of_a_parquet_file_are_understood(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    panel.set_index(["when", "site"]).to_parquet(tmp_path / "d.parquet")
    assert run("fit", tmp_path / "d.parquet", "-o", tmp_path / "m.safetensors", *QUICK).status == 0
    run("sample", tmp_path / "m.safetensors", "-n", 2, "-o", tmp_path / "s.parquet")
    sampled = pd.read_parquet(tmp_path / "s.parquet")
    assert [*sampled.columns] == ["when", "site", "level", "flow"]
    assert sampled.groupby("site").size().tolist() == [60, 60]


def test_info_tells_what_the_model_is(run: Run, model: Path) -> None:
    status, out, _ = run("info", model)
    assert status == 0
    for fact in ("when", "step 0 days 01:00:00", "60", "24 steps", "LSTM of 64 hidden units", "parameters", "MB"):
        assert fact in out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["fit", "none.csv", "-o", "m.safetensors"], "tsgan: there is no file 'none.csv'"),
        (
            ["fit", "d.xlsx", "-o", "m.safetensors"],
            "tsgan: 'd.xlsx' must end in .csv, .parquet, .feather or .jsonl, not '.xlsx'",
        ),
        (["fit", "{data}", "-o", "m.pt"], "tsgan: 'm.pt' must end in .safetensors, not '.pt'"),
        (
            ["fit", "{data}", "-o", "no/m.safetensors"],
            "tsgan: there is no folder 'no' for 'm.safetensors'; make it first",
        ),
        (
            ["fit", "{data}", "-o", "m.safetensors", "--entity", "nil", *PANEL[2:]],
            "tsgan: entity='nil' is not a column of X",
        ),
        (["fit", "{data}", "-o", "m.safetensors", "--time", "nil"], "tsgan: time='nil' is not a column of X"),
        (
            ["fit", "{data}", "-o", "m.safetensors", "--time", "site"],
            "tsgan: column 'site' of '{data}' cannot be read as",
        ),
        (["fit", "{data}", "-o", "m.safetensors", "--window", "1", *PANEL], "tsgan: window=1 must be a whole number"),
        (["sample", "none.safetensors", "-o", "s.csv"], "tsgan: there is no model file 'none.safetensors'"),
        (["sample", "{data}", "-o", "s.csv"], "tsgan: '{data}' is not a safetensors file"),
        (["impute", "{model}", "none.csv", "-o", "s.csv"], "tsgan: there is no file 'none.csv'"),
        (["sample", "{model}", "-o", "s.txt"], "tsgan: 's.txt' must end in .csv, .parquet, .feather or .jsonl, not '.txt'"),
        (["info", "none.safetensors"], "tsgan: there is no model file 'none.safetensors'"),
        (
            ["fit", "{data}", "-o", "m.safetensors", "--condition", "nil", *PANEL],
            "tsgan: conditions= names 'nil'",
        ),
        (["fit", "{data}", "-o", "m.safetensors", "--static", "level", *PANEL], "tsgan: column 'level' is in static=, but"),
        (
            ["fit", "{data}", "-o", "m.safetensors", "--calendar", "hour", *PANEL],
            "tsgan: calendar=['hour'] must be 'auto' or",
        ),
        (["fit", "{data}", "-o", "m.safetensors", "--constraint", "level", *PANEL], "tsgan: --constraint 'level' is not"),
        (
            ["fit", "{data}", "-o", "m.safetensors", "--constraint", "level <= nil", *PANEL],
            "tsgan: Inequality(left='level', sign='<=', right='nil'): 'nil' is none of the columns ['level', 'flow']",
        ),
        (["fit", "{data}", "-o", "m.safetensors", "--schema", "level", *PANEL], "tsgan: --schema 'level' must be a"),
        (["fit", "{data}", "-o", "m.safetensors", "--schema", "level=odd", *PANEL], "tsgan: schema={{'level': 'odd'}} says"),
        (
            ["fit", "{data}", "-o", "m.safetensors", "--set", "los=hinge", *PANEL],
            "tsgan: --set 'los=hinge': 'los' is none of the parameters that it sets; did you mean 'loss'?",
        ),
        (
            ["fit", "{data}", "-o", "m.safetensors", "--set", "loss=hinge", "--set", "cell=GRU", *PANEL],
            "tsgan: cell='GRU' must be one of 'lstm', 'gru'; did you mean 'gru'?",
        ),
        (["sample", "{model}", "-o", "s.csv", "--conditions", "none.csv"], "tsgan: there is no file 'none.csv'"),
        (["run", "none.yaml"], "tsgan: there is no file 'none.yaml'"),
        (
            ["evaluate", "{data}", "{data}", "--metric", "marginl", *PANEL[:4]],
            "tsgan: there is no metric or family 'marginl'; did you mean 'marginal'?",
        ),
        (
            ["evaluate", "{data}", "{data}", "--metric", "marginal", "--gate", "judge_auc < 1", *PANEL[:4]],
            "tsgan: --gate 'judge_auc < 1': there is no score 'judge_auc' here; there are 'ks'",
        ),
        (["sample", "{model}", "-o", "s.csv", "--conditions", "{data}"], "tsgan: the model has no conditions; name them"),
        (["sample", "{model}", "-o", "s.csv", "--start", "soon"], "tsgan: start='soon' is no timestamp"),
        (
            ["inspect", "{data}", "--entity", "sit", "--time", "when"],
            "tsgan: entity='sit' is not a column of X; did you mean 'site'?",
        ),
        (["inspect", "{data}", "--time", "wen"], "tsgan: time='wen' is not a column of X; did you mean 'when'?"),
        (
            ["inspect", "{data}", "--static", "flw", *PANEL[:4]],
            "tsgan: static= names 'flw', which is no column of values; did",
        ),
        (
            ["inspect", "{data}", "--schema", "flw=log", *PANEL[:4]],
            "tsgan: schema= names 'flw', which is no column of values; d",
        ),
        (
            ["fit", "{data}", "-o", "m.safetensors", "--condition", "levl", *PANEL],
            "tsgan: conditions= names 'levl', which is no column of values; did you mean 'level'?",
        ),
        (
            ["evaluate", "{data}", "{data}", "--entity", "sit", "--time", "when"],
            "tsgan: entity is 'sit', but synthetic has no such column or index level; did you mean 'site'?",
        ),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing_behind(
    args: list[str], message: str, run: Run, data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*(arg.format(data=data, model=model) for arg in args))
    assert (status, out) == (1, "")
    assert err.startswith(message.format(data=data))
    assert err.count("\n") == 1
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "args",
    [
        ["fit", "{data}"],
        ["sample", "{model}", "-o", "s.csv", "-n", "0"],
        ["paint"],
        ["fit", "--colour", "red"],
    ],
)
def test_wrong_usage_is_status_2(args: list[str], run: Run, data: Path, model: Path) -> None:
    status, out, err = run(*(arg.format(data=data, model=model) for arg in args))
    assert (status, out) == (2, "")
    assert "Error: " in err


def test_debug_after_the_command_says_where_it_stands(run: Run) -> None:
    status, _, err = run("info", "--debug")
    assert (status, err.splitlines()[-1]) == (2, "tsgan: --debug stands before the command: tsgan --debug COMMAND ...")


def test_nothing_is_overwritten_unless_forced(run: Run, data: Path, model: Path, tmp_path: Path) -> None:
    outputs = {tmp_path / "m.safetensors": ["fit", data, *PANEL], tmp_path / "s.csv": ["sample", model]}
    for path, command in outputs.items():
        path.write_text("mine")
        refused = run(*command, "-o", path)
        assert refused.status == 1
        assert refused.err == f"tsgan: '{path}' exists; name another output, or overwrite it with --force\n"
        assert path.read_text() == "mine"
        assert run(*command, "-o", path, "--force").status == 0
        assert path.read_bytes() != b"mine"


def test_force_begins_anew_where_another_fit_was_interrupted(run: Run, data: Path, model: Path, tmp_path: Path) -> None:
    shutil.copy(model, tmp_path / "m.checkpoint.safetensors")  # cannot be gone on from either
    fit = ["fit", data, "-o", tmp_path / "m.safetensors", *PANEL]
    assert run(*fit).status == 1
    assert run(*fit, "--force").status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["m.safetensors"]


def test_the_process_exits_with_the_status_and_without_a_traceback() -> None:
    code = "from tsgan_pipelines.cli import main; main()"
    ended = subprocess.run([sys.executable, "-c", code, "fit", "none.csv", "-o", "m.pt"], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (1, "tsgan: 'm.pt' must end in .safetensors, not '.pt'\n")


def test_the_demo_gets_its_budget_in_seconds(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Path, dict[str, object]]] = []
    monkeypatch.setattr("tsgan_pipelines.demo.run_demo", lambda output, **budget: calls.append((output, budget)))
    assert run("demo", "--minutes", 0.5, "-o", tmp_path, "--seed", 3).status == 0
    assert calls == [(tmp_path, {"max_time": 30.0, "seed": 3})]


def test_a_file_where_the_demo_wants_a_folder_is_one_line(run: Run, data: Path) -> None:
    status, out, err = run("demo", "-o", data)
    assert (status, out) == (1, "")
    assert err.endswith(f"File exists: '{data}'\n")


def test_a_file_from_a_spreadsheet_is_learned_continued_and_asked_for(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    """Semicolons, decimal commas, days first, a second column of dates, codes with zeros."""
    begin = pd.to_datetime(panel["site"].map({"a": "2020-01-31", "b": "2020-02-20", "c": "2020-03-10"}))
    table = panel.assign(began=begin, code=panel["site"].map({"a": "01", "b": "02", "c": "03"}))
    table.to_csv(tmp_path / "d.csv", index=False, sep=";", decimal=",", date_format="%d/%m/%Y %H:%M")
    how = ["--date-format", "%d/%m/%Y %H:%M", "--decimal", ","]
    options = [*PANEL, *how, "--schema", "code=identifier"]
    assert run("fit", tmp_path / "d.csv", "-o", tmp_path / "m.safetensors", *options).status == 0
    schema = tsgan.load(tmp_path / "m.safetensors").schema_.to_frame()
    assert schema.loc[["level", "began"], "role"].tolist() == ["numeric"] * 2
    assert schema.loc["began", "dtype"].startswith("datetime64")
    going_on = ["--given", tmp_path / "d.csv", "--length", 4, "-o", tmp_path / "f.csv"]
    assert run("sample", tmp_path / "m.safetensors", *going_on, *how).status == 0
    assert pd.read_csv(tmp_path / "f.csv")["when"].min() == "2024-01-03 12:00:00"


def test_conditions_are_read_as_the_columns_that_were_learned(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    texts = panel.assign(code=panel["site"].map({"a": "01", "b": "02", "c": "2020-01-01"}))
    texts.to_parquet(tmp_path / "d.parquet")
    options = [*PANEL, "--condition", "code"]
    assert run("fit", tmp_path / "d.parquet", "-o", tmp_path / "m.safetensors", *options).status == 0
    (tmp_path / "asked.csv").write_text("code\n02\n2020-01-01\n")
    asked = ["--conditions", tmp_path / "asked.csv", "-o", tmp_path / "s.parquet"]
    assert run("sample", tmp_path / "m.safetensors", *asked).status == 0
    assert pd.read_parquet(tmp_path / "s.parquet")["code"].unique().tolist() == ["02", "2020-01-01"]


def test_dates_without_a_time_are_told(run: Run, panel: pd.DataFrame, data: Path, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"no --time, so that the dates of \['when'\] are values like others"):
        assert run("inspect", data, "--entity", "site").status == 0
    panel.assign(seen=panel["when"]).iloc[:60].set_index("when").drop(columns="site").to_csv(
        tmp_path / "d.csv", index_label=""
    )
    assert run("inspect", tmp_path / "d.csv").err == ""


def test_a_warning_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(",x\n" + "".join(f"row {k},{k % 7}\n" for k in range(30)))
    code = f"from tsgan_pipelines.cli import main; main(['inspect', {str(tmp_path / 'd.csv')!r}])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0
    assert ended.stderr.startswith(f"tsgan: the first column of '{tmp_path / 'd.csv'}' has no name; it is learned as")
    assert ended.stderr.count("\n") == 1


def test_booleans_with_missing_cells_are_continued_from_the_file_that_was_fitted(
    run: Run, panel: pd.DataFrame, tmp_path: Path
) -> None:
    alarm = [None if k % 9 == 0 else level > 0 for k, level in enumerate(panel["level"].tolist())]
    panel.assign(alarm=alarm).to_csv(tmp_path / "d.csv", index=False)
    assert run("fit", tmp_path / "d.csv", "-o", tmp_path / "m.safetensors", *PANEL).status == 0
    going_on = ["--given", tmp_path / "d.csv", "--length", 4, "-o", tmp_path / "f.csv"]
    outcome = run("sample", tmp_path / "m.safetensors", *going_on)
    assert outcome.status == 0, outcome.err


def test_summer_time_is_read_and_a_start_without_a_zone_is_local(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    local = pd.date_range("2024-03-30", periods=60, freq="h", tz="Europe/Berlin")
    rows = panel.iloc[:60].drop(columns="site").assign(when=[stamp.isoformat() for stamp in local])
    rows.to_csv(tmp_path / "d.csv", index=False)  # 24 rows with +01:00, then +02:00
    with pytest.warns(UserWarning, match="the offset from UTC changes in 'when': its times become UTC"):
        fitted = run("fit", tmp_path / "d.csv", "-o", tmp_path / "m.safetensors", "--time", "when", "--window", 12, *QUICK)
    assert fitted.status == 0
    for start in ("2031-01-01", "2031-01-01T01:00+01:00"):
        sampled = run("sample", tmp_path / "m.safetensors", "--start", start, "--length", 2, "-o", "-")
        assert [line.partition(",")[0] for line in sampled.out.splitlines()] == [
            "when",
            "2031-01-01 00:00:00+00:00",
            "2031-01-01 01:00:00+00:00",
        ]


def test_a_condition_that_is_misspelt_gets_the_nearest_name(run: Run, data: Path, tmp_path: Path) -> None:
    run("fit", data, "-o", tmp_path / "m.safetensors", *PANEL, "--condition", "level")
    (tmp_path / "asked.csv").write_text("levle\n0.5\n")
    asked = ["--conditions", tmp_path / "asked.csv", "--length", 3, "-o", tmp_path / "s.csv"]
    told = run("sample", tmp_path / "m.safetensors", *asked)
    assert (told.status, told.err) == (
        1,
        "tsgan: conditions lack ['level']; all of ['level'] are wanted; did you mean 'level' by 'levle'?\n",
    )


def test_an_interrupted_fit_says_how_to_go_on_and_the_same_command_does(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tsgan.callbacks import Progress

    args = ["fit", data, "-o", tmp_path / "m.safetensors", "--entity", "site", "--time", "when", "--max-steps", "4"]

    def interrupt(self: Progress, model: object, record: Any, progress: float) -> None:
        if record.step == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Progress, "on_record", interrupt)
        answer = run(*args)
    assert answer.status == 130
    assert answer.err.splitlines()[-1] == (
        f"tsgan: training was interrupted at step 2; '{tmp_path / 'm.checkpoint.safetensors'}' keeps it, "
        "and the same again goes on from there"
    )
    assert not (tmp_path / "m.safetensors").exists()
    refused = run(*args, "--seed", "1")
    assert (refused.status, "is of another fit (random_state was None, is 1)" in refused.err) == (1, True)
    assert run(*args).status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["m.safetensors"]
