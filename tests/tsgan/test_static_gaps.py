"""What is constant within each series is recognised and kept where some of its cells are missing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.constraints import Constraint, FixedCombinations, Inequality, Positive
from tsgan.exceptions import InputError

N, ROWS = 40, 15


def visits(share: float = 0.3) -> pd.DataFrame:
    """Visits of patients: sex and weight are missing in some of their rows, weight in all rows of two."""
    draw = np.random.default_rng(0)
    owner = np.repeat(np.arange(N), ROWS)
    frame = pd.DataFrame({"id": owner, "t": np.tile(np.arange(ROWS), N), "x": draw.normal(size=N * ROWS).cumsum()})
    frame["weight"] = draw.normal(70, 10, N).round(1)[owner]
    frame["sex"] = np.array(["m", "f"], dtype=object)[owner % 2]
    frame.loc[draw.random(len(frame)) < share, "weight"] = np.nan
    frame.loc[draw.random(len(frame)) < share, "sex"] = None
    frame.loc[frame["id"] < 2, "weight"] = np.nan
    return frame


@pytest.fixture(scope="module")
def model() -> TSGAN:
    rules = [Positive("weight")]
    return TSGAN(entity="id", time="t", constraints=rules, max_steps=20, random_state=0, device="cpu").fit(visits())


def test_it_is_recognised_and_keeps_its_gaps(model: TSGAN) -> None:
    frame, sample = visits(), model.sample(300, random_state=0)
    assert {column.name for column in model.schema_.columns if column.static} == {"weight", "sex"}
    each = sample.groupby("id")[["weight", "sex"]].nunique()
    assert each.max().tolist() == [1, 1]
    assert (sample.isna().mean() - frame.isna().mean()).abs().max() < 0.05
    assert sample.dtypes.equals(frame.dtypes)
    assert sample["sex"][sample["sex"].isna()].iloc[0] is frame["sex"][frame["sex"].isna()].iloc[0]


def test_pieces_files_futures_and_gaps_have_it_too(model: TSGAN, tmp_path: Path) -> None:
    sample, frame = model.sample(50, random_state=0), visits()
    pieces = pd.concat(list(model.stream(50, chunk=77, random_state=0)), ignore_index=True)
    pd.testing.assert_frame_equal(pieces, sample.reset_index(drop=True))
    model.save(tmp_path / "m.safetensors")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    assert loaded.constraints == [Positive("weight")] or loaded.constraints == (Positive("weight"),)
    pd.testing.assert_frame_equal(loaded.sample(50, random_state=0), sample)
    future = model.sample(4, length=5, given=frame.query("id == 7"), random_state=0)
    assert set(future["weight"].dropna()) <= set(frame.query("id == 7")["weight"].dropna())
    complete = model.impute(frame, random_state=0)
    assert not complete.isna().any(axis=None)
    assert (complete.groupby("id")[["weight", "sex"]].nunique() == 1).all(axis=None)
    assert np.isfinite(model.score(frame))


def test_static_may_name_it_and_a_real_change_is_told() -> None:
    once = visits().assign(weight=lambda x: x["weight"].where(x["t"] == 0))  # a single cell says little by itself
    for static, expected in ((None, {"sex"}), (["weight"], {"weight", "sex"})):
        fitted = TSGAN(entity="id", time="t", static=static, max_steps=1, random_state=0, device="cpu").fit(once)
        assert {column.name for column in fitted.schema_.columns if column.static} == expected
    wrong = visits()
    wrong.loc[wrong[wrong["id"] == 5].last_valid_index(), "weight"] = 1.0
    row = int(np.flatnonzero((wrong["id"] == 5) & wrong["weight"].notna())[-1])
    with pytest.raises(ValueError, match=rf"'weight' is in static=, but changes within a series \(rows \[{row}\]"):
        TSGAN(entity="id", time="t", static=["weight"], max_steps=1).fit(wrong)


@pytest.mark.parametrize("rule", [Inequality("weight", "<=", "most"), FixedCombinations(["sex", "kind"])], ids=str)
def test_beside_a_rule_that_ties_columns_it_is_refused(rule: Constraint) -> None:
    frame = visits().assign(most=lambda x: x["weight"] + 1.0, kind=lambda x: x["sex"].fillna("none"))
    message = (
        r"column '(weight|sex)' is constant within each series but missing in some of its rows \(rows \[.*fill it within"
    )
    with pytest.raises(InputError, match=message):
        TSGAN(entity="id", time="t", constraints=[rule], max_steps=1).fit(frame)


def test_series_of_which_nothing_is_known_have_no_rare_category() -> None:
    frame = visits(0.0)
    frame.loc[frame["id"] == 5, "sex"] = None
    fitted = TSGAN(entity="id", time="t", max_steps=1, random_state=0, device="cpu").fit(frame)  # warnings are errors
    assert "rare" not in str(fitted.schema_)
    future = fitted.sample(5, length=3, given=frame.query("id == 5"), random_state=0)
    assert future["sex"].isna().all()
    with pytest.raises(InputError, match="not seen by fit"):
        fitted.sample(1, length=2, given=frame.query("id == 7").assign(sex="x"))


@pytest.mark.parametrize("use", ["impute", "score", "given"])
def test_what_changes_though_it_is_constant_is_told(model: TSGAN, use: str) -> None:
    frame = visits()
    row = int(np.flatnonzero((frame["id"] == 5) & frame["sex"].notna())[-1])
    frame.loc[row, "sex"] = "f" if frame.loc[row, "sex"] == "m" else "m"
    uses: dict[str, Callable[[pd.DataFrame], Any]] = {"impute": model.impute, "score": model.score}
    uses["given"] = lambda given: model.sample(1, length=2, given=given)
    with pytest.raises(
        InputError, match=rf"'sex' changes within a series \(rows \[{row}\].*in fit it was constant within each"
    ):
        uses[use](frame)
