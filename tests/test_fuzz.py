"""Frames that nobody thought of: learned and sampled with the same schema, or refused by an error of our own."""

import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tsgan import TSGAN
from tsgan.exceptions import TSGANError
from tsgan.preprocessing.categorical_column import CategoricalColumn
from tsgan.preprocessing.linear_column import LinearColumn
from tsgan.preprocessing.numbers import Numbers

Draw = np.random.Generator

MAKERS: dict[str, Callable[[Draw, int], Any]] = {
    "noise": lambda draw, n: draw.normal(size=n),
    "walk": lambda draw, n: draw.normal(size=n).cumsum().round(2),
    "huge": lambda draw, n: draw.normal(size=n) * 1e300,
    "tiny": lambda draw, n: draw.normal(size=n) * 1e-300,
    "single": lambda draw, n: draw.normal(size=n).astype("float32"),
    "half": lambda draw, n: draw.normal(size=n).astype("float16"),
    "zeros and some": lambda draw, n: np.where(draw.random(n) < 0.7, 0.0, draw.exponential(size=n)),
    "sticky": lambda draw, n: draw.normal(size=n)[np.maximum.accumulate(np.arange(n) * (draw.random(n) < 0.4))],
    "small integers": lambda draw, n: draw.integers(-3, 3, n).astype("int8"),
    "integers": lambda draw, n: draw.integers(-(2**63), 2**63 - 1, n),
    "unsigned": lambda draw, n: draw.integers(0, 2**64 - 1, n, dtype=np.uint64),
    "counter": lambda draw, n: np.arange(n),
    "booleans": lambda draw, n: draw.random(n) < 0.5,
    "texts": lambda draw, n: draw.choice(["a", "", "nan", "\N{GRINNING FACE}"], n),
    "names": lambda draw, n: [f"N-{k}" for k in draw.permutation(n)],
    "categories": lambda draw, n: pd.Categorical(draw.choice(["x", "y"], n), ["z", "y", "x"], ordered=True),
    "mixed": lambda draw, n: pd.Series(draw.choice(np.array([1, "1", True, 2.5], dtype=object), n), dtype=object),
    "dates": lambda draw, n: pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 900, n), unit="D"),
    "in a zone": lambda draw, n: pd.date_range("2024-10-26", periods=n, freq="17min", tz="Europe/Berlin"),
    "durations": lambda draw, n: pd.to_timedelta(draw.integers(0, 10**9, n), unit="s"),
    "periods": lambda draw, n: pd.period_range("2020-01", periods=n, freq="M"),
    "decimals": lambda draw, n: [Decimal(int(k)) / 100 for k in draw.integers(-500, 500, n)],
    "nullable": lambda draw, n: pd.array(draw.integers(0, 99, n), dtype="Int16"),
    "nullable booleans": lambda draw, n: pd.array(draw.random(n) < 0.5, dtype="boolean"),
    "arrow": lambda draw, n: pd.array(draw.normal(size=n), dtype="double[pyarrow]"),
    "constant": lambda draw, n: [7] * n,
}
NULLABLE = set(MAKERS) - {"small integers", "integers", "unsigned", "counter", "booleans", "constant"}
NAMES: list[Any] = ["a", "b", 0, 1.5, ("t", 1), "new\nline", "index", "sequence", "id", "", "time"]


@st.composite
def frames(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A frame of a few columns of any kind, some with missing cells, perhaps a panel."""
    kinds = draw(st.lists(st.sampled_from(sorted(MAKERS)), min_size=1, max_size=5))
    names = draw(st.permutations(NAMES))[: len(kinds)]
    lengths = draw(st.lists(st.integers(1, 30), min_size=1, max_size=4))
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    rows = sum(lengths)
    columns: dict[Any, pd.Series] = {}
    for name, kind in zip(names, kinds, strict=True):
        column = pd.Series(MAKERS[kind](random, rows))
        share = draw(st.sampled_from([0.0, 0.0, 0.3, 0.9])) if kind in NULLABLE else 0.0
        columns[name] = column.mask(random.random(rows) < share) if share else column
    if draw(st.booleans()):
        columns["copy"] = columns[names[0]]
    frame = pd.concat(list(columns.values()), axis=1)
    frame.columns = pd.Index(list(columns), tupleize_cols=False)
    if draw(st.booleans()):
        owner = np.repeat(np.arange(len(lengths)), lengths)
        frame = frame.assign(owner=owner)
        if draw(st.booleans()):
            own = pd.Series(
                draw(st.sampled_from([random.normal(size=len(lengths)), random.choice(["p", "q"], len(lengths))]))[owner]
            )
            frame["same"] = own.mask(random.random(rows) < draw(st.sampled_from([0.0, 0.3])))
        return frame, {"entity": "owner"}
    return frame, {}


@pytest.mark.slow
@settings(max_examples=settings().max_examples * 20, deadline=None, suppress_health_check=list(HealthCheck))
@given(frames())
def test_any_frame_comes_back_or_is_refused(case: tuple[pd.DataFrame, dict[str, Any]]) -> None:
    frame, roles = case
    before = frame.copy()
    model = TSGAN(max_steps=1, hidden_size=2, batch_size=2, random_state=0, device="cpu", **roles)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*min_entities.*")
            model.fit(frame)
    except TSGANError as error:
        assert "\n" not in str(error).replace("new\nline", "")  # noqa: PT017 - some frames cannot be learned
        return
    finally:
        pd.testing.assert_frame_equal(frame, before)
    sample = model.sample(1, random_state=0)
    assert sample.columns.equals(frame.columns)
    assert list(sample.dtypes) == list(frame.dtypes)
    assert not (sample.isna().any() & ~frame.isna().any()).any()
    static = [column.name for column in model.schema_.columns if column.static]
    if static:
        assert sample.groupby("owner")[static].nunique().to_numpy().max() <= 1
    begins = ~frame["owner"].duplicated().to_numpy() if roles else np.arange(len(frame)) == 0
    learned = model.rules_.apply(frame[[model.schema_.names[k] for k in model.schema_.encoded]], begins)
    back = model.encoder_.inverse_transform(*model.encoder_.transform(learned))
    for k, codec in enumerate(model.encoder_.codecs_):
        column = learned.iloc[:, k]
        if model.encoder_.layout_.columns[k].static:  # learned between the values of the series
            continue
        if isinstance(codec, CategoricalColumn):
            pd.testing.assert_series_equal(back.iloc[:, k], column, check_names=False)
            continue
        numbers = Numbers().fit(column)
        untold = learned.iloc[:, list(codec.sources)].isna().any(axis=1) & codec.beneath
        there, here = (numbers.transform(side[~untold.to_numpy()]) for side in (column, back.iloc[:, k]))
        assert (np.isnan(there) == np.isnan(here)).all()
        if np.isnan(there).all():
            continue
        with np.errstate(over="ignore"):
            width = np.nanmax(there) - np.nanmin(there)
        tolerance = 1e-4 * width + 1e-3 * np.nanmax(np.abs(there)) * isinstance(codec, LinearColumn)  # channels are single
        assert (np.abs(here - there)[~np.isnan(there)] <= tolerance).all()
