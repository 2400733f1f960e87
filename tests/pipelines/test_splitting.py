"""Whole series are held out where there are many, the ends of each where there are few."""

import numpy as np
import pandas as pd
import pytest

from tsgan.exceptions import InputError
from tsgan_pipelines.splitting import ENTITIES, hold_out


def panel(series: int, rows: int) -> pd.DataFrame:
    return pd.DataFrame({"id": np.repeat(np.arange(series), rows), "t": np.tile(np.arange(rows), series)})


def test_of_many_series_whole_ones_are_held_out() -> None:
    table = panel(ENTITIES, 10)
    train, held = hold_out(table, 0.2, ["id"], "t")
    assert held is not None
    assert held["id"].nunique() == round(0.2 * ENTITIES)
    assert not set(train["id"]) & set(held["id"])
    assert len(train) + len(held) == len(table)


@pytest.mark.parametrize("time", ["t", None])
def test_of_few_the_last_rows_of_each_are(time: str | None) -> None:
    table = panel(3, 10)
    if time:
        table = table.sample(frac=1, random_state=0)
    train, held = hold_out(table, 0.2, ["id"], time)
    assert held is not None
    assert held.groupby("id")["t"].agg(sorted).tolist() == [[8, 9]] * 3
    assert train.groupby("id")["t"].max().tolist() == [7] * 3


def test_one_series_needs_no_entity_and_nothing_may_be_held_out() -> None:
    table = panel(1, 10)
    assert hold_out(table, 0.3, [], None)[0]["t"].tolist() == list(range(7))
    assert hold_out(table, 0, [], None)[1] is None


@pytest.mark.parametrize(
    ("share", "entity", "message"), [(0.2, ["who"], "no column 'who'"), (0.01, [], "leaves one side empty")]
)
def test_bad_input(share: float, entity: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        hold_out(panel(1, 10), share, entity, None)
