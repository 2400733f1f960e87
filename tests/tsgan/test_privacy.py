"""What few have is not learned."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsgan import TSGAN
from tsgan.exceptions import InputError

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
