"""TSGAN as a flavour of MLflow: models are logged, registered, loaded and served, fits are tracked. See docs/mlflow.md.

This folder alone imports mlflow, and nothing of tsgan imports this folder::

    import mlflow
    import tsgan.mlflow

    tsgan.mlflow.autolog()  # or, by hand, in a run:
    info = tsgan.mlflow.log_model(model, registered_model_name="weather")
    tsgan.mlflow.load_model(info.model_uri).sample(5)
    mlflow.pyfunc.load_model(info.model_uri).predict(None, params={"n": 5})
"""

from tsgan.mlflow.autologging import RunLogger, autolog
from tsgan.mlflow.saving import load_model, log_model, save_model
from tsgan.mlflow.serving import _load_pyfunc as _load_pyfunc  # MLflow looks for it here

__all__ = ["RunLogger", "autolog", "load_model", "log_model", "save_model"]
