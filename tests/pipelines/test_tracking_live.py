"""Curves grow while a model trains; a store that is away delays nothing; a fit that goes on does so in its run."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient

from tsgan import TSGAN, Callback
from tsgan_pipelines import tracking_live as live
from tsgan_pipelines.config import Tracking
from tsgan_pipelines.tracking_live import LiveRun, OpenRun
from tsgan_pipelines.tracking_machine import Machine

X = np.random.default_rng(0).normal(size=(60, 2))
STEPS = 4


class Hook(Callback):
    def __init__(self, at: int, work: Callable[[], None]) -> None:
        self.at, self.work = at, work

    def on_record(self, model: TSGAN, record: Any, progress: float) -> None:
        if record.step == self.at:
            self.work()


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of a store that is made once: it takes seconds."""
    uri = f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"
    MlflowClient(uri).search_experiments()
    return uri


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def run(uri: str, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> LiveRun:
    monkeypatch.setattr(live, "FIRST", 0.01)
    return LiveRun(Tracking(uri=uri), "inputs", tmp_path / "open.json", said.append)


def fit(*callbacks: Callback, **parameters: Any) -> TSGAN:
    return TSGAN(max_steps=STEPS, hidden_size=8, random_state=0, device="cpu", callbacks=callbacks, **parameters).fit(X)


def steps(uri: str, run: LiveRun, name: str = "critic_gradient") -> list[int]:
    found = OpenRun.read(run.file, uri, "inputs")
    assert found is not None
    return [point.step for point in MlflowClient(uri).get_metric_history(found.run_id, name)]


def test_rows_are_there_while_the_model_trains(run: LiveRun, uri: str) -> None:
    during: list[int] = []

    def look() -> None:
        end = time.monotonic() + 30
        while not during and time.monotonic() < end:
            time.sleep(0.02)
            during.extend(steps(uri, run) if run.file.exists() else [])

    fit(run, Hook(2, look))
    assert during[0] == 1
    assert steps(uri, run) == [1, 2, 3, 4]
    assert mlflow.active_run() is None


def test_calls_that_fail_are_tried_again(run: LiveRun, uri: str, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    log, failures = MlflowClient.log_batch, iter(range(3))

    def flaky(self: MlflowClient, *args: Any) -> None:
        if next(failures, None) is not None:
            raise ConnectionError("away")
        log(self, *args)

    monkeypatch.setattr(MlflowClient, "log_batch", flaky)
    fit(run)
    assert steps(uri, run) == [1, 2, 3, 4]
    assert said == []


def test_a_store_that_stays_away_is_told_once_and_costs_nothing(
    run: LiveRun, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "RETRIED", 0.05)

    def away(self: MlflowClient, *args: Any) -> None:
        raise ConnectionError("away")

    monkeypatch.setattr(MlflowClient, "log_batch", away)
    assert len(fit(run).history_) == STEPS
    (told,) = said
    assert told.startswith("fit: MLflow failed (")
    assert told.endswith("4 of 4 rows of the curves are left for the log step")


def test_a_store_that_does_not_answer_is_not_waited_for(
    run: LiveRun, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ANSWER", 0.05)
    monkeypatch.setattr(MlflowClient, "log_batch", lambda self, *args: time.sleep(3))
    assert len(fit(run).history_) == STEPS
    assert said == ["fit: MLflow failed (no answer); 4 of 4 rows of the curves are left for the log step"]


def test_a_fit_that_goes_on_does_so_in_its_run(run: LiveRun, uri: str, tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    checkpoint = tmp_path / "run.checkpoint.safetensors"
    with pytest.raises(KeyboardInterrupt):
        fit(run, Hook(2, interrupt), checkpoint=checkpoint)
    first = OpenRun.read(run.file, uri, "inputs")
    assert first is not None
    assert MlflowClient(uri).get_run(first.run_id).info.status == "KILLED"
    fit(run, checkpoint=checkpoint)
    assert steps(uri, run) == [1, 2, 3, 4]
    assert MlflowClient(uri).get_run(first.run_id).info.status == "RUNNING"
    assert OpenRun.read(run.file, uri, "other inputs") is None


def test_what_the_machine_does_stands_beside(run: LiveRun, uri: str) -> None:
    fit(run)
    assert steps(uri, run, "system/system_memory_usage_megabytes") == steps(uri, run)
    found = Machine().read()
    assert 0 <= found["system/cpu_utilization_percentage"] <= 100
    assert found["system/system_memory_usage_megabytes"] > 100
