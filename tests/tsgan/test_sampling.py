"""Samples depend on the seed and on nothing else."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tsgan import TSGAN
from tsgan.datasets import make_seasonal
from tsgan.sampling import WIDTHS

ROWS = 200
TREND = np.random.default_rng(0).normal(size=(ROWS, 2)).cumsum(0)
DATA = {
    "matrix": TREND,
    "calendar": make_seasonal(ROWS, random_state=0),
    "panel": np.random.default_rng(0).normal(size=(25, 24, 1)),
    "gaps": np.where(np.random.default_rng(1).random((ROWS, 2)) < 0.2, np.nan, TREND),
}


@pytest.fixture(scope="module", params=DATA)
def model(request: pytest.FixtureRequest) -> TSGAN:
    return TSGAN(max_steps=2, random_state=0, device="cpu").fit(DATA[request.param])


def values(sample: Any) -> Any:
    return sample.to_numpy() if isinstance(sample, pd.DataFrame) else sample.reshape(-1, sample.shape[-1])


@pytest.mark.parametrize(("n", "more"), [(2, WIDTHS[1]), (WIDTHS[1] + 1, 300)])
def test_the_first_sequences_do_not_depend_on_how_many_follow(model: TSGAN, n: int, more: int) -> None:
    few, many = (values(model.sample(k, length=30, random_state=5)) for k in (n, more))
    np.testing.assert_array_equal(many[: len(few)], few)


def test_threads_do_not_change_a_sample(model: TSGAN) -> None:
    threads, samples = torch.get_num_threads(), []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            samples.append(values(model.sample(2, length=30, random_state=5)))
    finally:
        torch.set_num_threads(threads)
    np.testing.assert_array_equal(*samples)


def test_sequences_of_a_sample_differ(model: TSGAN) -> None:
    sample = values(model.sample(300, length=30, random_state=5)).reshape(300, -1)
    assert len(np.unique(sample, axis=0)) == 300


def test_a_longer_sample_begins_as_the_shorter_one() -> None:
    model = TSGAN(max_steps=2, random_state=0, device="cpu").fit(DATA["panel"])
    short, long = (model.sample(2, length=length, random_state=5) for length in (12, 24))
    np.testing.assert_array_equal(long[:, :12], short)


def test_lengths_of_ragged_series_are_filled_to_the_last_row() -> None:
    frames = [pd.DataFrame({"a": TREND[:k, 0]}) for k in (30, 55, 90)]
    model = TSGAN(max_steps=2, random_state=0, device="cpu").fit(frames)
    sample = model.sample(20, random_state=0)
    assert {len(part) for part in sample} == {30, 55, 90}
    assert all(np.isfinite(part.to_numpy()).all() for part in sample)
