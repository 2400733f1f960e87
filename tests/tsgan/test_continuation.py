"""Futures go on from histories without a seam, under their names, on their grid."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import tsgan
from tsgan import TSGAN
from tsgan.abduction import consistent, read_history
from tsgan.constraints import Constraint, Increasing, Inequality
from tsgan.datasets import make_seasonal
from tsgan.exceptions import ParameterError
from tsgan.flags import raise_flags

PATHS, AHEAD = 5, 12


def series(rows: int = 300, **columns: Any) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    level = np.zeros(rows)
    for k in range(1, rows):
        level[k] = 0.95 * level[k - 1] + draw.normal()
    frame = pd.DataFrame({"x": level.round(3), "kind": np.where(level > 0, "high", "low"), **columns})
    return frame.set_index(pd.date_range("2024-03-30", periods=rows, freq="h", tz="Europe/Berlin", name="at"))


def panel(n: int = 30) -> pd.DataFrame:
    parts = [series(40 + k % 5).assign(id=f"p{k}", site="ab"[k % 2]) for k in range(n)]
    return pd.concat(parts).reset_index()[["id", "at", "site", "x", "kind"]]


@pytest.fixture(scope="module")
def long() -> TSGAN:
    return TSGAN(max_steps=5, random_state=0, device="cpu").fit(series())


@pytest.fixture(scope="module")
def many() -> TSGAN:
    return TSGAN(entity="id", time="at", max_steps=5, random_state=0, device="cpu").fit(panel())


def test_futures_of_a_series_begin_a_step_after_it(long: TSGAN) -> None:
    history = series().iloc[:100]
    future = long.sample(PATHS, length=AHEAD, given=history, random_state=0)
    assert future.index.names == ["path", "at"]
    assert list(future) == ["x", "kind"]
    assert future.dtypes.equals(history.dtypes)
    for path in range(PATHS):
        times = future.loc[path].index
        assert times[0] - history.index[-1] == pd.Timedelta("1h")
        assert (np.diff(times) == np.timedelta64(1, "h")).all()


def test_they_go_on_from_the_last_level(long: TSGAN) -> None:
    ends, means = [], []
    for cut in range(60, 260, 20):
        future = long.sample(20, length=3, given=series().iloc[:cut], random_state=0)
        ends.append(series()["x"].iloc[cut - 1])
        means.append(future["x"].groupby(level="at").mean().iloc[0])
    assert np.corrcoef(ends, means)[0, 1] > 0.9


def test_paths_differ_and_a_seed_repeats_them(long: TSGAN) -> None:
    first, again = (long.sample(PATHS, length=AHEAD, given=series(), random_state=3) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert first["x"].groupby(level="path").sum().nunique() == PATHS


def test_histories_of_a_panel_keep_their_names(many: TSGAN) -> None:
    history = panel().query("id in ['p3', 'p7']").groupby("id").head(20).sample(frac=1, random_state=0).sort_values("at")
    future = many.sample(PATHS, length=AHEAD, given=history, random_state=0)
    assert future.groupby(["id", "path"]).size().tolist() == [AHEAD] * 2 * PATHS
    for name in ("p3", "p7"):
        last = history.loc[history["id"] == name, "at"].max()
        assert (future.loc[future["id"] == name, "at"].groupby(level="path").min() == last + pd.Timedelta("1h")).all()


def test_what_is_constant_stays_that_of_the_history(many: TSGAN) -> None:
    history = panel().groupby("id").head(10)
    future = many.sample(2, length=AHEAD, given=history, random_state=0)
    site = history.groupby("id")["site"].first()
    assert (future["site"].to_numpy() == site[future["id"]].to_numpy()).all()


def test_levels_of_a_multiindex_come_back() -> None:
    indexed = panel().set_index(["id", "at"])
    future = TSGAN(max_steps=1, random_state=0).fit(indexed).sample(2, length=3, given=indexed.loc[["p1", "p2"]])
    assert future.index.names == ["path", "id", "at"]
    assert set(future.index.get_level_values("id")) == {"p1", "p2"}


def test_arrays_and_lists_come_back_as_such() -> None:
    draw = np.random.default_rng(0)
    array = draw.normal(size=(25, 24, 2)).cumsum(1)
    model = TSGAN(max_steps=1, random_state=0).fit(array)
    assert model.sample(3, length=5, given=array[:4, :10]).shape == (4, 3, 5, 2)
    matrix = array[0]
    assert TSGAN(max_steps=1, random_state=0).fit(matrix).sample(3, length=5, given=matrix).shape == (3, 5, 2)
    frames = [series(50), series(60)]
    futures = TSGAN(max_steps=1, random_state=0).fit(frames).sample(3, length=5, given=frames)
    assert [len(future) for future in futures] == [15, 15]


def test_irregular_times_go_on_irregularly() -> None:
    gaps = np.random.default_rng(0).choice([1, 4, 9], 200)
    frame = pd.DataFrame({"t": gaps.cumsum(), "y": np.random.default_rng(1).normal(size=200)})
    future = TSGAN(time="t", max_steps=1, random_state=0).fit(frame).sample(4, length=6, given=frame.iloc[:50])
    steps = future["t"].groupby(level="path").diff().dropna()
    assert set(steps) <= {1, 4, 9}
    assert set(future["t"].groupby(level="path").first() - frame["t"].iloc[49]) <= {1, 4, 9}


def test_conditions_of_the_future_are_said() -> None:
    frame = series(load=np.sin(np.arange(300) / 5).round(2))
    model = TSGAN(conditions=["load"], max_steps=2, random_state=0).fit(frame)
    ahead = pd.DataFrame({"load": np.linspace(-0.9, 0.9, AHEAD)})
    future = model.sample(2, length=AHEAD, given=frame, conditions=ahead, random_state=0)
    np.testing.assert_array_equal(future["load"], np.tile(ahead["load"], 2))
    with pytest.raises(ValueError, match=r"future of \['load'\] is not known"):
        model.sample(2, length=AHEAD, given=frame)


def test_constant_conditions_are_those_of_the_history() -> None:
    model = TSGAN(entity="id", time="at", conditions=["site"], max_steps=1, random_state=0).fit(panel())
    future = model.sample(1, length=3, given=panel().query("id == 'p3'"), random_state=0)
    assert set(future["site"]) == {"b"}


def test_missing_cells_at_the_end_will_do(long: TSGAN) -> None:
    history = series().iloc[:80].copy()
    history.iloc[-2:, 0] = np.nan
    before = history.copy()
    future = long.sample(3, length=4, given=history, random_state=0)
    assert future["x"].notna().all()
    pd.testing.assert_frame_equal(history, before)


def test_a_loaded_model_goes_on_alike(many: TSGAN, tmp_path: Path) -> None:
    many.save(tmp_path / "m.safetensors")
    again = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    history = panel().groupby("id").head(15)
    ours, theirs = (model.sample(2, length=4, given=history, random_state=0) for model in (many, again))
    pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize(("n", "length"), [(0, 4), (1, 0)])
def test_no_path_and_no_step_are_refused(long: TSGAN, n: int, length: int) -> None:
    with pytest.raises(ValueError, match="=0 must be a whole number of at least 1"):
        long.sample(n, length=length, given=series())


WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "other columns": (series()[["x"]], {}, "1 features, but TSGAN is expecting 2"),
    "no length": (series(), {"length": None}, "needs length="),
    "start too": (series(), {"start": "2024-01-01"}, "leave start= and index= out"),
    "unsorted": (series().iloc[::-1], {}, "is not sorted"),
    "an unknown category": (series().assign(kind="odd"), {}, "not seen by fit"),
    "another type": (series().assign(x="text"), {}, "'x'"),
    "nothing in a column": (
        series().assign(x=np.nan),
        {},
        r"'x' has no value in series 0 \(rows \[0, 1, 2\], .* no gap in fit",
    ),
    "infinities": (series().assign(x=np.inf), {}, r"'x' holds 300 infinite values"),
    "no row": (series(0), {}, "X is empty: 0 sample"),
    "conditions": (series(), {"conditions": {"x": 1}}, "has no conditions"),
}


@pytest.mark.parametrize(("history", "arguments", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_gone_on_from_is_told(
    long: TSGAN, history: pd.DataFrame, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        long.sample(2, given=history, **{"length": 4} | arguments)


def test_identifiers_of_an_entity_stay_its_own() -> None:
    frame = panel().assign(card=lambda x: "C-" + x["id"].str[1:].str.zfill(4), again=lambda x: x["card"])
    frame["visit"] = [f"V{k}" for k in range(len(frame))]
    model = TSGAN(entity="id", time="at", max_steps=1, random_state=0).fit(frame)
    future = model.sample(2, length=3, given=frame.query("id in ['p3', 'p7']"), random_state=0)
    for name in ("card", "again"):
        assert future.groupby("id")[name].unique().map(list).to_dict() == {"p3": ["C-0003"], "p7": ["C-0007"]}
    assert not set(future["visit"]) & set(frame["visit"])


def test_what_adds_up_goes_on_from_its_last_value() -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"km": draw.random(200).round(2).cumsum().round(2), "n": draw.integers(0, 4, 200).cumsum()})
    frame["t"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["n"], unit="h")
    frame["most"] = frame["km"] + draw.random(200)
    rules: list[Constraint] = [Increasing("km"), Increasing("n"), Increasing("t"), Inequality("km", "<=", "most")]
    model = TSGAN(constraints=rules, max_steps=2, random_state=0).fit(frame)
    for history in (frame, frame.tail(60), frame.head(50).assign(km=frame["km"] + 0.005)):  # the last one is off the grid
        future = model.sample(20, length=6, given=history, random_state=0)
        assert future.dtypes.equals(frame.dtypes)
        assert (future["km"] <= future["most"]).all()
        for name in ("km", "n", "t"):
            paths, last = future[name].groupby(level="path"), history[name].iloc[-1]
            assert paths.is_monotonic_increasing.all()
            assert paths.first().min() >= last
            assert paths.last().max() <= last + 6 * frame[name].diff().max() * 1.1


def test_what_adds_up_goes_on_in_each_history_of_a_panel() -> None:
    frame = panel()
    frame["n"] = frame.groupby("id").cumcount() * 2 + 100 * frame.groupby("id").ngroup()
    model = TSGAN(entity="id", time="at", constraints=[Increasing("n")], max_steps=1, random_state=0).fit(frame)
    history = frame.query("id in ['p3', 'p7']")
    future = model.sample(3, length=2, given=history, random_state=0)
    first = future.groupby(["id", "path"])["n"].first().groupby("id")
    last = history.groupby("id")["n"].last()
    assert (first.min() >= last).all()
    assert (first.max() <= last + 4).all()


def test_the_noise_of_a_rollout_is_found_again() -> None:
    network = TSGAN(max_steps=20, random_state=0, device="cpu").fit(make_seasonal(random_state=0)).generator_
    draw, batch, patches = torch.Generator().manual_seed(0), 64, 30
    conditions = torch.zeros(patches, batch, network.n_conditions)
    begin = network.cold(batch, conditions[0], draw)
    with torch.no_grad():
        x, states = network(begin, conditions, draw)
    values, flags = network.observe(torch.cat([begin.x[:, None], x], 1))
    found = read_history(network, values, flags, conditions, torch.Generator().manual_seed(1))
    torch.testing.assert_close(found.x, states.after(-1).x)
    torch.testing.assert_close(found.last, states.after(-1).last, atol=1e-3, rtol=1e-3)
    correlations = [np.corrcoef(a, b)[0, 1] for a, b in zip(found.h.T.numpy(), states.after(-1).h.T.numpy(), strict=True)]
    assert np.mean(correlations) > 0.7


@pytest.mark.parametrize("thresholds", [[1.0], [-0.5], [0.3, 1.5], [-3.0, 2.0, 6.0], [-6.0, -6.0]], ids=str)
def test_latent_channels_are_put_right_where_they_give_other_flags(thresholds: list[float]) -> None:
    threshold, count = torch.tensor(thresholds), len(thresholds)
    group, latent = [slice(0, count)], torch.randn(500, count, generator=torch.Generator().manual_seed(0))
    wanted = torch.nn.functional.one_hot(torch.arange(500) % (count + 1), count + 1)[:, 1:].float()
    moved = consistent(threshold, group, latent, wanted)
    torch.testing.assert_close(raise_flags(moved - threshold, group), wanted)
    right = (raise_flags(latent - threshold, group) == wanted).all(1)
    torch.testing.assert_close(moved[right], latent[right])


def test_what_is_constant_stays_what_it_was() -> None:
    weights = np.random.default_rng(0).normal(70, 10, 30)
    frame = panel().assign(
        weight=lambda x: weights[x["id"].str[1:].astype(int)], card=lambda x: x["weight"].mul(1e6).astype(int)
    )
    model = TSGAN(entity="id", time="at", schema={"card": "identifier"}, max_steps=1, random_state=0).fit(frame)
    ends = frame["weight"].isin([weights.min(), weights.max()])
    future = model.sample(2, length=3, given=frame[ends], random_state=0)
    own = ["id", "weight", "card"]
    pd.testing.assert_frame_equal(
        future[own].drop_duplicates(ignore_index=True), frame.loc[ends, own].drop_duplicates(ignore_index=True)
    )


def test_conditions_of_futures_are_those_of_their_histories() -> None:
    frame = panel().assign(load=lambda x: x["x"].round(1))
    model = TSGAN(entity="id", time="at", conditions=["load"], max_steps=1, random_state=0).fit(frame)
    history = frame.query("id in ['p3', 'p7']")
    ahead = pd.DataFrame({"id": ["p3"] * 2 + ["p7"] * 2, "load": [0.0, 0.1, 0.2, 0.3]})
    future = model.sample(2, length=2, given=history, conditions=ahead, random_state=0)
    assert future.loc[future["id"] == "p7", "load"].tolist() == [0.2, 0.3] * 2
    with pytest.raises(ValueError, match=r"for 'id' \['p7', 'p3'\], the histories of \['p3', 'p7'\]"):
        model.sample(2, length=2, given=history, conditions=ahead.iloc[[2, 3, 0, 1]])


def test_times_of_conditions_are_those_to_come() -> None:
    frame = series(load=np.sin(np.arange(300) / 5).round(2))
    model = TSGAN(conditions=["load"], max_steps=1, random_state=0).fit(frame)
    history, ahead = frame.iloc[:100], frame[["load"]].iloc[100:104]
    future = model.sample(2, length=4, given=history, conditions=ahead, random_state=0)
    assert future.loc[0].index.tolist() == ahead.index.tolist()
    told = r"history 0 .* begin at 2024-04-03 10:00:00\+02:00, but it ends at .* 04:00:00\+02:00 and goes on at .* 05:00"
    with pytest.raises(ParameterError, match=told):
        model.sample(2, length=4, given=history, conditions=frame[["load"]].iloc[105:109])
    with pytest.raises(ParameterError, match="leave the grid seen by fit at row 2"):
        model.sample(2, length=4, given=history, conditions=ahead.set_axis(frame.index[[100, 101, 103, 104]]))


def test_times_of_conditions_are_checked_history_by_history() -> None:
    frame = panel().assign(load=lambda x: x["x"].round(1), at=lambda x: x.groupby("id").cumcount())
    model = TSGAN(entity="id", time="at", conditions=["load"], max_steps=1, random_state=0).fit(frame)
    history = frame.query("id in ['p3', 'p7']")  # of 43 and 42 rows
    ahead = pd.DataFrame({"id": ["p3"] * 2 + ["p7"] * 2, "at": [43, 44, 42, 43], "load": [0.0, 0.1, 0.2, 0.3]})
    assert model.sample(1, length=2, given=history, conditions=ahead)["at"].tolist() == ahead["at"].tolist()
    with pytest.raises(
        ParameterError, match=r"history 1 \(counted from 0\) begin at 43, but it ends at 41 and goes on at 42"
    ):
        model.sample(1, length=2, given=history, conditions=ahead.assign(at=[43, 44, 43, 44]))


def test_irregular_times_to_come_cannot_be_said() -> None:
    frame = panel().assign(kind="a", at=lambda x: x.groupby("id").cumcount() ** 2)
    model = TSGAN(entity="id", time="at", conditions=["site"], max_steps=1, random_state=0).fit(frame)
    asked = pd.DataFrame({"id": ["p3"], "at": [2000], "site": ["b"]})
    with pytest.raises(ParameterError, match="those to come are irregular and drawn; leave them out"):
        model.sample(1, length=2, given=frame.query("id == 'p3'"), conditions=asked)


def test_histories_have_the_steps_that_were_learned(long: TSGAN) -> None:
    with pytest.raises(ValueError, match="steps of 0 days 06:00:00, but fit has learned steps of 0 days 01:00:00"):
        long.sample(1, length=3, given=series().iloc[::6])


def test_a_history_without_its_entity_is_told() -> None:
    indexed = panel().set_index(["id", "at"])
    model = TSGAN(max_steps=1, random_state=0).fit(indexed)
    with pytest.raises(ValueError, match=r"told apart by \[\]; the model has learned them by \['id'\]"):
        model.sample(1, length=3, given=indexed.loc["p1"])


def test_what_is_constant_in_a_history_need_not_be_said_again() -> None:
    frame = panel().assign(load=lambda x: x["x"].round(1))
    model = TSGAN(entity="id", time="at", conditions=["site", "load"], max_steps=1, random_state=0).fit(frame)
    history = frame.query("id in ['p3', 'p4']")
    ahead = pd.DataFrame({"id": ["p3"] * 2 + ["p4"] * 2, "load": [0.0, 0.1, 0.2, 0.3]})
    sites = history.groupby("id")["site"].first().tolist()
    assert len(set(sites)) == 2
    full = model.sample(2, length=2, given=history, conditions=ahead.assign(site=np.repeat(sites, 2)), random_state=0)
    pd.testing.assert_frame_equal(model.sample(2, length=2, given=history, conditions=ahead, random_state=0), full)
    assert full.groupby("id")["site"].first().tolist() == sites
    same = model.sample(2, length=2, given=history, conditions={"load": 0.1}, random_state=0)
    assert same.groupby("id")["site"].first().tolist() == sites
    assert set(same["load"]) == {0.1}
    with pytest.raises(ValueError, match=r"conditions lack \['load'\].*did you mean 'load' by 'laod'"):
        model.sample(2, length=2, given=history, conditions=ahead.rename(columns={"load": "laod"}))
    with pytest.raises(ValueError, match=r"3 sequences, but given= has 2 histories"):
        model.sample(2, length=1, given=history, conditions=pd.DataFrame({"id": [1, 2, 3], "load": 0.1}))
    with pytest.raises(ValueError, match="which rows belong together"):
        model.sample(2, length=2, given=history, conditions=ahead.drop(columns="id"))


def gappy(rows: int = 120) -> pd.DataFrame:
    gap = np.random.default_rng(1).random((rows, 5)) < 0.2
    when = pd.Series(pd.date_range("2020-01-01", periods=rows, tz="UTC")).sample(frac=1, random_state=0).array
    frame = series(rows).assign(size=pd.Categorical(np.resize(["S", "M", "S"], rows)), when=when)
    return frame.assign(count=pd.array(np.resize([1, 5, 7], rows), dtype="Int64")).mask(gap)


def test_a_column_may_be_missing_in_all_of_a_history_where_fit_saw_gaps() -> None:
    model = TSGAN(max_steps=1, random_state=0, device="cpu").fit(gappy())
    history = gappy().iloc[:20]
    for name in history:
        as_seen = history.assign(**{name: pd.Series(None, index=history.index, dtype=history[name].dtype)})
        expected = model.sample(2, length=3, given=as_seen, random_state=0)
        untyped = model.sample(2, length=3, given=history.assign(**{name: None}), random_state=0)
        pd.testing.assert_frame_equal(untyped, expected)
        assert expected.dtypes.equals(history.dtypes)
        assert np.isfinite(model.score(gappy().assign(**{name: None})))


def test_nothing_need_vary_in_a_history(long: TSGAN) -> None:
    history = series().iloc[:20].assign(x=0.5, kind="high")
    assert len(long.sample(2, length=3, given=history, random_state=0)) == 6
    assert np.isfinite(long.score(series().assign(x=0.5, kind="high")))


def test_histories_of_one_row_are_gone_on_from(long: TSGAN, many: TSGAN) -> None:
    rows = [series().iloc[[k]] for k in range(60, 260, 20)]
    means = [long.sample(20, length=1, given=row, random_state=0)["x"].mean() for row in rows]
    assert np.corrcoef(means, [row["x"].iloc[0] for row in rows])[0, 1] > 0.9
    assert len(many.sample(2, length=3, given=panel().groupby("id").head(1), random_state=0)) == 30 * 2 * 3


def test_conditions_of_histories_are_there() -> None:
    model = TSGAN(entity="id", time="at", conditions=["site"], max_steps=1, random_state=0).fit(panel())
    history = panel().query("id == 'p3'").reset_index(drop=True)
    history.loc[2, "site"] = None
    with pytest.raises(
        ValueError, match=r"condition 'site' has missing cells in given= \(rows \[2\], counted from 0\); fill"
    ):
        model.sample(1, length=3, given=history)
