"""A sweep in MLflow: a run with one for each trial below it, made from the study alone, to be made good later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NAME
from optuna.trial import FrozenTrial, TrialState

from tsgan_pipelines.config import Config
from tsgan_pipelines.reach import check_store
from tsgan_pipelines.study import ERROR, HISTORY, whole

STUDY, TRIAL = "tsgan.study", "tsgan.trial"
STATUS = {TrialState.COMPLETE: "FINISHED", TrialState.PRUNED: "KILLED", TrialState.FAIL: "FAILED"}
DISTANCE = "final_validation_distance"
MOST = 50_000  # runs that MLflow finds at once


class SweepLogger:
    """Logs trials that are not logged yet; neither the active run nor the store in use change.

    Trouble with MLflow is told once, and nothing more of this sweep is logged; the next one makes it good.

    Parameters
    ----------
    config : Config
    study : str
        What no other study is called.
    say : callable
        Told of trouble.
    """

    def __init__(self, config: Config, study: str, say: Callable[[str], None]) -> None:
        self.config, self.study, self.say = config, study, say
        self.failed = config.tracking.uri is None

    def log(self, trials: list[FrozenTrial]) -> None:
        """Log what is new of the trials, which are all that have ended, in their order."""
        self._guarded(lambda: self._log(trials))

    def close(self, best: Path, run_id: str | None) -> None:
        """End the sweep's run, with the config of the best trial, and put the pipeline's run below it.

        Parameters
        ----------
        best : Path
            The config.
        run_id : str or None
            Of the pipeline's run, if it has been logged now.
        """
        self._guarded(lambda: self._close(best, run_id))

    def _guarded(self, log: Callable[[], None]) -> None:
        if self.failed:
            return
        try:
            check_store(str(self.config.tracking.uri))
            log()
        except Exception as error:  # of MLflow, of its store, of the network: the sweep goes on
            self.failed = True
            cause = str(error) if isinstance(error, ConnectionError) else f"{type(error).__name__}: {error}"
            self.say(f"MLflow failed ({cause}); the sweep goes on, the same command logs it later")

    def _log(self, trials: list[FrozenTrial]) -> None:
        client, parent = self._parent()
        below = self._find(client, parent.info.experiment_id, MLFLOW_PARENT_RUN_ID, parent.info.run_id)
        there = {run.data.tags.get(TRIAL): run for run in below}
        for number, trial in enumerate(trials, start=1):
            run = there.get(str(number))
            if run is None or run.info.status == "RUNNING":
                self._log_trial(client, parent, number, trial, run)
        if ended := whole(trials):
            client.log_metric(parent.info.run_id, DISTANCE, ended[0].values[0], step=len(trials))

    def _log_trial(self, client: MlflowClient, parent: Run, number: int, trial: FrozenTrial, run: Run | None) -> None:
        """One trial; ``run`` is what an earlier attempt has left."""
        began, ended = ((moment.timestamp() if moment else 0) for moment in (trial.datetime_start, trial.datetime_complete))
        state = trial.state.name.lower()
        tags = {
            MLFLOW_PARENT_RUN_ID: parent.info.run_id,
            MLFLOW_RUN_NAME: f"trial {number}",
            TRIAL: str(number),
            "state": state,
        }
        if run is None:
            run = client.create_run(parent.info.experiment_id, round(1000 * began), tags)
        metrics = []
        for record in trial.user_attrs[HISTORY]:
            moment = round(1000 * (began + record["seconds"]))
            metrics += [Metric(name, record[name], moment, record["step"]) for name in record.keys() - {"step", "seconds"}]
        if trial.state == TrialState.COMPLETE:
            metrics.append(Metric(DISTANCE, trial.values[0], round(1000 * ended), 0))
        client.log_batch(
            run.info.run_id,
            metrics,
            [Param(name, str(value)) for name, value in (self.config.model | trial.params).items()],
            [RunTag("error", trial.user_attrs[ERROR])] if ERROR in trial.user_attrs else [],
        )
        client.set_terminated(run.info.run_id, STATUS[trial.state], round(1000 * ended))

    def _close(self, best: Path, run_id: str | None) -> None:
        client, parent = self._parent()
        client.log_artifact(parent.info.run_id, str(best))
        if run_id is not None:
            client.set_tag(run_id, MLFLOW_PARENT_RUN_ID, parent.info.run_id)
        client.set_terminated(parent.info.run_id)

    def _parent(self) -> tuple[MlflowClient, Run]:
        """The sweep's run, made if it is not there."""
        tracking = self.config.tracking
        client = MlflowClient(tracking_uri=tracking.uri)
        known = client.get_experiment_by_name(tracking.experiment)
        experiment = client.create_experiment(tracking.experiment) if known is None else known.experiment_id
        found = self._find(client, experiment, STUDY, self.study)
        if found:
            return client, found[0]
        run = client.create_run(experiment, tags={STUDY: self.study, MLFLOW_RUN_NAME: "sweep"})
        searched: dict[str, Any] = self.config.sweep.space.model_dump(exclude_none=True)
        client.log_batch(run.info.run_id, params=[Param(name, str(value)) for name, value in searched.items()])
        return client, run

    def _find(self, client: MlflowClient, experiment: str, tag: str, value: str) -> list[Run]:
        return list(client.search_runs([experiment], f"tags.`{tag}` = '{value}'", max_results=MOST))
