"""Small networks whose weights come from a random stream of their own."""

from __future__ import annotations

import torch
from torch import nn


def glorot_gru(columns: int, hidden_size: int, seed: int) -> tuple[nn.GRU, nn.Linear]:
    """GRU and linear layer with Glorot weights and no biases, from a random stream of their own."""
    # On the meta device the layers' own initialisation draws nothing from the global random state.
    gru = nn.GRU(columns, hidden_size, batch_first=True, device="meta").to_empty(device="cpu")
    head = nn.Linear(hidden_size, 1, device="meta").to_empty(device="cpu")
    weights = [*gru.parameters(), *head.parameters()]
    draw = torch.Generator().manual_seed(seed)
    # That initialisation would come first in the stream: with it, figures equal those after torch.manual_seed(seed).
    for w in weights:
        nn.init.uniform_(w, generator=draw)
    for w in weights:
        nn.init.xavier_uniform_(w, generator=draw) if w.dim() > 1 else nn.init.zeros_(w)
    return gru, head
