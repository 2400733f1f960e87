"""A real store in a file, models that take no time, and what they learned from."""

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from tsgan import TSGAN

DRAW = np.random.default_rng(0)


@pytest.fixture(scope="session")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a store; its tables take seconds to make."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture
def store(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Id of an experiment of the test's own, which is the default for runs and models."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    experiment: str = mlflow.create_experiment(str(tmp_path), artifact_location=(tmp_path / "artifacts").as_uri())
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", experiment)
    return experiment


@pytest.fixture(scope="session")
def panel() -> pd.DataFrame:
    """Thirty series of 12 hours: a label each, gaps, durations."""
    hours = pd.date_range("2024-01-01", periods=12, freq="h", tz="UTC")
    return pd.DataFrame(
        {
            "site": np.repeat([f"s{k:02d}" for k in range(30)], 12),
            "when": [*hours] * 30,
            "label": np.repeat([*"abc"], 120),
            "level": DRAW.normal(size=360),
            "gappy": np.where(DRAW.random(360) < 0.3, np.nan, DRAW.normal(size=360)),
            "lasts": pd.to_timedelta(DRAW.integers(0, 99, 360), unit="h"),
        }
    )


@pytest.fixture(scope="session")
def labelled(panel: pd.DataFrame) -> TSGAN:
    """A model whose label may be asked for."""
    model = TSGAN(entity="site", time="when", conditions=["label"], max_steps=2, random_state=0, device="cpu")
    return model.fit(panel)


@pytest.fixture(scope="session")
def plain(panel: pd.DataFrame) -> TSGAN:
    """A model without conditions."""
    return TSGAN(entity="site", time="when", max_steps=2, random_state=0, device="cpu").fit(panel)


@pytest.fixture(scope="session")
def varying() -> TSGAN:
    """A model of one long series with a condition that varies, its times in the index."""
    hours = pd.date_range("2024-01-01", periods=200, freq="h", name="at")
    frame = pd.DataFrame({"load": DRAW.normal(size=200).cumsum(), 7: DRAW.normal(size=200)}, index=hours)
    return TSGAN(conditions=["load"], max_steps=2, random_state=0, device="cpu").fit(frame)
