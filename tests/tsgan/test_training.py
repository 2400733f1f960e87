"""The loop: budget, rates, average, history, patience."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch

from tsgan import training
from tsgan.layout import Features, Layout
from tsgan.networks import Critic, Generator
from tsgan.prewhitening import fit_prewhitening
from tsgan.sequences import Sequences
from tsgan.training import FINAL_RATE, Options, Record, Training, generated_view, real_view

WINDOW, PATCH, ROWS = 12, 3, 200
OPTIONS = Options(
    window=WINDOW,
    batch_size=8,
    max_steps=10,
    max_time=None,
    critic_rate=1e-3,
    generator_rate=1e-3,
    n_critic=1,
    penalty_weight=10.0,
    moment_weight=1.0,
    from_beginning=False,
    patience=None,
)


@pytest.fixture
def start() -> Callable[..., Training]:
    def make(subsets: int = 0, **changes: Any) -> Training:
        random = torch.Generator().manual_seed(0)
        data = Sequences(
            torch.randn(ROWS, 2, generator=random),
            torch.zeros(ROWS, 0, dtype=torch.bool),
            torch.randn(ROWS, 1, generator=random),
            torch.ones(ROWS, dtype=torch.bool),
            torch.tensor([0]),
            torch.tensor([ROWS]),
            Layout((Features(value=True),) * 2),
        )
        with torch.random.fork_rng():
            torch.manual_seed(0)
            generator = Generator(fit_prewhitening(data), 1, 8, PATCH)
            critic = Critic(2 * 2 + 1, 8, PATCH, subsets)
        held = real_view(generator, data, data.window_starts(WINDOW)[::10], WINDOW)
        return Training(generator, critic, data, held, replace(OPTIONS, **changes), random)

    return make


def go_on(record: Record, progress: float) -> bool:
    return False


def test_rates_are_constant_and_then_fall_linearly(start: Callable[..., Training]) -> None:
    run = start(critic_rate=1.0, generator_rate=0.5)
    for progress, factor in [(0.0, 1.0), (0.5, 1.0), (0.75, (1 + FINAL_RATE) / 2), (1.0, FINAL_RATE)]:
        run._set_rates(progress)
        assert run.critic_optimizer.param_groups[0]["lr"] == pytest.approx(factor)
        assert run.generator_optimizer.param_groups[0]["lr"] == pytest.approx(0.5 * factor)


def test_the_average_lies_between_the_start_and_the_trained_generator(start: Callable[..., Training]) -> None:
    run = start()
    before = run.generator.readout.weight.detach().clone()
    run.run(go_on)
    moved, average = (run.generator.readout.weight - before).norm(), (run.average.readout.weight - before).norm()
    assert 0 < average < moved


def test_the_average_takes_no_gradients(start: Callable[..., Training]) -> None:
    run = start()
    run.run(go_on)
    assert not any(weight.requires_grad for weight in run.average.parameters())
    assert all(weight.requires_grad for weight in run.critic.parameters())


def test_a_budget_of_steps_is_spent_exactly(start: Callable[..., Training]) -> None:
    run = start(max_steps=7)
    run.run(go_on)
    assert run.step == 7
    assert [record.step for record in run.history] == list(range(1, 8))


def test_long_runs_record_a_bounded_number_of_rows(start: Callable[..., Training], monkeypatch: Any) -> None:
    monkeypatch.setattr(training, "RECORDS", 4)
    run = start(max_steps=12)
    run.run(go_on)
    assert [record.step for record in run.history] == [3, 6, 9, 12]


def test_a_budget_of_time_is_kept_and_the_sooner_of_two_ends_the_run(start: Callable[..., Training]) -> None:
    run = start(max_steps=1_000_000, max_time=0.3)
    run.run(go_on)
    assert 0.3 <= run.history[-1].seconds < 10
    run = start(max_steps=2, max_time=1e6)
    run.run(go_on)
    assert run.step == 2


def test_records_are_finite_numbers_and_progress_grows_to_the_end(start: Callable[..., Training]) -> None:
    run, progress = start(), []

    def on_record(record: Record, share: float) -> bool:
        progress.append(share)
        return False

    run.run(on_record)
    assert progress == sorted(progress)
    assert progress[-1] == 1
    for record in run.history:
        assert np.isfinite([getattr(record, field.name) for field in fields(record)]).all()
        assert record.penalty >= 0
        assert record.validation_distance >= 0


def test_true_from_a_hook_ends_the_run(start: Callable[..., Training]) -> None:
    run = start()
    run.run(lambda record, progress: record.step == 3)
    assert run.step == 3


def test_patience_ends_the_run_and_brings_the_best_weights_back(
    start: Callable[..., Training], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, weights = start(patience=2), []
    distances = iter([3.0, 1.0, 2.0, 1.5, 0.0])

    def validate(self: Training) -> float:
        weights.append(self.average.readout.weight.clone())
        return next(distances)

    monkeypatch.setattr(Training, "validate", validate)
    run.run(go_on)
    assert run.step == 4
    torch.testing.assert_close(run.average.readout.weight, weights[1], rtol=0, atol=0)


def test_validation_leaves_the_random_stream_alone_and_repeats(start: Callable[..., Training]) -> None:
    run = start()
    before = run.random.get_state()
    assert run.validate() == run.validate()
    assert torch.equal(run.random.get_state(), before)


def test_half_of_a_batch_shows_the_critic_one_to_three_columns(start: Callable[..., Training]) -> None:
    assert start().column_mask() is None
    mask = start(subsets=20, batch_size=400).column_mask()
    assert mask is not None
    assert (mask[:200] == 1).all()
    assert set(mask[200:].sum(1).tolist()) == {1.0, 2.0, 3.0}


def test_what_a_mask_hides_does_not_reach_the_critic(start: Callable[..., Training]) -> None:
    run = start(subsets=2)
    shown = run.shown(torch.tensor([[1.0, 0.0]]))
    assert shown.tolist() == [[[1, 0, 1, 0, 1]]]  # levels, innovations, the condition


def test_rollouts_that_live_long_have_moments_of_their_own(start: Callable[..., Training]) -> None:
    def differences(shift: float) -> tuple[torch.Tensor, torch.Tensor]:
        run = start(batch_size=40)
        batch, aside = run.generate()
        late = torch.zeros(40, 1, 1)
        late[run.rollouts.short_lived : run.rollouts.batch] = shift
        run.generator_step(generated_view(run.generator, batch) + late, aside, None)
        return run.moments.difference, run.late_moments.difference

    (others, late), (others_shifted, late_shifted) = differences(0.0), differences(3.0)
    assert torch.equal(others, others_shifted)
    assert (late_shifted - late)[:4].min() > 0  # means of levels and innovations


def test_sequences_with_beginnings_have_no_long_run(start: Callable[..., Training]) -> None:
    run = start(batch_size=40, from_beginning=True)
    run.run(go_on)
    assert run.late_moments.weight == 0
