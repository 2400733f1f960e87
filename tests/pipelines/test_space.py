"""What may be searched is read from a config, and a mistake in it is one line."""

from pathlib import Path
from typing import Any

import pytest

from tsgan.exceptions import InputError
from tsgan_pipelines.config import Config
from tsgan_pipelines.space import Choices, Interval, parse_dimension


def read(folder: Path, text: str) -> Config:
    path = folder / "p.yaml"
    path.write_text(text)
    return Config.read(path)


def test_what_is_said_takes_the_place_of_the_whole_space(tmp_path: Path) -> None:
    config = read(tmp_path, "sweep: {space: {hidden_size: [null, 8], critic_rate: {low: 0.001, high: 0.01, log: true}}}")
    assert config.sweep.space.dimensions == {
        "hidden_size": Choices((None, 8)),
        "critic_rate": Interval(0.001, 0.01, log=True, whole=False),
    }
    assert read(tmp_path, config.to_yaml()) == config


def test_the_default_space_holds_the_models_own_parameters() -> None:
    from tsgan import TSGAN

    dimensions = Config().sweep.space.dimensions
    assert len(dimensions) == 7
    assert all(dimension.holds(getattr(TSGAN(), name)) for name, dimension in dimensions.items())


@pytest.mark.parametrize(
    ("value", "inside", "outside"),
    [([8, 16], 8, 9), ([None, 8], None, 9), ({"low": 8, "high": 16}, 9, 17), ({"low": 8, "high": 16}, 8, None)],
)
def test_a_dimension_knows_what_it_holds(value: Any, inside: float | None, outside: float | None) -> None:
    dimension = parse_dimension("hidden_size", value)
    assert dimension.holds(inside)
    assert not dimension.holds(outside)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ("{critic_rat: [0.1]}", "no key sweep.space.critic_rat; did you mean 'critic_rate'"),
        ("{window: [24]}", "no key sweep.space.window"),
        ("{hidden_size: 3}", r"sweep.space.hidden_size: write values to choose from, \[32, 64\] .*, not 3"),
        ("{hidden_size: []}", "write values to choose from"),
        ("{hidden_size: {low: 3}}", "write values to choose from"),
        ("{hidden_size: {low: 3, high: 8, lg: true}}", "write values to choose from"),
        ("{hidden_size: [3, 1.5]}", "1.5 must be a whole number of at least 1"),
        ("{patch_size: [null]}", "None must be a whole number"),
        ("{critic_rate: [1e-3]}", "'1e-3' must be a number greater than 0; YAML takes 1e-3 for a text"),
        ("{hidden_size: {low: null, high: 8}}", "low must be a number less than high, not None with 8"),
        ("{hidden_size: {low: 8, high: 8}}", "low must be a number less than high"),
        ("{hidden_size: {low: 1, high: 8, log: 2}}", "log must be true or false, not 2"),
        ("{moment_weight: {low: 0, high: 8, log: true}}", "with log: true low must be greater than 0, not 0"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, space: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, f"sweep: {{space: {space}}}")
