"""A report for the tests of pictures and page: odd names, a category, missing cells, dates, a holdout, every picture."""

import numpy as np
import pandas as pd
import pytest

from tsgan_evaluation import Report, evaluate

ODD = ["<script>alert('x')</script>", "temp 🌡\nsecond line", '$x_1$ <b>bold</b> & "q" </script>']


def panel(seed: int, series: int = 40, columns: int = 3) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    names = ODD[:columns] + [f"c{k}" for k in range(3, columns)]
    frame = pd.DataFrame(draw.normal(size=(series, 24, columns)).cumsum(1).reshape(-1, columns), columns=names)
    frame.iloc[::7, -1] = np.nan
    hours = pd.date_range("2024-01-01", periods=24, freq="h")
    kind = draw.choice(["<i>x</i>", "ü", "z"], len(frame))
    return frame.assign(kind=kind, id=np.repeat(np.arange(series), 24), ts=np.tile(hours, series))


@pytest.fixture(scope="session")
def odd_report() -> Report:
    metrics = ["ks", "total_variation", "autocorrelation", "series_ratio", "window_distance", "feature_judge"]
    return evaluate(panel(0), panel(1), panel(2), entity="id", time="ts", metrics=metrics, floor_repeats=5)
