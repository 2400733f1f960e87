"""Each public transformer by itself: there and back, from any floats, cloned, and as JSON."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline

from tsgan.exceptions import InputError, InputTypeError
from tsgan.preprocessing import (
    Categorical,
    Datetime,
    Log,
    MinMax,
    Missing,
    Numbers,
    Power,
    QuantileNormal,
    Robust,
    SeriesTransformer,
    Standard,
)

DRAW = np.random.default_rng(0)
FLOATS = pd.Series(np.exp(DRAW.normal(size=200)), name="x")
GAPS = DRAW.random(200) < 0.2
TEXTS = pd.Series(DRAW.choice(["a", "b", "c"], 200), name="x")
TIMES = pd.Series(pd.Timestamp("2024-03-30", tz="Europe/Berlin") + pd.to_timedelta(DRAW.integers(0, 99, 200), unit="h"))
COUNTS = pd.Series(DRAW.integers(0, 99, 200), dtype="Int16", name="x")

CASES: dict[str, tuple[SeriesTransformer, pd.Series]] = {
    "QuantileNormal": (QuantileNormal(min_knots=8), FLOATS),
    "Standard": (Standard(), FLOATS),
    "MinMax": (MinMax(), FLOATS),
    "Robust": (Robust(), FLOATS),
    "Power": (Power(random_state=3), FLOATS),
    "Log": (Log(), FLOATS),
    "Categorical": (Categorical(), TEXTS.mask(GAPS)),
    "Datetime": (Datetime(), TIMES.mask(GAPS)),
    "scaled Datetime": (Datetime(Standard()), TIMES),
    "Numbers": (Numbers(), COUNTS),
    "Missing floats": (Missing(Robust()), FLOATS.mask(GAPS)),
    "Missing counts": (Missing(MinMax()), COUNTS.mask(GAPS)),
    "Missing texts": (Missing(Categorical()), TEXTS.mask(GAPS)),
    "Missing times": (Missing(Datetime(QuantileNormal())), TIMES.mask(GAPS)),
    "Missing nothing": (Missing(Standard()), FLOATS),
}
ANY = st.floats(allow_nan=False, allow_infinity=False)


def same(left: Any, right: pd.Series) -> None:
    """The same cells and dtype, floats to what arithmetic leaves."""
    pd.testing.assert_series_equal(pd.Series(left), right, check_names=False, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_a_column_comes_back(name: str) -> None:
    transformer, column = CASES[name]
    before = column.copy()
    floats = clone(transformer).fit_transform(column)
    fitted = clone(transformer).fit(column)
    np.testing.assert_array_equal(fitted.transform(column), floats)
    same(fitted.inverse_transform(floats), column)
    pd.testing.assert_series_equal(column, before)
    names = fitted.get_feature_names_out()
    assert len(names) == (1 if floats.ndim == 1 else floats.shape[1])


FITTED = {name: clone(transformer).fit(column) for name, (transformer, column) in CASES.items()}


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=30, deadline=None)
@given(number=ANY, mask=ANY)
@example(number=1e308, mask=-0.0)
@example(number=-1e308, mask=1e308)
@example(number=-0.0, mask=5e-324)
def test_any_floats_are_a_value_of_the_column(name: str, number: float, mask: float) -> None:
    fitted, column = FITTED[name], CASES[name][1]
    floats = np.full_like(fitted.transform(column)[:2], number)
    is_masked = isinstance(fitted, Missing)
    if is_masked:
        floats[:, -1] = mask
    cell = pd.Series(fitted.inverse_transform(floats))
    assert cell.dtype == column.dtype
    if is_masked and mask > 0.5 and column.hasnans:
        assert cell.isna().all()
    elif column.dtype == TEXTS.dtype:
        assert set(cell) <= set(column)
    else:
        assert cell.between(column.min(), column.max()).all()


@pytest.mark.parametrize("name", CASES)
def test_a_fitted_transformer_comes_back_from_json(name: str) -> None:
    fitted, column = FITTED[name], CASES[name][1]
    again = SeriesTransformer.from_json(json.loads(json.dumps(fitted.to_json())))
    assert repr(again) == repr(fitted)
    np.testing.assert_array_equal(again.transform(column), fitted.transform(column))
    same(again.inverse_transform(fitted.transform(column)), column)
    assert again.get_feature_names_out().tolist() == fitted.get_feature_names_out().tolist()


def test_json_of_another_transformer_is_refused() -> None:
    with pytest.raises(ValueError, match="is that of a Standard, not of a Power"):
        Power.from_json(FITTED["Standard"].to_json())


def test_parameters_are_those_of_scikit_learn() -> None:
    missing = clone(Missing(Datetime(Standard())))
    assert missing.get_params()["transformer__scaler__random_state"] == 0
    assert missing.set_params(transformer__scaler=Robust()).transformer.scaler.get_params() == {"random_state": 0}
    assert not hasattr(missing.transformer, "numbers_")  # what was given is not fitted


@pytest.mark.parametrize("scaler", [None, MinMax(), QuantileNormal()], ids=str)
@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(st.integers(-80_000, 80_000) | st.none(), min_size=1).filter(any),
    unit=st.sampled_from(["s", "ms", "us", "ns"]),
    form=st.sampled_from(["datetime", "UTC", "Asia/Kathmandu", "America/New_York", "duration", "period", "date"]),
)
def test_dates_of_any_kind_come_back_exactly(scaler: Any, days: list[int | None], unit: Any, form: str) -> None:
    durations = pd.Series(pd.to_timedelta(days, unit="D").as_unit(unit))
    times = durations + pd.Timestamp("1970-01-01").as_unit(unit)
    column = {
        "datetime": times,
        "duration": durations,
        "period": times.dt.to_period("M"),
        "date": times.dt.date.astype(object),
    }.get(form)
    column = times.dt.tz_localize("UTC").dt.tz_convert(form) if column is None else column
    codec = Datetime(scaler).fit(column)
    floats = codec.transform(column)
    assert (np.isnan(floats) == column.isna()).all()
    pd.testing.assert_series_equal(codec.inverse_transform(floats), column)
    ends = codec.inverse_transform([-1e308, -0.0, 1e308])
    assert (ends.min(), ends.max()) == (column.dropna().min(), column.dropna().max())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e300, 1e300) | st.none(), min_size=1).filter(lambda cells: any(c is not None for c in cells)))
@example([1e308, None, -1e308])
def test_floats_with_gaps_come_back_within_their_range(cells: list[float | None]) -> None:
    column = pd.Series(cells, dtype="float64")
    codec = Missing(Standard()).fit(column)
    floats = codec.transform(column)
    assert np.isfinite(floats).all()
    back = codec.inverse_transform(floats)
    assert (back.isna() == column.isna()).all()
    assert back.dropna().between(column.min(), column.max()).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([1, "1", True, 1.5, "", None]), min_size=1))
def test_categories_come_back(cells: list[Any]) -> None:
    column = pd.Series(cells, dtype=object)
    codec = Categorical().fit(column)
    back = codec.inverse_transform(codec.transform(column))
    assert [(type(cell), cell) for cell in back] == [(type(cell), cell) for cell in column]


def test_they_work_in_a_pipeline_and_in_a_table() -> None:
    pipeline = make_pipeline(Datetime(), Power())
    same(pipeline.inverse_transform(pipeline.fit_transform(TIMES)), TIMES)
    table = ColumnTransformer(
        [("rain", Missing(Log()), "rain"), ("sky", Categorical(), "sky"), ("at", Datetime(MinMax()), "at")]
    )
    frame = pd.DataFrame({"rain": FLOATS.mask(GAPS), "sky": TEXTS, "at": TIMES})
    made = table.set_output(transform="pandas").fit_transform(frame)
    assert made.filter(like="rain").columns.tolist() == ["rain__rain", "rain__missingindicator_rain"]
    assert made["at__at"].between(0, 1).all()


@pytest.mark.parametrize(
    ("transformer", "cells", "error", "message"),
    [
        (Standard(), ["a"], InputTypeError, "column 'x' holds no numbers"),
        (Standard(), TIMES, InputTypeError, "holds no numbers"),
        (Log(), [np.nan], InputError, "column 'x' has no values at all; drop it"),
        (Robust(), [1.0, np.inf], InputError, "column 'x' holds 1 infinite values; replace them"),
        (Datetime(), [1.0], InputTypeError, "column 'x' holds no dates, durations or periods: its dtype is float64"),
        (Datetime(), pd.to_datetime([None]), InputError, "column 'x' has no values at all"),
        (Missing(Standard()), [np.nan], InputError, "column 'x' has no values at all"),
    ],
    ids=str,
)
def test_what_cannot_be_learned_is_said(transformer: SeriesTransformer, cells: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        transformer.fit(pd.Series(cells).rename("x"))
