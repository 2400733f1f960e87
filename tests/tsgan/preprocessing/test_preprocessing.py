"""Codecs: total inverses, grids, normal scores."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from tsgan.layout import Features, Layout
from tsgan.preprocessing import QuantileNormal, TableEncoder
from tsgan.preprocessing.grid import learn_grid
from tsgan.preprocessing.quantile_normal import effective_size

DRAW = np.random.default_rng(0)
NOISE = DRAW.normal(size=2000)


@pytest.mark.parametrize(
    ("values", "step"),
    [
        (np.round(10 * NOISE), 1.0),
        (np.round(NOISE, 2), 0.01),
        (NOISE, 0.0),
        (np.round(-3.1 + 0.067 * np.round(30 * NOISE), 3), 0.067),
        (np.round(0.0307 * np.round(30 * NOISE), 3).astype(np.float32).astype(float), 0.0307),
        (NOISE[np.abs(NOISE) > 0.003].astype(np.float32).astype(float), 0.0),
    ],
    ids=["integers", "decimals", "none", "converter", "converter in single precision", "none in single precision"],
)
def test_a_grid_is_found_and_restored(values: np.ndarray, step: float) -> None:
    grid = learn_grid(values)
    assert grid.step == pytest.approx(step, rel=1e-2)
    if step:
        off = values + 0.4 * step * DRAW.uniform(-1, 1, len(values))
        # The last decimal of a converter's level may round the other way.
        np.testing.assert_allclose(grid.snap(off), values, atol=1.1e-3 if step < 0.1 else 0)


def test_snapping_makes_no_negative_zero() -> None:
    assert not np.signbit(learn_grid(np.array([0.0, 1.0, 2.0])).snap(np.array([-0.2]))).any()


def test_scores_are_about_standard_normal_and_come_back() -> None:
    column = pd.Series(np.exp(NOISE), name="x")
    codec = QuantileNormal().fit(column)
    scores = codec.transform(column)
    assert scores.mean() == pytest.approx(0, abs=0.05)
    assert scores.std() == pytest.approx(1, abs=0.05)
    np.testing.assert_allclose(codec.inverse_transform(scores), column, rtol=1e-6)
    assert codec.get_feature_names_out().tolist() == ["x"]


def test_missing_cells_stay_missing() -> None:
    column = pd.Series([1.0, np.nan, 3.0, 2.0, 5.0])
    assert np.isnan(QuantileNormal().fit(column).transform(column)).tolist() == [False, True, False, False, False]


def test_the_map_of_a_smooth_series_is_smooth() -> None:
    walk = DRAW.normal(size=4000).cumsum()
    codec = QuantileNormal().fit(walk)
    slopes = np.diff(codec.values_)[20:-20]
    rough = np.diff(np.quantile(walk, np.linspace(0.01, 0.99, 300)))
    assert slopes.max() / slopes.min() < rough.max() / rough.min()


def test_effective_size_is_that_of_an_autoregression() -> None:
    x = np.zeros(50_000)
    for t, e in enumerate(DRAW.normal(size=len(x) - 1), start=1):
        x[t] = 0.9 * x[t - 1] + e
    assert effective_size(x) == pytest.approx(len(x) * 0.1 / 1.9, rel=0.1)
    assert effective_size(np.ones(10)) == 10


@settings(max_examples=100, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_finite_score_gives_a_value_of_the_column(score: float) -> None:
    values = np.round(NOISE[:200], 1)
    value = QuantileNormal().fit(values).inverse_transform([score])[0]
    assert values.min() <= value <= values.max()
    assert round(value, 1) == value


@pytest.mark.parametrize("values", [[3.0], [1.0, 2.0], [0.0] * 50 + [1.0]], ids=["one", "two", "an atom"])
def test_few_values_are_enough(values: list[float]) -> None:
    codec = clone(QuantileNormal()).fit(values)
    assert np.isfinite(codec.transform(values)).all()
    assert set(codec.inverse_transform(np.linspace(-5, 5, 50))) <= set(values)


def test_a_table_is_encoded_column_by_column_with_flags_where_cells_are_missing() -> None:
    frame = pd.DataFrame({"a": NOISE[:50], "b": np.where(np.arange(50) % 5, NOISE[50:100], np.nan)})
    encoder = TableEncoder().fit(frame)
    channels, missing = encoder.transform(frame)
    assert encoder.layout_ == Layout((Features(value=True), Features(value=True, events=1)))
    assert (missing[:, 0] == frame["b"].isna()).all()
    np.testing.assert_allclose(encoder.inverse_transform(channels, missing), frame, atol=1e-5)
