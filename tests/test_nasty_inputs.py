"""Tables that break other tools: each is learned and comes back with its dtypes, or ends in one clear error in time."""

import copy
import datetime
import pickle
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.exceptions import TSGANError

N = 60
DRAW = np.random.default_rng(0)
X = DRAW.normal(size=N)
HOURS = pd.date_range("2024-01-01", periods=N, freq="h")
STEP = np.arange(N)
WORKS = ""
SECONDS = 2.0  # in which an error comes


def base(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"x": X, **columns})


def panel(lengths: list[int], **columns: Callable[[int], Any]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"id": f"e{k}", "x": DRAW.normal(size=n), **{name: make(n) for name, make in columns.items()}})
        for k, n in enumerate(lengths)
    ]
    return pd.concat(parts, ignore_index=True)


def odd_index() -> pd.DataFrame:
    return base(y=X[::-1]).set_axis(DRAW.permutation(N))


def levels(owners: Any, times: Any) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([owners, times], names=["id", "t"])
    return pd.DataFrame({"x": DRAW.normal(size=len(index))}, index)


def read_only() -> np.ndarray:
    values = DRAW.normal(size=(N, 2))
    values.flags.writeable = False
    return values


Case = tuple[Any, dict[str, Any], str]
ENTITY = {"entity": "id"}

CASES: dict[str, Callable[[], Case]] = {
    # Missing and degenerate.
    "all-null numbers": lambda: (base(y=np.nan), {}, "column 'y' has no values at all; drop it"),
    "all-null datetimes": lambda: (base(y=pd.Series([pd.NaT] * N)), {}, "column 'y' has no values at all"),
    "all-null category": lambda: (base(y=pd.Categorical([None] * N, ["a"])), {}, "column 'y' has no values at all"),
    "constant": lambda: (base(y=5), {}, WORKS),
    "constant text": lambda: (base(y="same"), {}, WORKS),
    "constant timestamp": lambda: (base(y=pd.Timestamp("2024-05-05")), {}, WORKS),
    "constant with missing cells": lambda: (base(y=np.where(STEP % 3, 7.0, np.nan)), {}, WORKS),
    "nothing but constants": lambda: (pd.DataFrame({"x": [1.0] * N, "y": "a"}), {}, "no column varies"),
    "1e9 +- 1e-6": lambda: (base(y=1e9 + 1e-6 * DRAW.normal(size=N)), {}, WORKS),
    "a channel null for whole entities": lambda: (
        panel([20] * 6, y=lambda n: np.full(n, DRAW.choice([np.nan, 1.5]))),
        ENTITY,
        WORKS,
    ),
    "one value present": lambda: (base(y=np.where(STEP == 7, 1.0, np.nan)), {}, WORKS),
    "one value missing": lambda: (base(y=np.where(STEP == 7, np.nan, X)), {}, WORKS),
    "None among numbers": lambda: (base(y=pd.Series([None, 1, 2] * 20, dtype=object)), {}, WORKS),
    "None among texts": lambda: (base(y=[None, "a", "b"] * 20), {}, WORKS),
    "None and nan and NA": lambda: (base(y=pd.Series([None, np.nan, pd.NA, "a"] * 15, dtype=object)), {}, WORKS),
    # Numeric.
    "infinities": lambda: (base(y=np.where(STEP == 3, np.inf, X)), {}, r"column 'y' holds 1 infinite value .*\[3\]"),
    "1e308 beside 1e-308": lambda: (base(y=np.where(STEP % 2, 1e308, 1e-308)), {}, WORKS),
    "the widest floats": lambda: (base(y=X * 1e307), {}, WORKS),
    "the smallest floats": lambda: (base(y=X * 1e-307), {}, WORKS),
    "complex": lambda: (base(y=X + 1j), {}, "Complex data not supported"),
    "mixed int and str": lambda: (base(y=pd.Series([1, "1", "x"] * 20, dtype=object)), {}, WORKS),
    "mixed bool and int": lambda: (base(y=pd.Series([True, 1, 0] * 20, dtype=object)), {}, WORKS),
    "int64 ends": lambda: (base(y=np.where(STEP % 3, 2**63 - 1, 2**63 - 1000)), {}, WORKS),
    "2**53 + 1": lambda: (base(y=2**53 + 1 + 2 * STEP**2), {}, WORKS),
    "uint64 end": lambda: (base(y=(2**64 - 1 - 7 * STEP.astype(object) ** 2).astype("uint64")), {}, WORKS),
    "uint8": lambda: (base(y=(STEP * 4).astype("uint8")), {}, WORKS),
    "float16": lambda: (base(y=X.astype("float16")), {}, WORKS),
    "nullable integers": lambda: (base(y=pd.array([1, None, 3] * 20, dtype="Int8")), {}, WORKS),
    "nullable booleans": lambda: (base(y=pd.array([True, None, False] * 20, dtype="boolean")), {}, WORKS),
    "arrow integers": lambda: (base(y=pd.array([1, None, 3] * 20, dtype="int16[pyarrow]")), {}, WORKS),
    "arrow decimals": lambda: (
        base(y=pd.array([Decimal(k) / 4 for k in range(N)], dtype=pd.ArrowDtype(pa.decimal128(9, 2)))),
        {},
        WORKS,
    ),
    "decimals": lambda: (base(y=[Decimal(k * k) / 8 for k in range(N)]), {}, WORKS),
    "whole numbers beyond 64 bits": lambda: (base(y=[2**70 + k for k in range(N)]), {}, "column 'y'.*more than 64 bits"),
    "fractions": lambda: (base(y=[np.longdouble(k) for k in X]), {}, WORKS),
    "a sparse column": lambda: (
        base(y=pd.arrays.SparseArray(np.where(STEP % 5, 0.0, X))),
        {},
        "column 'y'.*Sparse.*convert",
    ),
    # Time.
    "unsorted times": lambda: (base().set_axis(HOURS[::-1]), {}, "not sorted"),
    "duplicate stamps": lambda: (base().set_axis(HOURS.repeat(2)[:N]), {}, "has duplicates"),
    "one stamp everywhere": lambda: (base(t=pd.Timestamp("2024")), {"time": "t"}, "has duplicates"),
    "interleaved entities": lambda: (
        base(t=np.repeat(HOURS[: N // 2], 2), id=["a", "b"] * (N // 2)),
        {"entity": "id", "time": "t"},
        WORKS,
    ),
    "mixed offsets": lambda: (
        base(
            t=[
                pd.Timestamp("2024-01-01", tz=z) + pd.Timedelta(hours=k)
                for k in range(N // 2)
                for z in ("UTC", "Asia/Tokyo")
            ]
        ),
        {"time": "t"},
        "time 't' has dtype object; convert it with pandas.to_datetime",
    ),
    "times as text": lambda: (base(t=HOURS.astype(str)), {"time": "t"}, "pandas.to_datetime"),
    "yyyymmdd integers": lambda: (
        base(t=pd.date_range("2024-01-01", periods=N).strftime("%Y%m%d").astype(int)),
        {"time": "t"},
        WORKS,
    ),
    "the year 9999": lambda: (
        base().set_axis(pd.date_range("9999-01-01", periods=N, freq="D", unit="s")),
        {},
        "beyond the years 1678 to 2261",
    ),
    "the year 9999 as a value": lambda: (
        base(y=pd.Series(np.where(STEP % 7, np.datetime64("2024-01-01", "s"), np.datetime64("9999-12-31", "s")))),
        {},
        WORKS,
    ),
    "missing times": lambda: (base(t=pd.Series(HOURS).where(STEP != 4)), {"time": "t"}, r"missing values \(rows \[4\]"),
    "irregular times": lambda: (base(t=HOURS[0] + pd.to_timedelta(STEP**2, unit="s")), {"time": "t"}, WORKS),
    "a change of the clock": lambda: (
        base().set_axis(pd.date_range("2024-03-30", periods=N, freq="h", tz="Europe/Berlin")),
        {},
        WORKS,
    ),
    "month ends": lambda: (base().set_axis(pd.date_range("2020-01-31", periods=N, freq="ME")), {}, WORKS),
    "periods as an index": lambda: (base().set_axis(pd.period_range("2020-01", periods=N, freq="M")), {}, WORKS),
    "knots of another clock": lambda: (
        base(y=np.interp(STEP, STEP[::2], DRAW.normal(size=N // 2)), z=np.interp(STEP, STEP[::2], X[::2] * 1e307)).set_axis(
            HOURS
        ),
        {},
        WORKS,
    ),
    # Values of time.
    "dates": lambda: (base(y=[datetime.date(2024, 1, 1) + datetime.timedelta(k) for k in range(N)]), {}, WORKS),
    "durations": lambda: (base(y=pd.to_timedelta(STEP**2, unit="min")), {}, WORKS),
    "periods": lambda: (base(y=pd.period_range("2020", periods=N, freq="Q")), {}, WORKS),
    "nanoseconds": lambda: (base(y=pd.to_datetime(STEP**3, unit="ns")), {}, WORKS),
    "intervals": lambda: (base(y=pd.interval_range(0, N)), {}, "column 'y' holds a Interval"),
    # Structure.
    "no rows": lambda: (base().iloc[:0], {}, "empty"),
    "one row": lambda: (base().iloc[:1], {}, "the longest of 1 sequence has n_samples=1, less than a window of 4 rows"),
    "no columns": lambda: (base()[[]], {}, "empty"),
    "one entity": lambda: (panel([N]), ENTITY, WORKS),
    "lengths from 1 to 1,000": lambda: (panel([1, 2, 3, 24, 1000]), ENTITY, WORKS),
    "many short entities": lambda: (panel([1, 2, 3, 4, 5] * 8), ENTITY, WORKS),
    "one row an entity": lambda: (
        panel([1] * 50),
        ENTITY,
        "the longest of 50 sequences has n_samples=1, less than a window of 4 rows",
    ),
    "fewer rows than a batch": lambda: (base().iloc[:10], {}, WORKS),
    "a shuffled index": lambda: (odd_index(), {}, WORKS),
    "levels in any order": lambda: (levels(["a", "b"], HOURS).swaplevel(), {}, WORKS),
    "levels without names": lambda: (levels(["a", "b"], HOURS).rename_axis([None, None]), {}, WORKS),
    "one name of two levels": lambda: (levels(["a", "b"], HOURS).rename_axis(["k", "k"]), {}, WORKS),
    "a level named like a column": lambda: (levels(["a", "b"], HOURS).rename_axis(["x", None]), {}, WORKS),
    "levels that repeat": lambda: (levels(["a", "b"], STEP).droplevel(1).set_index([[7] * 2 * N], append=True), {}, WORKS),
    "one level": lambda: (base().set_axis(pd.MultiIndex.from_arrays([HOURS])), {}, WORKS),
    "levels of numbers": lambda: (levels([2**63 - 1, -1], STEP), {}, "tell all rows apart"),
    "periods as a level": lambda: (
        levels(["a", "b"], pd.period_range("2020", periods=N, freq="M")),
        {},
        "tell all rows apart",
    ),
    "a column of texts in the index": lambda: (panel([20] * 3).set_index("id"), ENTITY, WORKS),
    "a duplicate index": lambda: (base().set_axis([0] * N), {}, WORKS),
    "static that varies": lambda: (panel([20] * 3, site=lambda n: DRAW.choice(["a", "b"], n)), ENTITY, WORKS),
    "static": lambda: (panel([20] * 6, site=lambda n: [DRAW.choice(["a", "b"])] * n), ENTITY, WORKS),
    "identifiers": lambda: (base(y=[f"c{k}" for k in range(N)]), {}, WORKS),
    "300,000 categories": lambda: (
        pd.DataFrame({"x": np.arange(600_000) % 7, "y": [f"c{k // 2}" for k in range(600_000)]}),
        {},
        "column 'y' has 300,000 categories",
    ),
    "16,000 columns": lambda: (
        pd.DataFrame(DRAW.normal(size=(30, 16_000))),
        {},
        "16,000 columns, and more than 500 would be learned; choose",
    ),
    "not a frame": lambda: ("frame", {}, "X is the path 'frame'"),
    "a dict": lambda: ({"x": X}, {}, "not a dict"),
    "a Series": lambda: (pd.Series(X), {}, r"not \(60,\)|to_frame"),
    "read-only memory": lambda: (read_only(), {}, WORKS),
    "big-endian numbers": lambda: (DRAW.normal(size=(N, 2)).astype(">f8"), {}, WORKS),
    "a column that is a frame": lambda: (pd.concat([base(), base()], axis=1), {}, r"occur twice: \['x'\]"),
    # Names and text.
    "integer names": lambda: (pd.DataFrame(DRAW.normal(size=(N, 2))), {}, WORKS),
    "tuples as names": lambda: (base(y=X).set_axis(pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]), axis=1), {}, WORKS),
    "odd names": lambda: (
        base(**{"new\nline": X**2, "\N{GRINNING FACE}": X**3, "nul\0": X**4, "": X**5, " ": X**6}),
        {},
        WORKS,
    ),
    "names of pandas' own": lambda: (base(index=X**2, sequence=X**3, level_0=X**4, values=X**5, size=STEP), {}, WORKS),
    "None as a name": lambda: (base(y=X**2).set_axis([None, "y"], axis=1), {}, WORKS),
    "empty text and 'nan'": lambda: (base(y=["", "nan", "None"] * 20), {}, WORKS),
    "1 MB texts": lambda: (base(y=["a" * 2**20, "b" * 2**20] * 30), {}, WORKS),
    "surrogates": lambda: (base(y=pd.Series(["\ud800", "\udfff"] * 30, dtype=object)), {}, WORKS),
    "formulae": lambda: (base(y=["=cmd()", "+1", "@x"] * 20), {}, WORKS),
    "bytes": lambda: (base(y=[b"a", b"b"] * 30), {}, "column 'y' holds a bytes"),
    "lists in cells": lambda: (base(y=[[1], [2]] * 30), {}, "column 'y' holds objects that cannot be compared"),
    "ordered category with unused levels": lambda: (
        base(y=pd.Categorical(["a", "c"] * 30, ["c", "b", "a"], ordered=True)),
        {},
        WORKS,
    ),
    "category of timestamps": lambda: (base(y=pd.Categorical(HOURS[STEP % 3])), {}, "column 'y' holds a Timestamp"),
}


@pytest.mark.parametrize("name", CASES)
def test_it_works_or_says_why(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table, parameters, outcome = CASES[name]()
    before = table.copy() if isinstance(table, pd.DataFrame) else None
    model = TSGAN(max_steps=1, random_state=0, device="cpu", **parameters)
    if outcome:
        monkeypatch.setattr(TSGAN, "_train", lambda *_: pytest.fail("training began"))
        began = time.monotonic()
        with pytest.raises(TSGANError, match=outcome) as caught:
            model.fit(table)
        assert time.monotonic() - began < SECONDS * 5  # the machines are shared
        assert "\n" not in str(caught.value)
    else:
        sample = model.fit(table).sample(1, random_state=0)
        assert sample.shape[1] == table.shape[1]
        if before is not None:
            assert sample.columns.equals(table.columns)
            assert list(sample.dtypes) == list(table.dtypes)
            assert not (sample.isna().any() & ~table.isna().any()).any()
    if before is not None:
        pd.testing.assert_frame_equal(table, before)


MODEL = TSGAN(max_steps=1, random_state=0, device="cpu")


@pytest.fixture(scope="module")
def fitted() -> TSGAN:
    return copy.deepcopy(MODEL).fit(base(y=["a", "b", None] * 20))


@pytest.mark.parametrize("n", [-1, 2.5, True, "10"], ids=repr)
def test_an_odd_number_of_sequences_is_refused(fitted: TSGAN, n: Any) -> None:
    with pytest.raises(TSGANError, match="must be a whole number"):
        fitted.sample(n)


def test_none_at_all_is_an_empty_table(fitted: TSGAN) -> None:
    assert len(fitted.sample(0)) == 0


def test_more_than_fits_into_memory_is_refused_at_once(fitted: TSGAN) -> None:
    with pytest.raises(TSGANError, match=r"n=1000000000000 makes .* rows.*ask for fewer"):
        fitted.sample(10**12)


def test_life_goes_on_after_a_refit_a_copy_and_a_pickle(fitted: TSGAN, tmp_path: Path) -> None:
    sample = fitted.sample(2, random_state=0)
    for again in (copy.deepcopy(fitted), pickle.loads(pickle.dumps(fitted))):
        pd.testing.assert_frame_equal(again.sample(2, random_state=0), sample)
    fitted.save(tmp_path / "m.safetensors")
    assert set(tsgan.load(tmp_path / "m.safetensors", device="cpu").sample(2)["y"].dropna()) <= {"a", "b"}
    other = copy.deepcopy(fitted).fit(pd.DataFrame({"z": X, "w": X**2}))
    assert list(other.sample(1)) == ["z", "w"]


def test_a_category_that_was_not_seen_is_named(fitted: TSGAN) -> None:
    with pytest.raises(TSGANError, match=r"column 'y' holds \['c'\], which were not seen by fit"):
        fitted.score(base(y=["a", "c", None] * 20))
