from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsgan.datasets import load_weather
from tsgan_pipelines.demo import ENTITY, LABELS, TIME, cut_windows, load_panel, run_demo


def test_the_demo_samples_draws_and_judges_at_a_tiny_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scores = run_demo(tmp_path / "demo", max_steps=2, metrics=["ks"])
    made = {path.name: path for path in (tmp_path / "demo").iterdir()}
    assert made.keys() == {"model.safetensors", "synthetic.csv", "synthetic.parquet", "real-and-synthetic.png"}
    synthetic = pd.read_parquet(made["synthetic.parquet"])
    assert [*synthetic.columns] == [ENTITY, TIME, *LABELS]
    assert abs(len(synthetic) / len(load_panel()) - 1) < 0.01
    assert 0 < scores.loc["ks", "value"] < 0.5
    out = capsys.readouterr().out
    assert "noise floor" in out
    assert "1048 mph" in out


def test_only_the_error_of_the_source_is_left_out() -> None:
    real = load_weather()
    gone = load_panel()[[*LABELS]].isna() & real[[*LABELS]].notna()
    assert gone.sum().sum() == 1
    assert real["wind_speed"][gone["wind_speed"]].round().tolist() == [1048]


def test_windows_are_gapless_hours_in_order_of_time() -> None:
    hours = pd.DataFrame({TIME: pd.date_range("2013-01-01", periods=49, freq="h", tz="UTC")})
    one = hours.assign(**dict.fromkeys(LABELS, np.arange(49.0))).drop(index=30)
    panel = pd.concat([one.assign(**{ENTITY: place}) for place in "ab"], ignore_index=True)
    windows = cut_windows(panel)
    assert windows.shape == (2, 24, len(LABELS))
    assert windows[:, 0, 0].tolist() == [0, 0]
    assert (np.diff(windows, axis=1) == 1).all()
