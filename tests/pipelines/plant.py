"""A small plant, and a pipeline that learns it in no time."""

from pathlib import Path

import numpy as np
import pandas as pd

from tsgan_pipelines.config import Config


def table() -> pd.DataFrame:
    draw, series, hours = np.random.default_rng(0), 24, 30
    times = np.tile(pd.date_range("2024-01-01", periods=hours, freq="h"), series)
    x = draw.normal(size=(series, hours)).cumsum(1).round(2)
    return pd.DataFrame({"site": np.repeat([f"s{k}" for k in range(series)], hours), "when": times, "level": x.ravel()})


def store() -> str:
    """Of the folder of this test: MLflow keeps stores open by their names."""
    return f"sqlite:///{Path.cwd()}/mlflow.db"


def config(**changes: object) -> Config:
    base = {
        "tracking": {"uri": store()},
        "data": {"source": "plant.csv", "entity": "site", "time": "when"},
        "model": {"max_steps": 2, "random_state": 0, "verbose": 0, "device": "cpu"},
        "evaluation": {"metrics": ["ks", "window_copies"]},
        "gates": {"quality": {"ks": "<= 1"}, "privacy": {}},
    }
    return Config.model_validate(base | changes)
