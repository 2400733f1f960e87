"""New identifiers have the pattern of the real ones and are none of them."""

import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.identifiers import Pattern, find_pattern, learn_entity, look_like_names, make_new

DRAW = np.random.default_rng(0)
UUIDS = [str(uuid.UUID(bytes=DRAW.bytes(16), version=4)) for _ in range(50)]
FIRST = np.zeros(1, dtype=np.int64)


@pytest.mark.parametrize(
    ("texts", "shape"),
    [
        ([f"P-{k:05d}" for k in range(7, 57)], r"P-00(05[7-9]|0[6-9]\d|1\d\d)"),
        ([f"{k}/2024" for k in range(100, 150)], r"\d{3}/2024"),
        ([str(k) for k in range(1000, 1050)], r"1\d{3}"),
        (UUIDS, r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
        (["".join(DRAW.choice(list("ABCDEFGH"), 30)) for _ in range(50)], r"[A-Z]{30}"),
        (["x" * k for k in range(1, 51)], r"synthetic-\d+"),
        ([f"synthetic-{k}" for k in range(50)], r"synthetic-(5|6|7|8|9|1\d)\d"),
    ],
    ids=["numbers with a prefix", "with a suffix", "digits", "uuids", "letters", "no pattern", "our own"],
)
def test_the_pattern_is_kept_and_no_real_one_comes_back(texts: list[str], shape: str) -> None:
    pattern = find_pattern(pd.Series(DRAW.permutation(texts)), FIRST, static=False)
    assert pattern is not None
    made = make_new(pattern, np.dtype(object), 100, seed=1)
    assert pd.Series(made).str.fullmatch(shape).all()
    assert len(set(made)) == 100
    assert not set(made) & set(texts)


@pytest.mark.parametrize(
    "texts", [["a", "b"] * 30, ["a"] * 5, [f"t{k // 2}" for k in range(60)]], ids=["few", "short", "twice"]
)
def test_texts_that_repeat_are_categories(texts: list[str]) -> None:
    assert find_pattern(pd.Series(texts), FIRST, static=False) is None


def test_a_panel_gets_new_names_and_rows_new_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "patient": np.repeat([f"P-{k:03d}" for k in range(30)], 10),
            "ward": np.repeat(UUIDS[:30], 10),
            "visit": [f"V{k}" for k in range(300)],
            "x": DRAW.normal(size=300),
        }
    )
    model = TSGAN(entity="patient", max_steps=1, random_state=0, device="cpu").fit(frame)
    model.save(tmp_path / "m.safetensors")
    content = (tmp_path / "m.safetensors").read_bytes()
    assert not any(name.encode() in content for name in UUIDS)
    for fitted in (model, tsgan.load(tmp_path / "m.safetensors", device="cpu")):
        sample = fitted.sample(5, random_state=0)
        assert sample["patient"].unique().tolist() == [f"P-{k:03d}" for k in range(30, 35)]
        assert (sample.groupby("patient")["ward"].nunique() == 1).all()
        assert sample["ward"].nunique() == 5
        assert sample["visit"].is_unique
        assert not set(sample["visit"]) & set(frame["visit"])
        assert sample.dtypes.equals(frame.dtypes)


def test_categories_that_are_identifiers_get_new_ones(tmp_path: Path) -> None:
    card = pd.Series(np.repeat(UUIDS[:30], 10)).astype("category")
    frame = pd.DataFrame({"patient": np.repeat(np.arange(30), 10), "card": card, "x": DRAW.normal(size=300)})
    model = TSGAN(entity="patient", schema={"card": "identifier"}, max_steps=1, random_state=0, device="cpu").fit(frame)
    model.save(tmp_path / "m.safetensors")
    assert not any(name in (tmp_path / "m.safetensors").read_text("latin1") for name in UUIDS)
    for fitted in (model, tsgan.load(tmp_path / "m.safetensors", device="cpu")):
        sample = fitted.sample(5, random_state=0)["card"]
        assert isinstance(sample.dtype, pd.CategoricalDtype)
        assert sample.nunique() == 5
        assert not set(sample.cat.categories) & set(UUIDS)


def test_each_of_several_columns_gets_new_names(tmp_path: Path) -> None:
    device = np.repeat(np.arange(60), 10)
    frame = pd.DataFrame(
        {
            "device": pd.Series(device % 30, dtype="Int16"),
            "site": pd.Series([f"S{k // 2:02d}" for k in device]).astype("category"),
            "plant": [UUIDS[k % 25] for k in device],
            "owner": [UUIDS[k % 20 + 25] for k in device],
            "kind": np.where(device % 2, "pump", "fan"),
            "x": DRAW.normal(size=600),
        }
    )
    owners = ["kind", "site", "device", "plant", "owner"]
    model = TSGAN(entity=owners, max_steps=1, random_state=0, device="cpu").fit(frame)
    model.save(tmp_path / "m.safetensors")
    assert not any(name in (tmp_path / "m.safetensors").read_text("latin1") for name in (*UUIDS, "S07", "pump"))
    for fitted in (model, tsgan.load(tmp_path / "m.safetensors", device="cpu")):
        assert fitted.entity == owners
        sample = fitted.sample(5, random_state=0)
        first = sample.drop_duplicates(owners)
        assert len(first) == 5
        assert first["device"].tolist() == [30, 31, 32, 33, 34]
        assert first["kind"].tolist() == [f"synthetic-{k}" for k in range(5)]
        assert not set(first["plant"]) & set(first["owner"])
        for name in owners:
            assert first[name].is_unique
            assert not set(first[name]) & set(frame[name])
            assert isinstance(first[name].dtype, type(frame[name].dtype))
        assert list(sample) == list(frame)


def test_names_that_many_series_share_keep_their_pattern() -> None:
    entity = learn_entity("site", pd.Series([f"S-{k % 40:03d}" for k in range(2000)]))
    assert entity.make(2, seed=0).tolist() == ["S-040", "S-041"]


def test_the_default_pattern_counts() -> None:
    assert make_new(Pattern(), np.dtype(object), 2, 0).tolist() == ["synthetic-0", "synthetic-1"]


@pytest.mark.parametrize("dtype", ["int64", "Int64", "uint32", "int16[pyarrow]"])
def test_numbers_may_be_identifiers(dtype: str, tmp_path: Path) -> None:
    cards = DRAW.choice(np.arange(1000, 30_000), 12, replace=False)
    frame = pd.DataFrame({"id": np.repeat(np.arange(12), 5), "card": np.repeat(cards, 5), "x": DRAW.normal(size=60)})
    frame["card"] = frame["card"].astype(dtype)
    model = TSGAN(entity="id", schema={"card": "identifier"}, max_steps=1, random_state=0, device="cpu").fit(frame)
    model.save(tmp_path / "m.safetensors")
    for fitted in (model, tsgan.load(tmp_path / "m.safetensors", device="cpu")):
        sample = fitted.sample(20, random_state=0)
        assert sample["card"].dtype == frame["card"].dtype
        assert sample["card"].nunique() == 20
        assert not set(sample["card"]) & set(cards)


def test_those_that_fit_their_dtype_no_longer_get_a_wider_one() -> None:
    assert make_new(Pattern("", first=126), np.dtype("int8"), 3, 0).tolist() == [126, 127, 128]


def test_identifiers_of_a_categorical_dtype_are_new_and_the_real_ones_are_not_saved(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": np.repeat(np.arange(12), 5), "ward": np.repeat(UUIDS[:12], 5), "x": DRAW.normal(size=60)})
    frame["ward"] = frame["ward"].astype("category")
    frame["again"] = frame["ward"]
    model = TSGAN(entity="id", schema={"ward": "identifier"}, max_steps=1, random_state=0, device="cpu").fit(frame)
    model.save(tmp_path / "m.safetensors")
    assert UUIDS[3] not in (tmp_path / "m.safetensors").read_text("latin1")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu").sample(20, random_state=0)
    sample = loaded["ward"]
    pd.testing.assert_series_equal(loaded["again"], sample, check_names=False)
    assert isinstance(sample.dtype, pd.CategoricalDtype)
    assert not set(sample) & {*UUIDS, np.nan}
    assert sample.nunique() == 20


@pytest.mark.parametrize(
    ("numbers", "named"),
    [
        (DRAW.choice(10**4, 20, replace=False), True),
        (DRAW.integers(10**11, 10**12, 6), True),
        (np.arange(7, 12), True),
        (DRAW.choice(np.arange(20, 90), 6, replace=False), False),
        ([95_000, 120_000, 7_000], False),
        (np.repeat(np.arange(15), 2), False),
        (DRAW.normal(size=30), False),
        (pd.array([1, 2, 3, None], dtype="Int64"), False),
    ],
    ids=["many", "cards", "running", "ages", "incomes", "twice", "floats", "gaps"],
)
def test_numbers_that_may_name_series_are_told(numbers: Any, named: bool) -> None:
    assert look_like_names(pd.Series(numbers)) == named


def test_a_column_of_such_numbers_is_warned_of_once() -> None:
    cards = np.repeat(DRAW.integers(10**11, 10**12, 6), 10)
    frame = pd.DataFrame({"id": np.repeat(np.arange(6), 10), "card": cards, "x": DRAW.normal(size=60)})
    model = TSGAN(entity="id", max_steps=1, random_state=0, device="cpu")
    with pytest.warns(UserWarning, match=r"columns \['card'\] have .* say schema=\{'card': 'identifier'\}") as caught:
        model.fit(frame)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    model.score(frame)
    tsgan.inspect(frame, entity="id", schema={"card": "numeric"})
