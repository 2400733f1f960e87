"""A sweep goes on where it was left, survives what fails, and hands the best to the pipeline."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import optuna
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.exceptions import ConvergenceError, InputError, TSGANError
from tsgan.training import Record
from tsgan_pipelines import study, tracking_sweep
from tsgan_pipelines import sweep as sweeping
from tsgan_pipelines.config import Config
from tsgan_pipelines.pipeline import Result
from tsgan_pipelines.pipeline import run as run_pipeline
from tsgan_pipelines.sweep import sweep

Run = Callable[..., Any]
SPACE = {"hidden_size": [8, 16], "critic_rate": {"low": 0.001, "high": 0.01, "log": True}}
VERBOSITY = optuna.logging.get_verbosity()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    before = mlflow.get_tracking_uri()
    yield
    assert mlflow.get_tracking_uri() == before
    assert mlflow.active_run() is None
    assert optuna.logging.get_verbosity() == VERBOSITY


@pytest.fixture
def trials_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipeline with the best is not run."""
    result = Result(Path("tsgan-run"), pd.DataFrame(), {}, [], [])
    monkeypatch.setattr(sweeping, "run", lambda config, say, table: result)


def table(seed: int = 0) -> pd.DataFrame:
    draw, series, hours = np.random.default_rng(seed), 24, 30
    times = np.tile(pd.date_range("2024-01-01", periods=hours, freq="h"), series)
    x = draw.normal(size=(series, hours)).cumsum(1).round(2)
    return pd.DataFrame({"site": np.repeat([f"s{k}" for k in range(series)], hours), "when": times, "level": x.ravel()})


def config(space: Any = None, **changes: Any) -> Config:
    model = {"max_steps": 2, "hidden_size": 8, "random_state": 0, "device": "cpu"}
    base = {
        "data": {"source": "plant.csv", "entity": "site", "time": "when"},
        "model": model | changes.pop("model", {}),
        "evaluation": {"metrics": ["ks"]},
        "gates": {"quality": {"ks": "<= 1"}, "privacy": {}},
        "tracking": {"uri": None},
        "sweep": {"space": SPACE if space is None else space},
    }
    return Config.model_validate(base | changes)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Its tables take seconds to make."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db"


@pytest.fixture
def tracked(store: str, tmp_path: Path) -> dict[str, str]:
    """The store, and an experiment of the test's own."""
    return {"uri": store, "experiment": str(tmp_path)}


def runs(tracking: dict[str, str], condition: str) -> list[Any]:
    client = mlflow.MlflowClient(tracking["uri"])
    experiment = client.get_experiment_by_name(tracking["experiment"])
    return list(client.search_runs([experiment.experiment_id], condition, order_by=["tags.`tsgan.trial`"]))


def quiet(line: str) -> None:
    pass


def parameters(trials: list[optuna.trial.FrozenTrial]) -> list[dict[str, Any]]:
    return [trial.params for trial in trials]


def disturb(monkeypatch: pytest.MonkeyPatch, error: BaseException, trials: set[int]) -> None:
    """Raise an error in the first record of the trainings with these places in their order."""
    own, seen = study.Reporter.on_record, list[study.Reporter]()

    def on_record(self: study.Reporter, model: TSGAN, record: Record, progress: float) -> bool | None:
        seen.extend([] if self in seen else [self])
        if len(seen) - 1 in trials:
            raise error
        return own(self, model, record, progress)

    monkeypatch.setattr(study.Reporter, "on_record", on_record)


def test_the_best_parameters_go_through_the_pipeline_and_their_config_repeats_it(tracked: dict[str, str]) -> None:
    own = table()
    outcome = sweep(config(tracking=tracked), 3, quiet, own)
    assert outcome.trials[0].params == {"hidden_size": 8, "critic_rate": 0.002}
    assert outcome.own == outcome.trials[0].values[0] >= outcome.best.values[0] == min(t.values[0] for t in outcome.trials)
    assert outcome.best.values[0] == tsgan.load("tsgan-run/model.safetensors").history_["validation_distance"].iloc[-1]
    assert outcome.result.redone == ["fit", "sample", "evaluate", "log"]
    (parent,) = runs(tracked, "tags.mlflow.runName = 'sweep'")
    (pipeline,) = runs(tracked, "tags.gates = 'passed'")
    assert pipeline.info.run_id == Path("tsgan-run/run_id").read_text()
    assert pipeline.data.tags["mlflow.parentRunId"] == parent.info.run_id
    chosen = Config.read(outcome.config)
    assert chosen.model == config().model | outcome.best.params
    assert run_pipeline(chosen, say=quiet, table=own).redone == []
    assert "3 trials: 0 pruned, 0 failed\nbest validation distance" in outcome.describe()
    document = json.loads(outcome.to_json())
    assert (document["distance"], document["parameters"]) == (outcome.best.values[0], outcome.best.params)
    assert [trial["state"] for trial in document["trials"]] == ["complete"] * 3
    assert document["pipeline"]["refused"] == []
    assert f"tsgan run {outcome.config}" in outcome.describe()


@pytest.mark.usefixtures("trials_only")
def test_an_interrupted_sweep_tries_what_it_would_have_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sweep(config(folder="whole"), 4, quiet, table()).trials
    said: list[str] = []
    with monkeypatch.context() as patched:
        disturb(patched, KeyboardInterrupt(), {2})
        with pytest.raises(KeyboardInterrupt):
            sweep(config(folder="parts"), 4, said.append, table())
    assert said[-1].startswith("interrupted: ")
    parts = sweep(config(folder="parts"), 4, said.append, table()).trials
    assert "of 4 trials 2 are there from before" in said
    assert parameters(parts) == parameters(whole)
    assert [trial.values for trial in parts] == [trial.values for trial in whole]


@pytest.mark.usefixtures("trials_only")
def test_other_data_and_other_parameters_begin_another_study() -> None:
    space = {"hidden_size": [8, 16]}
    assert len(sweep(config(space), 2, quiet, table()).trials) == 2
    for other, data in ((config(space, model={"max_steps": 3}), table()), (config(space), table(seed=1))):
        assert len(sweep(other, 1, quiet, data).trials) == 1
    assert len(sweep(config(space), 1, quiet, table()).trials) == 2


@pytest.mark.usefixtures("trials_only")
def test_a_failed_trial_is_not_the_end(tracked: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    disturb(monkeypatch, ConvergenceError("the losses are no longer finite"), {0})
    said: list[str] = []
    outcome = sweep(config(tracking=tracked), 2, said.append, table())
    assert [trial.state.name for trial in outcome.trials] == ["FAIL", "COMPLETE"]
    assert outcome.own is None
    assert "    failed (the losses are no longer finite), none so far came to its end" in said
    failed = runs(tracked, "tags.state = 'fail'")
    assert [run.info.status for run in failed] == ["FAILED"]
    assert failed[0].data.tags["error"] == "the losses are no longer finite"


@pytest.mark.usefixtures("trials_only")
def test_where_all_trials_fail_there_is_no_best(monkeypatch: pytest.MonkeyPatch) -> None:
    disturb(monkeypatch, ConvergenceError("no longer finite"), {0, 1})
    with pytest.raises(ConvergenceError, match="none of 2 trials came to its end; the last: no longer finite"):
        sweep(config(), 2, quiet, table())
    assert not Path("tsgan-run/best.yaml").exists()


def record(distance: float) -> Record:
    others: dict[str, Any] = dict.fromkeys(Record.__annotations__, 1)
    return Record(**others | {"validation_distance": distance})


def test_a_trial_has_the_distance_of_the_model_that_comes_out() -> None:
    reporter = study.Reporter(optuna.create_study().ask())
    for share, distance in ((1, 3.0), (2, 1.0), (3, 2.0)):
        reporter.on_record(TSGAN(), record(distance), share / 3)
    assert reporter.distance == 2.0
    stopped = study.Reporter(optuna.create_study().ask())
    for share, distance in ((1, 3.0), (2, 1.0), (3, 2.0)):
        stopped.on_record(TSGAN(), record(distance), share / 4)
    assert stopped.distance == 1.0  # patience returns to the best


def test_what_is_worse_than_the_median_is_given_up() -> None:
    found = optuna.create_study(pruner=study.PRUNER)
    for value in range(study.COMPARED):
        trial = found.ask()
        for share in range(1, 51):
            trial.report(value, share)
        found.tell(trial, value)
    better, worse = (study.Reporter(found.ask()) for _ in range(2))
    for share in range(1, 51):
        better.on_record(TSGAN(), record(1.9), share / 50)
    worse.on_record(TSGAN(), record(2.1), 0.1)
    with pytest.raises(optuna.TrialPruned):
        worse.on_record(TSGAN(), record(2.1), study.WARM / 50)
    assert len(worse.records) == 2


@pytest.mark.usefixtures("trials_only")
def test_trials_are_runs_below_the_sweeps(tracked: dict[str, str]) -> None:
    outcome = sweep(config(tracking=tracked), 2, quiet, table())
    (parent,) = runs(tracked, "tags.mlflow.runName = 'sweep'")
    trials = runs(tracked, f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert (parent.info.status, parent.data.metrics["final_validation_distance"]) == ("FINISHED", outcome.best.values[0])
    for run, trial in zip(trials, outcome.trials, strict=True):
        assert run.info.status == "FINISHED"
        assert run.data.metrics["final_validation_distance"] == trial.values[0]
        assert (run.data.params["critic_rate"], run.data.params["max_steps"]) == (str(trial.params["critic_rate"]), "2")
        history = mlflow.MlflowClient(tracked["uri"]).get_metric_history(run.info.run_id, "validation_distance")
        assert [row.step for row in history] == [1, 2]


@pytest.mark.usefixtures("trials_only")
def test_trouble_with_mlflow_is_told_once_and_made_good_by_the_next_sweep(tracked: dict[str, str]) -> None:
    said: list[str] = []
    Path("file").write_text("no folder")
    sweep(config(tracking={"uri": f"sqlite:///{Path.cwd()}/file/mlflow.db"}), 2, said.append, table())
    assert sum(line.startswith("MLflow failed") for line in said) == 1
    for wanted in (2, 3):
        sweep(config(tracking=tracked), wanted, said.append, table())
        assert len(runs(tracked, "tags.state = 'complete'")) == wanted


def test_a_pruned_trial_is_marked_so(tracked: dict[str, str]) -> None:
    found = optuna.create_study()
    trial = found.ask()
    trial.set_user_attr("history", [])
    found.tell(trial, state=optuna.trial.TrialState.PRUNED)
    tracking_sweep.SweepLogger(config(tracking=tracked), "any", pytest.fail).log(study.finished(found))
    (pruned,) = runs(tracked, "tags.state = 'pruned'")
    assert pruned.info.status == "KILLED"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            config({"patch_size": [3, 24]}, model={"window": 24}),
            "sweep.space: patch_size=24 must be less than the window of 24",
        ),
        (config({}), "sweep.space names no parameter"),
        (config(model={"validation_fraction": 0}), "give model.validation_fraction more than 0"),
        (config(gates={"quality": {"beauty": "> 1"}}), "gates.quality.beauty: there is no such score"),
        (
            config(gates={"quality": {"judge_auc": "< 1"}, "privacy": {}}),
            "gates.quality.judge_auc: not among evaluation.metrics",
        ),
    ],
)
def test_mistakes_are_told_before_any_training(settings: Config, message: str) -> None:
    with pytest.raises(InputError, match=message):
        sweep(settings, 1, quiet, table())
    assert not Path("tsgan-run").exists()


def test_a_file_where_the_folder_should_be_is_told_as_a_run_tells_it() -> None:
    Path("tsgan-run").touch()
    with pytest.raises(NotADirectoryError, match="is a file; name a folder"):
        sweep(config(), 1, quiet, table())


def test_a_file_that_is_no_study_is_said_so() -> None:
    Path("tsgan-run").mkdir()
    Path("tsgan-run/sweep.db").write_text("something else" * 100)
    with pytest.raises(InputError, match=r"sweep.db' cannot be used as a study"):
        sweep(config(), 1, quiet, table())


def test_without_optuna_the_command_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("p.yaml").write_text(config().to_yaml())
    monkeypatch.setitem(sys.modules, "optuna", None)
    for module in ("study", "sweep"):
        monkeypatch.delitem(sys.modules, f"tsgan_pipelines.{module}")
    status, out, err = run("sweep", "p.yaml")
    assert (status, out) == (1, "")
    assert err == "tsgan: a sweep needs the package optuna: pip install 'tsgan[hpo]'\n"
    with pytest.raises(TSGANError):
        import tsgan_pipelines.sweep  # noqa: F401


@pytest.mark.usefixtures("trials_only")
def test_the_command_ends_as_interrupted_ones_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    table().to_csv("plant.csv", index=False)
    Path("p.yaml").write_text(config().to_yaml())
    disturb(monkeypatch, KeyboardInterrupt(), {0})
    status, _, err = run("sweep", "p.yaml", "--trials", 2)
    assert status == 130
    assert "the same command goes on from there" in err
