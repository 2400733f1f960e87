"""Pipelines with a real MLflow server, on SQLite and on PostgreSQL, and with tables of real databases."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import mlflow
import pandas as pd
import pytest

import tsgan.mlflow
from tests.pipelines.plant import config, table
from tests.servers import no_postgres, postgres, tracking_server
from tsgan.exceptions import InputError
from tsgan_pipelines.databases import ROWS
from tsgan_pipelines.pipeline import run as run_pipeline
from tsgan_pipelines.sources import read_source, write_sink

pytestmark = pytest.mark.slow
READINGS = pd.DataFrame(
    {
        "at": pd.date_range("2024-01-01", periods=4, freq="h"),
        "who": ["a", "b", "a", None],
        "x": [1.5, None, 2.0, -3.0],
        "n": [1, 2, 3, 2**40],
    }
)


@pytest.fixture(scope="module")
def postgres_address() -> Iterator[str]:
    if reason := no_postgres():
        pytest.skip(reason)
    with postgres() as address:
        yield address


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mlflow")
    store = f"sqlite:///{folder}/mlflow.db" if request.param == "sqlite" else request.getfixturevalue("postgres_address")
    with tracking_server(folder, store) as address:
        yield address


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/plant.db" if request.param == "sqlite" else request.getfixturevalue("postgres_address")


databases = pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)


def test_a_run_is_tracked_by_a_server(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)  # for artifacts and models to be downloaded again
    tracking = {"uri": server, "experiment": "plants", "register_as": "plant"}
    said: list[str] = []
    result = run_pipeline(config(tracking=tracking), say=said.append, table=table())
    assert result.redone == ["fit", "sample", "evaluate", "log"], said

    client = mlflow.MlflowClient(server)
    run = client.get_run((result.folder / "run_id").read_text())
    assert client.get_experiment(run.info.experiment_id).name == "plants"
    assert (run.info.status, run.data.tags["gates"], run.data.params["max_steps"]) == ("FINISHED", "passed", "2")
    assert run.data.metrics["marginal/ks/level"] == pytest.approx(result.headline["ks"])
    assert [point.step for point in client.get_metric_history(run.info.run_id, "critic_loss")] == [1, 2]
    page = client.download_artifacts(run.info.run_id, "evaluation/report.html")
    assert Path(page).read_bytes() == (result.folder / "evaluation" / "report.html").read_bytes()
    assert client.get_model_version_by_alias("plant", "champion").run_id == run.info.run_id
    champion = tsgan.mlflow.load_model("models:/plant@champion", device="cpu")
    own = tsgan.load(result.folder / "model.safetensors", device="cpu")
    pd.testing.assert_frame_equal(champion.sample(2, random_state=0), own.sample(2, random_state=0))

    # A name that is in use gets the next version, and the alias with it.
    again = config(tracking=tracking, gates={"quality": {"ks": "<= 0.999"}})
    assert run_pipeline(again, say=said.append, table=table()).redone == ["log"]
    assert client.get_model_version_by_alias("plant", "champion").version == "2"
    assert len(client.search_model_versions("name = 'plant'")) == 2


@databases
@pytest.mark.parametrize("query", ["readings", "SELECT at, who, x, n FROM readings ORDER BY n"])
def test_a_table_comes_back_from_a_database(database: str, query: str) -> None:
    write_sink(READINGS, database, "readings")
    found = read_source(database, query, time="at", entities=["who"])
    pd.testing.assert_frame_equal(found, READINGS, check_dtype=False)


@databases
def test_a_table_with_cells_that_databases_do_not_know_is_written_as_texts(database: str) -> None:
    hours = pd.date_range("2024-01-01", periods=2, freq="h", tz="Europe/Berlin")
    odd = {"z": hours, "d": pd.to_timedelta([1, None], unit="h"), "p": pd.PeriodIndex(["2024-01", None], freq="M")}
    write_sink(pd.DataFrame(odd | {"m": [Decimal("1.50"), None], "c": pd.Categorical(["a", None])}), database, "odd")
    found = read_source(database, "odd", time="z")
    assert found["z"].tolist() == hours.tolist()
    assert found.drop(columns="z").iloc[0].tolist() == ["0 days 01:00:00", "2024-01", "1.50", "a"]
    assert found.drop(columns="z").iloc[1].isna().all()


@databases
def test_what_a_database_does_not_take_leaves_the_old_table(database: str) -> None:
    write_sink(READINGS, database, "readings")
    late = pd.DataFrame({"x": [*range(ROWS), 1j]}, dtype=object)  # the last cell is one that no database takes
    with pytest.raises(InputError, match="does not take the table 'readings'"):
        write_sink(late, database, "readings")
    assert len(read_source(database, "readings")) == len(READINGS)


@databases
def test_a_pipeline_learns_from_a_table_and_writes_one(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_sink(table(), database, "plant")
    data = {"source": database, "query": "plant", "entity": "site", "time": "when"}
    sample = {"output": database, "table": "synthetic", "n": 3}
    result = run_pipeline(config(data=data, sample=sample, tracking={"uri": None}), say=lambda line: None)
    assert "write" in result.redone
    written = read_source(database, "synthetic", time="when")
    pd.testing.assert_frame_equal(written, pd.read_parquet(result.folder / "synthetic.parquet"), check_dtype=False)
