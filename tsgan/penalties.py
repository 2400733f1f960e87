"""Penalties on the critic's slope, by first derivatives only.

The slope of ``D`` at a sequence is ``||grad D||_2``, the norm over all of its coordinates. A penalty says at which
sequences it is taken and what it should be there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import relu

Critic = Callable[[Tensor], Tensor]


class Penalty(NamedTuple):
    """A penalty is the sum of ``of_slopes`` over the batches of points.

    Parameters
    ----------
    points : callable (x, y, generator) -> list of Tensor of shape (B, T, V)
        Where the slopes are taken, given real and generated sequences (B, T, V).
    of_slopes : callable
        Slopes (B,) to a scalar.
    """

    points: Callable[[Tensor, Tensor, torch.Generator], list[Tensor]]
    of_slopes: Callable[[Tensor], Tensor]


def mixture(x: Tensor, y: Tensor, generator: torch.Generator) -> list[Tensor]:
    """Points ``u x + (1 - u) y`` with one uniform ``u`` per sequence (Gulrajani et al. 2017, algorithm 1)."""
    u = torch.rand(len(x), 1, 1, generator=generator, device=x.device)
    return [torch.lerp(y, x, u)]


def both(x: Tensor, y: Tensor, generator: torch.Generator) -> list[Tensor]:
    """The real and the generated sequences themselves (Mescheder et al. 2018, eq. 9 and 10)."""
    return [x, y]


def two_sided(slopes: Tensor) -> Tensor:
    """``E[(||grad D|| - 1)^2]`` (Gulrajani et al. 2017, Improved training of Wasserstein GANs, eq. 3)."""
    return ((slopes - 1) ** 2).mean()


def one_sided(slopes: Tensor) -> Tensor:
    """``E[max(0, ||grad D|| - 1)^2]`` (Petzka et al. 2018, On the regularization of Wasserstein GANs)."""
    return (relu(slopes - 1) ** 2).mean()


def half_square(slopes: Tensor) -> Tensor:
    """``E[||grad D||^2] / 2``: of real sequences R1, of generated ones R2 (Mescheder et al. 2018, eq. 9 and 10)."""
    return (slopes**2).mean() / 2


PENALTIES = {
    "two-sided": Penalty(mixture, two_sided),
    "one-sided": Penalty(mixture, one_sided),
    "r1r2": Penalty(both, half_square),
}


def exact_slopes(D: Critic, points: Tensor) -> Tensor:
    """Slopes (B,) at points (B, T, V) by double backward: the reference for :func:`slopes`, which the training uses."""
    points = points.detach().requires_grad_()
    (g,) = torch.autograd.grad(D(points).sum(), points, create_graph=True)
    norm: Tensor = g.flatten(1).norm(dim=1)
    return norm


def directions(D: Critic, points: Tensor) -> Tensor:
    """Unit vectors ``grad D / ||grad D||`` at points (B, T, V), without a graph."""
    points = points.detach().requires_grad_()
    (g,) = torch.autograd.grad(D(points).sum(), points)
    norm: Tensor = g.flatten(1).norm(dim=1)
    return torch.divide(g, norm.clamp(min=1e-12)[:, None, None])


def slopes(d_ahead: Tensor, d_behind: Tensor, h: float) -> Tensor:
    """Slopes (B,) with first derivatives only.

    With ``u = grad D / ||grad D||`` held fixed, ``||grad D|| = (D(x + h u) - D(x - h u)) / 2 h + O(h^2)``, and because
    ``u`` is a unit vector the derivative in the critic's weights is that of the norm, up to ``O(h^2)``: and so is that of
    any function of the norm. It needs no second derivatives of a recurrent network, which cuDNN does not have.

    Parameters
    ----------
    d_ahead, d_behind : Tensor of shape (B,)
        ``D(x + h u)`` and ``D(x - h u)``.
    h : float
    """
    return (d_ahead - d_behind) / (2 * h)
