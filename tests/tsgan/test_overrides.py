"""Columns are what the user says, unless the cells contradict it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.exceptions import InputError

DRAW = np.random.default_rng(0)
N = 240
FRAME = pd.DataFrame(
    {
        "id": np.arange(N) // 24,
        "code": DRAW.choice([10115, 20095, 80331, 50667] * 5 + list(range(30)), N),
        "rating": DRAW.integers(1, 6, N),
        "site": np.repeat(["a", "b"] * 5, 24),
        "ticket": [f"T{k // 2}" for k in range(N)],
        "x": DRAW.normal(size=N),
    }
)
SAID = {"code": "categorical", "rating": "numeric", "ticket": "identifier", "site": "static"}


def test_what_the_user_says_is_done(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="column 'code': .* categories in fewer than min_entities=5"):
        model = TSGAN(entity="id", schema=SAID, max_steps=1, random_state=0, device="cpu").fit(FRAME)
    table = model.schema_.to_frame()
    assert table.loc[["code", "rating", "ticket", "site"], "role"].tolist() == [
        "categorical",
        "numeric",
        "identifier",
        "categorical",
    ]
    assert "levels" in tsgan.inspect(FRAME[["rating", "x"]])[0].to_frame().loc["rating", "note"]
    assert "levels" not in table.loc["rating", "note"]
    model.save(tmp_path / "m.safetensors")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    assert loaded.schema == SAID
    for fitted in (model, loaded):
        sample = fitted.sample(20, random_state=0)
        assert set(sample["code"]) <= set(FRAME["code"])
        assert not set(sample["ticket"]) & set(FRAME["ticket"])
        assert sample.dtypes.equals(FRAME.dtypes)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"site": "numeric"}, "column 'site' is said to be numeric, but is (str|object)"),
        ({"x": "static"}, r"column 'x' is said to be static, but changes within a series \(rows \[1, 2, 3\]"),
        ({"x": "identifier"}, "holds numbers; convert it to text"),
        ({"x": "categorical"}, "column 'x' has 240 categories; at most 64"),
        ({"nil": "numeric"}, r"schema=\{'nil': 'numeric'\} names no column"),
        ({"x": "number"}, "or a kind other than numeric, categorical, identifier, static, quantile"),
    ],
    ids=str,
)
def test_contradictions_are_refused(said: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        TSGAN(entity="id", schema=said, max_steps=1).fit(FRAME.drop(columns="ticket"))
