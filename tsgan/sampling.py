"""Rollouts of the trained generator, in blocks whose noise depends on the seed and the block's number alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from tsgan.conditions import Known
from tsgan.device import one_thread
from tsgan.networks import Generator, State
from tsgan.sequences import by_patch

WIDTHS = 1, 16, 256  # sequences computed together: a wide block is a waste for a single long series
MOST = 2**22  # steps of a block of several sequences, which comes out at once
CHUNK = 64  # patches computed between two copies to the host
STRETCH = 32 * CHUNK  # patches whose conditions are made at once


class Begin(Protocol):
    """Where rollouts begin: at cold starts that were chosen."""

    def state(self, network: Generator, members: range, condition: torch.Tensor, noise: torch.Generator) -> State:
        """Of the sequences with these numbers, given their first conditions (B, K); the last one fills up the block."""


Channels = tuple[NDArray[np.float32], NDArray[np.bool_]]


def roll(network: Generator, known: Known, seed: int, begin: Begin | None = None) -> Iterator[Channels]:
    """Sample sequences; never more at a time than a block or a stretch.

    Parameters
    ----------
    network : Generator
    known : Known
        Conditions of n sequences, and their lengths.
    seed : int
    begin : Begin, optional
        Where they begin; by default anywhere.

    Yields
    ------
    levels : ndarray of shape (rows, C)
    flags : ndarray of shape (rows, M)
        Of the next rows of all sequences, one after the other.
    """
    lengths = known.spans.lengths
    # Always full blocks: the shapes, and so the rounding of the products, depend little on how many sequences follow.
    width = next((width for width in WIDTHS if len(lengths) <= width), WIDTHS[-1])
    width = max((w for w in WIDTHS if w <= width and w * lengths.max(initial=0) <= MOST), default=1)
    for number, first in enumerate(range(0, len(lengths), width)):
        members = range(first, min(first + width, len(lengths)))
        block = _Block(network, known, members, width, stream_seed(seed, number), begin)
        if width > 1:
            known.forget(first, 0)
            yield block.all()
            continue
        for patch in range(0, block.patches, STRETCH):
            known.forget(first, patch * network.patch_size)
            ((levels, flags),) = block.stretch(patch)
            yield levels, flags


class _Block:
    """Rollouts computed together, stretch by stretch."""

    def __init__(self, network: Generator, known: Known, members: range, width: int, seed: int, begin: Begin | None) -> None:
        self.network, self.known, self.members, self.width, self.begin = network, known, members, width, begin
        self.lengths = known.spans.lengths[members.start : members.stop]
        self.patches = -(-int(self.lengths.max()) // network.patch_size)
        self.noise = torch.Generator(network.level_table.device).manual_seed(seed)
        self.state: State | None = None

    def all(self) -> Channels:
        """Channels of all members, one after the other."""
        stretches = [self.stretch(patch) for patch in range(0, self.patches, STRETCH)]
        parts = [part for member in zip(*stretches, strict=True) for part in member]
        return np.concatenate([levels for levels, _ in parts]), np.concatenate([flags for _, flags in parts])

    @one_thread()
    @torch.no_grad()
    def stretch(self, first: int) -> list[Channels]:
        """Channels of each member from this patch on, where the last stretch ended."""
        network, noise, width = self.network, self.noise, self.width
        count = min(STRETCH, self.patches - first)
        conditions, state = patch_conditions(network, self.known, self.members, width, first, count), self.state
        if state is None and self.begin is not None:
            state = self.begin.state(network, self.members, conditions[0], noise)
        elif state is None:
            state = network.cold(width, conditions[0], noise)
        chunks = list[Channels]()
        for at in range(0, count, CHUNK):
            x, states = network(state, conditions[at : at + CHUNK], noise)
            state = states.after(-1)
            levels, events = (t.cpu().numpy() for t in network.observe(x[: len(self.members)]))
            chunks.append((levels, events > 0.5))
        self.state = state
        levels, flags = (np.concatenate(parts, 1) for parts in zip(*chunks, strict=True))
        left = np.clip(self.lengths - first * network.patch_size, 0, levels.shape[1])
        return [(levels[k, :rows], flags[k, :rows]) for k, rows in enumerate(left)]


def patch_conditions(network: Generator, known: Known, members: range, width: int, first: int, patches: int) -> torch.Tensor:
    """Conditions (N, width, K) of so many patches of these sequences from the ``first`` on; zeros beyond their number."""
    p = network.patch_size
    rows = np.zeros((patches * p, width, known.channels), dtype=np.float32)
    if known.channels:
        for k, member in enumerate(members):
            rows[:, k] = known.of(member, first * p, patches * p)
    return by_patch(torch.as_tensor(rows), known.varying, p).to(network.level_table.device)


def stream_seed(seed: int, block: int) -> int:
    """Seed of the noise of a block."""
    return int(np.random.SeedSequence([seed, block]).generate_state(1, np.uint64)[0] >> np.uint64(1))
