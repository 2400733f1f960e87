"""Lines between knots are told from curves, steps and noise, and drawn again."""

import numpy as np
import pytest

from tsgan.preprocessing.grid import learn_grid
from tsgan.preprocessing.interpolation import Knots, find_knots, interpolate
from tsgan.timeline import Timeline

DRAW = np.random.default_rng(0)
N = 3000
T = np.arange(N)
LINE = Timeline.counted(np.array([N]), np.array([0]))
NOISE = DRAW.normal(size=(N, 3))


def lines(period: int, phase: int = 0, n: int = N) -> np.ndarray:
    """A walk of values on a grid of .1, of which every ``period``-th step is known."""
    knots = (15 + DRAW.normal(0, 0.5, n // period + 3).cumsum()).round(1)
    return np.asarray(np.interp(np.arange(n), (np.arange(len(knots)) - 1) * period + phase, knots))


def found(values: np.ndarray, timeline: Timeline = LINE) -> Knots | None:
    return find_knots(values, timeline, learn_grid(values[~np.isnan(values)]))


@pytest.mark.parametrize("period", [2, 3, 4, 6, 7, 12, 24, 144])
@pytest.mark.parametrize("decimals", [None, 3])
def test_the_true_period_is_found_and_no_multiple_or_part_of_it(period: int, decimals: int | None) -> None:
    values = lines(period, 1, 30_000)
    values = values if decimals is None else values.round(decimals)
    assert found(values, Timeline.counted(np.array([30_000]), np.array([0]))) == Knots(period, 1)


def test_single_precision_and_some_missing_cells_hide_nothing() -> None:
    values = lines(6, 4).astype(np.float32).astype(np.float64)
    assert found(np.where(DRAW.random(N) < 0.05, np.nan, values)) == Knots(6, 4)


def test_the_clock_goes_on_through_gaps_and_from_one_sequence_to_the_next() -> None:
    clock = np.delete(np.arange(N + 7), [100, 101, 102, 500, 501, 502, 503])
    timeline = Timeline(np.isin(np.arange(N), [0, 1000]), clock)
    assert found(lines(6, 4, N + 7)[clock], timeline) == Knots(6, 4)


def test_sequences_that_disagree_have_no_phase_in_common() -> None:
    values = np.concatenate([lines(6, phase, 300) for phase in (0, 2, 3)])
    assert found(values, Timeline.counted(np.full(3, 300), np.zeros(3, dtype=np.int64))) is None
    assert found(values, Timeline.counted(np.full(3, 300), np.array([0, -2, -3]))) == Knots(6, 0)


WALK = NOISE.cumsum(0)
OTHERS = {
    "noise": NOISE[:, 0],
    "a walk": WALK[:, 0],
    "a rounded walk": WALK[:, 1].round(1),
    "whole numbers": WALK[:, 2].round(),
    "a slow walk of whole numbers": (0.05 * WALK[:, 0]).round(),
    "a sine": np.sin(T / 20),
    "a rounded sine": (10 * np.sin(2 * np.pi * T / 144)).round(1),
    "a rounded sine in time with the clock": (22 * np.sin(2 * np.pi * T / 24)).round(),
    "steps": np.repeat(NOISE[:300, 0], 10),
    "every value twice": np.repeat(NOISE[:1500, 0], 2),
    "a counter": T,
    "a saw": T % 24,
    "a count": (NOISE[:, 0] > 1).cumsum(),
    "a smooth curve": np.convolve(NOISE[:, 1], np.hanning(50), "same").round(1),
    "lines with noise": lines(6) + 0.05 * NOISE[:, 0],
    "cubes between knots": lines(6) ** 3,
    "few bends": lines(1440),
    "constant": np.ones(N),
    "huge": lines(6) * 1e306,
    "short": np.ones(2),
}


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_else_is_interpolated(name: str) -> None:
    values = np.asarray(OTHERS[name], dtype=np.float64)
    assert found(values, Timeline.counted(np.array([len(values)]), np.array([0]))) is None


def test_values_lie_on_lines_and_ends_and_missing_cells_stay() -> None:
    values = np.array([1.0, 9, 3, 9, 5, 7, 2, 9, np.nan, 4, np.nan])
    at = np.isin(np.arange(11), [2, 4, 8])
    timeline = Timeline.counted(np.array([6, 5]), np.array([0, 6]))
    expected = [1, 2, 3, 4, 5, 7, 2, 8 / 3, np.nan, 4, np.nan]
    np.testing.assert_allclose(interpolate(values, at, timeline), expected)
    nothing = np.full(11, np.nan)
    np.testing.assert_array_equal(interpolate(nothing, at, timeline), nothing)
