"""From encoded sequences to a trained generator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tsgan.calibration import calibrate
from tsgan.condition_law import ConditionLaw
from tsgan.device import one_thread
from tsgan.distance import sliced_wasserstein
from tsgan.linear_start import fit_linear_start
from tsgan.networks import Critic, Generator, bound_spectra, reset
from tsgan.parameters import choose_hidden_size
from tsgan.preprocessing import TableEncoder
from tsgan.prewhitening import fit_prewhitening
from tsgan.rollouts import Rollouts
from tsgan.sequences import Sequences, hold_out, thinned
from tsgan.snapshot import put_back
from tsgan.training import PROJECTIONS, Options, Record, Training, generated_view, real_view

if TYPE_CHECKING:
    from tsgan.checkpoint import Checkpoint

LAW = "law of the conditions"  # the first of two trainings
SUBSETS_FROM = 10  # learned columns from which on the critic also sees subsets of them
SLOW_STEPS = (24.0, 72.0, 168.0, 720.0)  # time constants of the slow noises
ENOUGH = 500_000  # rows for the statistics of the start
VALIDATED = 512  # held-out windows at most
SCORED = 1_000


def fit_law(
    names: tuple[Any, ...],
    encoder: TableEncoder,
    sequences: Sequences,
    options: Options,
    patch_size: int,
    device: torch.device,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> ConditionLaw:
    """Learn the conditions by themselves, where they vary in time; constant ones are as the start has them."""
    hidden_size = choose_hidden_size(None, encoder.layout_.n_learned)
    if all(column.static for column in encoder.layout_.columns):
        with one_thread():
            generator, *_ = start_generator(sequences, options, hidden_size, patch_size, 0.0, seed)
        return ConditionLaw(names, encoder, generator.to(device).eval().requires_grad_(False))
    generator, _ = fit_generator(
        sequences, options, hidden_size, patch_size, 0.0, device, seed, lambda record, progress: False, checkpoint, LAW
    )
    return ConditionLaw(names, encoder, generator)


def start_generator(
    sequences: Sequences, options: Options, hidden_size: int, patch_size: int, validation_fraction: float, seed: int
) -> tuple[Generator, Sequences, Tensor, torch.Generator]:
    """The generator before training, what it will be trained on, first rows of held-out windows, a stream of numbers."""
    train, held = hold_out(sequences, validation_fraction, options.window)
    some = thinned(train, ENOUGH)
    prewhitening = fit_prewhitening(some)
    start = fit_linear_start(some, prewhitening, patch_size, options.from_beginning, sequences)
    # One long series needs slow noise to wander; a sequence of one window has its initial state.
    slow = SLOW_STEPS if int(sequences.lengths.max()) > options.window else ()
    random = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):  # modules draw first weights from the global stream, which stays as it was
        known = sequences.n_known(patch_size)
        generator = Generator(prewhitening, known, hidden_size, patch_size, slow, options.family.cell)
    generator.initialise(start, random)
    return generator, train, held, random


@one_thread()
def fit_generator(
    sequences: Sequences,
    options: Options,
    hidden_size: int,
    patch_size: int,
    validation_fraction: float,
    device: torch.device,
    seed: int,
    on_record: Callable[[Record, float], bool],
    checkpoint: Checkpoint | None = None,
    name: str = "training",
) -> tuple[Generator, list[Record]]:
    """Train on sequences, or go on with the training of that name in a checkpoint.

    Returns
    -------
    generator : Generator
        The average of the trained ones, in evaluation mode.
    history : list of Record
    """
    generator, train, held, random = start_generator(sequences, options, hidden_size, patch_size, validation_fraction, seed)
    if checkpoint is not None and (weights := checkpoint.finished(name)) is not None:
        generator.load_state_dict(weights)
        return generator.to(device).requires_grad_(False).eval(), []
    subsets = len(sequences.layout.columns) if sequences.layout.n_learned >= SUBSETS_FROM else 0
    inputs = generator.prewhitening.n_view + sequences.conditions.shape[1]
    with torch.random.fork_rng(devices=[]):
        critic = Critic(inputs, hidden_size, patch_size, subsets, options.family.cell, options.family.kernels)
    reset(critic, random)
    if options.family.spectral_norm:
        bound_spectra(critic, random)
    chosen = held[torch.linspace(0, len(held) - 1, min(VALIDATED, len(held))).long()]
    validation = real_view(generator, sequences, chosen, options.window)
    run = Training(
        generator.to(device),
        critic.to(device),
        train.to(device),
        validation.to(device),
        options,
        torch.Generator(device).manual_seed(seed),
    )
    if checkpoint is None:
        run.run(on_record)
    else:
        if (snapshot := checkpoint.snapshot(name)) is not None:
            put_back(run, snapshot)
        run.run(on_record, partial(checkpoint.keep, name))
    calibrate(run.average, sequences.to(device), options.from_beginning, run.random)
    if checkpoint is not None and name == LAW:
        checkpoint.finish(name, run.average.state_dict())
    return run.average.eval(), run.history


@one_thread()
@torch.no_grad()
def window_distance(generator: Generator, sequences: Sequences, window: int, from_beginning: bool) -> float:
    """Sliced Wasserstein distance in the critic's space between windows of sequences and generated ones, seeded."""
    device = generator.level_table.device
    first: Tensor = sequences.window_starts(window)
    chosen = first[torch.linspace(0, len(first) - 1, min(SCORED, len(first))).long()]
    noise = torch.Generator(device).manual_seed(0)
    sequences = sequences.to(device)
    pool = Rollouts(sequences, window, generator.patch_size, SCORED, from_beginning, noise)
    real = real_view(generator, sequences, chosen.to(device), window)
    return sliced_wasserstein(generated_view(generator, pool.next(generator)), real, PROJECTIONS, noise)
