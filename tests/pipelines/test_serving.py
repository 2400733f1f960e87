"""``tsgan serve``: a real server of MLflow's, and what is refused before one is started."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
LISTEN = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a shell's background jobs do not
PROGRAM = [sys.executable, "-c", f"{LISTEN}; from tsgan_pipelines.cli import main; main()"]


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")


@pytest.mark.slow
def test_a_model_file_is_served_until_interrupted(model: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    environment = os.environ | {"TMPDIR": str(tmp_path / "scratch"), "TSGAN_MAX_ROWS": "100"}
    command = [*PROGRAM, "serve", str(model), "--port", "0"]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment) as process,
    ):
        assert process.stdout is not None
        told = process.stdout.readline(), process.stdout.readline()
        try:
            assert told[0].startswith(f"{model} is served at http://127.0.0.1:"), (tmp_path / "log").read_text()
            address, body = told[1].split()[1], told[1].partition(" -d ")[2].strip().strip("'")
            request = urllib.request.Request(address, body.encode(), {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                rows = json.loads(answer.read())["predictions"]
            assert [[*row] for row in rows] == [["site", "when", "level", "flow"]] * 3
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    assert not [*(tmp_path / "scratch").glob("tsgan-*")]
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=5)


def test_an_address_that_is_taken_is_told(run: Run, model: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, out, err = run("serve", model, "--port", port)
    assert (status, out) == (1, "")
    assert err.startswith(f"tsgan: cannot listen at 127.0.0.1:{port} (")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("none.safetensors", "tsgan: there is no model file 'none.safetensors'"),
        ("none", "tsgan: 'none' is no model of tsgan that MLflow finds"),
        pytest.param(
            "models:/none@champion",
            "tsgan: 'models:/none@champion' is no model of tsgan that MLflow",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_model_that_is_not_there_is_told(
    model: str, message: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run("serve", model, "--port", 0)
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].startswith(message)


def test_a_limit_that_is_none_is_told(run: Run, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TSGAN_MAX_ROWS", "many")
    assert run("serve", model).err.startswith("tsgan: the environment variable TSGAN_MAX_ROWS='many' must be")
