"""Whether a generator has collapsed or run away, from a look at fresh windows of it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tsgan.networks import Generator
from tsgan.rollouts import Rollouts
from tsgan.sequences import Sequences

WINDOWS = 128
LEAST, MOST = 0.5, 10.0  # spread of generated windows to that of real ones; healthy trainings stay within 0.8 and 1.2
LEAST_OF_FLAGS = 0.3  # events are few, and their spread is noisy: 0.48 was seen where nothing was wrong
CONSTANT = 0.05  # windows that vary less between them tell nothing


class CollapseWatch:
    """Compares how much windows differ from each other: generated ones, and real ones under the same conditions.

    The mean absolute deviation from the mean over windows, at each step and coordinate of the critic's space, averaged over
    levels, over innovations and, where there are neither, over flags. A constant output, one window again and again and
    noise that is ignored take it from one of them; rates that are too great let it grow without bound.

    Parameters
    ----------
    start : Generator
        Before training: where it varies too little or too much already, nothing better is asked for.
    sequences : Sequences
    window : int
    from_beginning : bool
    """

    def __init__(self, start: Generator, sequences: Sequences, window: int, from_beginning: bool) -> None:
        self.sequences, self.window, self.from_beginning = sequences, window, from_beginning
        self.begun = self.spreads(start)

    def fault(self, network: Generator) -> str | None:
        """What is wrong with a generator, or nothing."""
        for name, spread in self.spreads(network).items():
            if not math.isfinite(spread):
                return "generated windows are no longer finite"
            least, begun = LEAST_OF_FLAGS if name == "flags" else LEAST, self.begun[name]
            if not least * min(1.0, begun) <= spread <= MOST * max(1.0, begun):
                return f"{name} of generated windows vary {spread:.2g} times as much as those of real ones"
        return None

    @torch.no_grad()
    def spreads(self, network: Generator) -> dict[str, float]:
        """Spread between generated windows, always of the same noise, relative to that between real ones, by kind."""
        noise = torch.Generator(self.sequences.starts.device).manual_seed(0)
        pool = Rollouts(self.sequences, self.window, network.patch_size, WINDOWS, self.from_beginning, noise)
        batch = pool.next(network)
        values, flags, _, alive = self.sequences.windows(batch.first, self.window)
        view = network.prewhitening.view
        made = view(batch.values, batch.flags) * batch.alive[..., None]
        real = view(values, flags) * alive[..., None]
        c = network.prewhitening.n_values
        kinds = {"levels": slice(c), "innovations": slice(c, 2 * c)} if c else {"flags": slice(None)}
        pairs = {name: (_between(made[..., kind]), _between(real[..., kind])) for name, kind in kinds.items()}
        return {name: own / other for name, (own, other) in pairs.items() if other > CONSTANT}


def _between(view: Tensor) -> float:
    return float((view - view.mean(0)).abs().mean())
