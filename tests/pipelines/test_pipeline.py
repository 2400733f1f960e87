"""A pipeline from data to a registered model; what has not changed is not redone; MLflow's trouble costs nothing."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest

import tsgan
from tests.pipelines.plant import config, store, table
from tsgan.exceptions import InputError
from tsgan_pipelines import steps
from tsgan_pipelines.config import Config
from tsgan_pipelines.pipeline import run as run_pipeline

Run = Callable[..., Any]
ALL = ["fit", "sample", "evaluate", "log"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    before = mlflow.get_tracking_uri()
    yield
    assert mlflow.get_tracking_uri() == before


def test_a_run_makes_files_and_a_registered_model_and_is_not_redone() -> None:
    table().to_csv("plant.csv", index=False)
    register = {"tracking": {"uri": store(), "register_as": "plant"}}
    result = run_pipeline(config(**register), say=lambda line: None)
    assert (result.redone, result.reasons) == (ALL, [])
    assert pd.read_parquet(result.folder / "synthetic.parquet")["site"].nunique() == 24 - round(0.2 * 24)
    assert (result.folder / "evaluation" / "report.html").stat().st_size > 1e6
    assert tsgan.load(result.folder / "model.safetensors").schema_.names == ["level"]
    client = mlflow.MlflowClient(store())
    version = client.get_model_version_by_alias("plant", "champion")
    found = client.get_run((result.folder / "run_id").read_text())
    assert found.info.run_id == version.run_id
    assert found.data.metrics["marginal/ks/level"] == pytest.approx(result.headline["ks"])
    assert (found.data.params["max_steps"], found.data.tags["gates"]) == ("2", "passed")
    assert len(client.get_metric_history(found.info.run_id, "critic_loss")) == 2

    assert run_pipeline(config(**register), say=lambda line: None).redone == []
    assert run_pipeline(config(**register, sample={"seed": 1}), say=lambda line: None).redone == ALL[1:]
    assert run_pipeline(config(**register, sample={"seed": 1}), force=True, say=lambda line: None).redone == ALL


def test_a_model_that_the_gates_refuse_is_no_champion(run: Run) -> None:
    table().to_csv("plant.csv", index=False)
    Path("p.yaml").write_text(
        config(gates={"quality": {"ks": "<= 0"}}, tracking={"uri": store(), "register_as": "plant"}).to_yaml()
    )
    answer = run("run", "p.yaml")
    assert answer.status == 3
    assert "refused: quality: ks is" in answer.out
    again = run("run", "p.yaml", "--json")
    found = json.loads(again.out)
    assert (again.status, found["redone"], found["figures"]["judge_auc"]) == (3, [], None)
    assert found["refused"][0].startswith("quality: ks is")
    assert {"ks", "window_copies"} == {row["metric"] for row in found["scores"]}
    client = mlflow.MlflowClient(store())
    assert client.search_registered_models() == []
    tags = client.get_run(Path("tsgan-run/run_id").read_text()).data.tags
    assert tags["gates"].startswith("quality: ks is")


def test_trouble_with_mlflow_is_told_and_made_good_by_the_next_run() -> None:
    said: list[str] = []
    Path("file").write_text("no folder")
    broken = {"tracking": {"uri": f"sqlite:///{Path.cwd()}/file/mlflow.db"}}
    result = run_pipeline(config(**broken), say=said.append, table=table())
    assert result.redone == ALL[:3]
    assert said[-1].startswith("log: MLflow failed")
    assert run_pipeline(config(), say=said.append, table=table()).redone == ["log"]


def test_without_a_store_nothing_is_logged() -> None:
    assert run_pipeline(config(tracking={"uri": None}), say=lambda line: None, table=table()).redone == ALL[:3]
    assert not Path("mlflow.db").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": {"source": "none.csv"}}, "there is no file"),
        ({"data": {"entity": "who", "time": "when"}}, "no column 'who'"),
        ({"data": {"entity": "site", "time": "when", "drop": ["x"]}}, "data.drop: the table has no column 'x'"),
        ({"data": {"source": "plant.csv"}, "sample": {"output": "./plant.csv"}}, "sample.output: .* is the data"),
        ({"data": {"source": "wether"}}, "there is no file 'wether'; did you mean 'weather'"),
        ({"gates": {"quality": {"beauty": "> 1"}}}, "gates.quality.beauty: there is no such score"),
        ({"gates": {}}, "gates.quality.judge_auc: not among evaluation.metrics; add feature_judge, or remove the gate"),
    ],
)
def test_mistakes_are_told_before_any_training(changes: dict[str, object], message: str) -> None:
    own = None if "source" in changes.get("data", {}) else table()  # type: ignore[operator]
    with pytest.raises((InputError, FileNotFoundError), match=message):
        run_pipeline(config(**changes), say=lambda line: None, table=own)
    assert not Path("tsgan-run/model.safetensors").exists()


class Interrupt(tsgan.Callback):
    """Ctrl-C at the first step, and the steps that a fit has made."""

    def __init__(self, at: int | None) -> None:
        self.at, self.steps = at, list[int]()

    def on_record(self, model: tsgan.TSGAN, record: Any, progress: float) -> None:
        self.steps.append(record.step)
        if record.step == self.at:
            raise KeyboardInterrupt


def test_a_fit_that_was_interrupted_goes_on_unless_the_config_has_changed(capsys: pytest.CaptureFixture[str]) -> None:
    folder, train = Path("tsgan-run"), table()
    folder.mkdir()
    for settings, later in ((config(), [2]), (config(model={"max_steps": 2, "random_state": 1, "device": "cpu"}), [1, 2])):
        with pytest.raises(KeyboardInterrupt):
            steps.fit(config(), train, folder / "model.safetensors", [Interrupt(1)])
        assert "interrupted at step 1" in capsys.readouterr().err
        assert steps.checkpoint_of(folder / "model.safetensors").exists()
        witness = Interrupt(None)
        steps.fit(settings, train, folder / "model.safetensors", [witness])
        assert witness.steps == later
        assert [path.name for path in folder.iterdir()] == ["model.safetensors"]


def test_the_curves_are_in_the_run_of_the_rest_though_the_fit_was_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = steps.fit

    def interrupted(config: Config, train: pd.DataFrame, output: Path, callbacks: Any) -> None:
        fit(config, train, output, [*callbacks, Interrupt(1)])

    with monkeypatch.context() as patch:
        patch.setattr(steps, "fit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_pipeline(config(), say=lambda line: None, table=table())
    said: list[str] = []
    result = run_pipeline(config(), say=said.append, table=table())
    assert (result.redone, [line for line in said if "MLflow" in line]) == (ALL, [])
    (found,) = mlflow.MlflowClient(store()).search_runs(["1"])
    assert found.info.run_id == (result.folder / "run_id").read_text()
    assert found.info.status == "FINISHED"
    history = mlflow.MlflowClient(store()).get_metric_history(found.info.run_id, "critic_loss")
    assert [point.step for point in history if not point.model_id] == [1, 2]
    assert not (result.folder / "open_run.json").exists()
