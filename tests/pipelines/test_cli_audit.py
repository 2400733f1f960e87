"""``tsgan audit``, and gates by option."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

Run = Callable[..., Any]
PANEL = ("--entity", "site", "--time", "when")


def walks(seed: int, count: int = 60) -> pd.DataFrame:
    """Series of 24 hours."""
    hours = pd.date_range("2024-01-01", periods=24, freq="h")
    steps = np.random.default_rng(seed).standard_normal((count, 24, 2)).cumsum(1).reshape(-1, 2)
    return pd.DataFrame(
        {
            "site": np.repeat([f"s{k}" for k in range(count)], 24),
            "when": [*hours] * count,
            "x": steps[:, 0],
            "y": steps[:, 1],
        }
    )


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Real data, a holdout, an honest sample and copies."""
    folder = tmp_path_factory.mktemp("sides")
    tables = {"real": walks(0), "held": walks(1), "honest": walks(2), "copies": walks(0)}
    paths = {name: folder / f"{name}.parquet" for name in tables}
    for name, table in tables.items():
        table.to_parquet(paths[name])
    return paths


@pytest.fixture
def audit(run: Run, sides: dict[str, Path]) -> Run:
    return lambda name, *options: run("audit", sides["real"], sides[name], "--holdout", sides["held"], *PANEL, *options)


def test_an_honest_sample_passes(audit: Run, sides: dict[str, Path]) -> None:
    status, out, err = audit("honest", "--gate", "window_copies <= 0.2", "--gate", "window_distance<=0.7")
    assert (status, err) == (0, "")
    assert out.startswith("as close to the real data as other real data is (against a holdout; windows of 24 steps)\n")
    assert out.endswith("the gates pass\n")
    for fact in ("floor_high", "window_copies", "closest pairs of windows"):
        assert fact in out


def test_copies_are_told_and_their_places_named(audit: Run, tmp_path: Path) -> None:
    options = ["--gate", "window_copies <= 0.2", "--json", "-o", tmp_path / "audit.json"]
    status, out, err = audit("copies", *options)
    found = json.loads(out)
    assert (status, err, found) == (3, "", json.loads((tmp_path / "audit.json").read_text()))
    assert found["refused"] == ["gate: window_copies is 1, wanted <= 0.2"]
    assert {row["family"] for row in found["rows"]} == {"privacy"}
    first = found["closest"][0]
    assert (first["distance"], first["synthetic_series"]) == (0.0, first["real_series"])
    told = audit("copies")
    assert told.status == 0
    assert told.out.startswith("too close to the real data, as copies are: window_distance")


def test_without_a_holdout_halves_of_the_real_data_do(run: Run, sides: dict[str, Path], tmp_path: Path) -> None:
    options = [*PANEL, "-o", tmp_path / "a.html"]
    status, out, _ = run("audit", sides["real"], sides["honest"], *options)
    assert status == 0
    assert "(against halves of the real data, without a holdout" in out
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]


def test_few_series_give_no_verdict_and_say_why(run: Run, tmp_path: Path) -> None:
    for seed in range(2):
        walks(seed, 30).to_parquet(tmp_path / f"{seed}.parquet")
    real, held = tmp_path / "0.parquet", tmp_path / "1.parquet"
    status, out, _ = run("audit", real, real, "--holdout", held, *PANEL)
    assert (status, out.partition(" (")[0]) == (0, "no verdict")
    assert "window_copies: no floor, because" in out


def test_evaluate_has_gates_too(run: Run, sides: dict[str, Path]) -> None:
    options = [*PANEL, "--metric", "range_violations", "--gate", "range_violations > 1"]
    status, out, _ = run("evaluate", sides["real"], sides["honest"], *options)
    assert status == 3
    assert "refused: gate: range_violations is 0" in out


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        (
            "window_copy <= 0.2",
            "--gate 'window_copy <= 0.2': there is no score 'window_copy' here; did you mean 'window_copies'?",
        ),
        ("ks <= 0.2", "--gate 'ks <= 0.2': there is no score 'ks' here; there are 'window_distance', "),
        ("window_copies", "--gate 'window_copies' must be a score and its bound, such as 'window_copies <= 0.2'"),
        ("", "--gate '' must be a score and its bound"),
    ],
)
def test_a_gate_that_cannot_be_is_told(gate: str, message: str, audit: Run) -> None:
    status, out, err = audit("honest", "--gate", gate)
    assert (status, out) == (1, "")
    assert err.startswith(f"tsgan: {message}")
    assert err.count("\n") == 1
