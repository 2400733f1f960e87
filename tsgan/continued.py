"""Rollouts that begin where real histories end, two from each.

The critic sees half a window of the history and half of the first future. What came is scored against both.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from tsgan.abduction import read_history
from tsgan.networks import Generator, State
from tsgan.rollouts import Batch
from tsgan.sequences import Sequences, by_patch

READ = 2  # windows of the history that are read
TINY = 1e-6
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
    window, patch_size, count : int
    generator : torch.Generator
    """

    def __init__(self, sequences: Sequences, window: int, patch_size: int, count: int, generator: torch.Generator) -> None:
        self.sequences, self.window, self.patch_size, self.generator = sequences, window, patch_size, generator
        self.patches = -(-window // patch_size)
        self.past = patch_size * (self.patches // 2)  # steps of the history in a window
        usable = sequences.lengths >= window
        self.starts, self.lengths = sequences.starts[usable], sequences.lengths[usable]
        shortest = int(self.lengths.min()) - (window - self.past)  # rows of history that every sequence has
        self.read = patch_size * ((min(shortest, READ * window) - 1) // patch_size)
        self.count = count if self.read > 0 else 0
        self.before = max(self.read + 1, self.past)  # rows that must stand before a future
        room = self.lengths - self.before - (window - self.past) + 1  # places where it may begin: with a row of the data
        self.room = torch.minimum(room, self._alive(sequences.alive) - self.before).clamp(min=0)
        self.count = self.count if self.room.any() else 0
        self.chances = (self.room * (1.0 if sequences.weights is None else sequences.weights[usable])).double().cumsum(0)
        self.kept: Continuation | None = None
        self.uses = 0

    def _alive(self, alive: Tensor) -> Tensor:
        """Rows of each sequence up to the last one that is alive; what fills a short one up is behind it."""
        last = torch.where(alive, torch.arange(len(alive), device=alive.device), -1).cummax(0).values
        return (last[self.starts + self.lengths - 1] - self.starts + 1).clamp(min=0)

    def begin(self, network: Generator) -> Continuation:
        """New histories, or those of the last iterations."""
        if self.kept is None or self.uses % KEPT == 0:
            self.kept = self._read(network)
        self.uses += 1
        return self.kept

    def forget(self) -> None:
        """Read new histories next time: what is kept of the old ones holds real values."""
        self.kept, self.uses = None, 0

    def _read(self, network: Generator) -> Continuation:
        device, p = self.chances.device, self.patch_size
        draw = torch.rand(2, self.count, generator=self.generator, device=device, dtype=torch.float64)
        owner = torch.searchsorted(self.chances, draw[0] * self.chances[-1], right=True).clamp(max=len(self.room) - 1)
        begin = self.starts[owner] + self.before + (draw[1] * self.room[owner]).long()
        last = self.starts[owner] + self.lengths[owner] - 1
        past = begin + torch.arange(-self.read - 1, 0, device=device)[:, None]  # (1 + N P, G)
        ahead = torch.minimum(begin + torch.arange(self.patches * p, device=device)[:, None], last)
        known, to_come = (
            by_patch(self.sequences.conditions[rows], self.sequences.varying, p).repeat(1, 2, 1)
            for rows in (past[1:], ahead)
        )
        values, flags = (
            part[past].transpose(0, 1).repeat(2, 1, 1) for part in (self.sequences.values, self.sequences.flags)
        )
        state = read_history(network, values, flags.float(), known, self.generator)
        steps = (begin + torch.arange(self.window, device=device)[:, None]).T
        there = (steps <= last[:, None]) & self.sequences.alive[torch.minimum(steps, last[:, None])]
        return Continuation(state, to_come, begin, there)

    def finish(self, network: Generator, x: Tensor, continuation: Continuation) -> Batch:
        """Windows (G, T) of the histories' ends and the first of the futures x (2 G, N P, D)."""
        first = continuation.begin - self.past
        values, flags, conditions, alive = self.sequences.windows(first, self.window)
        new_values, new_flags = network.observe(x[: self.count, : self.window - self.past])
        return Batch(
            torch.cat([values[:, : self.past], new_values], 1),
            torch.cat([flags[:, : self.past], new_flags], 1),
            conditions,
            alive,
            first,
        )

    def score(self, network: Generator, x: Tensor, continuation: Continuation) -> Tensor:
        """Energy score of what came, summed over steps, in the critic's space.

        The fair estimate with two members, ``(||x - y|| + ||x' - y|| - ||x - x'||) / 2``, so scaled that its gradient is
        about as long as the critic's (Gneiting & Raftery 2007, eq. 22; as a loss of generators: Shen & Meinshausen 2024).

        Parameters
        ----------
        x : Tensor of shape (2 G, N P, D)
            Latent channels of both futures.
        """
        rows = continuation.begin[:, None] + torch.arange(-1, self.window, device=x.device)
        rows = rows.clamp(max=len(self.sequences.values) - 1)
        real = self.sequences.values[rows], self.sequences.flags[rows].float()
        before = [part[:, :1].repeat(2, 1, 1) for part in real]
        futures = [torch.cat(parts, 1) for parts in zip(before, network.observe(x[:, : self.window]), strict=True)]
        view = network.prewhitening.view
        y = view(*real)[:, 1:]
        one, two = view(*futures)[:, 1:].chunk(2)
        distance = (apart(one, y) + apart(two, y) - apart(one, two)) / 2  # (G, T)
        steps = continuation.there.sum().clamp(min=1) / len(y)  # none, where all futures begin in flatlines
        total: Tensor = (distance * continuation.there).sum(1).mean() / steps.sqrt()
        return total


def apart(a: Tensor, b: Tensor) -> Tensor:
    """Distances of steps, with a gradient where they are none: (..., V) to (...)."""
    return ((a - b).square().sum(-1) + TINY).sqrt()
