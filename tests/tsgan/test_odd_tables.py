"""Whatever has two values can be learned from, and is sampled within its range, without a warning."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan import TSGAN

ROWS = 60
DRAW = np.random.default_rng(0)
WALK = DRAW.normal(size=(ROWS, 2)).cumsum(0)
FRAME = pd.DataFrame(WALK, columns=["a", "b"])
STEP = np.arange(ROWS)


def series(lengths: list[int]) -> pd.DataFrame:
    parts = [pd.DataFrame({"id": k, "a": DRAW.normal(size=n)}) for k, n in enumerate(lengths)]
    return pd.concat(parts, ignore_index=True)


TABLES: dict[str, tuple[Any, dict[str, Any]]] = {
    "one value present": (FRAME.assign(a=FRAME["a"].where(STEP == 30)), {}),
    "one value missing": (FRAME.assign(a=FRAME["a"].where(STEP != 30)), {}),
    "nothing in the first half": (FRAME.assign(a=FRAME["a"].where(STEP > 30)), {}),
    "a spike": (FRAME.assign(a=(STEP == 30) * 1.0), {}),
    "an outlier": (FRAME.assign(a=FRAME["a"].where(STEP != 30, 1e20)), {}),
    "zeros and ones": (FRAME.assign(a=(FRAME["a"] > 0).astype("int8")), {}),
    "in turns": (FRAME.assign(a=STEP % 2), {}),
    "a straight line": (FRAME.assign(a=STEP), {}),
    "linear combinations": (FRAME.assign(c=2 * FRAME["a"] + 1, d=-FRAME["b"]), {}),
    "huge": (FRAME * 1e100, {}),
    "tiny": (FRAME * 1e-200, {}),
    "far from zero": (FRAME + 1e15, {}),
    "large whole numbers": ((FRAME * 1e15).astype("int64"), {}),
    "the ends of a dtype": (FRAME.assign(a=np.where(STEP % 3, 2**63 - 1, -(2**63))), {}),
    "one column": (FRAME[["a"]], {}),
    "a shortest series": (FRAME.iloc[:4], {}),
    "a window and a row": (FRAME.iloc[:25], {}),
    "one window": (FRAME, {"window": ROWS}),
    "a last patch that is cut": (FRAME, {"window": 8, "patch_size": 7}),
    "patches of one step": (FRAME, {"patch_size": 1}),
    "pairs": (FRAME, {"batch_size": 2}),
    "one hidden unit": (FRAME, {"hidden_size": 1}),
    "nothing held out": (FRAME, {"validation_fraction": 0}),
    "half held out": (FRAME, {"validation_fraction": 0.5}),
    "no penalty and no moments": (FRAME, {"loss": "wgan", "moment_weight": 0}),
    "more critic steps": (FRAME, {"n_critic": 3}),
    "one short sequence": (DRAW.normal(size=(1, 10, 2)), {}),
    "a panel with beginnings": (series([4] * 25), {"entity": "id"}),
    "a ragged panel with beginnings": (series([*range(4, 29)]), {"entity": "id"}),
    "a ragged panel without": (series([24, 60, 200]), {"entity": "id"}),
}


@pytest.mark.parametrize("name", TABLES)
def test_it_is_learned(name: str) -> None:
    X, parameters = TABLES[name]
    model = TSGAN(max_steps=2, random_state=0, device="cpu", **parameters).fit(X)
    sample = model.sample(3)
    assert np.isfinite(model.history_.to_numpy()).all()
    assert np.isfinite(model.score(X))
    if isinstance(X, pd.DataFrame):
        for column in X.columns.drop("id", errors="ignore"):
            assert sample[column].dtype == X[column].dtype
            assert sample[column].dropna().between(X[column].min(), X[column].max()).all()
