"""Every fit is in the run, its run is ended and no other, and trouble with MLflow never ends a training."""

import os
from collections.abc import Iterator
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import torch
from mlflow.entities import Run

import tsgan.mlflow
from tsgan import TSGAN, Callback
from tsgan.digest import as_frames, digest
from tsgan.exceptions import ParameterError

X = pd.DataFrame({"level": np.random.default_rng(0).normal(size=60), "kind": np.resize(["on", "on", "off"], 60)})
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def logging(store: str) -> Iterator[str]:
    """Autologging into an experiment of the test's own."""
    tsgan.mlflow.autolog()
    yield store
    tsgan.mlflow.autolog(disable=True)


def fit(data: Any = X, **parameters: Any) -> TSGAN:
    model = TSGAN(max_steps=3, random_state=0, device="cpu")
    model.set_params(**parameters)
    return model.fit(data)


def runs(experiment: str) -> list[Run]:
    found: list[Run] = mlflow.search_runs([experiment], output_format="list")
    return found


def test_parameters_data_losses_and_the_model_are_in_a_run_of_its_own(logging: str) -> None:
    model = fit(callbacks=[Callback()])
    assert mlflow.active_run() is None
    (run,) = runs(logging)
    assert run.info.status == "FINISHED"
    assert run.data.params == {name: str(value) for name, value in model.get_params().items()} | {
        "callbacks": "['Callback']"
    }
    (data,) = run.inputs.dataset_inputs
    assert data.dataset.digest == digest([X])
    assert '"name": "level"' in data.dataset.schema
    schema = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/schema.txt")
    assert schema == f"{model.schema_}\n"
    (output,) = run.outputs.model_outputs
    loaded = tsgan.mlflow.load_model(f"models:/{output.model_id}", device="cpu")
    pd.testing.assert_frame_equal(loaded.sample(1, random_state=0), model.sample(1, random_state=0))


def test_a_factory_of_optimisers_is_logged_by_its_name(logging: str) -> None:
    fit(optimizer=torch.optim.AdamW)
    assert runs(logging)[0].data.params["optimizer"] == "AdamW"


def test_every_record_is_logged_under_its_step(logging: str) -> None:
    model, client = fit(), mlflow.MlflowClient()
    (run,) = runs(logging)
    names = ["critic_loss", "generator_loss", "penalty", "wasserstein", "moments", "validation_distance"]
    for name in names:
        told = {point.step: point.value for point in client.get_metric_history(run.info.run_id, name) if not point.model_id}
        assert told == pytest.approx(dict(zip(model.history_["step"], model.history_[name], strict=True)))
    speed = client.get_metric_history(run.info.run_id, "steps_per_second")
    assert {point.step for point in speed} == {1, 2, 3}
    assert all(point.value > 0 for point in speed)


def test_a_run_of_the_users_stays_open(logging: str) -> None:
    with mlflow.start_run() as mine:
        fit()
        assert mlflow.active_run().info.run_id == mine.info.run_id
        mlflow.log_param("mine", 1)
    (run,) = runs(logging)
    assert run.data.params["mine"] == "1"
    assert run.data.params["max_steps"] == "3"


def test_the_fit_is_as_without_it(logging: str) -> None:
    callbacks = [Callback()]
    logged = fit(callbacks=callbacks)
    assert logged.callbacks is callbacks
    tsgan.mlflow.autolog(disable=True)
    pd.testing.assert_frame_equal(logged.sample(), fit().sample())


def test_what_is_turned_off_logs_nothing(logging: str) -> None:
    tsgan.mlflow.autolog(disable=True)
    fit()
    assert runs(logging) == []


def test_only_a_fit_is_logged(logging: str) -> None:
    model = fit()
    model.sample(2)
    model.score(X)
    assert len(runs(logging)) == 1


def test_the_model_is_left_out_or_registered(logging: str) -> None:
    tsgan.mlflow.autolog(log_models=False)
    fit()
    assert not runs(logging)[0].outputs.model_outputs
    tsgan.mlflow.autolog(registered_model_name="by itself")
    fit()
    assert tsgan.mlflow.load_model("models:/by itself/1").window_ == 24


def test_a_fit_that_fails_says_why_and_its_run_has_failed(logging: str) -> None:
    with pytest.raises(ParameterError, match="window"):
        fit(window=1)
    (run,) = runs(logging)
    assert run.info.status == "FAILED"
    assert mlflow.active_run() is None


class Interrupt(Callback):
    def on_record(self, model: TSGAN, record: Any, progress: float) -> None:
        raise KeyboardInterrupt


def test_an_interrupted_fit_ends_its_run(logging: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(callbacks=[Interrupt()])
    assert mlflow.active_run() is None
    assert runs(logging)[0].info.status == "FAILED"


@pytest.mark.parametrize("trouble", ["log_params", "log_input", "log_metrics"])
def test_trouble_with_tracking_is_told_once_and_training_goes_on(
    logging: str, trouble: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("the server is gone")

    monkeypatch.setattr(mlflow, trouble, fail)
    assert len(fit().history_) == 3
    told = [record.message for record in caplog.records if record.name == "tsgan.mlflow.autologging"]
    assert told == ["MLflow failed (ConnectionError: the server is gone); nothing more of this fit is logged"]
    (run,) = runs(logging)
    assert not run.outputs.model_outputs
    assert mlflow.active_run() is None


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


def test_a_server_that_is_not_there_does_not_end_a_training(
    logging: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", NOWHERE)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    assert len(fit().history_) == 3
    assert mlflow.active_run() is None
    (told,) = warnings_in(caplog)
    assert told.startswith("Encountered unexpected error during tsgan autologging")


class Outage(Callback):
    def on_record(self, model: TSGAN, record: Any, progress: float) -> None:
        os.environ["MLFLOW_TRACKING_URI"] = NOWHERE


def test_a_server_that_goes_away_does_not_end_a_training(
    logging: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    assert len(fit(callbacks=[Outage()]).history_) == 3
    assert mlflow.active_run() is None
    lost, unended = warnings_in(caplog)
    assert lost.endswith("nothing more of this fit is logged")
    assert unended.startswith("Encountered unexpected error during tsgan autologging")


def test_two_fits_in_one_run_are_told_and_both_trained(logging: str, caplog: pytest.LogCaptureFixture) -> None:
    with mlflow.start_run():
        fit()
        assert len(fit(max_steps=2).history_) == 2
    assert "Changing param values is not allowed" in caplog.text


def test_the_callback_works_by_itself(store: str) -> None:
    with mlflow.start_run():
        fit(callbacks=[tsgan.mlflow.RunLogger(X, log_models=False)])
    (run,) = runs(store)
    assert run.data.metrics["steps_per_second"] > 0


def test_the_digest_changes_with_anything_that_is_learned_from() -> None:
    series = X["level"].to_numpy()
    variants = [
        X,
        X.rename(columns={"level": "height"}),
        X.astype({"level": np.float32}),
        X.iloc[::-1],
        X.iloc[:-1],
        X.set_index(X.index + 1),
        X.replace({"kind": {"off": "of"}}),
        [X, X],
        series.reshape(-1, 1),
        series.reshape(2, 30, 1),
        series.reshape(30, 2),
    ]
    assert len({digest(as_frames(data)) for data in variants}) == len(variants)
    assert digest(as_frames(X.copy())) == digest(as_frames(X))


@pytest.mark.parametrize(
    "data", [np.random.default_rng(0).normal(size=(40, 6, 2)).tolist(), [X, X]], ids=["lists", "frames"]
)
def test_whatever_fit_takes_can_be_logged(logging: str, data: Any, caplog: pytest.LogCaptureFixture) -> None:
    fit(data, window=6)
    (run,) = runs(logging)
    assert run.inputs.dataset_inputs
    assert warnings_in(caplog) == []
