"""Conditions that the user sets come back as they are given, steer the rest, and are drawn as they were seen."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN, partly
from tsgan.exceptions import InputError, ParameterError

LABELS = ["walk", "run", "rest"]
CONDITIONS = ["label", "weight", "load"]


def panel(n: int = 60, length: int = 12) -> pd.DataFrame:
    """Series whose level is the label's, and which follow a load that varies in time."""
    draw = np.random.default_rng(0)
    parts = []
    for k in range(n):
        label = LABELS[k % 3] if k % 5 else "run"
        load = draw.normal(size=length).cumsum().round(2)
        y = 4.0 * LABELS.index(label) + load + 0.1 * draw.normal(size=length)
        weight = 50 + k % 7 + 0.5
        parts.append(pd.DataFrame({"id": f"s{k}", "label": label, "weight": weight, "load": load, "y": y}))
    return pd.concat(parts, ignore_index=True)


def hourly(rows: int = 400) -> pd.DataFrame:
    """One long series with a mode that changes."""
    draw = np.random.default_rng(1)
    mode = np.repeat(draw.integers(0, 2, rows // 10), 10)
    frame = pd.DataFrame({"mode": np.where(mode, "on", "off"), "y": 5.0 * mode + draw.normal(size=rows)})
    return frame.set_index(pd.date_range("2024-01-01", periods=rows, freq="h", name="at"))


@pytest.fixture(scope="module")
def model() -> TSGAN:
    return TSGAN(entity="id", conditions=CONDITIONS, max_steps=5, random_state=0).fit(panel())


@pytest.fixture(scope="module")
def labelled() -> TSGAN:
    return TSGAN(entity="id", conditions=["label"], max_steps=5, random_state=0).fit(panel()[["id", "label", "y"]])


@pytest.fixture(scope="module")
def long() -> TSGAN:
    return TSGAN(conditions=["mode"], max_steps=5, random_state=0).fit(hourly())


def steps(n: int = 2, length: int = 12) -> pd.DataFrame:
    load = np.linspace(-2, 2, n * length).round(2)
    wanted = pd.DataFrame({"id": np.repeat([f"w{k}" for k in range(n)], length), "load": load})
    return wanted.assign(label=np.repeat(np.resize(LABELS, n), length), weight=52.5)


def test_a_row_for_each_step_comes_back_as_given(model: TSGAN) -> None:
    wanted = steps()
    sample = model.sample(conditions=wanted, random_state=0)
    assert list(sample) == list(panel())
    assert sample["id"].nunique() == 2
    pd.testing.assert_frame_equal(sample[CONDITIONS], wanted[CONDITIONS], check_dtype=False)


def test_the_rest_follows_them(model: TSGAN) -> None:
    sample = model.sample(conditions=panel(30).drop(columns="y"), random_state=0)
    assert sample.groupby("label")["y"].mean().sort_values().index.tolist() == LABELS
    rest = sample["y"] - sample.groupby("id")["y"].transform("mean")
    assert np.corrcoef(rest, sample["load"] - sample.groupby("id")["load"].transform("mean"))[0, 1] > 0.6


def test_rows_of_a_sequence_need_not_stand_together(model: TSGAN) -> None:
    wanted = steps()
    mixed = wanted.iloc[np.arange(24).reshape(2, 12).T.ravel()]
    pd.testing.assert_frame_equal(
        model.sample(conditions=mixed, random_state=0), model.sample(conditions=wanted, random_state=0)
    )


def test_one_value_may_hold_for_all(model: TSGAN, labelled: TSGAN) -> None:
    sample = model.sample(5, conditions={"label": "rest", "weight": 52.5, "load": 1.0}, random_state=0)
    assert sample["id"].nunique() == 5
    assert set(sample["label"]) == {"rest"}
    assert set(sample["load"]) == {1.0}
    assert labelled.sample(conditions={"label": "run"}, length=7)["label"].tolist() == ["run"] * 7


def test_a_row_for_each_sequence_will_do_where_nothing_varies(labelled: TSGAN) -> None:
    sample = labelled.sample(conditions=pd.DataFrame({"label": ["run", "rest", "run"]}), random_state=0)
    assert sample.groupby("id", sort=False)["label"].first().tolist() == ["run", "rest", "run"]


def test_without_them_they_are_drawn_as_seen(model: TSGAN) -> None:
    sample = model.sample(300, random_state=0)
    assert (sample.groupby("id")[["label", "weight"]].nunique() == 1).all(axis=None)
    first, real = sample.groupby("id").first(), panel().groupby("id").first()
    shares = [side["label"].value_counts(normalize=True).sort_index() for side in (first, real)]
    pd.testing.assert_series_equal(*shares, atol=0.1)
    assert first["weight"].between(real["weight"].min(), real["weight"].max()).all()
    assert abs(sample["load"].std() / panel()["load"].std() - 1) < 0.3


def test_rare_labels_are_seen_more_often_but_drawn_as_they_are() -> None:
    frame = panel(200)
    frame["label"] = np.where(frame["id"].isin([f"s{k}" for k in range(10)]), "rare", "common")
    model = TSGAN(entity="id", conditions=["label"], max_steps=2, random_state=0).fit(frame)
    drawn = model.sample(1000, length=1, random_state=0)["label"]
    assert (drawn == "rare").mean() == pytest.approx(0.05, abs=0.02)


def test_times_of_conditions_are_those_of_the_sample(long: TSGAN) -> None:
    index = pd.date_range("2031-05-05 03:00", periods=30, freq="h", name="at")
    wanted = pd.DataFrame({"mode": ["on", "off", "off"] * 10}, index=index)
    sample = long.sample(conditions=wanted, random_state=0)
    pd.testing.assert_index_equal(sample.index, index, check_names=False, exact="equiv")
    assert sample["mode"].tolist() == wanted["mode"].tolist()
    means = sample.groupby("mode")["y"].mean()
    assert means["on"] - means["off"] > 2


def test_several_sequences_are_told_apart_by_an_index_level(long: TSGAN) -> None:
    wanted = pd.DataFrame({"mode": ["on", "off"] * 10}, index=pd.MultiIndex.from_product([range(2), range(10)]))
    wanted.index.names = ["sequence", None]
    assert long.sample(conditions=wanted).index.get_level_values("sequence").nunique() == 2


@pytest.mark.parametrize("which", ["model", "labelled", "long"])
def test_they_are_saved(which: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    model = request.getfixturevalue(which)
    model.save(tmp_path / "m.safetensors")
    again = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    pd.testing.assert_frame_equal(again.sample(3, random_state=1), model.sample(3, random_state=1))


def test_fits_repeat(labelled: TSGAN) -> None:
    again = TSGAN(entity="id", conditions=["label"], max_steps=5, random_state=0).fit(panel()[["id", "label", "y"]])
    pd.testing.assert_frame_equal(again.sample(3, random_state=1), labelled.sample(3, random_state=1))


def test_a_copy_of_a_condition_follows_it() -> None:
    frame = panel()[["id", "label", "y"]].assign(again=lambda x: x["label"])
    sample = TSGAN(entity="id", conditions=["label"], max_steps=1, random_state=0).fit(frame).sample(3)
    assert (sample["again"] == sample["label"]).all()


def test_score_reads_them(model: TSGAN) -> None:
    assert model.score(panel()) < 0


def test_numbers_beyond_the_range_are_allowed_on_demand(model: TSGAN) -> None:
    wanted = steps().assign(weight=90.0)
    with pytest.raises(InputError, match=r"'weight' holds 90\.0 .*outside the range 50\.5 to 56\.5.*extrapolate=True"):
        model.sample(conditions=wanted)
    with pytest.warns(UserWarning, match="nearest value seen"):
        sample = model.sample(conditions=wanted, extrapolate=True)
    assert set(sample["weight"]) == {90.0}


UNFIT: dict[str, tuple[Any, str]] = {
    "no column": (["speed"], "names 'speed', which is no column of values"),
    "constant": (["c"], "'c' cannot be set: it is constant"),
    "a copy": (["again"], "'again' equals column 'label'; name that one"),
    "an identifier": (["tag"], "'tag' cannot be set: it is an identifier"),
    "missing cells": (
        ["gappy"],
        r"'gappy' has missing cells \(rows \[3\], .*; drop those rows, or fill them, with interpolate",
    ),
    "missing categories": (["mood"], r"'mood' has missing cells \(rows \[3\], .*; fill them, for example with a category"),
    "everything": (["label", "weight", "load", "y", "gappy"], "missing cells"),
}


@pytest.mark.parametrize(("conditions", "message"), UNFIT.values(), ids=UNFIT)
def test_what_cannot_be_a_condition_is_told(conditions: list[str], message: str) -> None:
    frame = panel().assign(c=1, again=lambda x: x["label"], gappy=lambda x: x["y"].where(x.index != 3))
    frame["mood"] = pd.Series(np.resize([*"abb"], len(frame))).where(frame.index != 3)
    frame["tag"] = "tag-" + frame["id"].str[1:]
    with pytest.raises(InputError, match=message):
        TSGAN(entity="id", conditions=conditions).fit(frame)


def test_something_must_be_left_to_learn() -> None:
    with pytest.raises(InputError, match="nothing to learn given them"):
        TSGAN(entity="id", conditions=["label", "y"]).fit(panel()[["id", "label", "y"]])


WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "a column is misspelt": (
        steps().rename(columns={"load": "laod"}),
        {},
        r"lack \['load'\].*did you mean 'load' by 'laod'",
    ),
    "a course lacks constants": (steps().drop(columns="label"), {}, r"lack \['label'\].*given the course of \['load'\]"),
    "no column": (steps()[["id"]], {}, r"lack \['label', 'weight', 'load'\]"),
    "an unknown category": (
        steps().assign(label="swim"),
        {},
        r"holds 'swim' \(rows \[0, 1, 2\].*; known are 'run'",
    ),
    "a missing cell": (steps().assign(load=np.nan), {}, "'load' has missing cells"),
    "text for numbers": (steps().assign(load="high"), {}, "'load' is .* cannot become float "),
    "a label that changes": (steps().assign(label=["run", "walk"] * 12), {}, "'label' is constant within each sequence"),
    "no word of sequences": (steps().drop(columns="id"), {}, r"which rows belong together in \['id'\] or in a column"),
    "no rows": (steps().iloc[:0], {}, "no rows"),
    "another n": (steps(), {"n": 3}, "n=3, but the conditions have 2 sequences"),
    "another length": (steps(), {"length": 5}, "length=5, but"),
    "a list": (["run"], {}, "must be a DataFrame or a mapping"),
    "several values": ({"label": ["run"], "weight": 52.5, "load": 0.0}, {}, r"no single value for \['label'\]"),
    "a number in part that is a text": ({"weight": "heavy"}, {}, "'weight' is .* cannot become float"),
    "a number in part that is missing": ({"load": np.nan}, {}, "'load' has missing cells"),
    "a number in part out of range": ({"load": 400}, {}, "'load' holds 400.* outside the range"),
    "a category in part that is unknown": ({"label": "swim"}, {}, "'label' holds 'swim'"),
    "a course in part": ({"load": 0.0}, {}, r"lack \['label', 'weight'\].*given the course of \['load'\]"),
    "times without time": (steps(), {"start": "2024-01-01"}, "has no time: rows are steps"),
}


@pytest.mark.parametrize(("wanted", "arguments", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_asked_for_is_told(model: TSGAN, wanted: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        model.sample(conditions=wanted, **arguments)


def test_a_model_without_conditions_says_so() -> None:
    model = TSGAN(entity="id", max_steps=1).fit(panel())
    with pytest.raises(ParameterError, match="has no conditions"):
        model.sample(conditions={"label": "run"})


def test_of_a_number_that_each_series_has_of_its_own_all_may_be_asked_for() -> None:
    own = np.random.default_rng(0).normal(70, 10, 60)
    frame = panel()[["id", "y"]].assign(weight=lambda x: own[x["id"].str[1:].astype(int)])
    model = TSGAN(entity="id", conditions=["weight"], max_steps=1, random_state=0).fit(frame)
    asked = pd.DataFrame({"weight": own})
    given = model.sample(conditions=asked, length=1, random_state=0)["weight"]
    assert given.tolist() == own.tolist()
    with pytest.raises(InputError, match=r"outside the range 40\.0 to 90\.0"):
        model.sample(conditions={"weight": 101.0})
    assert not model.sample(100, length=1, random_state=0)["weight"].isin(own).any()


@pytest.fixture(scope="module")
def groups() -> TSGAN:
    """Two groups of series with weights of their own, the heavy ones in one place, and a load that varies in time."""
    draw = np.random.default_rng(0)
    group = draw.random(200) < 0.3
    own = pd.DataFrame(
        {
            "id": [f"s{k}" for k in range(200)],
            "group": np.where(group, "heavy", "light"),
            "weight": np.where(group, 80, 50) + draw.normal(0, 3, 200).round(1),
            "place": np.where(draw.random(200) < np.where(group, 0.9, 0.2), "north", "south"),
        }
    )
    frame = own.loc[np.repeat(np.arange(200), 6)].reset_index(drop=True)
    frame = frame.assign(load=draw.normal(size=1200), y=draw.normal(size=1200))
    return TSGAN(entity="id", conditions=["group", "weight", "place", "load"], max_steps=2, random_state=0).fit(frame)


def test_what_is_not_asked_for_is_drawn_given_what_is(groups: TSGAN) -> None:
    def drawn(conditions: Any) -> pd.DataFrame:
        return groups.sample(1000, length=2, conditions=conditions, random_state=0).groupby("id").first()

    free, heavy, middle = drawn(None), drawn({"group": "heavy"}), drawn({"weight": 75.0})
    assert set(heavy["group"]) == {"heavy"}
    assert set(middle["weight"]) == {75.0}
    likewise = free[free["group"] == "heavy"]  # rejection sampling by hand
    assert heavy["weight"].mean() == pytest.approx(likewise["weight"].mean(), abs=1.5)
    assert heavy["weight"].std() == pytest.approx(likewise["weight"].std(), rel=0.2)
    assert (heavy["place"] == "north").mean() == pytest.approx((likewise["place"] == "north").mean(), abs=0.06)
    many = groups.sample(5000, length=2, random_state=0).groupby("id").first()
    near = many[many["weight"].between(73, 77)]  # the share of heavy ones grows with the weight
    assert (middle["group"] == "heavy").mean() == pytest.approx((near["group"] == "heavy").mean(), abs=0.1)
    assert abs(heavy["weight"].mean() - free["weight"].mean()) > 5
    assert heavy["weight"].nunique() > 100


def test_constant_ones_may_be_asked_for_series_by_series(groups: TSGAN) -> None:
    asked = pd.DataFrame({"group": ["heavy", "light", "light"], "place": ["south", "north", "south"]})
    sample = groups.sample(conditions=asked, length=4, random_state=0).groupby("id", sort=False)
    assert sample.size().tolist() == [4, 4, 4]
    pd.testing.assert_frame_equal(sample[["group", "place"]].first().reset_index(drop=True), asked, check_dtype=False)
    assert (sample["load"].nunique() == 4).all()


def test_what_is_too_rare_to_draw_the_rest_is_told(groups: TSGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partly, "DRAWS", 1)
    with pytest.raises(
        InputError, match=r"ask for \{'group': 'heavy'\}, which is so rare .* give all of \['group', 'weight',"
    ):
        groups.sample(50, conditions={"group": "heavy"}, random_state=0)


def test_constant_conditions_take_no_time_from_the_training() -> None:
    table = panel()[["id", "label", "y"]]
    history = TSGAN(entity="id", conditions=["label"], max_time=0.5, hidden_size=8, batch_size=8).fit(table).history_
    assert history["seconds"].iloc[-1] >= 0.5
