"""Frames of a stream, one below the other, are the sample, cell by cell; memory does not grow with its length."""

import itertools
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan import TSGAN, given, sampling
from tsgan.constraints import FixedCombinations, Increasing, Inequality
from tsgan.exceptions import ParameterError

ROWS = 400
DRAW = np.random.default_rng(0)
WALK = DRAW.normal(size=(ROWS, 3)).cumsum(0)
HOURS = pd.date_range("2024-03-20", periods=ROWS, freq="h", tz="Europe/Berlin", name="at")  # the clock goes forward


def sensors() -> pd.DataFrame:
    """A series of what columns can be: held, interpolated, summed up, with gaps and atoms, counted, told from others."""
    hold = np.maximum.accumulate(np.where(DRAW.random(ROWS) < 0.4, np.arange(ROWS), 0))
    knots = (np.arange(ROWS) // 6) * 6
    level = DRAW.normal(size=ROWS + 6).round(3)
    share = (np.arange(ROWS) - knots) / 6
    frame = pd.DataFrame(
        {
            "x": WALK[:, 0].round(2),
            "y": WALK[:, 1],
            "held": (3 * WALK[hold, 2]).round(0),
            "hourly": level[knots] + share * (level[knots + 6] - level[knots]),
            "rain": np.where(WALK[:, 1] > 0, 0.0, WALK[:, 1]),
            "gappy": np.where(DRAW.random(ROWS) < 0.1, np.nan, WALK[:, 2].round(1)),
            "mode": np.where(WALK[:, 0] > 0, "on", "off"),
            "hour": HOURS.hour,
            "event": [f"e-{k}" for k in range(ROWS)],
            "again": np.where(WALK[:, 0] > 0, "on", "off"),
        },
        index=HOURS,
    )
    frame["both"] = frame["x"] + 2 * frame["gappy"]
    return frame


def ruled() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "km": DRAW.random(ROWS).cumsum(),
            "n": DRAW.integers(0, 4, ROWS).cumsum(),
            "low": WALK[:, 0].round(2),
            "t": pd.Timestamp("2024-01-01") + pd.to_timedelta(DRAW.integers(1, 9, ROWS).cumsum(), unit="h"),
            "city": np.resize(["Rom", "Ulm", "Bonn"], ROWS),
        }
    )
    return frame.assign(high=frame["low"] + DRAW.random(ROWS), land=frame["city"].map({"Rom": "it"}).fillna("de"))


def panel(irregular: bool = False, **index: Any) -> pd.DataFrame:
    parts = []
    for k in range(24):
        rows = 8 + k % 5
        steps = DRAW.choice([1, 2, 5], rows).cumsum() if irregular else np.arange(rows)
        at = pd.Timestamp("2024-01-01") + pd.to_timedelta(steps, unit="h")
        parts.append(
            pd.DataFrame(
                {"id": f"p{k}", "at": at, "site": "ab"[k % 2], "own": float(50 + k), "load": DRAW.normal(size=rows).round(1)}
            ).assign(x=lambda part: part["load"] + DRAW.normal(size=len(part)), card=f"C{k:04d}")
        )
    return pd.concat(parts, ignore_index=True)


def times(dtype: str) -> pd.DataFrame:
    return pd.DataFrame({"t": DRAW.choice([1, 4, 9], ROWS).cumsum().astype(dtype), "y": WALK[:, 0]})


@pytest.fixture
def in_short_stretches(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What has conditions made in pieces from now on that are as short as can be."""

    def shorten() -> None:
        monkeypatch.setattr(sampling, "STRETCH", sampling.CHUNK)
        monkeypatch.setattr(given, "ROWS", 50)

    return shorten


rules = [
    Increasing("km"),
    Increasing("n"),
    Increasing("t"),
    Inequality("low", "<=", "high"),
    FixedCombinations(["city", "land"]),
]
KINDS: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "sensors": (sensors(), {}, {"length": 900}),
    "several": (sensors()[["x", "held", "hourly"]], {}, {"n": 3, "length": 500}),
    "seventeen": (sensors()[["x", "event"]], {}, {"n": 17, "length": 120}),
    "rules": (ruled(), {"constraints": rules}, {"length": 700}),
    "rules of several": (ruled(), {"constraints": rules}, {"n": 2, "length": 120}),
    "a panel": (panel(), {"entity": "id", "time": "at"}, {"n": 30}),
    "in the index": (panel().set_index(["id", "at"]), {}, {"n": 30}),
    "irregular": (panel(irregular=True), {"entity": "id", "time": "at"}, {"n": 30, "length": 20}),
    "irregular numbers": (times("int32"), {"time": "t"}, {"length": 700}),
    "irregular decimals": (times("float32"), {"time": "t"}, {"length": 700}),
    "a small dtype": (pd.DataFrame({"t": np.arange(100, dtype="int8"), "a": WALK[:100, 0]}), {"time": "t"}, {"length": 700}),
    "real times": (pd.DataFrame({"t": 0.1 * np.arange(ROWS), "y": WALK[:, 0]}), {"time": "t"}, {"length": 700}),
    "without time": (pd.DataFrame({"y": WALK[:, 0].round(1)}), {}, {"n": 2, "length": 400}),
    "drawn": (panel(), {"entity": "id", "time": "at", "conditions": ["site", "own"]}, {"n": 30}),
    "drawn in time": (panel(), {"entity": "id", "time": "at", "conditions": ["site", "own", "load"]}, {"n": 30}),
    "drawn along one": (sensors()[["held", "mode", "y"]], {"conditions": ["held", "mode"]}, {"length": 900}),
    "one for all": (
        sensors()[["x", "mode", "y"]],
        {"conditions": ["x", "mode"]},
        {"length": 900, "conditions": {"x": 0.5, "mode": "on"}},
    ),
    "one each": (
        panel(),
        {"entity": "id", "time": "at", "conditions": ["site", "own"]},
        {"conditions": pd.DataFrame({"site": [*"abbaabba"], "own": np.linspace(55, 69, 8)})},
    ),
    "in part": (
        panel(),
        {"entity": "id", "time": "at", "conditions": ["site", "own", "load"]},
        {"conditions": pd.DataFrame({"site": [*"abba"]}), "length": 80},
    ),
    "one a step": (
        sensors()[["x", "y"]],
        {"conditions": ["x"]},
        {"conditions": pd.DataFrame({"x": np.resize(WALK[:, 0].round(2), 900)})},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_frames_are_the_sample(kind: str, in_short_stretches: Callable[[], None]) -> None:
    data, roles, wanted = KINDS[kind]
    model = TSGAN(max_steps=1, hidden_size=8, random_state=0, device="cpu", **roles).fit(data)
    whole = model.sample(random_state=5, **wanted)
    in_short_stretches()
    for chunk in (97, 600):
        stream = model.stream(random_state=5, chunk=chunk, **wanted)
        frames = list(stream)
        assert stream.rows == len(whole)
        assert len(frames) > 1 or len(whole) <= chunk
        assert {str(frame.dtypes) for frame in frames} == {str(whole.dtypes)}
        pd.testing.assert_frame_equal(pd.concat(frames), whole, check_exact=True, check_freq=True)


def test_what_was_no_frame_comes_in_frames() -> None:
    frames = [pd.DataFrame({"a": WALK[:k, 0]}, index=HOURS[:k]) for k in (60, 80)]
    of_list = TSGAN(max_steps=1, random_state=0, device="cpu").fit(frames)
    whole = pd.concat(of_list.sample(5, random_state=1), keys=range(5), names=["sequence"])
    streamed = pd.concat(of_list.stream(5, random_state=1, chunk=33))
    pd.testing.assert_frame_equal(streamed, whole, check_exact=True, check_names=False)
    matrix = TSGAN(max_steps=1, random_state=0, device="cpu").fit(WALK)
    one = pd.concat(matrix.stream(length=300, random_state=1, chunk=70))
    assert [*one] == ["0", "1", "2"]
    np.testing.assert_array_equal(one, matrix.sample(length=300, random_state=1))
    two = pd.concat(matrix.stream(2, length=300, random_state=1, chunk=70))
    np.testing.assert_array_equal(two.to_numpy().reshape(2, 300, 3), matrix.sample(2, length=300, random_state=1))
    assert two.index.get_level_values("sequence").nunique() == 2


@pytest.fixture(scope="module")
def model() -> TSGAN:
    return TSGAN(max_steps=1, hidden_size=8, random_state=0, device="cpu").fit(sensors()[["x", "held", "mode"]])


def test_chunks_have_the_rows_that_are_wanted(model: TSGAN) -> None:
    assert [len(frame) for frame in model.stream(length=250, chunk=100)] == [100, 100, 50]


def test_a_stream_may_be_gone_through_again(model: TSGAN) -> None:
    stream = model.stream(length=250, chunk=100)
    pd.testing.assert_frame_equal(*(pd.concat(stream) for _ in range(2)))


def test_times_go_on_through_chunks_and_changes_of_the_clock(model: TSGAN) -> None:
    whole = pd.concat(model.stream(length=6000, chunk=1111, start="2025-01-01T00:00+01:00"))
    steps = whole.index.tz_convert("UTC").to_series().diff().dropna()
    assert set(steps) == {pd.Timedelta("1h")}
    assert whole.index[0] == pd.Timestamp("2025-01-01", tz="Europe/Berlin")


def test_what_is_wrong_is_told_at_once(model: TSGAN) -> None:
    for wanted, told in (({"chunk": 0}, "chunk=0"), ({"length": 0}, "length=0"), ({"start": "soon"}, "no timestamp")):
        with pytest.raises(ParameterError, match=told):
            model.stream(**wanted)
    for ask in (model.stream, model.sample):
        with pytest.raises(ParameterError, match=r"length=10,000,000 in steps of .* goes beyond the year 2262"):
            ask(length=10_000_000)


def test_identifiers_that_are_categories_are_not_streamed() -> None:
    frame = pd.DataFrame({"y": WALK[:, 0], "tag": pd.Categorical([f"t-{k}" for k in range(ROWS)])})
    model = TSGAN(schema={"tag": "identifier"}, max_steps=1, random_state=0, device="cpu").fit(frame)
    with pytest.raises(ParameterError, match="column 'tag' cannot be streamed"):
        model.stream(length=1000, chunk=100)
    assert len(pd.concat(model.stream(length=100, chunk=100))) == 100


def test_irregular_times_that_outgrow_their_dtype_are_told() -> None:
    model = TSGAN(time="t", max_steps=1, random_state=0, device="cpu").fit(times("int16"))
    with pytest.raises(ValueError, match=r"times 't' go beyond int16"):
        list(model.stream(length=9_000, chunk=5000))


@pytest.mark.parametrize("conditions", [None, ["mode"]])
def test_memory_does_not_grow_with_the_length(conditions: list[str] | None, in_short_stretches: Callable[[], None]) -> None:
    in_short_stretches()
    model = TSGAN(conditions=conditions, max_steps=1, hidden_size=8, random_state=0, device="cpu").fit(
        sensors()[["x", "mode"]]
    )

    def peak(length: int) -> int:
        stream = model.stream(length=length, chunk=300, random_state=0)
        tracemalloc.start()
        try:
            for _ in stream:
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(600)  # what is imported and cached at first
    assert peak(4000) < 1.3 * peak(1000)


def test_no_sequences_are_one_empty_frame(model: TSGAN) -> None:
    frames = list(model.stream(0))
    assert [len(frame) for frame in frames] == [0]
    pd.testing.assert_frame_equal(frames[0], model.sample(0))


def test_frames_are_made_when_they_are_asked_for(model: TSGAN) -> None:
    first = next(itertools.islice(iter(model.stream(length=1_000_000, chunk=10)), 1))
    assert len(first) == 10
