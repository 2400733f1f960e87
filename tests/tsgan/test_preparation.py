"""What a table would be taken for, and what holds in it."""

import numpy as np
import pandas as pd
import pytest

import tsgan
from tsgan import TSGAN
from tsgan.constraints import FixedCombinations, Increasing, Inequality
from tsgan.exceptions import InputError
from tsgan.preparation import as_code

DRAW = np.random.default_rng(0)
N = 300
LOW = DRAW.normal(size=N)
CITY = DRAW.integers(0, 3, N)
FRAME = pd.DataFrame(
    {
        "id": np.arange(N) // 30,
        "low": LOW,
        "high": LOW + DRAW.exponential(size=N),
        "far": DRAW.normal(size=N) + 100,
        "meter": np.concatenate([DRAW.integers(0, 4, 30).cumsum() for _ in range(10)]),
        "city": np.array(["Rome", "Paris", "Lyon"])[CITY],
        "country": np.array(["Italy", "France", "France"])[CITY],
        "free": DRAW.choice(["a", "b"], N),
    }
)


def test_what_holds_and_says_something_is_suggested() -> None:
    schema, suggestions = tsgan.inspect(FRAME, entity="id")
    assert schema.to_frame().loc["id", "role"] == "entity"
    assert suggestions == [Increasing("meter"), Inequality("low", "<=", "high"), FixedCombinations(["city", "country"])]
    TSGAN(entity="id", constraints=suggestions, max_steps=1, device="cpu").fit(FRAME)
    assert [as_code(rule) for rule in suggestions] == [
        "Increasing('meter')",
        "Inequality('low', '<=', 'high')",
        "FixedCombinations(['city', 'country'])",
    ]
    assert all(eval(as_code(rule), vars(tsgan.constraints)) == rule for rule in suggestions)


def test_nothing_is_suggested_of_noise() -> None:
    assert tsgan.inspect(pd.DataFrame(DRAW.normal(size=(200, 3))))[1] == []


def test_bad_input_is_refused_as_by_fit() -> None:
    with pytest.raises(InputError, match="no column varies"):
        tsgan.inspect(pd.DataFrame({"a": [1.0] * 20}))
