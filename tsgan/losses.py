"""The adversarial losses, and nothing else. Symbols are those of the papers.

``D`` is the critic, ``x`` a batch of real and ``y`` of generated sequences in the critic's space; ``D(x)`` and ``D(y)`` are
scores (B,), logits where a loss speaks of probabilities, ``s`` is the logistic function. Each loss has a function for the
critic, of both scores, and one for the generator, of both too: real scores as a function that computes them, since the
generator of all losses but one does without. What keeps the critic's slope in bounds is in :mod:`tsgan.penalties`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import relu, softplus  # softplus(a) = -log s(-a)

Scores = Callable[[], Tensor]


class Loss(NamedTuple):
    """What critic and generator minimise.

    Parameters
    ----------
    critic : callable (D(x), D(y)) -> Tensor of shape ()
    generator : callable (() -> D(x), D(y)) -> Tensor of shape ()
    clip : float, optional
        Bound that the critic's weights are clipped to after each of its steps.
    """

    critic: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Scores, Tensor], Tensor]
    clip: float | None = None


def wasserstein(d_real: Tensor, d_fake: Tensor) -> Tensor:
    """``E[D(y)] - E[D(x)]`` (Arjovsky et al. 2017, Wasserstein GAN, eq. 2)."""
    return d_fake.mean() - d_real.mean()


def raise_score(d_real: Scores, d_fake: Tensor) -> Tensor:
    """``-E[D(y)]`` (Arjovsky et al. 2017, algorithm 1; Lim & Ye 2017)."""
    return -d_fake.mean()


def cross_entropy(d_real: Tensor, d_fake: Tensor) -> Tensor:
    """``-E[log s(D(x))] - E[log(1 - s(D(y)))]`` (Goodfellow et al. 2014, Generative adversarial nets, eq. 1)."""
    return softplus(-d_real).mean() + softplus(d_fake).mean()


def minimax(d_real: Scores, d_fake: Tensor) -> Tensor:
    """``E[log(1 - s(D(y)))]`` (Goodfellow et al. 2014, eq. 1): its gradient vanishes where ``D(y)`` is low."""
    return -softplus(d_fake).mean()


def non_saturating(d_real: Scores, d_fake: Tensor) -> Tensor:
    """``-E[log s(D(y))]`` (Goodfellow et al. 2014, section 3)."""
    return softplus(-d_fake).mean()


def least_squares(d_real: Tensor, d_fake: Tensor) -> Tensor:
    """``E[(D(x) - 1)^2] / 2 + E[D(y)^2] / 2`` (Mao et al. 2017, Least squares GANs, eq. 9)."""
    return ((d_real - 1) ** 2).mean() / 2 + (d_fake**2).mean() / 2


def be_taken_for_real(d_real: Scores, d_fake: Tensor) -> Tensor:
    """``E[(D(y) - 1)^2] / 2`` (Mao et al. 2017, eq. 9)."""
    return ((d_fake - 1) ** 2).mean() / 2


def hinge(d_real: Tensor, d_fake: Tensor) -> Tensor:
    """``E[max(0, 1 - D(x))] + E[max(0, 1 + D(y))]`` (Lim & Ye 2017, Geometric GAN; Miyato et al. 2018)."""
    return relu(1 - d_real).mean() + relu(1 + d_fake).mean()


def relativistic(d_real: Tensor, d_fake: Tensor) -> Tensor:
    """``-E[log s(D(x) - D(y))]`` of pairs (Jolicoeur-Martineau 2018, The relativistic discriminator)."""
    return softplus(d_fake - d_real).mean()


def relativistic_generator(d_real: Scores, d_fake: Tensor) -> Tensor:
    """``-E[log s(D(y) - D(x))]`` of the same pairs; with R1 and R2 it is R3GAN (Huang et al. 2024)."""
    return softplus(d_real() - d_fake).mean()


CLIP = 0.05  # the paper's .01 is for images: with it the slope of so small a critic all but vanishes
LOSSES = {
    "wgan-gp": Loss(wasserstein, raise_score),
    "wgan": Loss(wasserstein, raise_score, clip=CLIP),
    "minimax": Loss(cross_entropy, minimax),
    "non-saturating": Loss(cross_entropy, non_saturating),
    "least-squares": Loss(least_squares, be_taken_for_real),
    "hinge": Loss(hinge, raise_score),
    "relativistic": Loss(relativistic, relativistic_generator),
}
