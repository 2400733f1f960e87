"""Bad input ends in one clear error before training: what, where, what to do."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan import TSGAN, estimator
from tsgan.exceptions import TSGANError

HOURS = pd.date_range("2024-01-01", periods=60, freq="h")
LONG = pd.DataFrame({"a": np.arange(200), "b": np.sin(np.arange(200.0))})
GOOD = pd.DataFrame({"a": np.sin(np.arange(60.0)), "b": np.arange(60.0) % 7}, index=HOURS)


def column(**changes: Any) -> pd.DataFrame:
    return GOOD.assign(**changes)


def at(row: int, value: float) -> pd.DataFrame:
    return GOOD.assign(a=GOOD["a"].where(np.arange(60) != row, value))


CASES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "nothing": (None, {}, "X must be a DataFrame, a list of DataFrames or an array.* not a NoneType"),
    "a path": ("data.csv", {"time": "t"}, "X is the path 'data.csv', but .* read it first, with pandas.read_csv"),
    "a Path": (Path("data.parquet"), {}, "X is the path 'data.parquet', but a table is wanted"),
    "a Series": (GOOD["a"], {}, r"X is a Series, but a DataFrame is wanted; make one of it with X.to_frame\(\)"),
    "a mapping": ({"a": [1, 2]}, {}, "not a dict"),
    "ragged lists": ([[1, 2], [3]], {}, "unequal length go into a list of frames"),
    "one dimension": (np.arange(50.0), {}, r"shape \(B, T, C\).*reshape"),
    "four dimensions": (np.zeros((2, 2, 2, 2)), {}, r"\(2, 2, 2, 2\)"),
    "no rows": (GOOD.iloc[:0], {}, "empty: 0 sample"),
    "no columns": (GOOD[[]], {}, "empty: 0 feature"),
    "an empty array": (np.zeros((0, 24, 2)), {}, "0 sample"),
    "too short": (GOOD.iloc[:3], {}, "the longest of 1 sequence has n_samples=3, less than a window of 4 rows"),
    "shorter than the window": (GOOD, {"window": 100}, "less than a window of 100 rows"),
    "short series only": (
        [GOOD.iloc[:3], GOOD.iloc[:2]],
        {},
        "the longest of 2 sequences has n_samples=3",
    ),
    "infinities": (at(17, np.inf), {}, "column 'a' holds 1 infinite value .*17.*replace"),
    "nothing but missing cells": (column(a=np.nan), {}, "column 'a' has no values at all; drop it"),
    "nothing but constants": (GOOD * 0, {}, "no column varies"),
    "one name twice": (pd.concat([GOOD, GOOD[["a"]]], axis=1), {}, r"occur twice: \['a'\]; rename"),
    "unsorted times": (GOOD.iloc[::-1], {}, "the time index is not sorted.*sort the rows"),
    "times twice": (
        pd.concat([GOOD, GOOD]).sort_index(),
        {},
        r"has duplicates \(rows \[1, 3, 5\], .* of 60\); if the rows are of several series, name .*entity=, else aggregate",
    ),
    "series one after the other, without their entity": (
        pd.concat([GOOD.assign(site=site) for site in "ab"]),
        {},
        r"has duplicates \(rows \[60, 61, 62\], .* of 60\); if the rows are of several series, name the column .* entity=",
    ),
    "times twice in a series": (
        pd.concat([GOOD, GOOD.iloc[:1]]).sort_index().reset_index(names="t").assign(site="a"),
        {"entity": "site", "time": "t"},
        r"time 't' has duplicates within a series \(rows \[1\].*aggregate them, or name all columns",
    ),
    "unsorted times in a series": (
        GOOD.iloc[[1, 0, *range(2, 60)]].reset_index(names="t").assign(site="a"),
        {"entity": "site", "time": "t"},
        r"time 't' is not sorted within a series \(rows \[1\].*; sort the rows$",
    ),
    "missing times": (GOOD.set_index(HOURS.where(np.arange(60) != 5)), {}, r"missing values \(rows \[5\]"),
    "times as text": (GOOD.reset_index(names="t").astype({"t": str}), {"time": "t"}, "pandas.to_datetime"),
    "an unknown time column": (GOOD, {"time": "when"}, "time='when' is not a column of X; there are 'a', 'b'$"),
    "an unknown entity column": (GOOD, {"entity": "id"}, "entity='id' is not a column"),
    "one column in two roles": (GOOD, {"entity": "a", "time": "a"}, "must be two columns"),
    "roles for an array": (np.zeros((50, 2)), {"time": "a"}, "name columns of a DataFrame"),
    "missing entities": (column(id=[None] + ["x"] * 59), {"entity": "id"}, r"entity 'id' has missing values \(rows \[0\]"),
    "an unknown entity column of several": (GOOD, {"entity": ["a", "id"]}, "entity='id' is not a column of X"),
    "an entity column twice": (GOOD, {"entity": ["a", "a"]}, "names 'a' twice; name each column once"),
    "a time among the entities": (GOOD, {"entity": ["b", "a"], "time": "a"}, "both name 'a'; they must be two columns"),
    "missing entities of several": (
        column(id="x", site=[None] + ["x"] * 59),
        {"entity": ["id", "site"]},
        r"entity 'site' has missing values \(rows \[0\]",
    ),
    "only roles": (GOOD[["a"]], {"entity": "a"}, "nothing to learn"),
    "too many words": (LONG.assign(a=[f"w{k // 2}" for k in range(200)]), {}, "column .a. has 100 categories; at most 64"),
    "intervals": (column(a=pd.interval_range(0, 60)), {}, "column 'a' holds a Interval.*row 0.*convert or drop"),
    "lists": (column(a=[[1]] * 60), {}, "column 'a' holds objects that cannot be compared"),
    "complex numbers": (column(a=1j), {}, "Complex data not supported.*'a'"),
    "frames that differ": ([GOOD, GOOD.rename(columns={"a": "c"})], {}, "frame 1 of the list differs"),
    "levels that tell all rows apart": (
        pd.concat({"x": LONG}),
        {},
        r"levels \(level 0\), \(level 1\) tell all rows apart.*names",
    ),
    "one row a series beside its time": (
        GOOD.set_index([np.arange(60), GOOD.index]),
        {},
        r"index levels \(level 0\) tell all rows apart",
    ),
    "two levels of dates": (
        GOOD.set_index([GOOD.index.rename("born"), GOOD.index.rename("seen")]),
        {},
        "index levels 'born', 'seen' hold dates; name the time with time=",
    ),
    "a level without a role": (
        pd.concat({("x", 1): GOOD}, names=["site", "unit", "when"]),
        {"entity": "site"},
        r"index levels 'unit' are neither entities nor the time; name them .* reset_index",
    ),
    "a level of dates beside a column of times": (
        pd.concat({"x": GOOD}, names=["id", "when"]).assign(t=range(60)),
        {"time": "t"},
        "index levels 'id', 'when' are neither",
    ),
    "a name of two things": (
        pd.concat({"x": GOOD}, names=["a", "when"]),
        {"entity": "a"},
        "entity='a' is both a column of X and a level of its index; rename",
    ),
    "an unknown level": (
        pd.concat({"x": GOOD}, names=["id", "when"]),
        {"time": "t"},
        "there are 'a', 'b', 'id', 'when'",
    ),
    "missing entities in a level": (
        GOOD.set_index([pd.Index([*"xy" * 29, None, "x"]), GOOD.index]),
        {},
        r"entity \(level 0\) has missing values \(rows \[58\]",
    ),
    "a level of texts as times": (
        pd.concat({"x": GOOD.set_axis(HOURS.astype(str))}, names=["id", "t"]),
        {"time": "t"},
        "time 't' has dtype (str|object); convert it",
    ),
    "unsorted times in a level": (
        pd.concat({"x": GOOD.iloc[::-1]}, names=["id", "t"]),
        {},
        r"time 't' is not sorted within a series \(rows \[1, 2, 3\]",
    ),
    "a list of frames with levels": ([pd.concat({"x": GOOD})], {}, "frame 0 of the list has a MultiIndex; concatenate"),
    "a window of no size": (GOOD, {"window": 0}, "window=0 must be a whole number of at least 4"),
    "a patch that is a window": (GOOD, {"patch_size": 24}, "patch_size=24 must be less than the window of 24 rows"),
    "half a batch": (GOOD, {"batch_size": 1.5}, "batch_size=1.5"),
    "no steps": (GOOD, {"max_steps": 0}, "max_steps=0"),
    "no time": (GOOD, {"max_time": -1}, "max_time=-1"),
    "a rate that is no number": (GOOD, {"critic_rate": float("nan")}, "critic_rate=nan"),
    "all to hold out": (GOOD, {"validation_fraction": 1.0}, "at most 0.5"),
    "a callback without hooks": (GOOD, {"callbacks": [print]}, "has no on_fit_begin"),
    "callbacks that are no list": (GOOD, {"callbacks": 3}, r"callbacks=3 must be a list of callbacks, .*\[Progress\(\)\]"),
    "a seed that is a text": (
        GOOD,
        {"random_state": "a"},
        "random_state='a' must be a whole number of at least 0 and at most",
    ),
    "a seed below 0": (GOOD, {"random_state": -1}, "random_state=-1 must be"),
    "a text for verbose": (GOOD, {"verbose": "x"}, "verbose='x' must be a whole number of at least 0"),
    "several at once": (GOOD, {"window": -1, "n_critic": 0}, "window=-1.*n_critic=0"),
}


@pytest.mark.parametrize("name", CASES)
def test_fit_refuses(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimator.TSGAN, "_train", lambda *_: pytest.fail("training began"))
    X, parameters, message = CASES[name]
    before = X.copy() if isinstance(X, pd.DataFrame) else None
    with pytest.raises(TSGANError, match=message) as caught:
        TSGAN(**parameters).fit(X)
    assert isinstance(caught.value, ValueError | TypeError)
    assert "\n" not in str(caught.value)
    if before is not None:
        pd.testing.assert_frame_equal(X, before)


def test_unknown_parameters_are_refused() -> None:
    with pytest.raises(TypeError, match="windows"):
        TSGAN(windows=3)  # type: ignore[call-arg]


@pytest.fixture(scope="module")
def model() -> TSGAN:
    return TSGAN(max_steps=1, random_state=0, device="cpu").fit(GOOD)


@pytest.mark.parametrize(
    "arguments",
    [{"n": -1}, {"n": 2.5}, {"n": True}, {"n": "10"}, {"length": 0}, {"length": 1.5}, {"random_state": -3}],
    ids=str,
)
def test_sample_refuses(model: TSGAN, arguments: dict[str, Any]) -> None:
    (name, value), *_ = arguments.items()
    with pytest.raises(TSGANError, match=f"{name}={value!r} must be a whole number"):
        model.sample(**arguments)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (GOOD[["a"]], r"X has 1 features, but TSGAN is expecting 2 features as input: it lacks \['b'\]$"),
        (GOOD.assign(c=1), r"X has 3 features, .* as input: \['c'\] were not there in fit$"),
        (GOOD.rename(columns={"a": "c"}), r"X has other columns than in fit: it lacks \['a'\], and \['c'\] were not there"),
        (GOOD.iloc[:5], "less than a window of 24 rows"),
    ],
    ids=["fewer columns", "more columns", "other columns", "too short"],
)
def test_score_refuses(model: TSGAN, X: pd.DataFrame, message: str) -> None:
    with pytest.raises(TSGANError, match=message):
        model.score(X)


def test_the_order_of_columns_does_not_matter(model: TSGAN) -> None:
    assert model.score(GOOD[["b", "a"]]) == model.score(GOOD)
    futures = [model.sample(2, length=3, given=X, random_state=0) for X in (GOOD, GOOD[["b", "a"]])]
    pd.testing.assert_frame_equal(*futures)
