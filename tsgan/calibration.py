"""The last touch after training: events in samples as often as in the data."""

from __future__ import annotations

import torch
from torch import Tensor

from tsgan.flags import LEAST_SHARE
from tsgan.networks import Generator
from tsgan.prewhitening import Prewhitening
from tsgan.sequences import Sequences, by_patch

LONGEST, LEAST, MOST = 8192, 64, 4096  # steps of a rollout that are looked at, rollouts
STEPS, TIMES = 2**19, 16  # of all of them at most, and so many times the rows of the data
ROWS = 20_000  # steps that thresholds of several events are read off
CHUNK = 128  # patches computed together
THINNED, LONG = 7, 1000  # one step in so many (it goes through all places in a patch) is enough of so long a rollout
ROUNDS = 2  # a value that is held changes what follows
SWEEPS, STILL = 10, 1e-3  # over several events of a column, each given the others, until thresholds stay


@torch.no_grad()
def calibrate(network: Generator, sequences: Sequences, from_beginning: bool, generator: torch.Generator) -> None:
    """Move the thresholds of the flags so that rollouts have the shares of events that the data has in the same rows.

    The critic sees windows: a rate that is off by a little in each adds up where rollouts are long, since latent channels
    are fed back. Their thresholds are not, and move little but the rates. Of columns that never change the first levels
    decide, and each sequence counts once.

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
    static = [layout.columns[layout.flag_columns[group.start]].static for group in layout.groups]
    never = [group for group, stays in zip(layout.groups, static, strict=True) if stays]
    others = [group for group, stays in zip(layout.groups, static, strict=True) if not stays]
    if never:
        owner = torch.randint(len(sequences), (MOST,), generator=generator, device=prior.threshold.device)
        first = network.cold(MOST, sequences.known(sequences.starts[owner], network.patch_size), generator)
        _settle(prior, never, first.x[:, prior.n_values :], sequences.flags[sequences.starts])
    if others:
        rows, alive = _rows(sequences, network.patch_size, from_beginning, generator)
        for _ in range(ROUNDS):
            latent = _latents(network, sequences, rows, generator)[_thinned(alive)]
            _settle(prior, others, latent, sequences.flags[rows][alive])


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


def _latents(network: Generator, sequences: Sequences, rows: Tensor, generator: torch.Generator) -> Tensor:
    """Latent channels of the flags of rollouts under the conditions of rows (N P, B), thinned: (N P or less, B, M)."""
    known = by_patch(sequences.conditions[rows], sequences.varying, network.patch_size)
    state, parts = network.cold(rows.shape[1], known[0], generator), []
    for chunk in known.split(CHUNK):
        x, states = network(state, chunk, generator)
        state = states.after(-1)
        parts.append(x[..., network.prewhitening.n_values :].transpose(0, 1))
    return _thinned(torch.cat(parts))


def _thinned(steps: Tensor) -> Tensor:
    return steps if len(steps) < LONG else steps[::THINNED]


def _settle(prior: Prewhitening, groups: list[slice], latent: Tensor, flags: Tensor) -> None:
    """Move the thresholds so that latent channels (rows, M) have the shares of events of flags (rows', M)."""
    threshold, layout = prior.threshold, prior.layout
    for group in groups:
        own, real = latent, flags
        if group.start in layout.holds:  # counts where there is a value to hold
            beside = layout.events_beside(group.start)
            own, real = own[(own[:, beside] <= threshold[beside]).all(1)], real[~real[:, beside].any(1)]
        if not len(own) or not len(real):
            continue
        own, share = own[:, group], real[:, group].float().mean(0).clamp(LEAST_SHARE, 1 - LEAST_SHARE)
        if len(share) > 1:
            own = own[torch.linspace(0, len(own) - 1, min(ROWS, len(own)), device=own.device).long()]
        for _ in range(SWEEPS if len(share) > 1 else 1):
            before = threshold[group].clone()
            for k in range(len(share)):  # an event is up where its excess is above those of the others, and above 0
                excess = own - threshold[group]
                excess[:, k] = 0.0
                lead = (own[:, k] - excess.amax(1).clamp(min=0)).sort().values
                threshold[group.start + k] = lead[((1 - share[k]) * (len(lead) - 1)).long()]
            if (threshold[group] - before).abs().max() < STILL:
                break
