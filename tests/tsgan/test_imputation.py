"""Missing cells are filled with what both sides tell; what is there stays."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tsgan import TSGAN
from tsgan.constraints import Constraint, FixedCombinations, Increasing, Inequality
from tsgan.datasets import make_ar
from tsgan.exceptions import ConvergenceError, InputError, ParameterError
from tsgan.kriging import AROUND, PART, between, parts_of, positive_factor, stretches_of, telling
from tsgan.latent_covariance import LAGS, lagged_products, latent_covariance

N = 300
DRAW = np.random.default_rng(0)
STATE = np.arange(N) // 25 % 3
LEVEL = DRAW.normal(size=N).cumsum().round(2)
TABLE = pd.DataFrame(
    {
        "when": pd.date_range("2024-01-01", periods=N, freq="h"),
        "level": LEVEL,
        "count": DRAW.integers(0, 50, N),
        "state": pd.Categorical(np.array(["off", "idle", "on"])[STATE]),
        "busy": STATE == 2,
        "rain": np.where(DRAW.random(N) < 0.6, 0.0, DRAW.exponential(size=N).round(2) + 0.01),
        "gappy": np.where(STATE == 0, np.nan, DRAW.normal(size=N)),
        "hour": np.arange(N) % 24,
        "same": LEVEL,
    }
).assign(total=lambda table: (table["level"] + table["count"]).round(2))


@pytest.fixture(scope="module")
def model() -> TSGAN:
    return TSGAN(time="when", max_steps=20, random_state=0).fit(TABLE)


def with_gaps(table: pd.DataFrame = TABLE) -> pd.DataFrame:
    gappy = table.astype({"busy": object})
    for k, name in enumerate(table.columns[1:]):
        gappy.loc[20 * k + 3 : 20 * k + 12, name] = None
    return gappy


def test_all_is_filled_and_what_is_there_stays(model: TSGAN) -> None:
    gappy = with_gaps()
    before = gappy.copy()
    complete = model.impute(gappy, random_state=0)
    pd.testing.assert_frame_equal(gappy, before)
    assert not complete.isna().any(axis=None)
    there = gappy.notna()
    assert (complete.where(there) == gappy.where(there)).where(there, True).all(axis=None)
    pd.testing.assert_series_equal(complete.dtypes, TABLE.dtypes)
    assert complete["level"].between(TABLE["level"].min(), TABLE["level"].max()).all()


def test_what_other_cells_tell_is_told(model: TSGAN) -> None:
    complete = model.impute(with_gaps(), random_state=0)
    for name in ("hour", "same", "total"):
        pd.testing.assert_series_equal(complete[name], TABLE[name])
    summand = TABLE.copy()
    summand.loc[40:60, "level"] = summand.loc[40:60, "same"] = np.nan
    np.testing.assert_allclose(model.impute(summand, random_state=0)["level"], TABLE["level"], atol=1e-9)


def test_draws_repeat_and_differ(model: TSGAN) -> None:
    one, two = model.impute(with_gaps(), n=2, random_state=3)
    pd.testing.assert_frame_equal(one, model.impute(with_gaps(), n=2, random_state=3)[0])
    assert (one["rain"] != two["rain"]).any()
    assert (one["rain"].iloc[:20] == two["rain"].iloc[:20]).all()


def test_a_gap_is_a_bridge_between_its_ends() -> None:
    """The law of a Gaussian AR(1) in a gap given both ends is known: so much is the mean, so wide the interval."""
    rho, gap = 0.9, 9
    series = pd.DataFrame({"x": make_ar(1, 6000, coef=[rho], random_state=0)[0, :, 0]})
    model = TSGAN(max_steps=1, random_state=0).fit(series)
    part = series.iloc[:2000]
    gaps = np.zeros(len(part), dtype=bool)
    for start in range(50, 1900, 40):
        gaps[start : start + gap] = True
    draws = np.stack([table["x"][gaps] for table in model.impute(part.mask(gaps[:, None]), n=60, random_state=0)])
    left, right = (part["x"].to_numpy()[np.flatnonzero(gaps)[at::gap] + by] for at, by in ((0, -1), (gap - 1, 1)))
    t = np.arange(1, gap + 1)
    weights = np.linalg.solve([[1, rho ** (gap + 1)], [rho ** (gap + 1), 1]], [rho**t, rho ** (gap + 1 - t)])
    mean = np.outer(left, weights[0]) + np.outer(right, weights[1])
    variance = 1 - (weights * [rho**t, rho ** (gap + 1 - t)]).sum(0)
    found, spread = draws.mean(0).reshape(-1, gap), draws.std(0).reshape(-1, gap)
    deviation = part["x"].std()
    assert np.sqrt(((found - mean) ** 2).mean()) < 0.25 * deviation
    np.testing.assert_allclose(spread.mean(0) / deviation, np.sqrt(variance), rtol=0.25)
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    inside = ((part["x"][gaps] >= low) & (part["x"][gaps] <= high)).mean()
    assert 0.8 < inside < 0.97


def test_a_state_behind_a_gap_is_foretold_in_it() -> None:
    """Half a gap before the end it is mostly what it is behind it, where it stays long."""
    state = np.repeat(DRAW.permutation(np.arange(200)) % 2, 40)
    table = pd.DataFrame({"state": np.array(["a", "b"])[state], "x": DRAW.normal(size=len(state))})
    model = TSGAN(max_steps=1, random_state=0).fit(table)
    gappy = table.iloc[:4000].copy()
    starts = np.arange(45, 3900, 80)
    for start in starts:
        gappy.loc[start : start + 9, "state"] = None
    kept = [s for s in starts if table["state"][s - 1] == table["state"][s + 10]]
    complete = model.impute(gappy, random_state=0)["state"]
    right = np.mean([complete[s + 5] == table["state"][s - 1] for s in kept])
    assert right > 0.8


def test_arrays_and_lists_come_back_as_they_are() -> None:
    array = make_ar(20, random_state=0)
    model = TSGAN(max_steps=1, random_state=0).fit(array)
    gappy = array.copy()
    gappy[2, :5, 0] = gappy[3, 20:, 1] = gappy[4, 8] = np.nan
    complete = model.impute(gappy, random_state=0)
    assert complete.shape == array.shape
    assert np.isfinite(complete).all()
    assert (complete[~np.isnan(gappy)] == array[~np.isnan(gappy)]).all()
    frames = [pd.DataFrame(sequence, columns=["a", "b"]) for sequence in gappy]
    whole = TSGAN(max_steps=1, random_state=0).fit([pd.DataFrame(s, columns=["a", "b"]) for s in array])
    for before, after in zip(frames, whole.impute(frames, random_state=0), strict=True):
        assert not after.isna().any(axis=None)
        assert before.index.equals(after.index)


def test_interleaved_series_and_static_cells() -> None:
    panel = pd.concat([TABLE.assign(site=site, size=3.5 * k) for k, site in enumerate("pqr")]).sort_values(["when", "site"])
    model = TSGAN(entity="site", time="when", max_steps=2, random_state=0).fit(panel)
    gappy = panel.reset_index(drop=True)
    gappy.loc[30:80, ["level", "same", "size"]] = np.nan
    complete = model.impute(gappy, random_state=0)
    assert not complete.drop(columns="gappy").isna().any(axis=None)
    assert (complete["size"].to_numpy() == panel["size"].to_numpy()).all()
    assert (complete["site"] == gappy["site"]).all()


def test_a_complete_table_comes_back(model: TSGAN) -> None:
    complete = TABLE.assign(gappy=1.0)
    pd.testing.assert_frame_equal(model.impute(complete), complete)


RULED = pd.DataFrame(
    {
        "low": LEVEL,
        "high": LEVEL + 1 + DRAW.random(N),
        "odometer": DRAW.integers(0, 4, N).cumsum(),
        "city": np.array(["Rome", "Paris"])[STATE % 2],
        "country": np.array(["Italy", "France"])[STATE % 2],
    }
)
RULES: list[Constraint] = [Inequality("low", "<=", "high"), Increasing("odometer"), FixedCombinations(["city", "country"])]


def test_rules_hold_in_what_is_filled() -> None:
    model = TSGAN(constraints=RULES, max_steps=2, random_state=0).fit(RULED)
    gappy = RULED.copy()
    gappy.loc[20:40, ["low", "high"]] = np.nan
    gappy.loc[100:130, ["city", "country"]] = None
    complete = model.impute(gappy, random_state=0)
    assert (complete["low"] <= complete["high"]).all()
    assert ((complete["city"] == "Rome") == (complete["country"] == "Italy")).all()
    pd.testing.assert_series_equal(complete["odometer"], RULED["odometer"])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["low"], r"some of its columns are missing and others not \(rows \[20, 21, 22\], counted from 0, of 21\)"),
        (["city"], "fill in all of them, or none"),
        (["odometer"], "Increasing.*has missing cells.*fill them in"),
    ],
)
def test_what_a_rule_does_not_allow_is_told(names: list[str], message: str) -> None:
    model = TSGAN(constraints=RULES, max_steps=1, random_state=0).fit(RULED)
    gappy = RULED.copy()
    gappy.loc[20:40, names] = None
    with pytest.raises(InputError, match=message):
        model.impute(gappy)


@pytest.mark.parametrize("share", [0.2, 0.8], ids=["seldom", "mostly"])
def test_categories_that_are_missing_in_fit_are_made(share: float) -> None:
    letters = pd.Series(DRAW.choice(["p", "q"], N)).where(DRAW.random(N) > share)
    table = pd.DataFrame({"letter": letters, "on": pd.array(DRAW.random(N) < 0.5, dtype="boolean"), "x": LEVEL})
    table.loc[DRAW.random(N) < share, "on"] = pd.NA
    model = TSGAN(max_steps=2, random_state=0).fit(table)
    complete = model.impute(table, random_state=0)
    assert not complete.isna().any(axis=None)
    assert set(complete["letter"][letters.isna()]) == {"p", "q"}


def test_conditions_are_not_made() -> None:
    table = TABLE[["when", "level", "count"]]
    model = TSGAN(time="when", conditions=["count"], max_steps=1, random_state=0).fit(table)
    complete = model.impute(table.assign(level=table["level"].mask(np.arange(N) == 7)))
    assert complete["level"].notna().all()
    gappy = table.astype({"count": float})
    gappy.loc[7, "count"] = np.nan
    with pytest.raises(InputError, match=r"column 'count' has missing cells \(rows \[7\], counted from 0, of 1\), but cond"):
        model.impute(gappy)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda model: model.impute(TABLE, n=0), ParameterError, "n=0 must be"),
        (lambda model: model.impute(TABLE.drop(columns="level")), InputError, "it lacks \\['level'\\]"),
        (
            lambda model: model.impute(TABLE.assign(level=np.nan, same=np.nan)),
            InputError,
            "column '(level|same)' has no value",
        ),
    ],
)
def test_bad_input_is_told(model: TSGAN, call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(model)


def test_covariances_are_those_of_the_process_given_its_conditions() -> None:
    """Of an AR(1), in units of its variance, the coefficient's powers."""
    rho = 0.8
    series = make_ar(1, 8000, coef=[rho], random_state=0)[0]
    model = TSGAN(max_steps=1, random_state=0).fit(series)
    law = latent_covariance(model._fitted)[:, 0, 0]
    np.testing.assert_allclose(law[:6] / law[0], rho ** np.arange(6), atol=0.05)
    one, other, channel = torch.tensor([4, 9]), torch.tensor([7]), torch.zeros(1, dtype=torch.long)
    cells, others = torch.stack([one, channel.repeat(2)]), torch.stack([other, channel])
    assert between(law[:, None, None], *cells, *others)[:, 0].tolist() == [law[3], law[2]]
    assert between(law[:4, None, None], *cells, *(others + torch.tensor([[10], [0]]))).abs().sum() == 0


def test_covariances_do_not_hang_on_what_was_asked_for_before(model: TSGAN) -> None:
    complete = model.impute(with_gaps(), random_state=0)
    again = copy.deepcopy(model)
    again.generator_.covariance = None
    again.sample(2, length=3, given=TABLE, random_state=5)
    pd.testing.assert_frame_equal(again.impute(with_gaps(), random_state=0), complete)


def test_lagged_products_are_those_of_the_definition() -> None:
    for steps in (20, 500):
        x = torch.randn(3, steps, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        products = lagged_products(x)
        assert len(products) == min(steps, LAGS)
        for lag in (0, 1, 7, len(products) - 1):
            torch.testing.assert_close(products[lag], torch.einsum("bti,btj->ij", x[:, : steps - lag], x[:, lag:]))


def test_what_nothing_tells_of_goes_on_as_a_rollout() -> None:
    series = pd.DataFrame({"x": make_ar(1, 1000, coef=[0.9], random_state=0)[0, :, 0], "flat": np.arange(1000) // 500 * 1.0})
    model = TSGAN(max_steps=1, random_state=0).fit(series)
    gappy = series.copy()
    gappy.iloc[100:700] = np.nan
    complete = model.impute(gappy, random_state=0)
    assert not complete.isna().any(axis=None)
    assert 0.7 < complete["x"][200:600].std() / series["x"].std() < 1.3


def test_covariances_that_are_hardly_positive_are_made_so() -> None:
    hardly = torch.tensor([[1.0, 1.01], [1.01, 1.0]], dtype=torch.float64)
    factor = positive_factor(hardly)
    torch.testing.assert_close(factor @ factor.T, hardly, atol=0.05, rtol=0)
    with pytest.raises(ConvergenceError, match="not finite"):
        positive_factor(hardly * torch.nan)


def test_long_gaps_are_filled_in_parts() -> None:
    gaps = torch.zeros(100, dtype=torch.bool)
    gaps[3:5] = gaps[40 : 40 + 2 * PART + 1] = True
    assert stretches_of(gaps) == [(3, 5), (40, 41 + 2 * PART)]
    assert parts_of(40, 41 + 2 * PART) == [(40, 40 + PART), (40 + PART, 40 + 2 * PART), (40 + 2 * PART, 41 + 2 * PART)]


def test_what_tells_of_a_part_is_around_its_stretch_and_within_reach() -> None:
    known = torch.ones(2000, 2, dtype=torch.bool)
    known[500:800] = known[1200:1900] = False
    for stretch, part in (((500, 800), (500, 524)), ((500, 800), (640, 664)), ((1200, 1900), (1200, 1224))):
        rows, channels = telling(known, stretch, part)
        assert known[rows, channels].all()
        assert set((rows[rows < stretch[0]] - stretch[0]).tolist()) <= set(range(-AROUND, 0))
        assert max(int(rows.max()), part[1] - 1) - min(int(rows.min()), part[0]) < LAGS
    assert telling(known, (1200, 1900), (1500, 1524)).shape == (2, 0)


CLOCK = TABLE[["when", "level", "busy"]].set_index("when")
OTHER_TIMES: dict[str, tuple[pd.DataFrame, str]] = {
    "none": (CLOCK.reset_index(drop=True), "has no times, but in fit its index had them, of dtype datetime64"),
    "numbers": (CLOCK.reset_index(drop=True).rename_axis("when"), "has no times"),
    "a zone": (
        CLOCK.tz_localize("UTC"),
        r"in the zone UTC, but were without a zone in fit; change them with tz_localize\(None\)",
    ),
    "another step": (CLOCK.iloc[::6], "steps of 0 days 06:00:00, but fit has learned steps of 0 days 01:00:00; resample"),
}


@pytest.mark.parametrize(("table", "message"), OTHER_TIMES.values(), ids=OTHER_TIMES)
@pytest.mark.parametrize("use", ["impute", "score", "given"])
def test_times_are_like_those_learned(table: pd.DataFrame, message: str, use: str) -> None:
    model = TSGAN(calendar=["day"], max_steps=1, random_state=0).fit(CLOCK)
    uses: dict[str, Callable[[pd.DataFrame], Any]] = {"impute": model.impute, "score": model.score}
    uses["given"] = lambda given: model.sample(1, length=2, given=given)
    with pytest.raises(InputError, match=message):
        uses[use](table)


def test_times_in_another_zone_are_the_same_times() -> None:
    here = CLOCK.tz_localize("Europe/Berlin", ambiguous="NaT", nonexistent="shift_forward")
    model = TSGAN(calendar=["day"], max_steps=1, random_state=0).fit(here)
    expected = model.sample(1, length=2, given=here, random_state=0)
    pd.testing.assert_frame_equal(model.sample(1, length=2, given=here.tz_convert("UTC"), random_state=0), expected)
    gappy = here.astype({"busy": object}).mask(np.arange(len(here) * 2).reshape(-1, 2) % 14 == 3)
    there = model.impute(gappy.tz_convert("Asia/Tokyo"), random_state=0)
    assert str(there.index.tz) == "Asia/Tokyo"
    pd.testing.assert_frame_equal(there.tz_convert("Europe/Berlin"), model.impute(gappy, random_state=0))


def test_times_in_a_column_are_like_those_learned(model: TSGAN) -> None:
    with pytest.raises(InputError, match="times of X are int64, but were datetime64"):
        model.impute(TABLE.assign(when=np.arange(N)))
    numbered = TSGAN(time="when", max_steps=1, random_state=0).fit(TABLE.assign(when=np.arange(N)))
    with pytest.raises(InputError, match=r"times of X are datetime64.* but were int64 in fit; convert them"):
        numbered.impute(TABLE)
