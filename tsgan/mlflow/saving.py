"""Models to and from MLflow: a folder with the safetensors file, JSON and YAML; nothing is pickled."""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from mlflow import pyfunc
from mlflow.models import Model
from mlflow.models.model import MLMODEL_FILE_NAME, ModelInfo
from mlflow.models.utils import _save_example
from mlflow.tracking.artifact_utils import _download_artifact_from_uri
from mlflow.utils.environment import (
    _CONDA_ENV_FILE_NAME,
    _CONSTRAINTS_FILE_NAME,
    _PYTHON_ENV_FILE_NAME,
    _REQUIREMENTS_FILE_NAME,
    _process_pip_requirements,
    _PythonEnv,
)
from mlflow.utils.file_utils import get_total_file_size, write_to
from mlflow.utils.model_utils import _get_flavor_configuration
from sklearn.utils.validation import check_is_fitted

from tsgan.mlflow.signature import describe
from tsgan.persistence import load

if TYPE_CHECKING:
    from tsgan.estimator import TSGAN

FLAVOR = "tsgan"
MODEL_FILE = "model.safetensors"
PINNED = ("tsgan", "torch", "numpy", "pandas", "scikit-learn")


def save_model(
    model: TSGAN,
    path: str | Path,
    mlflow_model: Model | None = None,
    *,
    pip_requirements: list[str] | str | None = None,
    extra_pip_requirements: list[str] | str | None = None,
) -> None:
    """Write a fitted model to a local folder in MLflow's format.

    Parameters
    ----------
    model : TSGAN
    path : str or Path
        A folder that does not exist or is empty; it is removed again if the model cannot be written.
    mlflow_model : mlflow.models.Model, optional
        The description that this flavour is added to.
    pip_requirements : list of str or str, optional
        Requirements, or a file of them, in place of the default: tsgan, torch, NumPy, pandas and scikit-learn at the
        versions installed.
    extra_pip_requirements : list of str or str, optional
        Besides the default.

    Raises
    ------
    NotFittedError
    FileExistsError
        If the folder is not empty.
    InputError, OSError
        As :meth:`tsgan.TSGAN.save` does.
    """
    check_is_fitted(model, "generator_")
    pinned = None if pip_requirements else [f"{name}=={version(name).partition('+')[0]}" for name in PINNED]
    requirements = _process_pip_requirements(pinned, pip_requirements, extra_pip_requirements)
    path = Path(path).absolute()
    if path.exists() and any(path.iterdir()):
        raise FileExistsError(f"the folder {str(path)!r} is not empty; name one that does not exist")
    path.mkdir(parents=True, exist_ok=True)
    try:
        model.save(path / MODEL_FILE)
        signature, example = describe(model)
        _write_environment(path, *requirements)
        described = Model() if mlflow_model is None else mlflow_model
        _save_example(described, example, str(path))
        described.signature = signature
        pyfunc.add_to_model(
            described,
            loader_module="tsgan.mlflow",
            data=MODEL_FILE,
            conda_env=_CONDA_ENV_FILE_NAME,
            python_env=_PYTHON_ENV_FILE_NAME,
        )
        described.add_flavor(FLAVOR, tsgan_version=version("tsgan"), data=MODEL_FILE)
        described.model_size_bytes = get_total_file_size(path)
        described.save(str(path / MLMODEL_FILE_NAME))
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


def log_model(model: TSGAN, name: str = "model", *, registered_model_name: str | None = None, **options: Any) -> ModelInfo:
    """Log a fitted model to the active run; without one, by itself.

    Parameters
    ----------
    model : TSGAN
    name : str, default="model"
        Of the logged model.
    registered_model_name : str, optional
        Register it too, as the next version under this name.
    **options
        Of :func:`save_model` (requirements) and :meth:`mlflow.models.Model.log` (``tags``, ``metadata``, ``step``, ...).

    Returns
    -------
    mlflow.models.model.ModelInfo
        ``model_uri`` loads it again, ``registered_model_version`` is its version.

    Raises
    ------
    NotFittedError
    InputError, OSError
        As :meth:`tsgan.TSGAN.save` does.
    """
    check_is_fitted(model, "generator_")
    return Model.log(
        artifact_path=None,
        name=name,
        flavor=sys.modules["tsgan.mlflow"],
        flavor_name=FLAVOR,
        registered_model_name=registered_model_name,
        model=model,
        **options,
    )


def load_model(model_uri: str | Path, device: str = "auto") -> TSGAN:
    """Load a model as the estimator that it was.

    Parameters
    ----------
    model_uri : str or Path
        A folder, ``models:/name/1``, ``models:/name@champion``, ``models:/m-...``, ``runs:/id/model`` or any other
        address that MLflow knows.
    device : str, default="auto"
        Where to sample.

    Returns
    -------
    TSGAN
        Fitted.

    Raises
    ------
    MlflowException
        If there is no such model, or it is of another flavour.
    ModelFileError
        If its file is damaged or from another version.
    """
    path = _download_artifact_from_uri(artifact_uri=str(model_uri))
    return load(Path(path) / _get_flavor_configuration(path, FLAVOR)["data"], device)


def _write_environment(path: Path, conda_env: Any, requirements: list[str], constraints: list[str]) -> None:
    """What tools need that build an environment for the model."""
    (path / _CONDA_ENV_FILE_NAME).write_text(yaml.safe_dump(conda_env, default_flow_style=False), encoding="utf-8")
    if constraints:
        write_to(str(path / _CONSTRAINTS_FILE_NAME), "\n".join(constraints))
    write_to(str(path / _REQUIREMENTS_FILE_NAME), "\n".join(requirements))
    _PythonEnv.current().to_yaml(str(path / _PYTHON_ENV_FILE_NAME))
