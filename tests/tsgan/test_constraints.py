"""Constraints are checked before training and hold in every row that comes out."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import tsgan
from tsgan import TSGAN
from tsgan.constraints import Constraint, FixedCombinations, Increasing, Inequality, Positive, Range
from tsgan.exceptions import InputError
from tsgan.reparameterisation import Reparameterisation

N = 200
DRAW = np.random.default_rng(0)
LOW = DRAW.normal(size=N).round(2)
DAYS = pd.Series(pd.date_range("2024-01-01", periods=N, freq="h"))
CITY = DRAW.integers(0, 3, N)
FRAME = pd.DataFrame(
    {
        "low": LOW,
        "high": (LOW + DRAW.exponential(size=N)).round(1) + 0.1,
        "best": (LOW + 10).astype("float32"),
        "odometer": DRAW.integers(0, 5, N).cumsum(),
        "opened": DAYS,
        "closed": DAYS + pd.to_timedelta(DRAW.integers(1, 90, N), unit="min"),
        "share": DRAW.uniform(0, 100, N).round(),
        "city": np.array(["Rome", "Paris", "Lyon"])[CITY],
        "country": np.array(["Italy", "France", "France"])[CITY],
        "small": DRAW.integers(-100, 0, N).astype("int8"),
        "large": DRAW.integers(1, 127, N).astype("int8"),
    }
)
RULES = (
    Inequality("low", "<=", "high"),
    Inequality("high", "<", "best"),
    Inequality("closed", ">", "opened"),
    Inequality("large", ">=", "small"),
    Increasing("odometer"),
    Range("share", 0, 100),
    FixedCombinations(["city", "country"]),
)
FRAME = FRAME[FRAME["high"] < FRAME["best"]].reset_index(drop=True)
BEGINS = np.arange(len(FRAME)) % 60 == 0


def check(X: pd.DataFrame, begins: np.ndarray) -> None:
    assert (X["low"] <= X["high"]).all()
    assert (X["high"] < X["best"]).all()
    assert (X["closed"] > X["opened"]).all()
    assert (X["large"] >= X["small"]).all()
    assert (X["odometer"].diff()[~begins] >= 0).all()
    assert X["share"].between(0, 100).all()
    assert set(zip(X["city"], X["country"], strict=True)) <= set(zip(FRAME["city"], FRAME["country"], strict=True))


def test_a_table_comes_back() -> None:
    rules = Reparameterisation(RULES).fit(FRAME, BEGINS)
    learned = rules.apply(FRAME, BEGINS)
    assert "country" not in learned
    assert (learned["high"] >= 0).all()
    assert rules.static(set()) == {"odometer (first)"}
    for fitted in (rules, Reparameterisation.from_json(rules.to_json())):
        pd.testing.assert_frame_equal(fitted.undo(learned, BEGINS, list(FRAME)), FRAME)


@pytest.mark.slow
def test_they_hold_in_a_million_rows() -> None:
    model = TSGAN(constraints=list(RULES), max_steps=3, random_state=0, device="cpu").fit(FRAME)
    rows = 0
    for piece in model.stream(length=1_000_000, chunk=250_000, random_state=0):
        check(piece, np.arange(len(piece)) == 0)
        rows += len(piece)
    assert rows == 1_000_000


def test_they_hold_in_every_row_of_any_sample(tmp_path: Any) -> None:
    model = TSGAN(constraints=list(RULES), max_steps=3, random_state=0, device="cpu").fit(FRAME)
    sample = model.sample(1, length=5_000, random_state=0)
    assert sample.dtypes.equals(FRAME.dtypes)
    check(sample, np.arange(len(sample)) == 0)
    model.save(tmp_path / "m.safetensors")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    pd.testing.assert_frame_equal(loaded.sample(1, length=5_000, random_state=0), sample)
    assert loaded.constraints is not None
    assert set(loaded.constraints) == set(RULES)
    assert "rule: Increasing(column='odometer')" in str(model.schema_)


def test_a_sum_stays_exact_where_its_parts_have_ranges() -> None:
    parts = np.abs(DRAW.normal(size=(N, 2))).round(2) + 0.01
    bill = pd.DataFrame({"net": parts[:, 0], "tax": parts[:, 1], "total": parts.sum(1).round(2)})
    rules = [Positive("net"), Range("tax", low=0)]
    out = TSGAN(max_steps=1, random_state=0, constraints=rules).fit(bill).sample(1, length=5000, random_state=1)
    assert (out["total"] == (out["net"] + out["tax"]).round(2)).all()
    assert (out[["net", "tax"]] > 0).all(axis=None)


def test_a_sum_with_a_range_keeps_it_rather_than_the_sum() -> None:
    parts = np.abs(DRAW.normal(size=(N, 2))).round(2)
    bill = pd.DataFrame({"net": parts[:, 0], "tax": parts[:, 1], "total": parts.sum(1).round(2)})
    most = bill["total"].max()
    rules = [Range("total", high=most)]
    out = TSGAN(max_steps=1, random_state=0, constraints=rules).fit(bill).sample(1, length=5000, random_state=1)
    assert out["total"].max() <= most


def test_an_interpolated_column_with_a_range_is_made_of_lines() -> None:
    knots = DRAW.uniform(1, 90, 101)
    lines = pd.DataFrame({"share": np.interp(np.arange(600), 6 * np.arange(101), knots), "x": DRAW.normal(size=600)})
    model = TSGAN(max_steps=1, random_state=0, constraints=[Range("share", 0, 100)]).fit(lines)
    out = model.sample(1, length=1201, random_state=1)["share"]
    assert out.between(0, 100).all()
    assert (out.diff().diff().abs() < 1e-9).mean() > 0.8


def test_of_a_panel_each_series_begins_anew() -> None:
    panel = FRAME[["odometer", "low"]].assign(id=BEGINS.cumsum())
    panel["odometer"] -= panel.groupby("id")["odometer"].transform("first") - 10 * panel["id"]
    model = TSGAN(entity="id", constraints=[Increasing("odometer")], max_steps=3, random_state=0, device="cpu").fit(panel)
    sample = model.sample(30, random_state=0)
    assert (sample.groupby("id")["odometer"].diff().dropna() >= 0).all()
    assert sample.groupby("id")["odometer"].first().between(10, 40).all()


def test_a_chain_is_put_back_in_its_order() -> None:
    x = pd.DataFrame({"a": LOW, "b": LOW + 1, "c": LOW + 3, "d": DRAW.normal(size=N)})
    rules = Reparameterisation([Inequality("b", "<", "c"), Inequality("a", "<", "b")]).fit(x, BEGINS[:1])
    assert [rule.right for rule in rules.constraints if isinstance(rule, Inequality)] == ["b", "c"]
    pd.testing.assert_frame_equal(rules.undo(rules.apply(x, BEGINS), BEGINS, list(x)), x)


def test_a_combination_is_the_same_in_another_table() -> None:
    rules = Reparameterisation([FixedCombinations(["city", "country"])]).fit(FRAME, BEGINS)
    one, other = rules.apply(FRAME, BEGINS)["city"], rules.apply(FRAME.iloc[::-1], BEGINS)["city"]
    pd.testing.assert_series_equal(one, other.iloc[::-1])


def test_parameters_can_be_cloned() -> None:
    model = TSGAN(constraints=RULES)
    assert clone(model).get_params()["constraints"] == RULES


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([Inequality("high", "<=", "low")], r"Inequality\(left='high'.*does not hold in the data \(rows \[0, 1, 2\]"),
        ([Inequality("low", "=", "high")], "sign must be one of"),  # type: ignore[arg-type]
        ([Inequality("low", "<=", "city")], "needs numbers, dates or durations, but column 'city'"),
        ([Inequality("low", "<=", "nil")], "'nil' is none of the columns"),
        ([Inequality("low", "<=", "gappy")], "one column is missing and the other not"),
        ([Increasing("low")], "does not hold in the data"),
        ([Increasing("gappy")], "has missing cells"),
        ([Positive("low")], "does not hold in the data"),
        ([Range("share", 10, 20)], "does not hold in the data"),
        ([Inequality("low", "<=", "high"), Positive("high")], "both rule the column 'high'"),
        ([Inequality("low", "<=", "high"), Inequality("high", ">=", "low")], "go round in a circle"),
        ([FixedCombinations(["city", "opened"])], "neither text, number nor boolean"),
    ],
    ids=str,
)
def test_what_cannot_hold_is_refused(rules: list[Any], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TSGAN, "_train", lambda *_: pytest.fail("training began"))
    X = FRAME.assign(gappy=FRAME["low"].where(FRAME.index % 7 > 0) + 1)
    with pytest.raises(InputError, match=message):
        TSGAN(constraints=rules).fit(X)


def moves(n: int = 30, rows: int = 20) -> pd.DataFrame:
    """Patients of one hospital each, who change wards; a cap for each that none reaches."""
    draw, parts = np.random.default_rng(0), []
    for k in range(n):
        x = draw.normal(size=rows).cumsum().round(2)
        site = "ab"[k % 2]
        ward = [site + text for text in np.where(draw.random(rows) < 0.5, "x", "y")]
        cap = round(x.max() + draw.exponential(), 2)
        parts.append(pd.DataFrame({"id": k, "t": range(rows), "site": site, "ward": ward, "x": x, "cap": cap}))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def ruled_by_what_varies() -> TSGAN:
    rules: list[Constraint] = [FixedCombinations(["site", "ward"]), Inequality("x", "<=", "cap")]
    return TSGAN(entity="id", time="t", constraints=rules, max_steps=2, random_state=0, device="cpu").fit(moves())


def test_what_is_constant_stays_so_beside_what_varies(ruled_by_what_varies: TSGAN) -> None:
    sample = ruled_by_what_varies.sample(100, random_state=0)
    each = sample.groupby("id")[["site", "cap", "ward"]].nunique()
    assert (each[["site", "cap"]] == 1).all(axis=None)
    assert (each["ward"] == 2).mean() > 0.9
    assert (sample["ward"].str[0] == sample["site"]).all()
    assert (sample["x"] <= sample["cap"]).all()
    pieces = pd.concat(list(ruled_by_what_varies.stream(100, chunk=77, random_state=0)), ignore_index=True)
    pd.testing.assert_frame_equal(pieces, sample.reset_index(drop=True))


def test_what_is_constant_stays_in_futures_beside_what_varies(ruled_by_what_varies: TSGAN) -> None:
    history = moves().query("id in [2, 3, 7]")
    future = ruled_by_what_varies.sample(5, length=9, given=history, random_state=0)
    for name in ("site", "cap"):
        assert (
            future.groupby("id")[name].unique().map(list).tolist() == history.groupby("id")[name].unique().map(list).tolist()
        )
    assert (future["ward"].str[0] == future["site"]).all()
    assert (future["x"] <= future["cap"]).all()


def test_a_combination_of_another_series_is_held_back() -> None:
    rule, begins = FixedCombinations(["site", "ward"]), np.array([True, False, False, False, True, False])
    rows = [["a", "x"], ["b", "x"], ["a", "y"], ["b", "y"], ["b", "y"], ["a", "x"]]
    texts = pd.DataFrame({"site": [json.dumps(row) for row in rows]})
    state = {"dtypes": ["object", "object"], "varies": [False, True]}
    assert rule.undo(texts, state, begins).to_numpy().tolist() == [
        ["a", "x"], ["a", "x"], ["a", "y"], ["a", "y"], ["b", "y"], ["b", "y"],
    ]  # fmt: skip
    ahead = pd.DataFrame({"site": ["b", "b"], "ward": ["z", "x"]})
    assert rule.undo(texts, state, begins, ahead)["ward"].tolist() == ["z", "x", "x", "y", "y", "y"]
