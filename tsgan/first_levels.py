"""First levels, put right by what the first patch makes of them."""

from __future__ import annotations

import torch

from tsgan.networks import Generator
from tsgan.sequences import Sequences

LEVELLED, QUANTILES, PASSES = 16_384, 65, 3  # first levels, points of their law that are compared, times


def calibrate_levels(network: Generator, sequences: Sequences, from_beginning: bool, generator: torch.Generator) -> None:
    """Move the table of first levels so that, after the first patch, levels have the marginals of the data in the same rows.

    The step from a first level to the first row is seen by no critic: the network uses it to bring about what it was taught
    of columns together, and moves their marginals by the way.

    Parameters
    ----------
    network, sequences, from_beginning, generator
        As for :func:`tsgan.calibration.calibrate`.
    """
    for _ in range(PASSES):
        _move(network, sequences, from_beginning, generator)


def _move(network: Generator, sequences: Sequences, from_beginning: bool, generator: torch.Generator) -> None:
    """Once: what is moved changes what the first patch makes of it."""
    prior, p = network.prewhitening, network.patch_size
    first = sequences.starts if from_beginning else sequences.window_starts(p)
    rows = first[torch.randint(len(first), (LEVELLED,), generator=generator, device=first.device)]
    x, _ = network(network.cold(LEVELLED, known := sequences.known(rows, p), generator), known[None], generator)
    made, flags = network.observe(x[:, -1])
    ends = (rows + p - 1).clamp(max=len(sequences.values) - 1)
    seen = prior.seen(flags).expand(made.shape) > 0
    shown = (prior.seen(sequences.flags[ends].float()).expand(made.shape) > 0) & sequences.alive[ends][:, None]
    at = torch.linspace(0, 1, QUANTILES, device=made.device)
    for j in set(range(prior.n_values)) - set(sequences.layout.static):
        if shown[:, j].any() and seen[:, j].any():
            ours, theirs = made[seen[:, j], j].quantile(at), sequences.values[ends, j][shown[:, j]].quantile(at)
            table = network.level_table[:, j].clone()
            place = torch.searchsorted(ours, table).clamp(1, QUANTILES - 1)
            share = ((table - ours[place - 1]) / (ours[place] - ours[place - 1]).clamp(min=1e-6)).clamp(0, 1)
            moved = table + torch.lerp((theirs - ours)[place - 1], (theirs - ours)[place], share)
            network.level_table[:, j] = moved.cummax(0).values
