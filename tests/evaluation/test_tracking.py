"""A report goes to MLflow's active run, or to one of its own."""

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from tsgan_evaluation import Report, evaluate


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    experiment = mlflow.create_experiment("test", artifact_location=(tmp_path / "artifacts").as_uri())
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", experiment)


@pytest.fixture(scope="module")
def report() -> Report:
    draw = np.random.default_rng(0)

    def table() -> pd.DataFrame:
        x = draw.normal(size=(800, 3)).cumsum(0)
        return pd.DataFrame(x, columns=["a", "b:1", "b;1"]).assign(id=np.repeat(np.arange(40), 20))

    return evaluate(table(), table(), entity="id", metrics=["ks", "window_distance"], floor_repeats=2)


def artifacts(run_id: str) -> set[str]:
    return {Path(item.path).name for item in mlflow.MlflowClient().list_artifacts(run_id, "evaluation")}


def test_without_a_run_it_has_one_of_its_own(report: Report) -> None:
    run = mlflow.get_run(report.log_to_mlflow())
    assert mlflow.active_run() is None
    assert run.info.status == "FINISHED"
    figures = {row.metric: row for row in report.rows if row.column in ("", "a")}
    assert run.data.metrics["marginal/ks/a"] == pytest.approx(figures["ks"].value)
    assert run.data.metrics["floor/marginal/ks/a"] == pytest.approx(figures["ks"].floor)
    assert {"marginal/ks/b_1", "marginal/ks/b_1_", "privacy/window_distance"} <= set(run.data.metrics)
    assert {"report.html", "scores.csv", "report.json"} <= artifacts(run.info.run_id)
    assert any(name.endswith(".png") for name in artifacts(run.info.run_id))
    assert {item.dataset.name for item in run.inputs.dataset_inputs} == {"real", "synthetic"}


def test_a_run_that_is_active_stays_so(report: Report) -> None:
    with mlflow.start_run() as outer:
        assert report.log_to_mlflow(real_data=False) == outer.info.run_id
        active = mlflow.active_run()
        assert active is not None
        assert active.info.run_id == outer.info.run_id
    assert '"closest": null' in mlflow.artifacts.load_text(f"runs:/{outer.info.run_id}/evaluation/report.json")
