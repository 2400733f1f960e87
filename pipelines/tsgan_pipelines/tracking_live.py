"""The curves of a training in MLflow as they grow, from a thread of its own: the training waits for nothing."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple

from mlflow import MlflowClient
from mlflow.entities import Metric

from tsgan import TSGAN
from tsgan.callbacks import Callback
from tsgan_pipelines.config import Tracking
from tsgan_pipelines.files import replacing
from tsgan_pipelines.tracking_machine import Machine

if TYPE_CHECKING:
    from tsgan.training import Record

FIRST, LONGEST = 1.0, 60.0  # seconds until a failed call is tried again, twice as many each time
RETRIED = 5.0  # seconds in which calls are tried again when the training has ended
ANSWER = 60.0  # seconds for the store to answer then: one that is new makes its tables first


class OpenRun(NamedTuple):
    """A run that is not ended: of which store, of a fit with which inputs, and the last step that is logged."""

    uri: str
    inputs: str
    run_id: str
    last: int

    @classmethod
    def read(cls, file: Path, uri: str, inputs: str) -> OpenRun | None:
        """The one in a file, if it is of this store and this fit."""
        found = cls(*json.loads(file.read_text())) if file.is_file() else None
        return found if found is not None and (found.uri, found.inputs) == (uri, inputs) else None


class LiveRun(Callback):
    """Logs each row of the history, and what the machine does, to a run that it opens and leaves open for the rest.

    What cannot be logged is kept and tried again. If some is left at the end, that is told once; the training is as without.

    Parameters
    ----------
    tracking : Tracking
        With a ``uri``.
    inputs : str
        The digest of what is learned from, and how: a fit that was interrupted goes on in the run that it had.
    file : Path
        Where the open run is written down.
    say : callable
        Told of trouble.
    """

    def __init__(self, tracking: Tracking, inputs: str, file: Path, say: Callable[[str], None]) -> None:
        self.tracking, self.inputs, self.file, self.say = tracking, inputs, file, say

    def on_fit_begin(self, model: TSGAN) -> None:
        """Open the run, as soon as the store answers."""
        self._rows: list[tuple[int, int, dict[str, float]]] = []  # step, milliseconds, metrics
        self._machine = Machine()
        self._open: OpenRun | None = None
        self._sent, self._status = 0, ""
        self._error: Exception | None = None
        self._wake, self._closing = Event(), Event()
        self._thread = Thread(target=self._work, name="tsgan-live", daemon=True)
        self._thread.start()
        self._wake.set()

    def on_record(self, model: TSGAN, record: Record, progress: float) -> bool | None:
        """Hand a row over."""
        self._rows.append((record.step, time.time_ns() // 1_000_000, metrics_of(record) | self._machine.read()))
        self._wake.set()
        return None

    def on_fit_end(self, model: TSGAN) -> None:
        """Wait for what is not logged yet, not for long."""
        self._deadline = time.monotonic() + RETRIED
        self._closing.set()
        self._wake.set()
        self._thread.join(ANSWER)
        if self._error is not None or self._thread.is_alive():
            cause = "no answer" if self._error is None else f"{type(self._error).__name__}: {self._error}"
            left = len(self._rows) - self._sent
            self.say(
                f"fit: MLflow failed ({cause}); {left} of {len(self._rows)} rows of the curves are left for the log step"
            )

    def on_fit_stop(self, model: TSGAN) -> None:
        """The run is as if it were killed, until the fit goes on."""
        self._status = "KILLED"
        self.on_fit_end(model)

    def _work(self) -> None:
        wait = FIRST
        while True:
            self._wake.wait()
            self._wake.clear()
            closing = self._closing.is_set()
            try:
                self._send(closing)
                self._error, wait = None, FIRST
            except Exception as error:  # of MLflow, of its store, of the network
                self._error = error
                self._wake.set()
                if closing:
                    time.sleep(wait)
                else:
                    self._closing.wait(wait)
                wait = min(2 * wait, LONGEST)
            if closing and (self._error is None or time.monotonic() > self._deadline):
                return

    def _send(self, closing: bool) -> None:
        """Log all rows that are not, and how the run has ended."""
        uri, client = str(self.tracking.uri), MlflowClient(str(self.tracking.uri))
        if self._open is None:
            self._open = self._begin(client, uri)
            self._write(self._open)
        rows = self._rows[self._sent :]
        metrics = [
            Metric(name, value, when, step)
            for step, when, values in rows
            if step > self._open.last
            for name, value in values.items()
        ]
        if metrics:
            client.log_batch(self._open.run_id, metrics)
            self._open = self._open._replace(last=metrics[-1].step)
            self._write(self._open)
        self._sent += len(rows)
        if closing and self._status:
            client.set_terminated(self._open.run_id, self._status)

    def _begin(self, client: MlflowClient, uri: str) -> OpenRun:
        """The run that `mlflow run` has begun, that in which the fit was interrupted, or a new one."""
        if (begun := os.environ.get("MLFLOW_RUN_ID")) is not None:
            return OpenRun(uri, self.inputs, begun, 0)
        known = OpenRun.read(self.file, uri, self.inputs)
        if known is not None and exists(client, known.run_id):
            client.update_run(known.run_id, status="RUNNING")
            return known
        experiment = client.get_experiment_by_name(self.tracking.experiment)
        key = client.create_experiment(self.tracking.experiment) if experiment is None else experiment.experiment_id
        return OpenRun(uri, self.inputs, client.create_run(key).info.run_id, 0)

    def _write(self, run: OpenRun) -> None:
        with replacing(self.file) as part:
            part.write_text(json.dumps(run))


def exists(client: MlflowClient, run_id: str) -> bool:
    """Whether a run is there, and not deleted."""
    from mlflow.exceptions import MlflowException

    with suppress(MlflowException):
        return bool(client.get_run(run_id).info.lifecycle_stage == "active")
    return False


def metrics_of(record: Record) -> dict[str, float]:
    """What is a curve over the steps; MLflow has times of its own."""
    return {name: value for name, value in asdict(record).items() if name not in ("step", "seconds")}
