"""White noise on the latent channels of events, where they are read, so that they stay no longer than in the data."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tsgan.flags import LEAST_SHARE, codes
from tsgan.networks import Generator
from tsgan.sequences import Sequences
from tsgan.thresholds import thresholds_for

PAIRS = 50_000  # of steps, that persistence is read off
WHITEST, HALVINGS = 4.0, 12  # standard deviations of a latent channel that its nugget has at most; of the interval for it
LEAST_EVENTS = 50  # in the data: of fewer it is chance how many stay
RIDGE = 0.01  # of correlations
NEAR = 0.005  # in chances to stay


def roughen(
    network: Generator, groups: list[slice], latent: Tensor, alive: Tensor, sequences: Sequences, generator: torch.Generator
) -> None:
    """Set the nuggets at which events of latent channels (N P, B, M) stay as often as the data's."""
    first, both = pairs_of_data(sequences), pairs_of_rollouts(latent, alive)
    if not len(first) or not both.shape[1]:
        return
    together = torch.corrcoef(both[0].T).reshape(both.shape[2], -1).nan_to_num()
    factor = torch.linalg.cholesky(together + RIDGE * torch.eye(len(together), device=latent.device)) / (1 + RIDGE) ** 0.5
    whites = torch.randn(both.shape, generator=generator, device=latent.device) @ factor.T
    for group in groups:
        code, following = (codes(sequences.flags[first + k, group]) for k in (0, 1))
        if group.start in network.prewhitening.layout.holds or (code > 0).sum() < LEAST_EVENTS:
            continue
        own, white = both[..., group], whites[..., group]
        events = group.stop - group.start
        share = sequences.flags[first, group].float().mean(0).clamp(LEAST_SHARE, 1 - LEAST_SHARE)
        wanted = stays(code, following, events)

        def excess(
            nugget: float, own: Tensor = own, white: Tensor = white, share: Tensor = share, to: float = wanted
        ) -> float:
            read = own + nugget * white
            one, two = (winner(part - thresholds_for(read[0], share)) for part in read)
            return stays(one, two, len(share)) - to

        if excess(0.0) <= NEAR:
            continue
        network.nugget[group] = least(excess, WHITEST * float(own.std())) * factor[group]


def pairs_of_data(sequences: Sequences) -> Tensor:
    """First rows of all pairs of rows that follow each other and are alive."""
    first = sequences.window_starts(2)
    return first[sequences.alive[first] & sequences.alive[first + 1]]


def pairs_of_rollouts(x: Tensor, alive: Tensor) -> Tensor:
    """Steps of rollouts (steps, B, D) that are alive (steps, B), and those that follow: (2, pairs, D), evenly spaced."""
    step, rollout = thinned(torch.nonzero(alive[1:] & alive[:-1])).T
    return torch.stack([x[step + k, rollout] for k in (0, 1)])


def thinned(pairs: Tensor) -> Tensor:
    """So many of them at most, evenly spaced."""
    return pairs[torch.linspace(0, len(pairs) - 1, min(PAIRS, len(pairs)), device=pairs.device).long()]


def least(excess: Callable[[float], float], high: float) -> float:
    """The least deviation up to ``high``, nearly, at which nothing is in excess."""
    low = 0.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


def stays(code: Tensor, following: Tensor, events: int) -> float:
    """Share of steps whose event stays for another: of the only one, or of whatever is."""
    same = code == following
    return float(same.float().mean() if events > 1 else same[code == 1].float().mean().nan_to_num())


def winner(excess: Tensor) -> Tensor:
    """0 where none of the excesses (rows, K) is positive, else 1 plus the place of the greatest."""
    return torch.where(excess.amax(1) > 0, excess.argmax(1) + 1, 0)
