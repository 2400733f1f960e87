"""``--json``: one document on standard output and nothing else there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tsgan_pipelines.config import Config
from tsgan_pipelines.documents import to_json

Run = Callable[..., Any]
PANEL = ("--entity", "site", "--time", "when")


def test_what_has_no_value_is_null() -> None:
    assert json.loads(to_json({"a": [float("nan"), 1.5], 2: {"b": float("inf")}})) == {"a": [None, 1.5], "2": {"b": None}}


def test_inspect_names_columns_and_constraints_as_they_are_typed(run: Run, panel: pd.DataFrame, tmp_path: Path) -> None:
    panel.assign(more=panel["level"] + 1).to_csv(tmp_path / "d.csv", index=False)
    found = json.loads(run("inspect", tmp_path / "d.csv", *PANEL, "--json").out)
    assert [row["column"] for row in found["columns"]] == ["site", "when", "level", "flow", "more"]
    assert found["columns"][0]["role"] == "entity"
    assert "level <= more" in found["constraints"]


def test_fit_and_info_say_the_same_of_a_model(run: Run, data: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    fitted = run("fit", data, "-o", path, *PANEL, "--max-steps", 2, "--json")
    found = json.loads(fitted.out)
    assert found == json.loads(run("info", path, "--json").out)
    assert (found["model"], found["bytes"]) == (str(path), path.stat().st_size)
    assert (found["steps"], found["rows"]) == (2, [60, 60])
    assert "training" in fitted.err


def test_sample_says_what_it_wrote(run: Run, model: Path, tmp_path: Path) -> None:
    out = run("sample", model, "-n", 2, "-o", tmp_path / "s.csv", "--json").out
    assert json.loads(out) == {
        "output": str(tmp_path / "s.csv"),
        "rows": 120,
        "columns": ["site", "when", "level", "flow"],
    }


def test_the_config_as_json_is_a_config(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(run("config", "--json").out)
    assert Config.read(tmp_path / "p.json") == Config()


def test_a_mistake_is_a_line_on_stderr_here_too(run: Run) -> None:
    assert run("inspect", "none.csv", "--json") == (1, "", "tsgan: there is no file 'none.csv'\n")
