"""Sliced Wasserstein distance between sets of windows."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def sliced_wasserstein(a: Tensor, b: Tensor, projections: int, generator: torch.Generator) -> float:
    """Mean 1-Wasserstein distance of random projections (Rabin et al. 2011).

    Parameters
    ----------
    a, b : Tensor of shape (n, T, V), (m, T, V)
    projections : int
    generator : torch.Generator
        Of the directions, uniform on the sphere.

    Returns
    -------
    float
        Nonnegative, 0 for equal sets, in the units of the coordinates.
    """
    a, b = a.flatten(1), b.flatten(1)
    direction = torch.randn(a.shape[1], projections, generator=generator, device=a.device)
    direction /= direction.norm(dim=0)
    levels = torch.linspace(0, 1, 2 * max(len(a), len(b)) + 1, device=a.device)[1::2]
    quantiles = [torch.quantile(x @ direction, levels, dim=0) for x in (a, b)]
    return float((quantiles[0] - quantiles[1]).abs().mean()) * math.sqrt(a.shape[1])
