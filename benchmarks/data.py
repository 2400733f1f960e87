"""The data sets of the benchmarks, as a user has them, and their windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.datasets import load_weather, make_ar, make_sines

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
WINDOW = 24
WEATHER = ["temp", "dewp", "humid", "wind_speed", "pressure"]


@dataclass(frozen=True)
class Benchmark:
    """A table, the parameters a user would give, and the windows that are judged.

    Parameters
    ----------
    table : DataFrame or ndarray
        What ``fit`` gets.
    columns : list of str
        The judged columns of a frame; empty for arrays.
    roles : dict
        ``entity=`` and ``time=``.
    stride : int
        Between judged windows.
    """

    table: Any
    columns: list[str] = field(default_factory=list)
    roles: dict[str, Any] = field(default_factory=dict)
    stride: int = 1

    @property
    def gap(self) -> int:
        """Windows that share a step with one are so many before it, and as many behind."""
        return 0 if isinstance(self.table, np.ndarray) else -(-WINDOW // self.stride) - 1

    def real(self) -> NDArray[np.float64]:
        """Windows of the data, (B, T, C), in order of time."""
        if isinstance(self.table, np.ndarray):
            return self.table
        entity = self.roles.get("entity")
        series = [part for _, part in self.table.groupby(entity)] if entity else [self.table]
        return np.concatenate([windows(part[self.columns].to_numpy(float))[:: self.stride] for part in series])

    def synthetic(self, sample: Any) -> NDArray[np.float64]:
        """The same of a sample of sequences of one window each."""
        values = sample if isinstance(sample, np.ndarray) else sample[self.columns].to_numpy(float)
        return values.reshape(-1, WINDOW, values.shape[-1])


def windows(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(rows, C) to (rows - WINDOW + 1, WINDOW, C)."""
    return np.lib.stride_tricks.sliding_window_view(values, WINDOW, axis=0).transpose(0, 2, 1)


def stocks() -> Benchmark:
    """Daily prices and volume of a stock, 2004 to 2019."""
    table = pd.read_csv(SHARED / "stock_data.csv")
    return Benchmark(table, list(table.columns))


def etth() -> Benchmark:
    """Hourly loads and oil temperature of an electricity transformer (ETTh1)."""
    table = pd.read_csv(SHARED / "ETTh1.csv", parse_dates=["date"])
    return Benchmark(table, list(table.columns[1:]), {"time": "date"})


def sines() -> Benchmark:
    """TimeGAN's sines, 3,000 sequences of 24 steps in 5 columns."""
    return Benchmark(make_sines(3000, WINDOW, 5, random_state=0))


def weather() -> Benchmark:
    """Hourly weather at three airports, the columns without atoms."""
    table = load_weather()[["origin", "time_hour", *WEATHER]]
    return Benchmark(table, WEATHER, {"entity": "origin", "time": "time_hour"}, stride=5)


def wide() -> Benchmark:
    """Twenty-eight autoregressive columns, a twentieth of the cells missing in each: 56 latent channels, for speed only."""
    values = make_ar(1, 5_000, coef=np.linspace(0.5, 0.98, 28).tolist(), random_state=0)[0]
    values[np.random.default_rng(0).random(values.shape) < 0.05] = np.nan
    table = pd.DataFrame(values).add_prefix("sensor_")
    return Benchmark(table, list(table.columns))


DATA: dict[str, Callable[[], Benchmark]] = {"stocks": stocks, "etth": etth, "sines": sines, "weather": weather}
