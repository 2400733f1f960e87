"""Servers that do not answer, folders that cannot be written, full disks: one line each, and nothing half-written."""

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.pipelines.plant import config, store, table
from tests.servers import free_port
from tsgan import TSGAN
from tsgan_evaluation._writing import write_whole
from tsgan_pipelines.files import make_folder, replacing_folder, write_table
from tsgan_pipelines.pipeline import run as run_pipeline
from tsgan_pipelines.reach import check_store

TABLE = pd.DataFrame({"x": [1.0, 2.0]})
# In a mount namespace of the command's own, which ends with it.
MOUNTED: list[str | Path] = [
    "unshare",
    "--mount",
    "sh",
    "-c",
    'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"',
    "sh",
]
COMMAND: list[str | Path] = [sys.executable, "-c", "from tsgan_pipelines.cli import main; main()"]


@pytest.fixture(scope="module")
def fitted() -> TSGAN:
    frame = pd.DataFrame({"x": np.random.default_rng(0).normal(size=60)})
    return TSGAN(max_steps=1, random_state=0, device="cpu").fit(frame)


@pytest.mark.parametrize("scheme", ["http", "postgresql+psycopg"])
def test_a_store_that_does_not_answer_is_told_at_once_and_without_its_password(scheme: str) -> None:
    begun, before = time.monotonic(), dict(os.environ)
    with pytest.raises(ConnectionError, match=r"start .*, or correct tracking\.uri") as caught:
        check_store(f"{scheme}://me:secret@127.0.0.1:{free_port()}/mlflow")
    assert time.monotonic() - begun < 5
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert dict(os.environ) == before


@pytest.mark.parametrize("uri", ["databricks", "./mlruns", "sqlite:///new/mlflow.db"])
def test_what_may_answer_later_is_left_to_mlflow(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_store(uri)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_without_its_server_a_pipeline_makes_its_files_and_says_so_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    address = f"http://127.0.0.1:{free_port()}"
    result = run_pipeline(config(tracking={"uri": address}), say=said.append, table=table())
    assert result.redone == ["fit", "sample", "evaluate"]
    assert said[0].startswith("tracking: no MLflow server answers at")
    assert said[0].endswith("the work goes on without it")
    assert said[-1].startswith("log: MLflow failed (no MLflow server answers at")
    assert said[-1].endswith("run again to retry, nothing else is redone")
    assert run_pipeline(config(tracking={"uri": store()}), say=said.append, table=table()).redone == ["log"]


def full(*args: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_folder(folder: Path) -> None:
    with replacing_folder(folder) as part:
        (part / "new").write_text("new")


WRITERS: dict[str, Callable[[Path, TSGAN], object]] = {
    "table": lambda path, fitted: write_table(TABLE, path.with_suffix(".csv")),
    "model": lambda path, fitted: fitted.save(path.with_suffix(".safetensors")),
    "page": lambda path, fitted: write_whole(path.with_suffix(".html"), "page"),
    "folder": lambda path, fitted: write_folder(path),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_full_disk_leaves_what_was_there(
    kind: str, fitted: TSGAN, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WRITERS[kind](tmp_path / "out", fitted)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        WRITERS[kind](tmp_path / "out", fitted)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert not [*tmp_path.glob(".*")]


def test_a_folder_that_is_replaced_keeps_nothing_of_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").touch()
    write_folder(tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "new"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(NotADirectoryError, match="is a file; name a folder"):
        make_folder(tmp_path / "out")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message", "steps"),
    [
        ("ro", "(Read-only file system); name a place that you may write to", []),
        (
            "size=1m",
            "(No space left on device); free some space there and run it again",
            ["load", "fit", "sample", "evaluate"],
        ),
    ],
)
def test_a_folder_that_takes_nothing_is_one_line_and_status_1(
    options: str, message: str, steps: list[str], tmp_path: Path
) -> None:
    place = tmp_path / "mounted"
    place.mkdir()
    if shutil.which("unshare") is None or subprocess.run([*MOUNTED, "ro", place, "true"], capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here (as root they can)")
    table().to_csv(tmp_path / "plant.csv", index=False)
    (tmp_path / "p.yaml").write_text(config(folder=str(place / "run"), tracking={"uri": None}).to_yaml())
    listed: list[str | Path] = [
        "sh",
        "-c",
        '"$@"; status=$?; find "$0" -name ".*"; exit $status',
        place,
        *COMMAND,
        "run",
        "p.yaml",
    ]
    ended = subprocess.run([*MOUNTED, options, place, *listed], cwd=tmp_path, capture_output=True, text=True, check=False)
    *said, last = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (1, ""), ended.stderr
    assert last.startswith("tsgan: ")
    assert message in last
    assert [line.partition(":")[0].partition(" ")[0] for line in said] == steps
