"""The adversarial objectives, and nothing else. Symbols are those of the papers.

``D`` is the critic, ``x`` a batch of real and ``y`` of generated sequences in the critic's space, each (B, T, V); ``D``
maps such a batch to scores (B,).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Critic = Callable[[Tensor], Tensor]


def wasserstein(d_real: Tensor, d_fake: Tensor) -> Tensor:
    """Critic's loss ``E[D(y)] - E[D(x)]`` (Arjovsky et al. 2017, eq. 2), from scores (B,)."""
    return d_fake.mean() - d_real.mean()


def generator_loss(d_fake: Tensor) -> Tensor:
    """Generator's loss ``-E[D(y)]`` from scores (B,)."""
    return -d_fake.mean()


def mixture(x: Tensor, y: Tensor, generator: torch.Generator) -> Tensor:
    """Points ``u x + (1 - u) y`` with one uniform ``u`` per sequence (Gulrajani et al. 2017, algorithm 1)."""
    u = torch.rand(len(x), 1, 1, generator=generator, device=x.device)
    return torch.lerp(y, x, u)


def gradient_penalty(D: Critic, x_mix: Tensor) -> Tensor:
    """``E[(||grad D||_2 - 1)^2]``, the norm over all coordinates of a sequence (Gulrajani et al. 2017, eq. 3).

    By double backward: the reference for :func:`directional_penalty`, which the training uses.
    """
    x_mix = x_mix.detach().requires_grad_()
    (g,) = torch.autograd.grad(D(x_mix).sum(), x_mix, create_graph=True)
    norm: Tensor = g.flatten(1).norm(dim=1)
    return ((norm - 1) ** 2).mean()


def directions(D: Critic, x_mix: Tensor) -> Tensor:
    """Unit vectors ``grad D / ||grad D||`` of each sequence, without a graph."""
    x_mix = x_mix.detach().requires_grad_()
    (g,) = torch.autograd.grad(D(x_mix).sum(), x_mix)
    norm: Tensor = g.flatten(1).norm(dim=1)
    return torch.divide(g, norm.clamp(min=1e-12)[:, None, None])


def directional_penalty(d_ahead: Tensor, d_behind: Tensor, h: float) -> Tensor:
    """The penalty with first derivatives only.

    With ``u = grad D / ||grad D||`` held fixed, ``||grad D|| = (D(x + h u) - D(x - h u)) / 2 h + O(h^2)``, and because
    ``u`` is a unit vector the derivative in the critic's weights is that of the norm, up to ``O(h^2)``.

    Parameters
    ----------
    d_ahead, d_behind : Tensor of shape (B,)
        ``D(x + h u)`` and ``D(x - h u)``.
    """
    return (((d_ahead - d_behind) / (2 * h) - 1) ** 2).mean()
