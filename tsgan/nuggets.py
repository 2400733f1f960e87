"""White noise on the latent channels of events, where they are read, so that they stay no longer than in the data."""

from __future__ import annotations

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
    first = sequences.window_starts(2)
    first = first[sequences.alive[first] & sequences.alive[first + 1]]
    pairs = torch.nonzero(alive[1:] & alive[:-1])
    if not len(first) or not len(pairs):
        return
    step, rollout = pairs[torch.linspace(0, len(pairs) - 1, min(PAIRS, len(pairs)), device=pairs.device).long()].T
    both = torch.stack([latent[step + k, rollout] for k in (0, 1)])
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
        low, high = 0.0, WHITEST * float(own.std())
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        network.nugget[group] = high * factor[group]


def stays(code: Tensor, following: Tensor, events: int) -> float:
    """Share of steps whose event stays for another: of the only one, or of whatever is."""
    same = code == following
    return float(same.float().mean() if events > 1 else same[code == 1].float().mean().nan_to_num())


def winner(excess: Tensor) -> Tensor:
    """0 where none of the excesses (rows, K) is positive, else 1 plus the place of the greatest."""
    return torch.where(excess.amax(1) > 0, excess.argmax(1) + 1, 0)
