"""What is typed is understood, or the forms that would be are told."""

import re

import pytest

from tsgan.constraints import Constraint, FixedCombinations, Increasing, Inequality, Positive, Range
from tsgan.exceptions import ParameterError
from tsgan_pipelines.options import read_constraint, read_kinds, read_settings, write_constraint


@pytest.mark.parametrize(
    ("text", "constraint"),
    [
        ("low <= high", Inequality("low", "<=", "high")),
        ("closed>opened", Inequality("closed", ">", "opened")),
        ("air temp < water temp", Inequality("air temp", "<", "water temp")),
        ('"a<b" >= "5"', Inequality("a<b", ">=", "5")),
        ("positive <= increasing", Inequality("positive", "<=", "increasing")),
        ("0 <= share <= 100", Range("share", 0, 100)),
        ("1.5e2 >= share >= -.5", Range("share", -0.5, 150)),
        ("share >= 0", Range("share", low=0)),
        ("-2 <= share", Range("share", low=-2)),
        ("share <= 1", Range("share", high=1)),
        ("1 >= share", Range("share", high=1)),
        ("positive x", Positive("x")),
        ("x > 0", Positive("x")),
        ("0 < x", Positive("x")),
        ("increasing odometer (km)", Increasing("odometer (km)")),
        ('increasing "a < b"', Increasing("a < b")),
        ("fixed city, country", FixedCombinations(["city", "country"])),
        ('fixed "city, old", country, zip', FixedCombinations(["city, old", "country", "zip"])),
    ],
)
def test_a_constraint_is_what_it_says(text: str, constraint: Constraint) -> None:
    assert read_constraint(text) == constraint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "low",
        "low = high",
        "low <= ",
        "low <= mid <= high",
        "share < 100",
        "0 < share < 1",
        "0 <= 1",
        "0 <= share >= 1",
        "increasing",
        "increasing a, b",
        "fixed city",
        "falling x",
    ],
)
def test_what_is_no_constraint_is_told(text: str) -> None:
    with pytest.raises(ParameterError, match="is not understood; write 'low <= high', 'share >= 0'"):
        read_constraint(text)


@pytest.mark.parametrize(
    ("constraint", "text"),
    [
        (Inequality("low", "<=", "high"), "low <= high"),
        (Inequality("a<b", "<=", "5"), '"a<b" <= "5"'),
        (Increasing("odometer (km)"), "increasing odometer (km)"),
        (FixedCombinations(["city, old", "country"]), 'fixed "city, old", country'),
    ],
)
def test_a_suggestion_is_typed_as_it_is_written(constraint: Constraint, text: str) -> None:
    assert write_constraint(constraint) == text
    assert read_constraint(text) == constraint


def test_kinds_are_columns_and_what_they_are() -> None:
    assert read_kinds(["code=categorical", "a=b=log"]) == {"code": "categorical", "a=b": "log"}


@pytest.mark.parametrize("text", ["code", "=log"])
def test_a_kind_without_its_column_is_told(text: str) -> None:
    with pytest.raises(ParameterError, match=f"--schema '{text}' must be a column and what it is, such as code=categorical"):
        read_kinds([text])


def test_a_setting_is_a_literal_or_a_name() -> None:
    typed = ["loss=hinge", "cell='gru'", "generator_rate=1e-4", "penalty=None", "spectral_norm=True", "device=cuda:0"]
    names = ("loss", "cell", "generator_rate", "penalty", "spectral_norm", "device")
    values = ("hinge", "gru", 1e-4, None, True, "cuda:0")
    assert read_settings(typed, names) == dict(zip(names, values, strict=True))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loss", "--set 'loss' must be a parameter and its value, such as loss=hinge"),
        ("=hinge", "--set '=hinge' must be"),
        ("Loss=hinge", "'Loss' is none of the parameters that it sets; did you mean 'loss'?"),
        ("window=12", "'window' is none of the parameters that it sets; there are 'loss', 'cell'"),
    ],
)
def test_a_setting_that_is_none_is_told(text: str, message: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(message)):
        read_settings([text], ["loss", "cell"])
