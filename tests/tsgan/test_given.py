"""What users give as conditions, in whatever form, is what comes back; or they are told."""

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan import TSGAN
from tsgan.exceptions import InputError, InputTypeError, ParameterError

DRAW = np.random.default_rng(0)
DAYS = pd.date_range("2024-01-01", periods=30)
HOURS = pd.date_range("2024-01-01", periods=300, freq="h", name="at")
KINDS: dict[str, Any] = {
    "flag": np.arange(30) % 2 == 0,
    "maybe": pd.array(np.arange(30) % 2 == 0, dtype="boolean"),
    "size": pd.Categorical(np.resize(["S", "M", "L"], 30), categories=["S", "M", "L", "XL"], ordered=True),
    "count": np.arange(30),
    "nullable": pd.array(range(30), dtype="Int64"),
    "byte": np.arange(30, dtype=np.uint8),
    "code": np.resize([3, 5, 7], 30),
    "mixed": np.resize(np.array([1, "1", True], dtype=object), 30),
    "single": np.linspace(0, 1, 30, dtype=np.float32),
    "share": pd.array(np.linspace(0, 1, 30), dtype="double[pyarrow]"),
    "when": DAYS,
    "abroad": DAYS.tz_localize("Europe/Berlin"),
    "day": DAYS.date,
    "lasts": pd.to_timedelta(np.arange(30), unit="h"),
    "month": pd.period_range("2024-01", periods=30, freq="M"),
    "price": [Decimal(k) / 2 for k in range(30)],
    "object": np.linspace(0, 1, 30).astype(object),
}
# Each in an order of its own: a column that equals another is no condition.
KINDS = {name: pd.Series(cells).take(DRAW.permutation(30)).array for name, cells in KINDS.items()}
USUAL: dict[str, Any] = {name: pd.Series(cells)[2] for name, cells in KINDS.items()}


@pytest.fixture(scope="module")
def model() -> TSGAN:
    frame = pd.DataFrame({"id": [f"s{k}" for k in range(30)], **KINDS}).loc[np.repeat(np.arange(30), 4)]
    frame["y"] = DRAW.normal(size=len(frame))
    return TSGAN(entity="id", conditions=[*KINDS], schema={"code": "categorical"}, max_steps=1, random_state=0).fit(frame)


@pytest.fixture(scope="module")
def labelled() -> TSGAN:
    frame = pd.DataFrame({"id": np.repeat(np.arange(20), 6), "label": np.repeat([*"ab"], 60), "y": DRAW.normal(size=120)})
    return TSGAN(entity="id", conditions=["label"], max_steps=1, random_state=0).fit(frame)


@pytest.fixture(scope="module")
def long() -> TSGAN:
    frame = pd.DataFrame({"mode": np.resize(["on", "on", "off"], 300), "y": DRAW.normal(size=300)}, index=HOURS)
    return TSGAN(conditions=["mode"], max_steps=1, random_state=0).fit(frame)


@pytest.mark.parametrize(
    ("name", "cell", "back"),
    [
        ("flag", 1, True),
        ("flag", 0.0, False),
        ("maybe", np.bool_(False), False),
        ("size", "L", "L"),
        ("count", 7.0, 7),
        ("nullable", 7.0, 7),
        ("byte", np.int64(7), 7),
        ("code", 5.0, 5),
        ("mixed", 1, 1),
        ("mixed", "1", "1"),
        ("mixed", True, True),
        ("single", 0.5, 0.5),
        ("share", 1, 1.0),
        ("when", "2024-01-05", pd.Timestamp("2024-01-05")),
        ("when", datetime.date(2024, 1, 5), pd.Timestamp("2024-01-05")),
        ("when", np.datetime64("2024-01-05"), pd.Timestamp("2024-01-05")),
        ("abroad", pd.Timestamp("2024-01-05", tz="UTC"), pd.Timestamp("2024-01-05", tz="UTC")),
        ("day", datetime.date(2024, 1, 5), datetime.date(2024, 1, 5)),
        ("lasts", "2h", pd.Timedelta("2h")),
        ("month", "2024-03", pd.Period("2024-03", "M")),
        ("price", Decimal("2.5"), Decimal("2.5")),
        ("object", 1, 1.0),
    ],
)
def test_a_cell_may_be_written_in_more_than_one_way(model: TSGAN, name: str, cell: Any, back: Any) -> None:
    sample = model.sample(conditions=USUAL | {name: cell}, random_state=0)
    assert sample[name].dtype == pd.Series(KINDS[name]).dtype
    assert (sample[name] == back).all()
    assert {type(value) for value in sample[name]} == {type(value) for value in pd.Series([back], dtype=sample[name].dtype)}


@pytest.mark.parametrize(
    ("name", "cell", "error", "message"),
    [
        ("flag", "True", InputError, "'flag' holds 'True' .*known are "),
        ("size", "XL", InputError, "'size' holds 'XL' .*known are"),
        ("code", 4, InputError, "'code' holds 4 .*known are [357], "),
        ("mixed", 1.0, InputError, r"'mixed' holds 1\.0 .*known are .*'1'"),
        ("count", 7.5, InputTypeError, "'count' is float64 and cannot become integer .*would change"),
        ("nullable", 7.5, InputTypeError, "cannot become integer"),
        ("byte", 300, InputTypeError, "'byte' is int64 and cannot become integer .uint8.*would change"),
        ("count", 10**30, InputTypeError, "cannot become integer"),
        ("count", "x", InputTypeError, "cannot become integer"),
        ("single", np.inf, InputError, "'single' holds inf .*replace what is infinite"),
        ("when", 5, InputTypeError, "'when' is int64 and cannot become datetime"),
        ("when", "soon", InputTypeError, "cannot become datetime .*soon"),
        ("when", pd.NaT, InputError, "missing cells"),
        ("abroad", pd.Timestamp("2024-01-05"), InputTypeError, "cannot become datetime"),
        ("day", pd.Timestamp("2024-01-05"), InputTypeError, r"'day' is datetime64.* cannot become date \(object\)"),
        ("lasts", 2, InputTypeError, "cannot become timedelta"),
        ("price", 2.5, InputTypeError, "cannot become decimal"),
        ("price", "2.5", InputTypeError, "cannot become decimal"),
        ("object", "high", InputTypeError, "cannot become float"),
        ("single", {0.5}, InputTypeError, r"no single value for \['single'\]"),
        ("single", np.array(0.5), InputTypeError, r"no single value for \['single'\]"),
    ],
)
def test_a_cell_that_would_be_another_is_told(
    model: TSGAN, name: str, cell: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        model.sample(conditions=USUAL | {name: cell}, extrapolate=True)


def test_lists_in_cells_are_no_category(labelled: TSGAN) -> None:
    with pytest.raises(InputError, match=r"'label' holds \['a'\]"):
        labelled.sample(conditions=pd.DataFrame({"label": [["a"], ["b"]]}))


def test_missing_cells_of_nullable_dtypes_are_told(model: TSGAN) -> None:
    wanted = pd.DataFrame([USUAL] * 2).assign(nullable=pd.array([1, None], dtype="Int64"))
    with pytest.raises(InputError, match=r"'nullable' has missing cells \(rows \[1\]"):
        model.sample(conditions=wanted)


def test_other_columns_and_the_index_do_not_matter(labelled: TSGAN) -> None:
    wanted = pd.DataFrame({"y": 1.0, "label": pd.Categorical(["a", "b"], categories=["b", "a", "z"])}, index=[5, 5])
    sample = labelled.sample(conditions=wanted, random_state=0)
    assert sample.groupby("id", sort=False)["label"].first().tolist() == ["a", "b"]
    assert not (sample["y"] == 1).any()


def test_none_may_be_asked_for(labelled: TSGAN, long: TSGAN) -> None:
    for model, wanted in ((labelled, {"label": "a"}), (long, {"mode": "on"})):
        assert model.sample(0, conditions=wanted).dtypes.equals(model.sample(1).dtypes)


def test_rows_that_share_an_identifier_are_steps_of_one_sequence(labelled: TSGAN) -> None:
    wanted = pd.DataFrame({"id": [7, 7, 7, 8, 8], "label": [*"aaabb"]})
    sample = labelled.sample(conditions=wanted)
    assert sample.groupby("id", sort=False).size().tolist() == [3, 2]
    assert sample["label"].tolist() == [*"aaabb"]
    assert labelled.sample(conditions=wanted.iloc[[0, 4]])["id"].nunique() == 2


def test_levels_without_names_are_understood_as_in_fit() -> None:
    noise = DRAW.normal(size=(240, 2)).round(2)
    index = pd.MultiIndex.from_product([[*"abcde"], [*"wxyz"], HOURS[:12]], names=[None, None, None])
    frame = pd.DataFrame(noise, index, ["load", "y"]).assign(label=np.repeat([*"uv"], 120))
    for conditions in (["load", "label"], ["label"]):
        model = TSGAN(conditions=conditions, max_steps=1, random_state=0).fit(frame)
        sample = model.sample(conditions=frame[conditions].iloc[108:132])
        assert sample.index.get_level_values(2).tolist() == [*HOURS[:12]] * 2
        np.testing.assert_array_equal(sample[conditions], frame[conditions].iloc[108:132])


def test_the_time_of_a_series_row_is_its_first() -> None:
    at = np.tile(HOURS[:6], 20)
    frame = pd.DataFrame({"id": np.repeat(np.arange(20), 6), "label": np.repeat([*"ab"], 60), "at": at})
    frame["y"] = DRAW.normal(size=120)
    wanted = pd.DataFrame({"label": ["b", "a"], "at": HOURS[[30, 70]]})
    irregular = frame.assign(at=at + pd.to_timedelta(DRAW.integers(0, 3000, 120), unit="s"))
    for table in (frame, irregular):
        sample = (
            TSGAN(entity="id", time="at", conditions=["label"], max_steps=1, random_state=0)
            .fit(table)
            .sample(conditions=wanted)
        )
        assert sample.groupby("id", sort=False)["at"].first().tolist() == wanted["at"].tolist()


def test_a_column_may_number_the_sequences(long: TSGAN) -> None:
    wanted = pd.DataFrame({"sequence": [0, 0, 0, 1, 1], "mode": ["on", "off", "on", "off", "off"]})
    sample = long.sample(conditions=wanted)
    assert sample["mode"].tolist() == wanted["mode"].tolist()
    assert sample.index.get_level_values("sequence").tolist() == [0, 0, 0, 1, 1]


def test_sequences_of_conditions_have_times_of_their_own(long: TSGAN) -> None:
    parts = [pd.DataFrame({"mode": "on"}, index=HOURS[first : first + 3]) for first in (5, 200)]
    sample = long.sample(conditions=pd.concat(parts, keys=range(2), names=["sequence"]).reset_index())
    assert sample.index.get_level_values("at").tolist() == [*HOURS[5:8], *HOURS[200:203]]


def test_times_need_no_name() -> None:
    frame = pd.DataFrame({"mode": np.resize([0, 0, 1], 300), "y": DRAW.normal(size=300)}, index=HOURS.rename(None))
    model = TSGAN(conditions=["mode"], max_steps=1, random_state=0).fit(frame)
    many = model.sample(2, 3)
    pd.testing.assert_index_equal(model.sample(conditions=many).index, many.index)


@pytest.mark.parametrize("rows", [[0, 1, 4], [2, 1, 0]])
def test_times_of_conditions_that_leave_the_grid_are_told_by_row(long: TSGAN, rows: list[int]) -> None:
    with pytest.raises(ParameterError, match=rf"leave the grid seen by fit at row {2 if rows[0] == 0 else 1} "):
        long.sample(conditions=pd.DataFrame({"mode": "on"}, index=HOURS[rows]))


def test_conditions_with_times_begin_when_they_say(long: TSGAN) -> None:
    wanted = pd.DataFrame({"mode": "on"}, index=HOURS[:3])
    with pytest.raises(ParameterError, match="have times of their own; leave start= and index= out"):
        long.sample(conditions=wanted, start="2031-01-01")
    sample = long.sample(conditions=wanted.reset_index(drop=True), start="2031-01-01")
    assert sample.index[0] == pd.Timestamp("2031-01-01")


def test_a_list_of_frames_is_told_how_to_be_one_frame() -> None:
    noise = DRAW.normal(size=(20, 6, 2))
    model = TSGAN(conditions=[0], max_steps=1, random_state=0).fit([pd.DataFrame(part) for part in noise])
    wanted = [pd.DataFrame(part[:, :1]) for part in noise[:2]]
    with pytest.raises(InputTypeError, match=r"not a list; concatenate them with keys=\.\.\., names=\['sequence', None\]"):
        model.sample(conditions=wanted)
    _, second = model.sample(conditions=pd.concat(wanted, keys=range(2), names=["sequence", None]))
    np.testing.assert_array_equal(second[0], noise[1, :, 0])


def test_arrays_have_conditions_by_number() -> None:
    noise = DRAW.normal(size=(20, 6, 3))
    model = TSGAN(conditions=[1], max_steps=1, random_state=0).fit(noise)
    wanted = pd.DataFrame({1: np.zeros(6)}, index=pd.Index([0, 0, 0, 1, 1, 1], name="sequence"))
    assert model.sample(conditions=wanted).shape == (2, 3, 3)
    with pytest.raises(ParameterError, match=r"an array has sequences of one length, but .* of \[2, 3\] rows"):
        model.sample(conditions=wanted.iloc[1:])
    with pytest.raises(InputError, match=r"lack \[1\]"):
        model.sample(conditions={"1": 0.0})


def test_one_column_of_each_name_is_wanted(labelled: TSGAN) -> None:
    wanted = pd.DataFrame([["a", "b"]], columns=["label", "label"])
    with pytest.raises(InputError, match=r"more than one column \['label'\]"):
        labelled.sample(conditions=wanted)


@pytest.mark.parametrize("conditions", ["label", 5, {"label"}, pd.Index(["label"])])
def test_conditions_are_named_in_a_list(conditions: Any) -> None:
    with pytest.raises(ParameterError, match="must be a list of column names"):
        TSGAN(conditions=conditions).fit(pd.DataFrame({"label": [*"ab"], "y": [1.0, 2.0]}))


def test_a_list_in_the_list_is_no_column() -> None:
    with pytest.raises(InputError, match=r"names \['y'\], which is no column of values"):
        TSGAN(conditions=[["y"]]).fit(pd.DataFrame(DRAW.normal(size=(30, 2)), columns=["x", "y"]))
