"""Conditions that are given in part: where the rest, which is drawn from the conditions' own law, begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from tsgan.exceptions import InputError
from tsgan.networks import State
from tsgan.preprocessing.codec import Encoded
from tsgan.timeline import Timeline

if TYPE_CHECKING:
    from tsgan.condition_law import ConditionLaw
    from tsgan.networks import Generator

DRAWS = 2048  # cold starts, of which one is chosen
NEAREST = 16  # of those whose categories are the ones asked for, if numbers are asked for too


class Chosen:
    """Cold starts of the law's generator at which constant conditions are what was asked for, or nearly so.

    What is constant within a sequence is settled when it begins. So a start is drawn given some of these columns by drawing
    many and keeping one at random of those that agree: in all categories, and best in normal scores of numbers. That is
    rejection sampling for categories, and for numbers with a tolerance (approximate Bayesian computation; Beaumont, Zhang &
    Balding 2002). Nothing is kept of the data beyond the law.

    Parameters
    ----------
    law : ConditionLaw
    asked : DataFrame
        Some of its columns, all constant: a row for each sequence.
    """

    def __init__(self, law: ConditionLaw, asked: pd.DataFrame) -> None:
        self.law, self.asked = law, asked
        encoder, rows = law.encoder, Timeline.counted(np.ones(len(asked), int), np.zeros(len(asked), int))
        self.targets = dict[int, Encoded]()
        for k, (name, codec) in enumerate(zip(law.names, encoder.codecs_, strict=True)):
            if name in asked:
                self.targets[k] = codec.encode(asked[name], rows, np.zeros((0, 0)))

    def state(self, network: Generator, members: range, condition: torch.Tensor, noise: torch.Generator) -> State:
        """Where the rollouts of these sequences begin, given first conditions (B, K); the last one fills up the block."""
        states = []
        for k, first in enumerate(condition):
            drawn = network.cold(DRAWS, first.expand(DRAWS, -1), noise)
            levels, flags = (part.cpu().numpy() for part in network.observe(drawn.x))
            able = self._able(min(members.start + k, members.stop - 1), levels, flags > 0.5)
            place = int(able[int(torch.randint(len(able), (), generator=noise, device=drawn.x.device))])
            states.append(State(*(part[place] for part in drawn)))
        return State(*(torch.stack(parts) for parts in zip(*states, strict=True)))

    def _able(self, sequence: int, levels: NDArray[np.float32], flags: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The starts, of so many levels (S, C) and flags (S, M), that agree with what is asked of a sequence."""
        agrees, apart = np.ones(len(flags), dtype=bool), np.zeros(len(flags))
        value = flag = 0
        for k, codec in enumerate(self.law.encoder.codecs_):
            if (target := self.targets.get(k)) is not None:
                codes = flags[:, flag : flag + codec.n_events] @ np.arange(1, codec.n_events + 1)
                agrees &= codes == target.codes[sequence]
                if codec.has_value and target.codes[sequence] == 0:
                    apart += (levels[:, value] - target.scores[sequence]) ** 2
            value, flag = value + codec.has_value, flag + codec.n_events + codec.sticky
        able = np.flatnonzero(agrees)
        if not len(able):
            raise InputError(
                f"conditions ask for {self.asked.iloc[sequence].to_dict()}, which is so rare that the rest cannot be drawn "
                f"given it; give all of {list(self.law.names)}"
            )
        return able[np.argsort(apart[able], kind="stable")[:NEAREST]] if apart.any() else able
