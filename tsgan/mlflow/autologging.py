"""Every fit in MLflow's active run: parameters, the data's digest and schema, losses, the model."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import mlflow
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.utils.autologging_utils import autologging_integration, get_autologging_config, safe_patch

from tsgan.callbacks import Callback
from tsgan.digest import as_frames, digest
from tsgan.estimator import TSGAN
from tsgan.flat import to_table
from tsgan.mlflow.saving import FLAVOR, log_model
from tsgan.mlflow.signature import SHOWN, columns

if TYPE_CHECKING:
    from tsgan.training import Record

logger = logging.getLogger(__name__)


class RunLogger(Callback):
    """Logs a fit to the run that is active when it begins; ends no run.

    Trouble with MLflow does not end the training: a warning in the log ``tsgan.mlflow.autologging`` tells of it, and nothing
    more of this fit is logged.

    Parameters
    ----------
    data : as for ``fit``
        What is learned from.
    log_models : bool, default=True
        Whether to log the model at the end.
    registered_model_name : str, optional
        Register it too.

    Attributes
    ----------
    failed : bool
        Whether anything of the last fit is not logged.
    """

    def __init__(self, data: Any, log_models: bool = True, registered_model_name: str | None = None) -> None:
        self.data, self.log_models, self.registered_model_name = data, log_models, registered_model_name

    def on_fit_begin(self, model: TSGAN) -> None:
        """Log parameters, digest and schema."""
        self.failed, self._step = False, 0
        self._guarded(lambda: self._log_beginning(model))

    def on_record(self, model: TSGAN, record: Record, progress: float) -> bool | None:
        """Log a row of the history under its step."""
        self._guarded(lambda: self._log_record(record))
        return None

    def on_fit_end(self, model: TSGAN) -> None:
        """Log the model."""
        if self.log_models:
            self._guarded(lambda: self._log_model(model))

    def _guarded(self, log: Callable[[], object]) -> None:
        if self.failed:
            return
        try:
            log()
        except Exception as error:
            self.failed = True
            logger.warning("MLflow failed (%s: %s); nothing more of this fit is logged", type(error).__name__, error)

    def _log_beginning(self, model: TSGAN) -> None:
        others = [type(callback).__name__ for callback in model.callbacks or () if callback is not self]
        optimizer = getattr(model.optimizer, "__name__", model.optimizer)
        mlflow.log_params(model.get_params() | {"callbacks": others or None, "optimizer": optimizer})
        run = mlflow.active_run()  # the one that log_params has opened, if there was none
        self._run_id = run.info.run_id
        frames = as_frames(self.data)
        schema = columns(to_table(frames[0].head(SHOWN), []))
        source = CodeDatasetSource({})  # that the data came from a program is all that is known of it
        mlflow.log_input(MetaDataset(source, "data", digest(frames), schema), "training")
        mlflow.log_text(f"{model.schema_}\n", "schema.txt")

    def _log_record(self, record: Record) -> None:
        metrics = asdict(record)
        self._step = metrics.pop("step")
        del metrics["seconds"]  # MLflow has times of its own
        mlflow.log_metrics(metrics, step=self._step, run_id=self._run_id)

    def _log_model(self, model: TSGAN) -> None:
        log_model(model, registered_model_name=self.registered_model_name, run_id=self._run_id, step=self._step)


@autologging_integration(FLAVOR)  # type: ignore[untyped-decorator]
def autolog(
    log_models: bool = True, registered_model_name: str | None = None, disable: bool = False, silent: bool = False
) -> None:
    """Log every :meth:`tsgan.TSGAN.fit` from now on, and nothing else.

    To the active run, which stays open; without one each fit has a run of its own. Logged are ``get_params()``, a digest and
    the schema of the data, each row of the history under its step (losses, penalty, Wasserstein estimate, validation
    distance, norms of gradients, steps per second), and the model. One run holds one fit: MLflow refuses other values of the
    same parameters.

    Trouble with MLflow does not end a training: a warning tells of it, and nothing more of that fit is logged.

    Parameters
    ----------
    log_models : bool, default=True
        Whether to log the model at the end.
    registered_model_name : str, optional
        Register it too.
    disable : bool, default=False
        Log no more.
    silent : bool, default=False
        Whether to keep MLflow's own messages back.
    """
    safe_patch(FLAVOR, TSGAN, "fit", _logged_fit, manage_run=True)


def _logged_fit(original: Callable[..., TSGAN], model: TSGAN, *args: Any, **kwargs: Any) -> TSGAN:
    """``fit`` with one callback more, for its duration."""
    options = {name: get_autologging_config(FLAVOR, name) for name in ("log_models", "registered_model_name")}
    callbacks = model.callbacks
    model.callbacks = [*(callbacks or ()), RunLogger(args[0] if args else kwargs.get("X"), **options)]
    try:
        return original(model, *args, **kwargs)
    finally:
        model.callbacks = callbacks
