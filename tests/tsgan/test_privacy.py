"""What few have is not learned."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open
from scipy.stats import ks_2samp

import tsgan
from tsgan import TSGAN
from tsgan.exceptions import InputError
from tsgan.preprocessing.numeric_column import NumericColumn

DRAW = np.random.default_rng(0)
COUNT, ROWS = 20, 12


def clinic(rare: int, dtype: str = "str") -> pd.DataFrame:
    """A disease of its own for the first ``rare`` of the patients."""
    owner = np.repeat(np.arange(COUNT), ROWS)
    disease = np.where(owner < rare, "progeria", np.where(owner % 2, "flu", "cold"))
    return pd.DataFrame({"id": owner, "disease": pd.Series(disease).astype(dtype), "x": DRAW.normal(size=len(owner))})


@pytest.mark.parametrize("dtype", ["str", "category"])
def test_a_category_of_few_entities_is_left_out_with_a_word(dtype: str, tmp_path: Path) -> None:
    model = TSGAN(entity="id", max_steps=1, random_state=0, device="cpu")
    with pytest.warns(UserWarning, match="column 'disease': 1 category in fewer than min_entities=5"):
        model.fit(clinic(4, dtype))
    assert set(model.sample(200)["disease"]) == {"flu", "cold"}
    model.save(tmp_path / "m.safetensors")
    assert b"progeria" not in (tmp_path / "m.safetensors").read_bytes()
    assert "1 rare category read as" in str(model.schema_)
    assert np.isfinite(model.score(clinic(4, dtype)))


def test_one_that_enough_have_is_learned() -> None:
    model = TSGAN(entity="id", max_steps=1, random_state=0, device="cpu").fit(clinic(5))
    assert "progeria" in set(model.sample(200)["disease"])


def test_few_entities_are_asked_for_nothing() -> None:
    few = clinic(2).query("id < 9")
    model = TSGAN(entity="id", max_steps=1, random_state=0, device="cpu").fit(few)
    assert "progeria" in set(model.sample(200)["disease"])


def test_where_all_are_rare_the_column_is_refused() -> None:
    table = clinic(0)
    table["disease"] = "d" + (table["id"] // 2).astype(str)
    with pytest.raises(InputError, match="every category of column 'disease' is in fewer than 5 sequences"):
        TSGAN(entity="id", max_steps=1).fit(table)


SEVERAL = (6, 20, 60)
OWN = ["birth", "weight", "exact", "card"]


def patients(count: int) -> pd.DataFrame:
    """What each of them has of their own, and a value that follows one's weight."""
    draw, owner = np.random.default_rng(count), np.repeat(np.arange(count), ROWS)
    exact = draw.normal(75, 14, count)
    own = pd.DataFrame(
        {
            "birth": pd.Timestamp("1930-01-01") + pd.to_timedelta(draw.integers(70 * 365, size=count), unit="D"),
            "weight": draw.gamma(4, 20, count).round(1),
            "exact": exact,
            "card": draw.integers(10**11, 10**12, count),
        }
    )
    return own.iloc[owner].reset_index(drop=True).assign(id=owner, x=exact[owner] / 14 + draw.normal(size=len(owner)))


@pytest.fixture(scope="module")
def models() -> dict[int, TSGAN]:
    said = {"card": "numeric"}
    return {n: TSGAN(entity="id", schema=said, max_steps=1, random_state=0, device="cpu").fit(patients(n)) for n in SEVERAL}


def one_each(table: pd.DataFrame) -> pd.DataFrame:
    return table.groupby("id").first()[OWN].astype({"birth": "int64"})


@pytest.mark.parametrize("n", SEVERAL)
def test_what_each_has_of_their_own_does_not_come_out_again(models: dict[int, TSGAN], n: int) -> None:
    real, sample = one_each(patients(n)), one_each(models[n].sample(200, length=1, random_state=0))
    for name in OWN:
        assert sample[name].between(real[name].min(), real[name].max(), inclusive="neither").all()
        assert sample[name].value_counts().iloc[0] < 10  # nor one value often
    assert not sample["exact"].isin(real["exact"]).any()
    assert not sample["card"].isin(real["card"]).any()
    # By chance, on a grid of days and of tenths.
    assert sample["birth"].isin(real["birth"]).mean() < 0.02
    assert sample["weight"].isin(real["weight"]).mean() < 5 * n * 0.1 / np.ptp(real["weight"])


@pytest.mark.parametrize(("n", "most"), [(6, 0.4), (20, 0.2), (60, 0.1)])
def test_but_their_distribution_does(models: dict[int, TSGAN], n: int, most: float) -> None:
    real, sample = one_each(patients(n)), one_each(models[n].sample(1000, length=1, random_state=0))
    assert all(ks_2samp(real[name], sample[name]).statistic < most for name in OWN)
    assert np.corrcoef(sample["exact"], models[n].sample(1000, length=1, random_state=0)["x"])[0, 1] > 0.2


def numbers_in(path: Path) -> np.ndarray:
    """All numbers of a model file."""
    with safe_open(path, framework="np") as file:
        tensors = [file.get_tensor(name).astype(np.float64).ravel() for name in file.keys()]  # noqa: SIM118
        found = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", file.metadata()["model"])
    return np.concatenate([*tensors, np.array(found, dtype=np.float64)])


@pytest.mark.parametrize("n", SEVERAL)
def test_nor_is_it_in_the_file(models: dict[int, TSGAN], n: int, tmp_path: Path) -> None:
    models[n].save(tmp_path / "m.safetensors")
    written, real = numbers_in(tmp_path / "m.safetensors"), patients(n).groupby("id").first()
    codecs = dict(zip(models[n].schema_.names, models[n].encoder_.codecs_, strict=True))
    for name in ("birth", "exact", "card"):
        codec = codecs[name]
        assert isinstance(codec, NumericColumn)
        assert codec.scaler is not None
        values = one_each(patients(n))[name].to_numpy(dtype=np.float64)
        steps = codec.numbers.transform(real[name])
        inner = np.sort(codec.scaler.transform(steps))[1:-1]  # of most, the outermost scores are the map's own
        for known in (values, values.astype(np.float32), steps, inner, inner.astype(np.float32)):
            assert not np.isin(written, known).any()


def test_fits_and_files_repeat(models: dict[int, TSGAN], tmp_path: Path) -> None:
    again = TSGAN(entity="id", schema={"card": "numeric"}, max_steps=1, random_state=0, device="cpu").fit(patients(20))
    again.save(tmp_path / "m.safetensors")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    for model in (again, loaded):
        pd.testing.assert_frame_equal(model.sample(9, random_state=1), models[20].sample(9, random_state=1))
