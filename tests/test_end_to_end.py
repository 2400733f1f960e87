"""What the documentation promises, from an empty folder: a config, two edits, one command; tracked, registered, served."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import mlflow
import pytest

from tests.servers import QUIET, scoring_server

COMMAND = [sys.executable, "-c", "from tsgan_pipelines.cli import main; main()"]
EDITS = {"max_time: 120": "max_steps: 20", "register_as: null": "register_as: weather"}
# Beyond the two edits: fewer figures, for the test's time, and gates that a model after twenty steps passes.
SHORTER = {
    "[marginal, temporal, dependence, feature_judge, next_step, multi_step, embedding, privacy]": "[marginal, feature_judge]"
}
GATES = {"judge_auc: <= 0.99": "judge_auc: <= 1", "window_copies: <= 0.2": ""}


def tsgan(folder: Path, *args: str) -> str:
    environment = {**os.environ, **QUIET}
    ended = subprocess.run([*COMMAND, *args], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.slow
def test_from_an_empty_folder_to_synthetic_rows_over_http(tmp_path: Path) -> None:
    text = tsgan(tmp_path, "config")
    for old, new in {**EDITS, **SHORTER, **GATES}.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    (tmp_path / "p.yaml").write_text(text)
    assert "the gates pass" in tsgan(tmp_path, "run", "p.yaml")

    store = f"sqlite:///{tmp_path}/mlflow.db"
    client = mlflow.MlflowClient(store)
    version = client.get_model_version_by_alias("weather", "champion")
    run = client.get_run(version.run_id)
    assert {"judge_auc", "marginal/ks/temp", "floor/marginal/ks/temp", "critic_loss"} <= run.data.metrics.keys()
    files = {Path(found.path).name for found in client.list_artifacts(run.info.run_id, "evaluation")}
    assert {"report.html", "scores.csv", "marginals.png", "map.png"} <= files

    with scoring_server(tmp_path, "models:/weather@champion", {"MLFLOW_TRACKING_URI": store}) as address:
        body = json.dumps({"dataframe_records": [], "params": {"n": 2, "length": 24, "random_state": 0}}).encode()
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            rows = json.load(answer)["predictions"]
    assert len(rows) == 48
    assert {"origin", "time_hour", "temp", "humid"} <= rows[0].keys()
    assert len({row["origin"] for row in rows}) == 2
