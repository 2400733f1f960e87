"""Spells in which a logger repeats its last row are found, left out of training, and laid over samples."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import tsgan
from tsgan import TSGAN
from tsgan.flatlines import Flatlines, Overlay, flat_rows, untold
from tsgan.persistence import checksum

ROWS, SPELL = 3000, 12
SPELLS = np.arange(200, ROWS, 300)  # first rows that repeat
DRAW = np.random.default_rng(0)


def smooth() -> pd.DataFrame:
    values = DRAW.normal(size=(ROWS + 10, 2)).cumsum(0)
    values = (values - np.roll(values, 10, 0))[10:]
    frame = pd.DataFrame(values, columns=["a", "b"], index=pd.date_range("2024", periods=ROWS, freq="h"))
    return frame.assign(state=np.where(frame["a"] > 0, "on", "off"), gappy=frame["b"].where(DRAW.random(ROWS) < 0.8))


def filled(spell: int = SPELL, count: int = len(SPELLS)) -> pd.DataFrame:
    """The same where a logger failed ten times, and its last row was filled forward."""
    source = np.arange(ROWS)
    for first in SPELLS[:count]:
        source[first : first + spell] = first - 1
    frame = smooth()
    return frame.iloc[source].set_axis(frame.index)


def repeats(frame: pd.DataFrame) -> np.ndarray:
    cells = frame.astype(object).where(frame.notna(), None)
    return np.append(False, (cells.iloc[1:].to_numpy() == cells.iloc[:-1].to_numpy()).all(1))


@pytest.fixture(scope="module")
def model() -> TSGAN:
    return TSGAN(max_steps=3, random_state=0, device="cpu").fit(filled())


def test_spells_are_found(model: TSGAN) -> None:
    found = model.schema_.flatlines
    assert found is not None
    assert found.lengths == (SPELL,) * len(SPELLS)
    assert found.rate == pytest.approx(len(SPELLS) / (ROWS - SPELL * len(SPELLS)))
    assert found.share == pytest.approx(SPELL * len(SPELLS) / ROWS, abs=1e-3)
    assert "4.0% of the rows repeat the row before, in spells of 12 to 12 rows" in str(model.schema_)
    assert "4.0% of the rows" in model.schema_._repr_html_()


def test_what_is_rare_or_short_or_how_the_columns_are_is_no_flatline() -> None:
    def found(X: pd.DataFrame, **roles: Any) -> Flatlines | None:
        if "conditions" in roles:
            return TSGAN(max_steps=1, **roles).fit(X).schema_.flatlines
        return tsgan.inspect(X, **roles)[0].flatlines

    assert found(smooth()) is None
    assert found(filled(count=2)) is None
    assert found(filled(spell=2)) is None
    assert found(filled(spell=200)) is None  # in two thirds of the rows
    assert found(filled()[["state"]]) is None  # a state stays
    assert found(smooth().round(0)) is None
    busy = np.tile(~np.isin(np.arange(ROWS) // SPELL, SPELLS // SPELL)[:, None], 2)
    assert found(smooth()[["a", "b"]].where(busy, 0.0)) is None  # a state that comes back
    assert found(smooth()[["a", "b"]].where(busy)) is None
    assert found(filled(), conditions=["a"]) is None
    ends_with = filled().assign(id=np.searchsorted(SPELLS + SPELL, np.arange(ROWS), side="right"))  # padded series
    assert found(ends_with.reset_index(names="t"), entity="id", time="t") is None
    irregular = filled().set_axis(filled().index + pd.to_timedelta(DRAW.integers(0, 1800, ROWS), "s"))
    assert found(irregular) is None
    ends = filled().assign(id=np.searchsorted(SPELLS - 20, np.arange(ROWS), side="right"))  # a spell in each series
    assert found(ends.reset_index(names="t"), entity="id", time="t") is not None
    bare = ends.groupby("id").head(1)
    assert not flat_rows(tsgan.inspect(filled())[0], bare, np.ones(len(bare), dtype=bool)).any()


def test_rows_in_spells_are_not_trained_on(model: TSGAN) -> None:
    table, inside = filled(), np.zeros(ROWS, dtype=bool)
    for first in SPELLS:
        inside[first : first + SPELL] = True
    begins = np.arange(ROWS) == 0
    flat = flat_rows(model.schema_, table, begins)
    np.testing.assert_array_equal(flat, inside)
    told = model._encode(model._read_alike(table)).alive.numpy()
    np.testing.assert_array_equal(~told, untold(flat))
    assert (~told).sum() == len(SPELLS) * (SPELL + 2)
    plain = replace(model.schema_, flatlines=None)
    assert not flat_rows(plain, table, begins).any()


def test_samples_have_spells_as_long_and_as_often(model: TSGAN) -> None:
    sample = model.sample(20, random_state=0)
    parts = [part for _, part in sample.groupby("sequence")]
    shares, lengths = [], []
    for part in parts:
        up = repeats(part)
        edges = np.flatnonzero(np.diff(up.astype(int), append=0))
        lengths += np.diff(edges)[::2].tolist()
        shares.append(up.mean())
    assert np.mean(shares) == pytest.approx(SPELL * len(SPELLS) / ROWS, abs=0.01)
    assert np.median(lengths) == SPELL
    assert max(lengths) <= 2 * SPELL  # never but where two meet
    windows = model.sample(4000, length=24, random_state=1)
    second = windows.groupby("sequence").nth(1).droplevel(-1)
    first = windows.groupby("sequence").nth(0).droplevel(-1)
    assert (first["a"] == second["a"]).mean() == pytest.approx(0.04, abs=0.015)


def test_a_stream_has_the_spells_of_the_sample(model: TSGAN) -> None:
    whole = model.sample(3, length=1000, random_state=4)
    assert repeats(whole).any()
    for chunk in (7, 1000):
        pd.testing.assert_frame_equal(pd.concat(list(model.stream(3, 1000, 4, chunk=chunk))), whole)


def test_futures_begin_with_a_row_of_their_own(model: TSGAN) -> None:
    futures = model.sample(200, length=100, given=filled(), random_state=0)
    assert repeats(futures).any()
    assert (futures.groupby("path")["a"].first() != filled()["a"].iloc[-1]).all()


def test_spells_of_short_series_end_with_them() -> None:
    draw, flatlines = np.random.default_rng(0), Flatlines(0.5, (3, 50))
    for anywhere in (False, True):
        for rows in (0, 1, 2, 30):
            for _ in range(50):
                first, end = flatlines.draw(rows, anywhere, draw)
                assert (first >= 1).all()
                assert (end <= rows).all()
                assert (first[1:] > end[:-1]).all()


def test_an_overlay_of_no_rows_is_none() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    frame = pd.DataFrame({"a": np.zeros(0)})
    assert Overlay(Flatlines(0.5, (3,)), nothing, True, 0).lay(frame, nothing, nothing).empty


def test_a_model_file_keeps_them_and_is_checked(model: TSGAN, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    model.save(path)
    again = tsgan.load(path, device="cpu")
    assert again.schema_ == model.schema_
    pd.testing.assert_frame_equal(again.sample(2, random_state=0), model.sample(2, random_state=0))
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    for rate, lengths in ((2.0, [3]), (0.1, []), (0.1, [0])):
        content, tensors = json.loads(metadata["model"]), load_file(path)
        content["schema"]["flatlines"] = {"rate": rate, "lengths": lengths}
        text = json.dumps(content)
        broken = tmp_path / "broken.safetensors"
        save_file(tensors, broken, metadata | {"model": text, "sha256": checksum(text, tensors)})
        with pytest.raises(tsgan.exceptions.ModelFileError, match="damaged"):
            tsgan.load(broken)
