"""Every scaler increases, comes back, and is total."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.preprocessing import PowerTransformer

from tsgan import TSGAN
from tsgan.preprocessing import Log, MinMax, Power, QuantileNormal, Robust, Standard
from tsgan.preprocessing.scalers import SCALINGS

DRAW = np.random.default_rng(0)
COLUMN = pd.Series(np.exp(DRAW.normal(size=1000)), name="x")


@pytest.mark.parametrize("name", SCALINGS)
def test_a_column_comes_back(name: str) -> None:
    codec = clone(SCALINGS[name]()).fit(COLUMN)
    scores = codec.transform(COLUMN)
    np.testing.assert_allclose(codec.inverse_transform(scores), COLUMN, rtol=1e-6, atol=1e-9)
    assert (np.argsort(scores) == np.argsort(COLUMN.to_numpy())).all()
    assert codec.get_feature_names_out().tolist() == ["x"]
    np.testing.assert_array_equal(SCALINGS[name].from_json(codec.to_json()).transform(COLUMN), scores)


@pytest.mark.parametrize("name", SCALINGS)
@settings(max_examples=40, deadline=None)
@given(score=st.floats(allow_nan=False, allow_infinity=False))
def test_any_finite_score_gives_a_value_within_the_range(name: str, score: float) -> None:
    value = SCALINGS[name]().fit(COLUMN).inverse_transform([score])[0]
    assert COLUMN.min() <= value <= COLUMN.max()


@pytest.mark.parametrize("name", SCALINGS)
@pytest.mark.parametrize(
    "values", [[3.0], [1.0, 2.0], [1e308, -1e308, 0.0], [5e-324, 0.0]], ids=["one", "two", "huge", "tiny"]
)
def test_few_and_huge_values_are_enough(name: str, values: list[float]) -> None:
    codec = SCALINGS[name]().fit(values)
    assert np.isfinite(codec.transform(values)).all()
    assert min(values) <= codec.inverse_transform([0.3])[0] <= max(values)


def test_they_are_what_they_say() -> None:
    assert Standard().fit(COLUMN).transform(COLUMN).std() == pytest.approx(1)
    assert MinMax().fit(COLUMN).transform(COLUMN).max() == pytest.approx(1)
    assert np.median(Robust().fit(COLUMN).transform(COLUMN)) == pytest.approx(0, abs=1e-6)
    theirs = PowerTransformer().fit_transform(COLUMN.to_numpy()[:, None])[:, 0]
    np.testing.assert_allclose(Power().fit(COLUMN).transform(COLUMN), theirs, atol=1e-2)
    assert abs(pd.Series(Log().fit(COLUMN).transform(COLUMN)).skew()) < 1
    assert QuantileNormal().fit(COLUMN).transform(COLUMN).std() == pytest.approx(1, abs=0.05)


def test_the_inverse_of_the_power_is_never_nan() -> None:
    skewed = np.exp(np.random.default_rng(0).normal(size=500))  # a negative power, which no score beyond its limit has
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore")  # theirs
        assert np.isnan(PowerTransformer().fit(skewed[:, None]).inverse_transform(np.array([[50.0]]))).all()
    assert Power().fit(skewed).inverse_transform([50.0])[0] == pytest.approx(skewed.max())


def test_a_scaling_is_chosen_by_name() -> None:
    frame = pd.DataFrame({"x": COLUMN, "y": DRAW.normal(size=1000)})
    model = TSGAN(schema={"x": "log", "y": "standard"}, max_steps=1, random_state=0, device="cpu").fit(frame)
    assert [type(getattr(codec, "scaler", None)) for codec in model.encoder_.codecs_] == [Log, Standard]
    assert model.sample(1)["x"].between(COLUMN.min(), COLUMN.max()).all()
