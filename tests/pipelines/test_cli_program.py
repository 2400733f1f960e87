"""What holds for all commands: tracebacks, interrupts, completion."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tsgan_pipelines.demo

Run = Callable[..., Any]
PROGRAM = [sys.executable, "-c", "from tsgan_pipelines.cli import main; main()"]


def test_a_mistake_has_a_traceback_only_with_debug(run: Run) -> None:
    line = "tsgan: there is no file 'none.csv'\n"
    assert run("inspect", "none.csv").err == line
    with_traceback = run("--debug", "inspect", "none.csv")
    assert with_traceback.status == 1
    assert with_traceback.err.startswith("Traceback")
    assert with_traceback.err.endswith(line)


def test_what_nobody_foresaw_is_one_line_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tsgan_pipelines.demo, "run_demo", lambda *_, **__: dict[str, int]()["lost"])
    assert run("demo") == (1, "", "tsgan: KeyError: 'lost' (--debug says where)\n")
    assert "in <lambda>" in run("--debug", "demo").err


def test_an_interrupt_is_status_130_and_quiet(data: Path, tmp_path: Path) -> None:
    options = ["--entity", "site", "--time", "when", "--max-time", "60"]
    command = [*PROGRAM, "fit", str(data), "-o", str(tmp_path / "m.safetensors"), *options]
    # A background job of a shell has interrupts ignored.
    hook = "import signal, threading, _thread; signal.signal(signal.SIGINT, signal.default_int_handler)"
    hook += "; threading.Timer(2, _thread.interrupt_main).start()"
    command[2] = f"{hook}; {command[2]}"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("typed", "offered"), [("tsgan au", ["audit"]), ("tsgan fit --max-", ["--max-steps", "--max-time"])]
)
def test_the_shell_completes_commands_and_options(typed: str, offered: list[str]) -> None:
    words = {"_TSGAN_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    found = subprocess.run(PROGRAM, env=os.environ | words, capture_output=True, text=True)
    assert found.stdout.split() == offered


def test_the_completion_of_a_shell_is_shown() -> None:
    asked = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    shown = subprocess.run([*PROGRAM, "--show-completion", "zsh"], env=os.environ | asked, capture_output=True, text=True)
    assert shown.returncode == 0
    assert shown.stdout.startswith("#compdef tsgan")
