"""Rollouts of the trained generator, in blocks whose noise depends on the seed and the block's number alone."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from tsgan.conditions import Positions, Spans, step_conditions
from tsgan.device import one_thread
from tsgan.networks import Generator
from tsgan.time_axis import TimeAxis

BLOCK = 256  # sequences computed together
CHUNK = 64  # patches computed between two copies to the host


@one_thread()
@torch.no_grad()
def sample_channels(
    network: Generator, axis: TimeAxis | None, spans: Spans, positions: Positions | None, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Sample sequences from cold starts.

    Parameters
    ----------
    network : Generator
    axis : TimeAxis or None
    spans : Spans
        n sequences.
    positions : Positions or None
    seed : int

    Returns
    -------
    levels : ndarray of shape (rows, C)
    flags : ndarray of shape (rows, M)
        Of all sequences, one after the other.
    """
    rows, prior = int(spans.lengths.sum()), network.prewhitening
    levels = np.empty((rows, prior.n_values), dtype=np.float32)
    flags = np.empty((rows, prior.n_flags), dtype=bool)
    ends = np.cumsum(spans.lengths)
    for block, first in enumerate(range(0, len(spans.lengths), BLOCK)):
        members = range(first, min(first + BLOCK, len(spans.lengths)))
        noise = torch.Generator(network.level_table.device).manual_seed(_stream(seed, block))
        patches = -(-int(spans.lengths[first : first + BLOCK].max()) // network.patch_size)
        known = _conditions(network, axis, spans, members, patches, positions)
        # Always a full block: the shapes, and so the rounding of the products, do not depend on n.
        state = network.cold(BLOCK, known[0], noise)
        for chunk in range(0, patches, CHUNK):
            x, states = network(state, known[chunk : chunk + CHUNK], noise)
            state, begin = states[-1], chunk * network.patch_size
            values, events = (t.cpu().numpy() for t in network.observe(x[: len(members)]))
            for k, (value, event) in enumerate(zip(values, events, strict=True)):
                count = min(int(spans.lengths[first + k]) - begin, len(value))
                if count > 0:
                    at = int(ends[first + k] - spans.lengths[first + k]) + begin
                    levels[at : at + count], flags[at : at + count] = value[:count], event[:count] > 0.5
    return levels, flags


def _stream(seed: int, block: int) -> int:
    return int(np.random.SeedSequence([seed, block]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _conditions(
    network: Generator, axis: TimeAxis | None, spans: Spans, members: range, patches: int, positions: Positions | None
) -> torch.Tensor:
    """Conditions (N, BLOCK, K) at the first step of each patch."""
    known = np.zeros((patches, BLOCK, network.n_conditions), dtype=np.float32)
    if network.n_conditions:
        rows = np.array([patches * network.patch_size])
        for k, member in enumerate(members):
            times = axis.rebuild(spans.starts[member], int(rows[0])) if axis is not None and axis.periods else None
            known[:, k] = step_conditions(axis, times, rows, positions, spans.lengths[[member]])[:: network.patch_size]
    return torch.as_tensor(known, device=network.level_table.device)
