"""Collapses that are planted are seen, healthy trainings are left alone, and a run goes back or says what to try."""

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import nn

from benchmarks.stability import PLANTED
from tsgan import TSGAN, training
from tsgan.collapse import CollapseWatch
from tsgan.datasets import make_seasonal
from tsgan.exceptions import ConvergenceError
from tsgan.networks import Generator
from tsgan.training import Training

SERIES = make_seasonal(500, random_state=0)
LETTERS = pd.DataFrame({"letter": list("the quick brown fox jumps over the lazy dog " * 12)})
TABLES: dict[str, Any] = {
    "series": SERIES,
    "letters": LETTERS,
    "panel": np.random.default_rng(0).normal(size=(30, 8, 2)).cumsum(1),
}
Fit = Callable[[Any], tuple[Generator, CollapseWatch]]


@pytest.fixture(scope="module")
def begun() -> dict[str, tuple[Generator, CollapseWatch]]:
    """Generators after a few steps, and what watches them."""
    found: dict[str, tuple[Generator, CollapseWatch]] = {}
    run = Training.run

    with pytest.MonkeyPatch.context() as patch:
        for name, table in TABLES.items():

            def witness(self: Training, *hooks: Any, name: str = name) -> None:
                run(self, *hooks)
                found[name] = self.generator, self.watch

            patch.setattr(Training, "run", witness)
            TSGAN(max_steps=3, hidden_size=8, random_state=0, device="cpu").fit(table)
    return found


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("fault", [name for name in PLANTED if name != "ignored noise"])
def test_a_planted_collapse_is_seen(begun: dict[str, tuple[Generator, CollapseWatch]], table: str, fault: str) -> None:
    generator, watch = begun[table]
    assert watch.fault(generator) is None
    broken = copy.deepcopy(generator)
    PLANTED[fault](broken, torch.Generator().manual_seed(0))
    assert watch.fault(broken) is not None


def test_weights_that_are_no_numbers_are_seen(begun: dict[str, tuple[Generator, CollapseWatch]]) -> None:
    generator, watch = begun["series"]
    broken = copy.deepcopy(generator)
    nn.init.constant_(broken.readout.weight, math.nan)
    assert watch.fault(broken) == "generated windows are no longer finite"


def test_looking_repeats_itself(begun: dict[str, tuple[Generator, CollapseWatch]]) -> None:
    generator, watch = begun["series"]
    assert watch.spreads(generator) == watch.spreads(generator)


def test_windows_that_are_all_alike_are_no_collapse() -> None:
    flat = np.zeros((30, 8, 1)) + np.arange(8)[:, None]
    TSGAN(max_steps=2, hidden_size=8, random_state=0, device="cpu").fit(flat)


def plant(monkeypatch: pytest.MonkeyPatch, steps: set[int], fault: str = "constant output") -> None:
    """Break the generator after these of all steps that are made, those after going back among them."""
    step, made = Training.generator_step, [0]

    def broken(self: Training, *args: Any) -> Any:
        answer = step(self, *args)
        made[0] += 1
        if made[0] in steps:
            PLANTED[fault](self.generator, self.random)
        return answer

    monkeypatch.setattr(Training, "generator_step", broken)


def fit(**parameters: Any) -> TSGAN:
    return TSGAN(max_steps=8, hidden_size=8, random_state=0, device="cpu", **parameters).fit(SERIES)


def test_a_run_goes_back_and_halves_its_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, {4})
    rates: list[float] = []
    set_rates = Training._set_rates

    def witness(self: Training, progress: float) -> None:
        set_rates(self, progress)
        rates.append(self.generator_optimizer.param_groups[0]["lr"])

    monkeypatch.setattr(Training, "_set_rates", witness)
    with pytest.warns(
        ConvergenceWarning, match=r"generated windows vary .* at step 4; training goes on from step 3 with half"
    ):
        model = fit()
    assert model.history_["step"].tolist() == list(range(1, 9))
    assert rates[:5] == [1e-3] * 4 + [5e-4]
    assert len(rates) == 9


def test_losses_that_are_not_finite_send_it_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    step, made = Training.generator_step, [0]

    def broken(self: Training, *args: Any) -> Any:
        made[0] += 1
        loss, moments = step(self, *args)
        return loss * (math.nan if made[0] == 2 else 1.0), moments

    monkeypatch.setattr(Training, "generator_step", broken)
    with pytest.warns(ConvergenceWarning, match="the losses are no longer finite at step 2; training goes on from step 1"):
        model = fit()
    assert np.isfinite(model.history_.to_numpy()).all()


def test_three_returns_that_do_not_help_end_in_an_error_that_says_what_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, set(range(3, 99)))
    with (
        pytest.warns(ConvergenceWarning) as told,
        pytest.raises(ConvergenceError, match=r"max_grad_norm=1\.0, a smaller critic_rate"),
    ):
        fit()
    assert len(told) == training.RECOVERIES


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_rates_that_are_far_too_great_end_in_the_error() -> None:
    with pytest.raises(ConvergenceError):
        fit(critic_rate=2.0, generator_rate=1.0)


def test_healthy_training_is_as_without_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = fit()
    monkeypatch.setattr(CollapseWatch, "fault", lambda self, network: None)
    pd.testing.assert_frame_equal(watched.sample(), fit().sample())
