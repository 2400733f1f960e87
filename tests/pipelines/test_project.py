"""``mlflow run pipelines``: the run that MLflow begins holds the pipeline's; files are made beside the data."""

import os
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest

from tests.pipelines.plant import config, table
from tests.servers import QUIET
from tsgan_pipelines.project import main

PROJECT = Path(__file__).parents[2] / "pipelines"


@pytest.mark.slow
def test_a_project_is_run_in_the_run_that_mlflow_begins(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "plant.csv", index=False)
    store, text = f"sqlite:///{tmp_path}/mlflow.db", config(tracking={"register_as": "plant"}).to_yaml()
    command = [sys.executable, "-m", "mlflow", "run", str(PROJECT), "--env-manager", "local", "-P", "data=plant.csv"]
    ended = subprocess.run(
        [*command, "-P", f"config={text}"],
        cwd=tmp_path,
        env={**os.environ, **QUIET, "MLFLOW_TRACKING_URI": store},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    client = mlflow.MlflowClient(store)
    (run,) = client.search_runs([found.experiment_id for found in client.search_experiments()])
    assert (tmp_path / "tsgan-run" / "run_id").read_text() == run.info.run_id
    assert (run.info.status, run.data.tags["gates"]) == ("FINISHED", "passed")
    assert (run.data.params["data"], run.data.params["entity"]) == ("plant.csv", "['site']")
    assert "marginal/ks/level" in run.data.metrics
    assert client.get_model_version_by_alias("plant", "champion").run_id == run.info.run_id


@pytest.mark.parametrize(
    ("store", "text", "message"),
    [
        ("sqlite:///mlflow.db", "{}", "tsgan: MLflow runs projects in their own folder, .* say an absolute path"),
        ("sqlite:////mlflow.db", "{modle: {}}", "tsgan: config: there is no key modle; did you mean 'model'"),
    ],
)
def test_a_mistake_is_one_line(store: str, text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    with pytest.raises(SystemExit, match=message):
        main("plant.csv", text)
