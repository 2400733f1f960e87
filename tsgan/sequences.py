"""Ragged sequences as views over flat tensors: memory is that of the rows, whatever the number of windows."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from tsgan.layout import Layout

CLOCK_SCALE = 0.3  # of calendar and position in the critic's space, whose budget is for the windows; see docs/method.md
OWN_SCALE = 1.0  # of the user's conditions: they are to steer


@dataclass(frozen=True)
class Sequences:
    """Channels of many sequences, one after the other.

    Parameters
    ----------
    values : Tensor of shape (rows, C), float32
        Channels; a hidden one holds a neutral value that nothing reads.
    flags : Tensor of shape (rows, M), bool
        Events.
    conditions : Tensor of shape (rows, K), float32
        What is known of each step: calendar phases, position.
    alive : Tensor of shape (rows,), bool
        Whether a row tells of the process: none that fills a short sequence up to a window, or is in a flatline.
    starts, lengths : Tensor of shape (n,), int64
        First row and number of rows of each unbroken stretch.
    layout : Layout
        Which column's each channel and flag is.
    varying : int, default=0
        How many of the condition channels, the last ones, may change from one step to the next.
    own : int, default=0
        How many of the condition channels, the last ones, are the user's.
    weights : Tensor of shape (n,), optional
        How often training should see each stretch, relative to others of its length.
    """

    values: Tensor
    flags: Tensor
    conditions: Tensor
    alive: Tensor
    starts: Tensor
    lengths: Tensor
    layout: Layout
    varying: int = 0
    own: int = 0
    weights: Tensor | None = None

    def __len__(self) -> int:
        return len(self.starts)

    def window_starts(self, length: int) -> Tensor:
        """First rows of all windows of ``length`` steps that lie within one sequence, shape (windows,)."""
        counts = (self.lengths - length + 1).clamp(min=0)
        offset = torch.repeat_interleave(counts.cumsum(0) - counts, counts)
        within = torch.arange(int(counts.sum()), device=self.starts.device) - offset
        return torch.repeat_interleave(self.starts, counts) + within

    def windows(self, first: Tensor, length: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Values (B, T, C), flags (B, T, M) as floats, conditions (B, T, K) and alive (B, T) of windows by first row.

        Conditions are scaled as the critic sees them.
        """
        rows = first[:, None] + torch.arange(length, device=first.device)
        return self.values[rows], self.flags[rows].float(), self.conditions[rows] * self.scale, self.alive[rows]

    @cached_property
    def scale(self) -> Tensor:
        """Of the conditions (K,) in the critic's space."""
        scale = torch.full((self.conditions.shape[1],), CLOCK_SCALE, device=self.conditions.device)
        scale[len(scale) - self.own :] = OWN_SCALE
        return scale

    def known(self, rows: Tensor, steps: int) -> Tensor:
        """Conditions (n, K + (steps - 1) varying) of patches of so many steps that begin at ``rows`` (n,)."""
        ahead = torch.arange(steps, device=rows.device)[:, None]
        return by_patch(self.conditions[(rows + ahead).clamp(max=len(self.conditions) - 1)], self.varying, steps)[0]

    def n_known(self, steps: int) -> int:
        """Channels of :meth:`known`."""
        return self.conditions.shape[1] + (steps - 1) * self.varying

    def to(self, device: torch.device) -> Sequences:
        """The same on another device."""
        parts = {f.name: getattr(self, f.name) for f in fields(self)}
        moved: dict[str, Any] = {name: part.to(device) for name, part in parts.items() if isinstance(part, Tensor)}
        return replace(self, **moved)


def by_patch(conditions: Tensor, varying: int, patch_size: int) -> Tensor:
    """What is known when patches begin: all conditions of their first steps, and the varying ones of their later steps.

    Parameters
    ----------
    conditions : Tensor of shape (N P, B, K)
    varying : int
        Number of the last channels that may change from one step to the next.
    patch_size : int

    Returns
    -------
    Tensor of shape (N, B, K + (P - 1) varying)
    """
    patches = conditions.reshape(len(conditions) // patch_size, patch_size, *conditions.shape[1:])  # (N, P, B, K)
    if not varying or patch_size == 1:
        return patches[:, 0]
    later = patches[:, 1:, :, -varying:].transpose(1, 2).flatten(2)  # (N, B, (P - 1) varying)
    return torch.cat([patches[:, 0], later], 2)


def padded(sequences: Sequences, length: int) -> Sequences:
    """The same, sequences of fewer than ``length`` rows filled up to it with rows that are not alive."""
    short = (length - sequences.lengths).clamp(min=0)
    if not short.any():
        return sequences
    total = sequences.lengths + short
    starts = total.cumsum(0) - total
    owner = torch.repeat_interleave(torch.arange(len(total)), total)
    within = torch.arange(int(total.sum())) - starts[owner]
    rows = sequences.starts[owner] + torch.minimum(within, sequences.lengths[owner] - 1)
    alive = (within < sequences.lengths[owner]) & sequences.alive[rows]
    return replace(
        sequences,
        values=sequences.values[rows],
        flags=sequences.flags[rows],
        conditions=sequences.conditions[rows],
        alive=alive,
        starts=starts,
        lengths=total,
    )


def thinned(sequences: Sequences, rows: int, block: int = 1000) -> Sequences:
    """At most about so many rows, in unbroken blocks spread evenly over all; the same where there are no more.

    For statistics of which a sample is enough. Blocks do not begin where sequences do, unless these are short.
    """
    total = int(sequences.lengths.sum())
    if total <= rows:
        return sequences
    pieces = -(-sequences.lengths // block)
    owner = torch.repeat_interleave(torch.arange(len(pieces)), pieces)
    within = torch.arange(len(owner)) - torch.repeat_interleave(pieces.cumsum(0) - pieces, pieces)
    starts = sequences.starts[owner] + block * within
    lengths = torch.minimum(sequences.lengths[owner] - block * within, torch.tensor(block))
    kept = torch.linspace(0, len(starts) - 1, max(1, len(starts) * rows // total)).long()
    starts, lengths = starts[kept], lengths[kept]
    at = torch.repeat_interleave(starts - lengths.cumsum(0) + lengths, lengths) + torch.arange(int(lengths.sum()))
    return replace(
        sequences,
        values=sequences.values[at],
        flags=sequences.flags[at],
        conditions=sequences.conditions[at],
        alive=sequences.alive[at],
        starts=lengths.cumsum(0) - lengths,
        lengths=lengths,
        weights=None,
    )


def hold_out(sequences: Sequences, fraction: float, window: int) -> tuple[Sequences, Tensor]:
    """Keep some of the data from training.

    Whole sequences where there are at least 20; else blocks of two windows, evenly spread over the rows, cut out of the
    stretches. Where the data is too short for that, nothing is held out and all windows come back.

    Parameters
    ----------
    sequences : Sequences
    fraction : float
        Of the rows (or sequences), in [0, 1).
    window : int
        Steps.

    Returns
    -------
    train : Sequences
    first : Tensor of shape (windows,)
        First rows of the held-out windows (of all windows, where nothing is held out).
    """
    starts, lengths = sequences.starts, sequences.lengths
    if len(sequences) >= 20:
        out = torch.zeros(len(sequences), dtype=torch.bool)
        count = int(fraction * len(sequences))
        if count:
            out[torch.linspace(0, len(sequences) - 1, count + 2).long()[1:-1]] = True
        held = replace(sequences, starts=starts[out], lengths=lengths[out]).window_starts(window)
        weights = None if sequences.weights is None else sequences.weights[~out]
        train = replace(sequences, starts=starts[~out], lengths=lengths[~out], weights=weights)
    else:
        block, kept, held_starts = 2 * window, [], []
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            count = int(fraction * length / block)
            edge = start
            for k in range(count):
                cut = start + (2 * k + 1) * length // (2 * count) - window
                kept.append((edge, cut - edge))
                held_starts.append(cut)
                edge = cut + block
            kept.append((edge, start + length - edge))
        cuts = torch.tensor(held_starts, dtype=torch.long)
        held = replace(sequences, starts=cuts, lengths=torch.full_like(cuts, block)).window_starts(window)
        train = replace(sequences, starts=torch.tensor([s for s, _ in kept]), lengths=torch.tensor([n for _, n in kept]))
    if not len(held) or not len(train.window_starts(window)):
        return sequences, sequences.window_starts(window)
    return train, held
