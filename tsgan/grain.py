"""White noise on the levels of rounded columns, where they are read, so that values repeat no oftener than in the data."""

from __future__ import annotations

import torch
from torch import Tensor

from tsgan.networks import Generator
from tsgan.nuggets import NEAR, least, pairs_of_data, pairs_of_rollouts, thinned
from tsgan.sequences import Sequences

ROUNDED = 0.05  # share of repeats of a column that counts as rounded
LEAST_PAIRS = 100  # of values, in the data and in the rollouts


def set_grain(network: Generator, sequences: Sequences, x: Tensor, alive: Tensor, generator: torch.Generator) -> None:
    """Set the grain at which steps too small to leave a cell of the grid are as many as in the data.

    What a sensor measures is the state of things and an error of its own (Matheron's nugget, for what varies without any
    distance). A recurrence learns the former well; of the latter it may learn too little, in a column that is mostly
    missing for one, and then steps are too small. Where repeats are too few, nothing is changed.

    Parameters
    ----------
    network : Generator
        Changed in place.
    sequences : Sequences
        The data.
    x : Tensor of shape (steps, B, D)
        Rollouts without grain.
    alive : Tensor of shape (steps, B)
        Whether these steps are some of the data's.
    generator : torch.Generator
    """
    prior, layout = network.prewhitening, sequences.layout
    first, (read, flags) = thinned(pairs_of_data(sequences)), network.observe(pairs_of_rollouts(x, alive))
    real = torch.stack([sequences.values[first + k] for k in (0, 1)])
    whites = torch.randn(read.shape, generator=generator, device=x.device)
    there = (prior.seen(flags) > 0).expand(read.shape).all(0)
    told = torch.stack([(prior.seen(sequences.flags[first + k].float()) > 0).expand(real.shape[1:]) for k in (0, 1)]).all(0)
    for channel, column in enumerate(layout.value_columns):
        wanted = layout.columns[column].repeats
        steps, white = ((part[1] - part[0])[there[:, channel], channel] for part in (read, whites))
        moves = (real[1] - real[0])[told[:, channel], channel]
        if wanted < ROUNDED or min(len(moves), len(steps)) < LEAST_PAIRS:
            continue
        cell = float(moves.abs().quantile(wanted))

        def excess(
            grain: float, steps: Tensor = steps, white: Tensor = white, cell: float = cell, to: float = wanted
        ) -> float:
            return float(((steps + grain * white).abs() <= cell).float().mean()) - to

        if excess(0.0) <= NEAR:
            continue
        network.grain[channel] = least(excess, float(moves.std()))
