"""The last touch after training: first levels, events as often and as long as in the data, steps of rounded columns."""

from __future__ import annotations

import torch
from torch import Tensor

from tsgan.first_levels import calibrate_levels
from tsgan.grain import ROUNDED, set_grain
from tsgan.networks import Generator
from tsgan.nuggets import roughen
from tsgan.sequences import Sequences, by_patch
from tsgan.thresholds import settle

LONGEST, LEAST, MOST = 8192, 64, 4096  # steps of a rollout that are looked at, rollouts
STEPS, TIMES = 2**19, 16  # of all of them at most, and so many times the rows of the data
THINNED, LONG = 7, 1000  # one step in so many (it goes through all places in a patch) is enough of so long a rollout
ROUNDS = 2  # a value that is held changes what follows


@torch.no_grad()
def calibrate(network: Generator, sequences: Sequences, from_beginning: bool, generator: torch.Generator) -> None:
    """Put first levels right, the thresholds of the flags, and how rough is what is read of them.

    Rollouts then begin as the data does, have the shares of events that it has in the same rows, and events stay no longer.

    The critic sees windows: a rate that is off by a little in each adds up where rollouts are long, since latent channels
    are fed back. Their thresholds are not, and move little but the rates. Nor is a nugget, white noise on a latent channel
    where it is read, that lowers the chance that an event stays for another step (Matheron's term, for what varies
    without any distance); it is correlated as the channels are, so that cells still miss together. Events that stay too
    short, and holds, which act inside the recursion, are left. Levels of rounded columns have a grain
    (:mod:`tsgan.grain`). Of columns that never change the first levels decide, each
    sequence counting once.

    Parameters
    ----------
    network : Generator
        Changed in place.
    sequences : Sequences
    from_beginning : bool
        Whether rollouts start at the beginning of a sequence, or anywhere in one.
    generator : torch.Generator
    """
    prior, layout = network.prewhitening, sequences.layout
    calibrate_levels(network, sequences, from_beginning, generator)
    static = [layout.columns[layout.flag_columns[group.start]].static for group in layout.groups]
    never = [group for group, stays in zip(layout.groups, static, strict=True) if stays]
    others = [group for group, stays in zip(layout.groups, static, strict=True) if not stays]
    if never:
        owner = torch.randint(len(sequences), (MOST,), generator=generator, device=prior.threshold.device)
        first = network.cold(MOST, sequences.known(sequences.starts[owner], network.patch_size), generator)
        settle(prior, never, first.x[:, prior.n_values :], sequences.flags[sequences.starts])
    if others:
        rows, alive = _rows(sequences, network.patch_size, from_beginning, generator)
        for _ in range(ROUNDS):
            network.nugget.zero_()
            latent = _rolled(network, sequences, rows, generator, prior.n_values)
            roughen(network, others, latent, alive, sequences, generator)
            latent = _thinned(latent)[_thinned(alive)]
            latent += torch.randn(latent.shape, generator=generator, device=latent.device) @ network.nugget.T
            settle(prior, others, latent, sequences.flags[rows][alive])
    if any(column.repeats >= ROUNDED for column in layout.columns):
        rows, alive = _rows(sequences, network.patch_size, from_beginning, generator)
        set_grain(network, sequences, _rolled(network, sequences, rows, generator), alive, generator)


def _rows(sequences: Sequences, patch_size: int, from_beginning: bool, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Rows (N P, B) along sequences, past an end its last row, and whether each is one of the data."""
    device = sequences.starts.device
    longest = min(LONGEST, int(sequences.lengths.max()))
    draw = torch.rand(
        2,
        max(LEAST, min(MOST, min(STEPS, TIMES * len(sequences.values)) // longest)),
        generator=generator,
        device=device,
        dtype=torch.float64,
    )
    chances = (torch.ones_like(sequences.lengths) if from_beginning else sequences.lengths).double().cumsum(0)
    owner = torch.searchsorted(chances, draw[0] * chances[-1], right=True).clamp(max=len(sequences) - 1)
    lengths = sequences.lengths[owner]
    room = torch.zeros_like(lengths) if from_beginning else (lengths - LONGEST).clamp(min=0)
    place = (draw[1] * (room + 1)).long()
    steps = -(-longest // patch_size) * patch_size
    within = place + torch.arange(steps, device=device)[:, None]
    rows = sequences.starts[owner] + torch.minimum(within, lengths - 1)
    return rows, (within < lengths) & sequences.alive[rows]


def _rolled(network: Generator, sequences: Sequences, rows: Tensor, generator: torch.Generator, first: int = 0) -> Tensor:
    """Latent channels (N P, B, D) from the ``first`` on, of rollouts under the conditions of rows (N P, B)."""
    known = by_patch(sequences.conditions[rows], sequences.varying, network.patch_size)
    return torch.cat([x[..., first:].transpose(0, 1) for x in network.rollouts(known, generator)])


def _thinned(steps: Tensor) -> Tensor:
    return steps if len(steps) < LONG else steps[::THINNED]
