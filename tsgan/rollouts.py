"""The generated side of a training batch: windows of rollouts that go on from batch to batch.

Each iteration starts half of its rollouts anew; the others go on from where the last iteration left them (as persistent
chains do), most for a few windows, a few for thousands of steps. So any window of any rollout is trained to look real, at
the price of one window. Windows begin with a patch: the critic then sees each step of a patch by itself, and no seam between
patches can hide in a mixture over offsets.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from tsgan.networks import Generator, State
from tsgan.sequences import Sequences, by_patch

RESTART = 0.25  # chance that a rollout is begun anew
LONG_LIVED = 16  # one in so many, with lesser chances:
RESTARTS = (-2.0, -3.0)  # their decadic logarithms


class Batch(NamedTuple):
    """Generated windows: levels (B, T, C), flags (B, T, M), conditions (B, T, K), alive (B, T).

    ``first`` (B,) are the first rows of the real windows that the critic sees beside them: those whose conditions they have,
    so that they differ in nothing else; any windows, where there are no conditions.
    """

    values: Tensor
    flags: Tensor
    conditions: Tensor
    alive: Tensor
    first: Tensor


class Rollouts:
    """Pool of ``batch`` rollouts on the conditions of training sequences.

    Parameters
    ----------
    sequences : Sequences
    window, patch_size, batch : int
    from_beginning : bool
        Whether rollouts start at the beginning of a sequence, or anywhere in one.
    generator : torch.Generator
    """

    def __init__(
        self,
        sequences: Sequences,
        window: int,
        patch_size: int,
        batch: int,
        from_beginning: bool,
        generator: torch.Generator,
    ) -> None:
        self.sequences, self.window, self.patch_size = sequences, window, patch_size
        self.batch, self.from_beginning, self.generator = batch, from_beginning, generator
        self.device = sequences.starts.device
        self.patches = -(-window // patch_size)
        self.usable = torch.nonzero(sequences.lengths >= window)[:, 0]
        self.state: State | None = None
        long_lived = batch // LONG_LIVED
        # Half begin anew, most others after a few windows, a few live for thousands of steps.
        self.restart = torch.ones(batch, device=self.device)
        self.restart[batch // 2 :] = RESTART
        self.short_lived = batch - long_lived
        self.restart[self.short_lived :] = torch.logspace(*RESTARTS, long_lived, device=self.device)
        self.owner = self._integers(len(self.usable), batch)
        self.position = torch.zeros(batch, dtype=torch.long, device=self.device)

    def next(self, network: Generator) -> Batch:
        """Continue every rollout by a window, with gradients through this window only."""
        return self.finish(network, *network(*self.begin(network), self.generator))

    def begin(self, network: Generator) -> tuple[State, Tensor]:
        """Where the rollouts stand, and what is known of the patches to come (N, B, K)."""
        restart = torch.rand(self.batch, generator=self.generator, device=self.device) < self.restart
        lengths = self.sequences.lengths[self.usable]
        restart |= self.position + self.window > lengths[self.owner]
        if self.state is None:
            restart = torch.ones_like(restart)
        fresh_owner, fresh_position = self._beginnings(lengths)
        self.owner = torch.where(restart, fresh_owner, self.owner)
        self.position = torch.where(restart, fresh_position, self.position)
        known = by_patch(self.sequences.conditions[self._rows()], self.sequences.varying, self.patch_size)
        state = network.cold(self.batch, known[0], self.generator)
        if self.state is not None:
            keep = ~restart[:, None]
            state = State(*(torch.where(keep, old, new) for old, new in zip(self.state, state, strict=True)))
        return state, known

    def finish(self, network: Generator, x: Tensor, states: State) -> Batch:
        """Windows of what came of it, latent channels (B, N P, D) and states after each patch; others may follow in both."""
        first = self.sequences.starts[self.usable][self.owner] + self.position
        values, flags = network.observe(x[: self.batch, : self.window])
        _, _, conditions, alive = self.sequences.windows(first, self.window)
        # The pool goes on from a patch drawn at random, so that windows begin at every multiple of a patch.
        kept = int(self._integers(self.patches, 1)) + 1
        self.state = State(*(t.detach()[: self.batch] for t in states.after(kept - 1)))
        self.position = self.position + kept * self.patch_size
        if not conditions.shape[2]:  # rollouts go on along the data: other windows are more varied
            owner, position = self._beginnings(self.sequences.lengths[self.usable])
            first = self.sequences.starts[self.usable][owner] + position
        return Batch(values, flags, conditions, alive, first)

    def _beginnings(self, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Owners and positions of fresh rollouts: first rows, or any window of the data, by the sequences' weights."""
        room = torch.ones_like(lengths) if self.from_beginning else lengths - self.window + 1
        weights = self.sequences.weights
        chances = (room if weights is None else room * weights[self.usable]).double().cumsum(0)
        draw = torch.rand(2, self.batch, generator=self.generator, device=self.device, dtype=torch.float64)
        owner = torch.searchsorted(chances, draw[0] * chances[-1], right=True).clamp(max=len(lengths) - 1)
        return owner, (draw[1] * room[owner]).long()

    def _rows(self) -> Tensor:
        """Rows (N P, B) whose conditions are those of the steps to come; past a sequence's end its last row."""
        steps = torch.arange(self.patches * self.patch_size, device=self.device)[:, None]
        last = self.sequences.lengths[self.usable][self.owner] - 1
        return self.sequences.starts[self.usable][self.owner] + torch.minimum(self.position + steps, last)

    def _integers(self, high: int, count: int) -> Tensor:
        return torch.randint(high, (count,), generator=self.generator, device=self.device)
