"""Levels of an index are entities and times as columns are, and come back where they were."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.reading import read

HOURS = pd.date_range("2024-01-01", periods=24, freq="h")
SITES = pd.Index(["north", "south", "west"])
UNITS = pd.Index([1, 2], dtype="int16")
WHO, ALL = ["site", "unit"], ["site", "unit", "when"]


def frame(*levels: Any, names: Any = ALL) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(levels, names=names)
    draw = np.random.default_rng(0)
    return pd.DataFrame({"x": draw.normal(size=len(index)), "y": draw.choice(["a", "b"], len(index))}, index)


X = frame(SITES, UNITS, HOURS)
CASES: dict[str, tuple[pd.DataFrame, dict[str, Any]]] = {
    "inferred": (X, {}),
    "no names": (X.rename_axis([None] * 3), {}),
    "named": (X, {"entity": ["unit", "site"], "time": "when"}),
    "only entities named": (X, {"entity": ("unit", "site")}),
    "only the time named": (X, {"time": "when"}),
    "time first": (X.reorder_levels(["when", "unit", "site"]).sort_index(), {}),
    "time in the middle": (X.reorder_levels(["site", "when", "unit"]), {}),
    "no time": (X.droplevel("when"), {}),
    "a time that is a number": (frame(SITES, np.arange(24), names=["site", "step"]), {"entity": "site", "time": "step"}),
    "a zone and seconds": (frame(UNITS, HOURS.tz_localize("Asia/Tokyo").as_unit("s"), names=["unit", None]), {}),
    "objects": (frame(SITES.astype(object), HOURS, names=["site", "when"]), {}),
    "texts with NA": (frame(SITES.astype("string"), HOURS, names=["site", "when"]), {}),
    "nullable numbers": (frame(UNITS.astype("Int8"), HOURS, names=["unit", "when"]), {}),
    "a plain index of entities": (X.droplevel(["unit", "when"]), {"entity": "site"}),
    "a plain index of times": (X.xs(("north", 1)).set_axis(pd.RangeIndex(3, 27, name="step")), {"time": "step"}),
    "time as a column": (X.reset_index("when"), {"time": "when"}),
    "entities as a level and a column": (X.reset_index("site"), {"entity": WHO}),
    "entities as columns": (X.reset_index(WHO), {"entity": WHO, "time": "when"}),
}


def levels(sample: pd.DataFrame) -> list[pd.Index]:
    return [sample.index.get_level_values(k) for k in range(sample.index.nlevels)]


@cache
def fitted(name: str) -> TSGAN:
    table, roles = CASES[name]
    before = table.copy()
    model = TSGAN(max_steps=1, random_state=0, device="cpu", **roles).fit(table)
    pd.testing.assert_frame_equal(table, before)
    return model


@pytest.mark.parametrize("name", CASES)
def test_a_sample_has_the_index_of_the_table(name: str) -> None:
    table, model = CASES[name][0], fitted(name)
    for n in (0, 1, 3) if model.schema_.container == "panel" else (1,):
        sample = model.sample(n, random_state=0)
        assert sample.columns.equals(table.columns)
        assert sample.dtypes.equals(table.dtypes)
        assert sample.index.names == table.index.names
        assert [level.dtype for level in levels(sample)] == [level.dtype for level in levels(table)]


@pytest.mark.parametrize("name", CASES)
def test_a_model_file_gives_back_where_the_roles_stand(name: str, tmp_path: Path) -> None:
    table, model = CASES[name][0], fitted(name)
    model.save(tmp_path / "m.safetensors")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    assert loaded.schema_ == model.schema_
    pd.testing.assert_frame_equal(loaded.sample(3, random_state=0), model.sample(3, random_state=0))
    assert loaded.score(table) == model.score(table)


@pytest.mark.parametrize("name", ["inferred", "no names", "named", "time first", "time in the middle"])
def test_levels_are_read_as_columns_are(name: str) -> None:
    table, roles = CASES[name]
    flat = (table.rename_axis(ALL) if name == "no names" else table).reset_index()
    here, there = read(table, **roles), read(flat, WHO, "when")
    pd.testing.assert_frame_equal(here.frame, there.frame)
    np.testing.assert_array_equal(here.numbers, there.numbers)
    assert here.lengths.tolist() == there.lengths.tolist() == [24] * 6
    assert here.order == ("x", "y")


def test_each_series_has_new_identifiers_and_its_own_grid() -> None:
    sample = fitted("time in the middle").sample(2, random_state=0)
    assert sample.index.droplevel("when").unique().tolist() == [("synthetic-0", 3), ("synthetic-1", 4)]
    assert sample.index.get_level_values("when").tolist() == [*HOURS, *HOURS]


def test_the_schema_says_where_the_roles_stand() -> None:
    table = tsgan.inspect(CASES["no names"][0])[0].to_frame()
    assert table["role"].to_dict() == {
        "(level 0)": "entity",
        "(level 1)": "entity",
        "(index)": "time",
        "x": "numeric",
        "y": "categorical",
    }
    assert table["note"].iloc[:3].tolist() == ["index, new identifiers"] * 2 + ["index, step 0 days 01:00:00"]


def test_a_sample_of_many_series_can_be_learned_again() -> None:
    model = TSGAN(max_steps=1, random_state=0, device="cpu")
    many = model.fit(X.xs(("north", 1))).sample(3, length=24, random_state=0)
    again = model.fit(many).sample(2, random_state=0)
    assert again.index.names == ["sequence", "when"]
    assert again.index.get_level_values("sequence").unique().tolist() == [3, 4]


def test_a_level_may_be_called_like_a_column_that_is_learned() -> None:
    table = X.rename_axis(["x", None, "y"])
    assert read(table).frame.columns.tolist() == ["x", "y"]


def test_an_index_of_texts_is_said_to_be_left_out() -> None:
    texts = frame(HOURS, names=["when"])
    with pytest.warns(UserWarning, match=r"index of X holds texts \('2024-01-01 00:00:00', \.\.\.\) and is left out"):
        assert read(texts.set_axis(HOURS.astype(str))).times is None


@pytest.mark.filterwarnings("ignore:the index of X holds texts")
@pytest.mark.parametrize("known", [None, "site"])
def test_a_column_wins_over_a_plain_index_of_its_name(known: Any) -> None:
    table = X.reset_index()
    assert read(table.set_axis(pd.Index(table["site"], name=known)), WHO, "when").entities[0].level is None
