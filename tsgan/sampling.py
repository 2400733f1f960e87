"""Rollouts of the trained generator, in blocks whose noise depends on the seed and the block's number alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from tsgan.conditions import Known
from tsgan.device import one_thread
from tsgan.networks import Generator
from tsgan.sequences import by_patch

if TYPE_CHECKING:
    from tsgan.continuation import Histories

WIDTHS = 1, 16, 256  # sequences computed together: a wide block is a waste for a single long series
CHUNK = 64  # patches computed between two copies to the host
STRETCH = 32 * CHUNK  # patches whose conditions are made at once


@one_thread()
@torch.no_grad()
def sample_channels(
    network: Generator, known: Known, seed: int, histories: Histories | None = None
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Sample sequences from cold starts, or from where histories end.

    Parameters
    ----------
    network : Generator
    known : Known
        Conditions of n sequences, and their lengths.
    seed : int
    histories : Histories, optional

    Returns
    -------
    levels : ndarray of shape (rows, C)
    flags : ndarray of shape (rows, M)
        Of all sequences, one after the other.
    """
    lengths = known.spans.lengths
    rows, prior = int(lengths.sum()), network.prewhitening
    levels = np.empty((rows, prior.n_values), dtype=np.float32)
    flags = np.empty((rows, prior.n_flags), dtype=bool)
    ends = np.cumsum(lengths)
    # Always full blocks: the shapes, and so the rounding of the products, depend little on how many sequences follow.
    width = next((width for width in WIDTHS if len(lengths) <= width), WIDTHS[-1])
    for block, first in enumerate(range(0, len(lengths), width)):
        members = range(first, min(first + width, len(lengths)))
        noise = torch.Generator(network.level_table.device).manual_seed(_stream(seed, block))
        patches, state = -(-int(lengths[first : first + width].max()) // network.patch_size), None
        for chunk in range(0, patches, CHUNK):
            if chunk % STRETCH == 0:
                conditions = _conditions(network, known, members, width, chunk, min(STRETCH, patches - chunk))
            if state is None and histories is not None:
                state = histories.state(network, members, width, noise)
            elif state is None:
                state = network.cold(width, conditions[0], noise)
            at = chunk % STRETCH
            x, states = network(state, conditions[at : at + CHUNK], noise)
            state, begin = states.after(-1), chunk * network.patch_size
            values, events = (t.cpu().numpy() for t in network.observe(x[: len(members)]))
            for k, (value, event) in enumerate(zip(values, events, strict=True)):
                count = min(int(lengths[first + k]) - begin, len(value))
                if count > 0:
                    row = int(ends[first + k] - lengths[first + k]) + begin
                    levels[row : row + count], flags[row : row + count] = value[:count], event[:count] > 0.5
    return levels, flags


def _stream(seed: int, block: int) -> int:
    return int(np.random.SeedSequence([seed, block]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _conditions(
    network: Generator, known: Known, members: range, width: int, first_patch: int, patches: int
) -> torch.Tensor:
    """Conditions (N, width, K) of patches; zeros for those who are not there."""
    p = network.patch_size
    rows = np.zeros((patches * p, width, known.channels), dtype=np.float32)
    if known.channels:
        for k, member in enumerate(members):
            rows[:, k] = known.of(member, first_patch * p, patches * p)
    return by_patch(torch.as_tensor(rows), known.varying, p).to(network.level_table.device)
