"""``-``: CSV from standard input and to standard output."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

Run = Callable[..., Any]
PANEL = ("--entity", "site", "--time", "when")


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Bytes as standard input."""
    return lambda content: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_a_table_may_come_from_standard_input(
    run: Run, data: Path, model: Path, piped: Callable[[bytes], None], tmp_path: Path
) -> None:
    piped(data.read_bytes())
    options = ["--max-steps", 2, "--seed", 0]
    assert run("fit", "-", "-o", tmp_path / "m.safetensors", *PANEL, *options).status == 0
    assert run("sample", tmp_path / "m.safetensors", "-o", "-", "--seed", 1) == run("sample", model, "-o", "-", "--seed", 1)


def test_a_sample_on_standard_output_is_the_table_alone(run: Run, model: Path, tmp_path: Path) -> None:
    status, out, err = run("sample", model, "-n", 2, "-o", "-", "--seed", 1)
    assert (status, err) == (0, "")
    run("sample", model, "-n", 2, "-o", tmp_path / "s.csv", "--seed", 1)
    assert out == (tmp_path / "s.csv").read_text()


def test_histories_may_come_from_standard_input(run: Run, data: Path, model: Path, piped: Callable[[bytes], None]) -> None:
    piped(data.read_bytes())
    out = run("sample", model, "--given", "-", "--length", 2, "-o", "-").out
    assert len(pd.read_csv(io.StringIO(out))) == 3 * 2


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["evaluate", "-", "-"], 1, "tsgan: standard input (-) can be one table only"),
        (["audit", "-", "{data}", "--holdout", "-"], 1, "tsgan: standard input (-) can be one table only"),
        (["fit", "-", "-o", "-"], 1, "tsgan: '-' must end in .safetensors"),
        (["inspect", "-"], 1, "tsgan: '-' cannot be read as .csv (No columns"),
        (["sample", "{model}", "-o", "-", "--json"], 2, "Usage"),
    ],
    ids=str,
)
def test_what_cannot_be_piped_is_told(
    args: list[str], status: int, message: str, run: Run, data: Path, model: Path, piped: Callable[[bytes], None]
) -> None:
    piped(b"")
    outcome = run(*(arg.format(data=data, model=model) for arg in args))
    assert (outcome.status, outcome.out) == (status, "")
    assert outcome.err.startswith(message)


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["config"], id="in a buffer"),
        pytest.param(["sample", "{model}", "--length", "100000", "-o", "-"], id="beyond it", marks=pytest.mark.slow),
    ],
)
def test_a_closed_pipe_ends_quietly(args: list[str], model: Path) -> None:
    code = "import sys; sys.stdin.read(); from tsgan_pipelines.cli import main; main()"
    command = [sys.executable, "-c", code, *(arg.format(model=model) for arg in args)]
    read, write = os.pipe()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=write, stderr=subprocess.PIPE)
    os.close(read)
    os.close(write)
    assert process.communicate(b"")[1] == b""  # it begins when its input ends
    assert process.returncode == 1
