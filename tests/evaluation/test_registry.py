"""What must hold for every metric."""

import random
from collections.abc import Callable
from functools import partial
from typing import SupportsFloat

import numpy as np
import pytest
import torch

from tsgan_evaluation import METRICS, discriminative_score, feature_judge, gru_score

RNG = np.random.default_rng(0)
REAL, SYNTHETIC = RNG.random((2, 60, 9, 3))
Function = Callable[[np.ndarray, np.ndarray], SupportsFloat]


def quick(name: str) -> Function:
    """The metric at a tiny budget."""
    tiny: dict[str, Function] = {
        "discriminative": partial(discriminative_score, steps=3),
        "gru32": partial(gru_score, steps=3),
        "feature_judge": lambda real, synthetic: feature_judge(real, synthetic, kernels=30).auc,
    }
    return tiny.get(name, METRICS[name].function)


pytestmark = pytest.mark.parametrize("name", METRICS)


def test_the_value_is_in_the_range_and_so_is_the_best(name: str) -> None:
    low, high = METRICS[name].range
    assert low <= float(quick(name)(REAL, SYNTHETIC)) <= high
    assert low <= METRICS[name].best <= high


def test_the_name_direction_and_text_are_there(name: str) -> None:
    metric = METRICS[name]
    assert metric.name == name
    assert metric.lower_is_better == (name != "feature_judge")
    assert metric.sees
    assert metric.ignores
    assert metric.source


def test_inputs_and_global_random_states_are_left_alone(name: str) -> None:
    inputs = REAL.copy(), SYNTHETIC.copy()
    states = random.getstate(), repr(np.random.get_state()), torch.get_rng_state().tolist()  # noqa: NPY002 the legacy state is what must not move
    quick(name)(REAL, SYNTHETIC)
    assert states == (random.getstate(), repr(np.random.get_state()), torch.get_rng_state().tolist())  # noqa: NPY002
    np.testing.assert_array_equal(inputs, (REAL, SYNTHETIC))


def test_one_column_is_enough(name: str) -> None:
    assert np.isfinite(float(quick(name)(REAL[..., :1], SYNTHETIC[..., :1])))


def test_missing_cells_are_no_trouble(name: str) -> None:
    real, synthetic = (np.where(RNG.random(REAL.shape) < 0.2, np.nan, x) for x in (REAL, SYNTHETIC))
    assert np.isfinite(float(quick(name)(real, synthetic)))


@pytest.mark.parametrize("constant_side", ["real", "synthetic", "both"])
def test_constant_columns_are_no_trouble(name: str, constant_side: str) -> None:
    constant = np.full_like(REAL, 0.1)
    real = SYNTHETIC if constant_side == "synthetic" else constant
    synthetic = REAL if constant_side == "real" else constant
    assert np.isfinite(float(quick(name)(real, synthetic)))


def test_float32_and_lists_are_taken(name: str) -> None:
    assert np.isfinite(float(quick(name)(REAL.astype(np.float32), SYNTHETIC.tolist())))
