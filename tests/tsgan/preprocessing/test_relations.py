"""Columns that others give away are rebuilt: whatever is decoded, the sum is exact in every row."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from tsgan import TSGAN
from tsgan.preprocessing import TableEncoder
from tsgan.preprocessing.relations import find_relations

DRAW = np.random.default_rng(0)
N = 1000
ROWS = np.arange(N)


def holed(values: Any, share: float = 0.1) -> pd.Series:
    return pd.Series(values).mask(DRAW.random(N) < share)


A, B, X = DRAW.normal(10, 3, N).round(2), DRAW.gamma(2, 2, N).round(2), DRAW.normal(size=N)
A_, B_ = holed(A), holed(B)
RAIN, SNOW = (np.where(DRAW.random(N) < 0.5, 0, DRAW.gamma(2, 2, N)).round(1) for _ in range(2))
HELD, STUCK = (x[np.maximum.accumulate(np.where(DRAW.random(N) < 0.5, ROWS, 0))] for x in (A, B))
COUNT, FEW = DRAW.integers(0, 100, N), DRAW.integers(0, 5, N)
COUNT_, FEW_ = holed(COUNT).astype("Int64"), holed(FEW).astype("Int8")
ODD = COUNT % 2 + 2 * DRAW.integers(0, 30, N)
BEGIN = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(DRAW.integers(0, 10_000, N), unit="min"))
LONG = holed(pd.to_timedelta(DRAW.integers(5, 500, N), unit="min"))
SINGLE, OTHER = (pd.Series(DRAW.normal(size=N).astype("float32")) for _ in range(2))
DAY, EARLY = ROWS // 12 % 2 == 0, ROWS < N // 2


class Case(NamedTuple):
    columns: dict[str, Any]
    flagged: bool = False  # whether the total has a mask of its own
    follows: bool = True  # whether it is missing where a summand is
    zeros: bool = False  # whether missing summands count as 0


CASES = {
    "complete": Case({"a": A, "b": B, "total": (A + B).round(2)}),
    "summands missing": Case({"total": (A_ + B_).round(2), "a": A_, "b": B_}),
    "the total missing": Case({"a": A, "b": B, "total": holed((A + B).round(2))}, flagged=True),
    "the total missing too": Case({"a": A_, "b": B_, "total": holed((A_ + B_).round(2))}, flagged=True),
    "the total known": Case({"a": A_, "b": B_, "total": (A + B).round(2)}, follows=False),
    "gaps anywhere": Case({"a": A_, "b": B_, "total": holed((A + B).round(2))}, flagged=True, follows=False),
    "gaps as zeros": Case({"a": A_, "b": B_, "total": (A_.fillna(0) + B_.fillna(0)).round(2)}, zeros=True),
    "integers": Case({"a": COUNT_, "b": FEW_, "total": COUNT_ + FEW_}),
    "integers, gaps as zeros": Case(
        {"a": COUNT_, "b": FEW_, "total": (COUNT_.fillna(0) + FEW_.fillna(0)).astype("int64")}, zeros=True
    ),
    "integers of one parity": Case({"a": COUNT, "b": ODD, "total": COUNT + ODD}),
    "floats of one parity": Case({"a": 1.0 * COUNT, "b": 1.0 * ODD, "total": 1.0 * (COUNT + ODD)}),
    "single precision": Case({"a": SINGLE, "b": OTHER, "total": SINGLE + OTHER}),
    "atoms": Case({"total": (RAIN + SNOW).round(1), "a": RAIN, "b": SNOW}),
    "atoms in turn": Case({"a": np.where(DAY, A, 0), "b": np.where(DAY, 0, A), "total": A}),
    "holds": Case({"total": (HELD + STUCK).round(2), "a": HELD, "b": STUCK}),
    "an end": Case({"a": BEGIN, "b": LONG, "total": BEGIN + LONG}),
    "one half of the rows": Case(
        {name: pd.Series(x).where(EARLY) for name, x in {"a": A, "b": B, "total": A + B}.items()}
        | {"x": pd.Series(X).where(~EARLY)}
    ),
}


def holds(case: Case, frame: pd.DataFrame) -> bool:
    a, b, total = frame["a"], frame["b"], frame["total"]
    gap = a.isna() | b.isna()
    if case.zeros:
        return bool(np.allclose(a.fillna(0) + b.fillna(0), total, rtol=0, atol=1e-12))
    if (case.follows and not total[gap].isna().all()) or (not case.flagged and (total.isna() & ~gap).any()):
        return False
    there = ~gap & total.notna()
    sums, totals = (a + b)[there], total[there]
    off = (sums - totals).abs()
    return bool((off < 1e-9).all()) if off.dtype.kind == "f" else bool((sums == totals).all())


@pytest.mark.parametrize("name", CASES)
def test_a_total_is_exact_in_every_row_that_is_decoded(name: str) -> None:
    case = CASES[name]
    frame = pd.DataFrame(case.columns)
    assert holds(case, frame)
    encoder = TableEncoder().fit(frame)
    place = list(frame).index("total")
    assert encoder.linear_ == [place]
    layout = encoder.layout_
    assert (layout.columns[place].value, layout.columns[place].events) == (False, int(case.flagged))
    again = TableEncoder.from_json(encoder.to_json())
    back = again.inverse_transform(*encoder.transform(frame))
    assert (back.isna() == frame.isna()).all(axis=None)
    flags = np.zeros((N, layout.n_flags), dtype=bool)
    for group in layout.groups:
        flags[:, group] = DRAW.integers(-1, group.stop - group.start, N)[:, None] == np.arange(group.stop - group.start)
    drawn = again.inverse_transform(2 * DRAW.normal(size=(N, layout.n_values)).astype(np.float32), flags)
    for table in (back, drawn):
        assert list(table.dtypes) == list(frame.dtypes)
        assert holds(case, table)


def linear(columns: dict[str, Any]) -> list[str]:
    encoder = TableEncoder().fit(pd.DataFrame(columns))
    return [list(columns)[k] for k in encoder.linear_]


def test_of_copies_the_one_with_more_gaps_follows() -> None:
    assert linear({"a": holed(HELD, 0.2), "b": HELD}) == ["a"]
    assert linear({"a": holed(HELD, 0.1), "b": holed(HELD, 0.2)}) == ["b"]
    assert linear({"x": X, "busy": FEW, "free": 5 - FEW}) == ["free"]


def test_a_chain_of_sums_is_told_from_what_is_learned() -> None:
    part = holed(A_ + B_)
    frame = pd.DataFrame({"all": holed(part + X), "a": A_, "b": B_, "x": X, "part": part})
    encoder = TableEncoder().fit(frame)
    assert {list(frame)[k] for k in encoder.linear_} == {"all", "part"}
    back = encoder.inverse_transform(*encoder.transform(frame))
    assert (back.isna() == frame.isna()).all(axis=None)
    assert ((back["part"] + back["x"] - back["all"]).abs().dropna() < 1e-9).all()


def test_a_sum_of_what_is_only_nearly_a_sum_is_decoded_after_it() -> None:
    near = 1e6 * X + B + 0.1 * DRAW.normal(size=N)
    frame = pd.DataFrame({"double": 2 * near, "x": X, "b": B, "near": near})
    encoder = TableEncoder().fit(frame)
    assert len(encoder.linear_) == 2
    back = encoder.inverse_transform(*encoder.transform(frame))
    np.testing.assert_allclose(back["double"], 2 * back["near"], rtol=1e-11)


def test_what_is_only_nearly_a_sum_is_learned_where_cells_are_missing() -> None:
    near = 1e6 * X + B + 0.1 * DRAW.normal(size=N)
    assert linear({"a": X, "b": B, "total": near}) == ["total"]
    assert linear({"a": holed(X), "b": B, "total": near}) == []
    assert linear({"a": X, "b": B, "total": holed(near)}) == []


def test_levels_are_no_sum_that_could_be_none_of_them() -> None:
    kind = np.eye(3, dtype=int)[DRAW.integers(0, 3, N)]
    assert linear({"x": X, "a": kind[:, 0], "b": kind[:, 1], "c": kind[:, 2]}) == []


def test_a_relation_needs_twenty_complete_rows_a_column() -> None:
    values = np.stack([A, B, A + B], 1)
    values[60:, 0] = np.nan
    assert [relation.target for relation in find_relations(values)] == [2]
    values[59, 1] = np.nan
    assert find_relations(values) == []


@pytest.mark.parametrize("name", ["the total missing too", "gaps anywhere", "integers, gaps as zeros"])
def test_a_sample_has_exact_totals(name: str) -> None:
    case = CASES[name]
    model = TSGAN(max_steps=1, random_state=0, device="cpu").fit(pd.DataFrame(case.columns))
    sample = model.sample(20, random_state=0)
    assert sample.isna().any().equals(pd.DataFrame(case.columns).isna().any())
    assert holds(case, sample.reset_index(drop=True))
    future = model.sample(3, given=pd.DataFrame(case.columns), length=10, random_state=0)
    assert holds(case, future.reset_index(drop=True))
