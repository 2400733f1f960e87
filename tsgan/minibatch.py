"""Minibatch discrimination: how near a sequence is to the others of its batch, so that a critic sees a collapse."""

from __future__ import annotations

import torch
from torch import Tensor, nn

DIMENSIONS = 5  # of a kernel


class MinibatchFeatures(nn.Module):
    """``o_b(i) = mean over j of exp(-||M_b(i) - M_b(j)||_1)``, where ``M_b(i)`` is linear in features of sequence i.

    The paper has the sum over j; with the mean features lie between 0 and 1 whatever the size of the batch.

    Parameters
    ----------
    n_features, kernels : int

    References
    ----------
    Salimans, Goodfellow, Zaremba, Cheung, Radford, Chen (2016), Improved techniques for training GANs, section 3.2.
    """

    def __init__(self, n_features: int, kernels: int) -> None:
        super().__init__()
        self.kernels = kernels
        self.project = nn.Linear(n_features, kernels * DIMENSIONS, bias=False)

    def forward(self, features: Tensor, batches: int) -> Tensor:
        """Features (B, F) of so many batches, one after the other, to (B, kernels): each batch has its own company."""
        points = self.project(features).view(batches, -1, self.kernels, DIMENSIONS).transpose(1, 2)
        distance = torch.cdist(points, points, p=1.0)  # (batches, kernels, B / batches, B / batches)
        return torch.exp(-distance).mean(3).transpose(1, 2).reshape(len(features), self.kernels)
