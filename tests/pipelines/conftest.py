from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from tsgan_pipelines.cli import main


class Outcome(NamedTuple):
    status: object
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line, called in this process."""

    def call(*args: object) -> Outcome:
        with pytest.raises(SystemExit) as stopped:
            main([str(arg) for arg in args])
        return Outcome(stopped.value.code, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def panel() -> pd.DataFrame:
    """Three series of 60 hours; their noise is reproducible."""
    noise = np.random.default_rng(0).standard_normal((180, 2)).cumsum(0)
    hours = pd.date_range("2024-01-01", periods=60, freq="h")
    return pd.DataFrame(
        {"site": np.repeat(["a", "b", "c"], 60), "when": [*hours] * 3, "level": noise[:, 0], "flow": noise[:, 1]}
    )


@pytest.fixture(scope="session")
def data(panel: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "panel.csv"
    panel.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def model(data: Path) -> Path:
    """A model of the panel that `tsgan fit` wrote."""
    path = data.with_name("panel.safetensors")
    options = ["--entity", "site", "--time", "when", "--max-steps", "2", "--seed", "0"]
    with pytest.raises(SystemExit):
        main(["fit", str(data), "-o", str(path), *options])
    return path
