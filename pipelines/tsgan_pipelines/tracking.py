"""A pipeline's run in MLflow, from the files that its steps have made."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.tracking._tracking_service.utils import _use_tracking_uri

from tsgan import TSGAN
from tsgan import load as load_model
from tsgan.mlflow import RunLogger
from tsgan.training import Record
from tsgan_pipelines.config import Config, Tracking
from tsgan_pipelines.files import replacing
from tsgan_pipelines.steps import FIGURES
from tsgan_pipelines.tracking_live import OpenRun, exists

ALIAS = "champion"
ADDRESS = "MLFLOW_TRACKING_URI"
SHOWN = 100  # rows of the sample
MOST = 1000  # metrics that MLflow takes at once


def log_run(
    config: Config,
    train: pd.DataFrame,
    model_file: Path,
    synthetic: Path,
    evaluation: Path,
    reasons: list[str],
    run_file: Path,
    live: OpenRun | None = None,
) -> None:
    """Log a run, register its model if there is no reason against it, and write the run's id to a file.

    Parameters
    ----------
    config : Config
    train : DataFrame
        What was learned from.
    model_file, synthetic : Path
    evaluation : Path
        The folder of what was found.
    reasons : list of str
        The gates that are broken.
    run_file : Path
    live : OpenRun, optional
        The run that was opened for the training; a new one if it is not there.
    """
    model = load_model(model_file)
    with _store(config.tracking) as experiment:
        if live is not None and not exists(mlflow.MlflowClient(), live.run_id):
            live = None
        with _started(live, experiment) as run:
            _log(config, model, train, synthetic, evaluation, reasons, run.info.run_id)
        with replacing(run_file) as part:
            part.write_text(run.info.run_id)


def _started(live: OpenRun | None, experiment: str) -> mlflow.ActiveRun:
    return mlflow.start_run(experiment_id=experiment) if live is None else mlflow.start_run(live.run_id)


def _log(
    config: Config, model: TSGAN, train: pd.DataFrame, synthetic: Path, evaluation: Path, reasons: list[str], run_id: str
) -> None:
    """Everything, into the active run."""
    _log_fit(model, train, config.tracking.register_as if not reasons else None, run_id)
    metrics = list(json.loads((evaluation / FIGURES).read_text())["metrics"].items())
    for first in range(0, len(metrics), MOST):
        mlflow.log_metrics(dict(metrics[first : first + MOST]))
    mlflow.log_artifacts(str(evaluation), "evaluation")
    mlflow.log_text(config.to_yaml(), "pipeline.yaml")
    mlflow.log_text(pd.read_parquet(synthetic).head(SHOWN).to_csv(index=False), "sample.csv")
    mlflow.set_tags({"gates": "; ".join(reasons) or "passed", "git_commit": _commit()})


def _log_fit(model: TSGAN, train: pd.DataFrame, name: str | None, run_id: str) -> None:
    """What `tsgan.mlflow.autolog` would have logged and the run does not have; a model that gets a name gets the alias too.

    Raises
    ------
    MlflowException
        If any of it could not be logged.
    """
    logger = RunLogger(train, registered_model_name=name)
    logger.on_fit_begin(model)
    there = [point.step for point in mlflow.MlflowClient().get_metric_history(run_id, "critic_loss")]
    for row in model.history_[~model.history_["step"].isin(there)].to_dict("records"):
        logger.on_record(model, Record(**row), 1.0)
    logger.on_fit_end(model)
    if logger.failed:
        raise mlflow.MlflowException("the fit could not be logged; the log of tsgan.mlflow says why")
    if name is not None:
        client = mlflow.MlflowClient()
        version = max(client.search_model_versions(f"name = '{name}'"), key=lambda found: int(found.version)).version
        client.set_registered_model_alias(name, ALIAS, version)


@contextmanager
def _store(tracking: Tracking) -> Iterator[str]:
    """The id of the experiment, in MLflow's store inside; the store as it was outside."""
    before = os.environ.get(ADDRESS)
    try:
        with _use_tracking_uri(str(tracking.uri)):
            found = mlflow.get_experiment_by_name(tracking.experiment)
            yield mlflow.create_experiment(tracking.experiment) if found is None else found.experiment_id
    finally:
        if before is not None:  # MLflow has removed it
            os.environ[ADDRESS] = before


def _commit() -> str:
    """Of the folder in which the pipeline runs; nothing where it is no repository, or git is not there."""
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return found.stdout.strip()
