"""What must hold for every metric, whatever the data are."""

import random
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import SupportsFloat

import numpy as np
import pandas as pd
import pytest
import torch

from tsgan_evaluation import METRICS, Metric, discriminative_score, feature_judge, gru_score, views
from tsgan_evaluation.embedding import embed
from tsgan_evaluation.pair import Pair
from tsgan_evaluation.predictive import predictive_score
from tsgan_evaluation.reading import read_pair
from tsgan_evaluation.suite import measure

RNG = np.random.default_rng(0)
TINY: dict[str, Callable[..., SupportsFloat]] = {
    "discriminative": partial(discriminative_score, steps=3),
    "gru32": partial(gru_score, steps=3),
    "predictive": partial(predictive_score, steps=3),
    "feature_judge": lambda real, synthetic, blocks=25, seed=0: feature_judge(real, synthetic, seed, 200, 30, blocks),
}


def quick(name: str) -> Metric:
    """The metric at a tiny budget."""
    return replace(METRICS[name], function=TINY.get(name, METRICS[name].function))


def panel(n: int = 140, steps: int = 8) -> pd.DataFrame:
    rows = n * steps
    return pd.DataFrame(
        {
            "id": np.repeat(np.arange(n), steps),
            "ts": np.tile(pd.date_range("2024-01-01", periods=steps, freq="5h"), n),
            "x": RNG.normal(size=rows).cumsum(),
            "rain": np.where(RNG.random(rows) < 0.5, 0, RNG.exponential(size=rows)),
            "kind": RNG.choice(list("abc"), rows),
            "on": RNG.random(rows) < 0.3,
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 10**6, rows), unit="s"),
        }
    )


REAL, SYNTHETIC = panel(), panel()
SERIES = panel(1, 320).drop(columns="id")
CELLS = ["x", "rain", "kind", "on", "since"]


def gappy(frame: pd.DataFrame, share: float = 0.2) -> pd.DataFrame:
    cells = frame[CELLS].astype({"on": object})
    return frame.assign(**cells.where(RNG.random((len(frame), len(CELLS))) >= share, None))


def ragged(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.groupby("id", group_keys=False)[frame.columns.tolist()].apply(
        lambda part: part.head(int(part.name) % 8 + 1)
    )


ODD: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {
    "plain": (REAL, SYNTHETIC),
    "itself": (REAL, REAL),
    "missing cells": (gappy(REAL), gappy(SYNTHETIC)),
    "filled cells": (gappy(REAL), SYNTHETIC),
    "nearly all missing": (gappy(REAL, 0.98), gappy(SYNTHETIC, 0.98)),
    "constant real": (REAL.assign(**dict(REAL[CELLS].iloc[0])), SYNTHETIC),
    "constant synthetic": (REAL, SYNTHETIC.assign(**dict(SYNTHETIC[CELLS].iloc[0]))),
    "constant both": (REAL.assign(x=0.1), SYNTHETIC.assign(x=0.1)),
    "one number": (REAL[["id", "ts", "x"]], SYNTHETIC[["id", "ts", "x"]]),
    "one category": (REAL[["id", "ts", "kind"]], SYNTHETIC[["id", "ts", "kind"]]),
    "ragged": (ragged(REAL), ragged(SYNTHETIC)),
    "one step each": (REAL.drop_duplicates("id"), SYNTHETIC.drop_duplicates("id")),
    "few series": (REAL[REAL["id"] < 3], SYNTHETIC[SYNTHETIC["id"] < 3]),
    "one row": (REAL.head(1), SYNTHETIC.head(1)),
    "huge and tiny": (REAL.assign(x=REAL["x"] * 1e12, rain=REAL["rain"] * 1e-12), SYNTHETIC),
}


@pytest.fixture(autouse=True)
def tiny_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "embed", partial(embed, steps=3))


@pytest.fixture(scope="module")
def pairs() -> dict[str, Pair]:
    read = {name: read_pair(*sides, entity="id", time="ts")[0] for name, sides in ODD.items()}
    return read | {"one series": read_pair(SERIES, panel(1, 320).drop(columns="id"), time="ts")[0]}


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("odd", [*ODD, "one series"])
def test_each_column_has_a_figure_in_the_range_or_a_reason(name: str, odd: str, pairs: dict[str, Pair]) -> None:
    low, high = METRICS[name].range
    found = measure(quick(name), pairs[odd], 0)
    assert found
    for x in found.values():
        assert x if isinstance(x, str) else low - 1e-9 <= float(x) <= high + 1e-9


@pytest.mark.parametrize("name", METRICS)
def test_plain_data_have_a_figure(name: str, pairs: dict[str, Pair]) -> None:
    arguments = {"series_distance": "ragged", "series_ratio": "ragged"}
    found = measure(quick(name), pairs[arguments.get(name, "plain")], 0)
    assert not any(isinstance(x, str) for x in found.values()), found


COMPARED = [n for n, m in METRICS.items() if m.family in ("marginal", "temporal", "dependence")]


@pytest.mark.parametrize("name", COMPARED)
def test_the_same_table_is_the_best_where_metrics_compare(name: str, pairs: dict[str, Pair]) -> None:
    metric = METRICS[name]
    for x in measure(metric, pairs["itself"], 0).values():
        assert x == pytest.approx(metric.best, abs=1e-5)


@pytest.mark.parametrize("name", METRICS)
def test_the_name_direction_and_text_are_there(name: str) -> None:
    metric = METRICS[name]
    assert metric.name == name
    assert metric.range[0] <= metric.best <= metric.range[1]
    assert metric.worse in ("above", "below", "both")
    assert metric.distance(metric.best) == 0
    assert metric.distance(metric.best + (-0.1 if metric.worse == "below" else 0.1)) > 0
    assert metric.family in ["marginal", "temporal", "dependence", "discriminative", "predictive", "embedding", "privacy"]
    assert metric.sees
    assert metric.ignores
    assert metric.source
    assert metric.view.__doc__


def states() -> list[object]:
    legacy = repr(np.random.get_state())  # noqa: NPY002 the legacy state is what must not move
    return [random.getstate(), legacy, torch.get_rng_state().tolist(), warnings.filters[:]]


@pytest.mark.parametrize("name", METRICS)
def test_inputs_and_global_states_are_left_alone(name: str) -> None:
    pair, before = read_pair(REAL, SYNTHETIC, entity="id", time="ts")[0], states()
    values = pair.real.values.copy(), pair.synthetic.values.copy()
    measure(quick(name), pair, 0)
    assert states() == before
    np.testing.assert_array_equal(values[0], pair.real.values)
    np.testing.assert_array_equal(values[1], pair.synthetic.values)


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if m.view in (views.cells, views.scaled_channels)])
def test_float32_and_lists_are_taken(name: str) -> None:
    x, y = RNG.random((2, 60, 9, 3))
    assert np.isfinite(float(quick(name)(x.astype(np.float32), y.tolist())))


def test_the_docs_say_of_each_metric_what_the_registry_says() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "scores.md").read_text(encoding="utf-8")
    assert [m.name for m in METRICS.values() if f"| `{m.name}` | {m.sees} | {m.ignores} |" not in page] == []
