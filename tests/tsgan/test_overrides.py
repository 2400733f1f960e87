"""Columns are what the user says, unless the cells contradict it."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.exceptions import InputError

DRAW = np.random.default_rng(0)
N = 240
FRAME = pd.DataFrame(
    {
        "id": np.arange(N) // 24,
        "code": DRAW.choice([10115, 20095, 80331, 50667] * 5 + list(range(30)), N),
        "rating": DRAW.integers(1, 6, N),
        "site": np.repeat(["a", "b"] * 5, 24),
        "ticket": [f"T{k // 2}" for k in range(N)],
        "x": DRAW.normal(size=N),
    }
)
SAID = {"code": "categorical", "rating": "numeric", "ticket": "identifier"}


def test_what_the_user_says_is_done(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="column 'code': .* categories in fewer than min_entities=5"):
        model = TSGAN(entity="id", schema=SAID, max_steps=1, random_state=0, device="cpu").fit(FRAME)
    table = model.schema_.to_frame()
    assert table.loc[["code", "rating", "ticket", "site"], "role"].tolist() == [
        "categorical",
        "numeric",
        "identifier",
        "categorical",
    ]
    assert "levels" in tsgan.inspect(FRAME[["rating", "x"]])[0].to_frame().loc["rating", "note"]
    assert "levels" not in table.loc["rating", "note"]
    model.save(tmp_path / "m.safetensors")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    assert loaded.schema == SAID
    for fitted in (model, loaded):
        sample = fitted.sample(20, random_state=0)
        assert set(sample["code"]) <= set(FRAME["code"])
        assert not set(sample["ticket"]) & set(FRAME["ticket"])
        assert sample.dtypes.equals(FRAME.dtypes)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"site": "numeric"}, "column 'site' is said to be numeric, but is (str|object)"),
        ({"x": "identifier"}, "is float64, and only texts and whole numbers can be; convert it to text"),
        ({"x": "categorical"}, "column 'x' has 240 categories; at most 64"),
        ({"nil": "numeric"}, "schema= names 'nil', which is no column of values; there are '"),
        ({"x": "static"}, "says a kind other than"),
        ({"x": "categoricl"}, "says a kind other than .*; did you mean 'categorical'"),
        ({"x": "number"}, "says a kind other than numeric, categorical, identifier, quantile"),
    ],
    ids=str,
)
def test_contradictions_are_refused(said: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        TSGAN(entity="id", schema=said, max_steps=1).fit(FRAME.drop(columns="ticket"))


def test_columns_said_to_be_static_stay_so(tmp_path: Path) -> None:
    frame = FRAME[["id", "rating", "site", "x"]].assign(floor=FRAME["id"] // 5, also=FRAME["site"])
    named = ["site", "floor", "also"]
    model = TSGAN(entity="id", static=named, schema={"floor": "categorical"}, max_steps=1, random_state=0, device="cpu")
    model.fit(frame).save(tmp_path / "m.safetensors")
    assert "constant within each sequence" in model.schema_.to_frame().loc["site", "note"]
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    assert loaded.static == named
    sample = loaded.sample(20, random_state=0)
    pd.testing.assert_frame_equal(sample, model.sample(20, random_state=0))
    assert (sample.groupby("id")[named].nunique() == 1).all(axis=None)


def test_what_is_static_is_no_part_of_the_time() -> None:
    times = pd.date_range("2024-01-01", periods=48, freq="h").append(pd.date_range("2025-01-01", periods=48, freq="h"))
    frame = pd.DataFrame({"id": np.repeat([0, 1], 48), "t": times, "x": FRAME["x"][:96], "year": times.year})
    assert tsgan.inspect(frame, entity="id", time="t")[0].to_frame().loc["year", "role"] == "calendar"
    schema, _ = tsgan.inspect(frame, entity="id", time="t", static=["year"])
    assert schema.columns[1].static


@pytest.mark.parametrize(
    ("static", "message"),
    [
        (["site", "x"], r"column 'x' is in static=, but changes within a series \(rows \[1, 2, 3\], counted from 0\); make"),
        (["copy"], r"column 'copy' is in static=, but changes"),
        (
            ["site", "nil"],
            "static= names 'nil', which is no column of values; there are 'code', 'rating', 'site', 'x', 'copy'$",
        ),
        (["id"], "static= names 'id', which is no column of values"),
        ("site", r"static='site' must be a list of column names, such as static=\['site'\]"),
        ({"site"}, "must be a list of column names"),
    ],
    ids=str,
)
def test_what_is_not_static_is_refused(static: Any, message: str) -> None:
    frame = FRAME.drop(columns="ticket").assign(copy=FRAME["x"])
    with pytest.raises(InputError, match=message):
        TSGAN(entity="id", static=static, max_steps=1).fit(frame)


def test_rows_at_which_a_static_column_changes_are_those_of_the_table_given() -> None:
    site = FRAME["site"].where(FRAME.index != 30, "c")
    shuffled = FRAME.assign(site=site).iloc[::-1]
    with pytest.raises(InputError, match=r"column 'site' .* \(rows \[209, 210\]"):
        tsgan.inspect(shuffled, entity="id", static=["site"])


def test_a_kind_that_does_not_exist_is_told_apart_from_a_column_that_does_not() -> None:
    with pytest.raises(InputError, match="says a kind other than"):
        tsgan.inspect(FRAME, schema={"x": "category"})
    with pytest.raises(InputError, match="names 'z', which is no column of values"):
        tsgan.inspect(FRAME, schema={"z": "numeric"})


def test_text_is_no_constraint() -> None:
    with pytest.raises(ValueError, match="none of tsgan"):
        TSGAN(constraints=["x>y"]).fit(FRAME)  # type: ignore[list-item]
