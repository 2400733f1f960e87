"""Atoms, holds and relations are recognised and rebuilt."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tsgan.layout import Features
from tsgan.preprocessing import QuantileNormal, TableEncoder
from tsgan.preprocessing.atoms import few_levels, find_atoms
from tsgan.preprocessing.holds import is_sticky, parted, repeats
from tsgan.preprocessing.numeric_column import NumericColumn
from tsgan.preprocessing.relations import find_relations
from tsgan.timeline import Timeline

DRAW = np.random.default_rng(0)
N = 3000
NOISE = DRAW.normal(size=(N, 4))
STICKY = NOISE[np.maximum.accumulate(np.where(DRAW.random(N) < 0.4, np.arange(N), 0)), 0]  # six of ten steps repeat
RAIN = np.where(np.sin(np.arange(N) / 20) > 0.3, np.abs(NOISE[:, 1]), 0.0)
FIRST = np.arange(N) == 0
ONE = Timeline(FIRST, np.arange(N))
SMOOTH = ["rain", "miss", "near", "sticky"]  # columns without a grid


def test_an_atom_stands_out_from_its_neighbours_and_comes_in_runs() -> None:
    assert find_atoms(RAIN) == (0.0,)
    assert find_atoms(np.clip(NOISE[:, 0], -1, 1)) in [(-1.0, 1.0), (1.0, -1.0)]
    assert find_atoms(NOISE[:, 0]) == ()
    assert find_atoms(np.round(3 * NOISE[:, 0])) == ()  # the mode of coarse values is none
    wind = np.where(NOISE[:, 1] > 1.2, 0.0, 3.0 + np.round(np.abs(3 * NOISE[:, 0])))  # still, or from three knots on
    assert find_atoms(wind) == ()
    assert find_atoms(wind, step=1.0) == (0.0,)
    stuck = NOISE[:, 0].copy()
    stuck[:300] = 0.5
    assert find_atoms(stuck) == ()  # a sensor that was stuck once


def test_an_atom_of_series_is_one_of_many_of_them_and_leaves_many() -> None:
    own = np.arange(1.0, 31) * 1.37
    assert find_atoms(np.concatenate([np.zeros(9), own]), least=5) == (0.0,)
    assert find_atoms(np.concatenate([np.zeros(4), own]), least=5) == ()
    assert find_atoms(np.concatenate([np.zeros(9), own[:4]]), least=5) == ()  # the others could be told
    assert find_atoms(np.array([0.0, 5.0] * 20), step=1.0) == (0.0,)  # something is left


def test_few_levels_are_states() -> None:
    assert few_levels(np.array([0.0, 1, 1] * 10)) == (1.0, 0.0)
    assert few_levels(np.arange(30.0)) is None
    assert few_levels(np.array([1.0, 2.0])) is None  # each seen once
    assert few_levels(np.array([0.0] * 20 + [1] * 4), least=5) is None
    assert few_levels(np.array([3.0]), least=5) == (3.0,)  # a constant


def test_a_sticky_column_repeats_itself_more_than_its_grid_explains() -> None:
    free = np.ones(N, dtype=bool)
    assert is_sticky(STICKY, free, FIRST)
    assert not is_sticky(NOISE[:, 0].cumsum(), free, FIRST)
    assert not is_sticky(np.round(NOISE[:, 0]), free, FIRST)
    assert not is_sticky(np.ones(N), free, FIRST)
    coarse = np.round(2.5 * NOISE[:, 0].cumsum())  # moves by two steps or so, and not at all in a sixth of the rows
    assert 0.1 < (np.diff(coarse) == 0).mean() < 0.2
    assert not is_sticky(coarse, free, FIRST)
    assert not is_sticky(np.round(1.8 * coarse), free, FIRST)  # degrees of Fahrenheit: steps of one and two
    assert is_sticky(pd.Series(coarse).where(NOISE[:, 1] < 0.5).ffill().bfill().to_numpy(), free, FIRST)
    held = repeats(STICKY, free, FIRST)
    assert held.mean() == pytest.approx(0.6, abs=0.05)
    assert not repeats(STICKY, free, ~FIRST | FIRST).any()  # not across sequences


def test_values_repeat_where_they_are_held_and_only_there() -> None:
    values = np.asarray(NOISE[:500, 0].round(1), dtype=np.float64)  # so coarse that neighbours are sometimes equal
    assert (values[1:] == values[:-1]).any()
    free, begins, held = np.ones(500, dtype=bool), np.arange(500) % 100 == 0, DRAW.random(500) < 0.3
    scaler = QuantileNormal().fit(values)
    apart = parted(values, free, held, begins, scaler)
    inner = ~begins[1:]
    assert ((apart[1:] == apart[:-1]) == held[1:])[inner].mean() > 0.99
    np.testing.assert_allclose(apart, np.round(apart, 1))
    assert values.min() <= apart.min()
    assert apart.max() <= values.max()


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "a": NOISE[:, 2].round(2),
            "b": NOISE[:, 3].round(2),
            "sum": (NOISE[:, 2].round(2) + NOISE[:, 3].round(2)).round(2),
            "near": NOISE[:, 2].round(2) - 2 * NOISE[:, 3].round(2) + 0.1 * NOISE[:, 0],
            "rain": RAIN,
            "sticky": STICKY,
            "level": np.arange(N) // 10 % 3,
            "miss": np.where(DRAW.random(N) < 0.2, np.nan, NOISE[:, 1]),
            "text": np.where(RAIN > 0, "wet", "dry"),
            "constant": 7,
            "constant or missing": pd.array([3, None, None] * 1000, dtype="Int8"),
        }
    )


def test_each_column_gets_the_channels_and_flags_it_needs() -> None:
    encoder = TableEncoder().fit(frame(), timeline=ONE)
    expected = {
        "a": Features(value=True),
        "b": Features(value=True),
        "sum": Features(value=False),
        "near": Features(value=True),
        "rain": Features(value=True, events=1),
        "sticky": Features(value=True, hold=True),
        "level": Features(value=False, events=2),
        "miss": Features(value=True, events=1),
        "text": Features(value=False, events=1),
        "constant": Features(value=False),
        "constant or missing": Features(value=False, events=1),
    }
    found = [replace(column, repeats=0.0) for column in encoder.layout_.columns]
    assert dict(zip(frame(), found, strict=True)) == expected
    assert [list(frame())[k] for k in encoder.linear_] == ["sum"]


def test_a_rounded_column_is_told_how_often_it_repeats() -> None:
    steps = DRAW.integers(-2, 3, 4000)
    column = NumericColumn().fit(pd.Series(np.cumsum(steps), name="x"), Timeline.counted(np.array([4000]), np.zeros(1, int)))
    assert column.rounded == pytest.approx((steps[1:] == 0).mean())
    assert NumericColumn.from_json(column.to_json()).rounded == column.rounded


def test_what_is_constant_has_one_score_in_each_sequence() -> None:
    stay = np.repeat(DRAW.integers(0, 30, 40), 5)
    timeline = Timeline.counted(np.full(40, 5), np.zeros(40, dtype=np.int64))
    X = pd.DataFrame({"stay": stay, "x": DRAW.normal(size=200)})
    scores, _ = TableEncoder(static=(0,)).fit(X, timeline=timeline).transform(X, timeline)
    assert (np.ptp(scores[:, 0].reshape(40, 5), axis=1) == 0).all()


def test_a_table_comes_back_and_its_encoder_from_json() -> None:
    X = frame()
    encoder = TableEncoder(random_state=1).fit(X, timeline=ONE)
    channels, flags = encoder.transform(X, ONE)
    for codec in (encoder, TableEncoder.from_json(encoder.to_json())):
        back = codec.inverse_transform(channels, flags)
        pd.testing.assert_frame_equal(back.drop(columns=SMOOTH), X.drop(columns=SMOOTH))
        np.testing.assert_allclose(back[SMOOTH], X[SMOOTH], atol=2e-3)
    held = flags[:, encoder.layout_.holds[0]]
    sticky = channels[:, encoder.layout_.held[0]]
    assert (sticky[1:][held[1:]] == sticky[:-1][held[1:]]).all()


def test_an_exact_combination_holds_in_whatever_is_decoded() -> None:
    encoder = TableEncoder().fit(frame(), timeline=ONE)
    channels = 3 * DRAW.normal(size=(500, encoder.layout_.n_values)).astype(np.float32)
    back = encoder.inverse_transform(channels, np.zeros((500, encoder.layout_.n_flags), dtype=bool))
    np.testing.assert_allclose(back["a"] + back["b"], back["sum"], atol=1e-9)


def test_exact_relations_are_found_and_no_others() -> None:
    a, b, e = NOISE[:, 0], NOISE[:, 1], 0.01 * NOISE[:, 2]
    (found,) = find_relations(np.stack([a, b, 2 * a - b + 3], 1))
    assert (found.target, found.sources) == (2, (0, 1))
    np.testing.assert_allclose((*found.weights, found.intercept), (2, -1, 3))
    assert find_relations(np.stack([a, b, 2 * a - b + e], 1)) == []
    assert find_relations(np.stack([a, b], 1)) == []
    assert find_relations(np.stack([a, b, a + b], 1)[:30]) == []  # too few rows to tell
    chain = np.stack([a, b, a + b, a - b], 1)
    assert [(relation.target, relation.sources) for relation in find_relations(chain)] == [(2, (0, 1)), (3, (0, 1))]
