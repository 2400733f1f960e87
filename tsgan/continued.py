"""Rollouts that begin where real histories end, two from each.

The critic sees half a window of the history and half of the first future. What came is scored against both.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from tsgan.abduction import read_history
from tsgan.networks import Generator, State
from tsgan.sequences import Sequences, by_patch

READ = 2  # windows of the history that are read
KEPT = 4  # iterations for which histories serve: reading them costs as much as generating


class Continuation(NamedTuple):
    """Where pairs of rollouts begin: state of 2 G, known of the patches to come (N, 2 G, K).

    ``begin`` (G,) are the rows after the histories, ``there`` (G, T) says which of the steps from there on the data has.
    """

    state: State
    known: Tensor
    begin: Tensor
    there: Tensor


class Continued:
    """``count`` histories, drawn from training sequences.

    Parameters
    ----------
    sequences : Sequences
    usable : Tensor of shape (n,)
        Sequences with at least a window.
    window, patch_size, count : int
    generator : torch.Generator
    """

    def __init__(
        self, sequences: Sequences, usable: Tensor, window: int, patch_size: int, count: int, generator: torch.Generator
    ) -> None:
        self.sequences, self.usable, self.patch_size, self.generator = sequences, usable, patch_size, generator
        self.past = patch_size * (-(-window // patch_size) // 2)  # steps of the history in a window
        self.window, self.patches = window, -(-window // patch_size)
        lengths = sequences.lengths[usable]
        shortest = int(lengths.min()) - (window - self.past)  # rows of history that every sequence has
        self.read = patch_size * ((min(shortest, READ * window) - 1) // patch_size)
        self.count = count if self.read > 0 else 0
        self.before = max(self.read + 1, self.past)  # rows that must stand before a future
        room = lengths - self.before - (window - self.past) + 1  # places where it may begin
        self.chances = (room * (1.0 if sequences.weights is None else sequences.weights[usable])).double().cumsum(0)
        self.room = room
        self.kept: Continuation | None = None
        self.uses = 0

    def next(self, network: Generator) -> Continuation:
        """New histories, or those of the last iterations."""
        if self.kept is None or self.uses % KEPT == 0:
            self.kept = self._read(network)
        self.uses += 1
        return self.kept

    def _read(self, network: Generator) -> Continuation:
        device, p = self.chances.device, self.patch_size
        draw = torch.rand(2, self.count, generator=self.generator, device=device, dtype=torch.float64)
        owner = torch.searchsorted(self.chances, draw[0] * self.chances[-1], right=True).clamp(max=len(self.room) - 1)
        begin = self.sequences.starts[self.usable][owner] + self.before + (draw[1] * self.room[owner]).long()
        past = begin + torch.arange(-self.read - 1, 0, device=device)[:, None]  # (1 + N P, G)
        last = self.sequences.starts[self.usable][owner] + self.sequences.lengths[self.usable][owner] - 1
        ahead = torch.minimum(begin + torch.arange(self.patches * p, device=device)[:, None], last)
        known, to_come = (by_patch(self.sequences.conditions[rows], self.sequences.varying, p) for rows in (past[1:], ahead))
        values, flags = (
            part[past].transpose(0, 1).repeat(2, 1, 1) for part in (self.sequences.values, self.sequences.flags)
        )
        state = read_history(network, values, flags.float(), known.repeat(1, 2, 1), self.generator)
        there = (begin + torch.arange(self.window, device=device)[:, None] <= last).T
        return Continuation(state, to_come.repeat(1, 2, 1), begin, there)

    def score(self, network: Generator, x: Tensor, continuation: Continuation) -> Tensor:
        """Continuous ranked probability score of what came, summed over the coordinates of the critic's space.

        The fair estimate with two members, ``(|x - y| + |x' - y| - |x - x'|) / 2``, so scaled that its gradient is about as
        long as the critic's (Gneiting & Raftery 2007, eq. 21; as a loss of generators: Shen & Meinshausen 2024).

        Parameters
        ----------
        x : Tensor of shape (2 G, T, D)
            Latent channels of both futures.
        """
        rows = continuation.begin[:, None] + torch.arange(-1, self.window, device=x.device)
        rows = rows.clamp(max=len(self.sequences.values) - 1)
        real = self.sequences.values[rows], self.sequences.flags[rows].float()
        before = [part[:, :1].repeat(2, 1, 1) for part in real]
        futures = [torch.cat(parts, 1) for parts in zip(before, network.observe(x), strict=True)]
        view = network.prewhitening.view
        y = view(*real)[:, 1:]
        one, two = view(*futures)[:, 1:].chunk(2)
        distance = ((one - y).abs() + (two - y).abs() - (one - two).abs()) / 2
        shown = continuation.there[..., None]
        total: Tensor = (distance * shown).sum((1, 2)).mean() / (shown.sum() / len(y) * y.shape[2]).sqrt()
        return total
