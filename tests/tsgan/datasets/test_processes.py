"""The processes follow their closed forms, repeat under a seed, and leave the global generator alone."""

import doctest
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal, assert_equal

from tsgan.datasets import make_ar, make_regimes, make_seasonal, make_sines, processes

PANELS = [make_sines, make_ar, make_regimes]
WEEK = 168


# ---- sines


def test_sines_are_timegans_loop() -> None:
    rng = np.random.default_rng(3)
    for sequence in make_sines(4, 30, 2, random_state=3):
        for column in sequence.T:
            frequency, phase = rng.uniform(0, 0.1), rng.uniform(0, 0.1)
            assert_allclose(column, [(np.sin(frequency * t + phase) + 1) * 0.5 for t in range(30)])


def test_sines_lie_in_the_unit_interval_and_short_ones_in_its_upper_half() -> None:
    long, short = make_sines(500, 200, random_state=0), make_sines(500, 31, random_state=0)
    assert long.min() >= 0.0
    assert long.max() <= 1.0
    assert short.min() >= 0.5


# ---- autoregression

RHO = np.array([0.9, 0.5, -0.3])


@pytest.fixture(scope="module")
def ar() -> np.ndarray:
    return make_ar(20_000, 12, coef=RHO.tolist(), correlation=0.6, random_state=0)


@pytest.mark.parametrize("lag", [1, 2, 5])
def test_ar_autocorrelation_is_rho_to_the_lag(ar: np.ndarray, lag: int) -> None:
    covariance = (ar[:, lag:] * ar[:, :-lag]).mean((0, 1))
    assert_allclose(covariance * (1 - RHO**2), RHO**lag, atol=0.02)


@pytest.mark.parametrize("step", [0, 5, 11])
def test_ar_has_the_stationary_covariance_at_every_step(ar: np.ndarray, step: int) -> None:
    R = np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    assert_allclose(np.cov(ar[:, step].T), R / (1 - np.outer(RHO, RHO)), rtol=0.05, atol=0.05)


def test_ar_innovations_have_unit_variance_and_the_asked_correlation(ar: np.ndarray) -> None:
    innovations = (ar[:, 1:] - RHO * ar[:, :-1]).reshape(-1, 3)
    assert_allclose(np.cov(innovations.T), np.full((3, 3), 0.6) + 0.4 * np.eye(3), atol=0.01)


def test_ar_takes_one_number_for_one_column() -> None:
    assert_array_equal(make_ar(3, 4, coef=0.7, random_state=0), make_ar(3, 4, coef=[0.7], random_state=0))


# ---- seasons


def test_seasonal_without_noise_is_its_two_sines() -> None:
    value = make_seasonal(3 * WEEK, daily=2.0, weekly=1.0, noise=0.0)["value"]
    assert_allclose(value.shift(WEEK).dropna(), value.iloc[WEEK:], atol=1e-9)
    daily = make_seasonal(WEEK, daily=2.0, weekly=0.0, noise=0.0)["value"]
    assert set(daily[daily > 1.99].index.hour) == {6}
    weekly = make_seasonal(WEEK, daily=0.0, weekly=1.0, noise=0.0)["value"]
    assert weekly.idxmax().day_name() == "Tuesday"
    assert weekly.idxmax().hour == 18


def test_seasonal_autocovariance_is_its_closed_form() -> None:
    value = make_seasonal(301 * WEEK, coef=0.8, noise=1.0, random_state=0)["value"].to_numpy()
    length = 300 * WEEK
    for lag in (0, 6, 12, 24, 84, 168):
        expected = 2.0 * np.cos(2 * np.pi * lag / 24) + 0.5 * np.cos(2 * np.pi * lag / 168) + 0.8**lag
        assert (value[lag : lag + length] * value[:length]).mean() == pytest.approx(expected, abs=0.1)


def test_seasonal_is_a_frame_on_an_hourly_index_from_a_monday() -> None:
    frame = make_seasonal(50, random_state=0)
    assert frame.shape == (50, 1)
    assert frame.index.equals(pd.date_range("2024-01-01", periods=50, freq="h"))
    assert frame.index[0].day_name() == "Monday"


# ---- regimes

P = np.array([[0.9, 0.08, 0.02], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8]])


@pytest.fixture(scope="module")
def states() -> np.ndarray:
    """The hidden chain, laid bare by states that do not overlap."""
    return make_regimes(4000, 100, transition=P, means=(0, 1, 2), scales=(0, 0, 0), random_state=0)[..., 0].astype(int)


@pytest.mark.parametrize("step", [0, 50, 99])
def test_regimes_hold_their_stationary_shares_at_every_step(states: np.ndarray, step: int) -> None:
    shares = np.bincount(states[:, step], minlength=3) / len(states)
    assert_allclose(shares, np.linalg.matrix_power(P, 1000)[0], atol=0.03)


def test_regimes_move_with_the_given_probabilities(states: np.ndarray) -> None:
    moves = np.zeros((3, 3))
    np.add.at(moves, (states[:, :-1].ravel(), states[:, 1:].ravel()), 1)
    assert_allclose(moves / moves.sum(1, keepdims=True), P, atol=0.01)


def test_regimes_stay_as_long_as_the_diagonal_says() -> None:
    chain = make_regimes(1, 60_000, means=(0, 1), scales=(0, 0), random_state=0).ravel()
    starts = np.flatnonzero(np.diff(chain)) + 1  # the first and the last stay are cut off
    lengths, state = np.diff(starts), chain[starts[:-1]]
    assert lengths[state == 0].mean() == pytest.approx(20, rel=0.1)
    assert lengths[state == 1].mean() == pytest.approx(10, rel=0.1)


def test_regimes_moments_are_their_closed_forms() -> None:
    x = make_regimes(5000, 100, random_state=0)[..., 0]
    assert x.mean() == pytest.approx(0.0, abs=0.03)
    assert x.var() == pytest.approx(2 / 3 * (0.5**2 + 0.5**2) + 1 / 3 * (2.0**2 + 1.0**2), rel=0.03)
    assert (x[:, 3:] * x[:, :-3]).mean() == pytest.approx(2 / 9 * 1.5**2 * 0.85**3, abs=0.02)


# ---- all of them


@pytest.mark.parametrize("make", PANELS)
def test_panels_are_sequences_by_steps_by_columns(make: Callable[..., np.ndarray]) -> None:
    panel = make(3, 7, random_state=0)
    assert panel.shape[:2] == (3, 7)
    assert panel.ndim == 3
    assert panel.dtype == np.float64


@pytest.mark.parametrize("make", [*PANELS, make_seasonal])
def test_a_seed_repeats_a_generator_goes_on_and_the_global_one_rests(make: Callable[..., Any]) -> None:
    before = np.random.get_state(legacy=False)  # noqa: NPY002
    rng = np.random.default_rng(5)
    first, second, again = make(8, random_state=rng), make(8, random_state=rng), make(8, random_state=5)
    assert_array_equal(first, again)
    assert not np.array_equal(first, second)
    assert not np.array_equal(make(8), make(8))
    assert_equal(np.random.get_state(legacy=False), before)  # noqa: NPY002


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (make_sines, {"n": 0}, "n is 0; it must be a whole number of at least 1"),
        (make_sines, {"n": 2, "n_columns": 1.5}, "n_columns is 1.5; it must be a whole number"),
        (make_ar, {"n": 2, "length": True}, "length is True; it must be a whole number"),
        (make_ar, {"n": 2, "coef": (0.5, 1.0)}, r"coef is \(0.5, 1.0\); .* between -1 and 1"),
        (make_ar, {"n": 2, "coef": (0.5, 0.5, 0.5), "correlation": -0.5}, "correlation is -0.5; .* between -0.5 and 1"),
        (make_seasonal, {"length": -3}, "length is -3; it must be a whole number"),
        (make_seasonal, {"noise": -1.0}, "noise is -1.0; it must be finite and at least 0"),
        (make_seasonal, {"coef": float("nan")}, "coef is nan; it must lie between -1 and 1"),
        (make_regimes, {"n": 2, "transition": [[0.5, 0.5]]}, r"transition has shape \(1, 2\); it must be square"),
        (make_regimes, {"n": 2, "transition": [[0.5, 0.6], [0.1, 0.9]]}, "rows must be probabilities that sum to 1"),
        (make_regimes, {"n": 2, "transition": np.eye(2)}, "more than one stationary law"),
        (make_regimes, {"n": 2, "means": (1.0,)}, r"means is \(1.0,\); .* each of the 2 states"),
        (make_regimes, {"n": 2, "scales": (1.0, -1.0)}, r"scales is \(1.0, -1.0\); .* at least 0"),
    ],
)
def test_bad_arguments_are_named_with_what_was_wanted(
    make: Callable[..., Any], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make(**arguments)


def test_examples_run() -> None:
    failed, attempted = doctest.testmod(processes)
    assert failed == 0 < attempted
