"""One step of a recurrent cell, plainly: what the hand-written recurrence computes, and what any other cell is run by."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Cell(NamedTuple):
    """A recurrent cell of H hidden units.

    Parameters
    ----------
    gates : int
        Blocks of H in the pre-activations.
    memory : int
        Blocks of H in the state besides the hidden one.
    step : callable (gates, h, c, recurrent) -> (h, c)
        Pre-activations (B, gates H) of inputs and hidden state, the state (B, H) and (B, memory H), and the weights (H, H)
        by which the hidden state is in the last block, to the next state.
    network : type of RNNBase
        The same cell without feedback, fused: the critic's.
    """

    gates: int
    memory: int
    step: Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
    network: type[nn.LSTM] | type[nn.GRU]


def lstm(gates: Tensor, h: Tensor, c: Tensor, recurrent: Tensor) -> tuple[Tensor, Tensor]:
    """``c' = s(f) c + s(i) tanh(g)``, ``h' = s(o) tanh(c')`` of the blocks i, f, o, 2 g.

    References
    ----------
    Hochreiter, Schmidhuber (1997), Long short-term memory; with the forget gate of Gers, Schmidhuber, Cummins (2000).
    """
    i, f, o, g = gates.chunk(4, 1)
    new_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g / 2)
    return torch.sigmoid(o) * torch.tanh(new_c), new_c


def gru(gates: Tensor, h: Tensor, c: Tensor, recurrent: Tensor) -> tuple[Tensor, Tensor]:
    """``n = tanh(a + s(r) (h U))``, ``h' = (1 - s(z)) n + s(z) h`` of the blocks r, z, a + h U.

    The reset gate acts after the product with U, as in cuDNN's and PyTorch's GRU.

    References
    ----------
    Cho et al. (2014), Learning phrase representations using RNN encoder-decoder for statistical machine translation.
    """
    r, z, a = gates.chunk(3, 1)
    candidate = torch.tanh(a - torch.sigmoid(-r) * (h @ recurrent))
    return torch.lerp(candidate, h, torch.sigmoid(z)), c


CELLS = {"lstm": Cell(4, 1, lstm, nn.LSTM), "gru": Cell(3, 0, gru, nn.GRU)}
