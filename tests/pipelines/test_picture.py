from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.image import imread

from tsgan_pipelines.picture import draw


def test_a_picture_is_drawn_with_gaps_and_of_one_column(tmp_path: Path) -> None:
    hours = pd.date_range("2013-01-01 06:00", periods=365 * 24, freq="h", tz="UTC", name="hour")
    series = pd.DataFrame({"x": np.sin(np.arange(len(hours)) / 24)}, index=hours)
    draw(series, series.mask(series > 0.9).iloc[:-50], {"x": "Level (m)"}, "A sine", tmp_path / "p.png")
    assert [path.name for path in tmp_path.iterdir()] == ["p.png"]
    assert imread(tmp_path / "p.png").shape == (480, 2100, 4)
