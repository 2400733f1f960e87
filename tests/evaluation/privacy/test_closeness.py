import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter
from scipy.spatial.distance import cdist

from tsgan_evaluation import evaluate
from tsgan_evaluation._validation import DataError
from tsgan_evaluation.privacy.closeness import closer_share, copied_share, nearest

RNG = np.random.default_rng(0)
PRIVACY = ["window_distance", "window_ratio", "window_copies", "shape_distance", "series_distance", "series_ratio"]


def test_the_nearest_and_the_second_nearest_are_those_of_all_distances() -> None:
    train, queries = RNG.normal(size=(300, 4, 2)), RNG.normal(size=(250, 4, 2))
    found = nearest(train, queries)
    distances = np.sort(cdist(queries.reshape(250, -1), train.reshape(300, -1)), 1) / np.sqrt(8)
    np.testing.assert_allclose(found.distance, distances[:, 0])
    np.testing.assert_allclose(found.second, distances[:, 1])
    np.testing.assert_allclose(found.ratio, distances[:, 0] / distances[:, 1])


def test_planted_copies_are_found_to_the_last_digit() -> None:
    train = 1e3 + RNG.normal(size=(500, 24, 3))
    queries = train[[7, 99, 250]] + [[[1e-7]], [[0]], [[1e-3]]]
    found = nearest(train, queries)
    assert found.index.tolist() == [7, 99, 250]
    np.testing.assert_allclose(found.distance, [1e-7, 0, 1e-3], rtol=1e-4)


def test_the_second_nearest_does_not_overlap_the_nearest() -> None:
    train = np.arange(50.0)[:, None]
    found = nearest(train, np.array([[20.2]]), rows=np.arange(50), apart=10)
    assert found.index[0] == 20
    assert found.second[0] == pytest.approx(9.8)
    with pytest.raises(DataError, match="all training records overlap"):
        nearest(train, train, rows=np.arange(50), apart=100)


def test_shares_by_hand() -> None:
    ten = np.arange(10.0)
    assert closer_share(ten, ten) == pytest.approx(0.5)
    assert closer_share(np.zeros(10) - 1, ten) == 1
    assert closer_share(ten + 100, ten) == 0
    assert copied_share(np.r_[np.zeros(5) - 1, ten[:5] + 50], ten) == pytest.approx(0.5)
    with pytest.raises(DataError, match="9 synthetic and 10 other records are too few"):
        closer_share(ten[:9], ten)


def test_a_few_copies_among_many_honest_records_stand_out() -> None:
    honest, others = np.random.default_rng(0).normal(10, 1, (2, 200))
    assert copied_share(honest, others) < 0.03
    assert copied_share(np.r_[honest[20:], np.zeros(20)], others) == pytest.approx(0.11, abs=0.02)


def panel(n: int, seed: int) -> pd.DataFrame:
    innovations = np.random.default_rng(seed).normal(size=(n, 90, 2))
    values = np.asarray(lfilter([1], [1, -0.7], innovations, axis=1))[:, 50:]
    frame = pd.DataFrame(values.reshape(-1, 2), columns=["a", "b"])
    return frame.assign(id=np.repeat(np.arange(n), 40))


TRAIN, HOLDOUT, HONEST = panel(80, 0), panel(80, 1), panel(80, 2)
SHIFTED = TRAIN.assign(a=TRAIN["a"] + 3)


def verdicts(synthetic: pd.DataFrame, holdout: pd.DataFrame | None = HOLDOUT) -> pd.Series:
    report = evaluate(TRAIN, synthetic, holdout, entity="id", metrics=["privacy"])
    frame = report.to_frame().set_index("metric")
    assert frame.index.tolist() == PRIVACY
    return frame["verdict"]


@pytest.mark.parametrize("holdout", [HOLDOUT, None], ids=["holdout", "halves"])
def test_honest_data_leak_nothing_and_copies_much(holdout: pd.DataFrame | None) -> None:
    assert (verdicts(HONEST, holdout) != "bad").all()
    copies = verdicts(TRAIN + np.random.default_rng(0).normal(0, [0.01, 0.01, 0], TRAIN.shape), holdout)
    assert (copies != "as real").all()
    assert (copies == "bad").any()


def test_a_few_copies_are_seen_and_copies_at_another_level() -> None:
    few = pd.concat([TRAIN.iloc[: 40 * 16], HONEST.iloc[40 * 16 :]])
    assert verdicts(few)["window_copies"] != "as real"
    assert verdicts(SHIFTED)["shape_distance"] == "bad"


def test_the_gallery_shows_planted_copies_first_and_where_they_are() -> None:
    planted = HONEST.copy()
    planted.loc[planted["id"] == 5, ["a", "b"]] = TRAIN.loc[TRAIN["id"] == 33, ["a", "b"]].to_numpy()
    closest = evaluate(TRAIN, planted, entity="id", metrics=["privacy"], floor_repeats=0).closest
    assert closest is not None
    assert closest.loc[0, ["synthetic_series", "real_series"]].tolist() == [5, 33]
    assert closest.loc[0, "distance"] == 0
    assert closest.loc[0, "synthetic_step"] == closest.loc[0, "real_step"]
    assert closest["distance"].is_monotonic_increasing


def test_a_holdout_that_overlaps_the_training_data_is_refused_with_a_reason() -> None:
    overlapping = pd.concat([TRAIN.iloc[: 40 * 20], HOLDOUT.iloc[40 * 20 :]])
    frame = evaluate(TRAIN, HONEST, overlapping, entity="id", metrics=["privacy"]).to_frame().set_index("metric")
    assert frame.loc["window_distance", "reason"].startswith("not computed, because 2")
    assert "of the holdout's windows are in the real table too" in frame.loc["window_distance", "reason"]
    assert frame["value"].isna().all()
