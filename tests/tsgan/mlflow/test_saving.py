"""A model in MLflow's format is the same model, and nothing in it is pickled."""

import json
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from sklearn.exceptions import NotFittedError

import tsgan.mlflow
from tsgan import TSGAN
from tsgan.exceptions import InputError


@pytest.fixture
def folder(labelled: TSGAN, store: str, tmp_path: Path) -> Path:
    tsgan.mlflow.save_model(labelled, tmp_path / "model")
    return tmp_path / "model"


def test_a_folder_gives_the_estimator_back(folder: Path, labelled: TSGAN) -> None:
    loaded = tsgan.mlflow.load_model(folder, device="cpu")
    assert loaded.conditions == ["label"]
    pd.testing.assert_frame_equal(loaded.sample(2, random_state=1), labelled.sample(2, random_state=1))


def test_a_folder_holds_safetensors_and_text_alone(folder: Path, panel: pd.DataFrame) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "MLmodel",
        "model.safetensors",
        "input_example.json",
        "serving_input_example.json",
        "conda.yaml",
        "python_env.yaml",
        "requirements.txt",
    }
    for path in folder.iterdir():
        if path.suffix != ".safetensors":
            assert not any(site in path.read_text(encoding="utf-8") for site in panel["site"])


def test_requirements_are_the_versions_installed_unless_told(labelled: TSGAN, folder: Path, store: str) -> None:
    lines = (folder / "requirements.txt").read_text().splitlines()
    assert {line.partition("==")[0] for line in lines} == {"mlflow", "tsgan", "torch", "numpy", "pandas", "scikit-learn"}
    assert not any("+" in line for line in lines)
    tsgan.mlflow.save_model(labelled, folder.with_name("more"), extra_pip_requirements=["polars"])
    assert "polars" in (folder.with_name("more") / "requirements.txt").read_text()
    tsgan.mlflow.save_model(labelled, folder.with_name("own"), pip_requirements=["tsgan @ file:///wheels/tsgan.whl"])
    assert "torch" not in (folder.with_name("own") / "requirements.txt").read_text()


def test_the_signature_tells_conditions_columns_and_parameters(folder: Path) -> None:
    signature = mlflow.models.get_model_info(str(folder)).signature
    assert [(column.name, column.type.name, column.required) for column in signature.inputs] == [("label", "string", False)]
    assert {column.name: repr(column.type) for column in signature.outputs} == {
        "site": "string",
        "when": "Any",  # MLflow's datetime has no zone
        "label": "string",
        "level": "double",
        "gappy": "double",
        "lasts": "Any",
    }
    assert [param.name for param in signature.params] == ["n", "length", "random_state"]


def test_the_example_can_be_served(folder: Path) -> None:
    request = json.loads((folder / "serving_input_example.json").read_text())
    assert request["dataframe_split"]["columns"] == ["label"]
    model = mlflow.pyfunc.load_model(str(folder))
    frame = pd.DataFrame(request["dataframe_split"]["data"], columns=["label"])
    assert len(model.predict(frame, params=request["params"])) == 2 * 5


def test_a_folder_that_is_not_empty_stays_as_it_is(labelled: TSGAN, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty; name"):
        tsgan.mlflow.save_model(labelled, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_what_cannot_be_saved_leaves_nothing(tmp_path: Path, panel: pd.DataFrame) -> None:
    odd = TSGAN(max_steps=1, device="cpu").fit(panel[["level"]].rename(columns={"level": ("a", "tuple")}))
    with pytest.raises(InputError, match="tuple"):
        tsgan.mlflow.save_model(odd, tmp_path / "model")
    with pytest.raises(NotFittedError):
        tsgan.mlflow.save_model(TSGAN(), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_another_flavour_is_refused(store: str, tmp_path: Path) -> None:
    described = mlflow.models.Model()
    described.add_flavor("other")
    described.save(str(tmp_path / "MLmodel"))
    with pytest.raises(MlflowException, match='does not have the "tsgan" flavor'):
        tsgan.mlflow.load_model(tmp_path)


def test_a_logged_model_belongs_to_the_active_run(labelled: TSGAN, store: str) -> None:
    with mlflow.start_run() as run:
        info = tsgan.mlflow.log_model(labelled, name="sites", tags={"of": "sites"})
        assert mlflow.active_run().info.run_id == run.info.run_id
    logged = mlflow.get_logged_model(info.model_id)
    assert (logged.name, logged.source_run_id, logged.tags["of"]) == ("sites", run.info.run_id, "sites")
    loaded = tsgan.mlflow.load_model(info.model_uri, device="cpu")
    pd.testing.assert_frame_equal(loaded.sample(1, random_state=0), labelled.sample(1, random_state=0))


def test_without_a_run_a_model_is_logged_by_itself(labelled: TSGAN, store: str) -> None:
    info = tsgan.mlflow.log_model(labelled)
    assert mlflow.active_run() is None
    assert mlflow.search_runs([store], output_format="list") == []
    assert tsgan.mlflow.load_model(info.model_uri).law_ is not None


def test_the_champion_is_loaded_from_the_registry(labelled: TSGAN, plain: TSGAN, store: str) -> None:
    for model in (plain, labelled):
        version = tsgan.mlflow.log_model(model, registered_model_name="sites").registered_model_version
    mlflow.MlflowClient().set_registered_model_alias("sites", "champion", version)
    assert version == 2
    assert tsgan.mlflow.load_model("models:/sites@champion").conditions == ["label"]
    assert tsgan.mlflow.load_model("models:/sites/1").conditions is None
