"""How a generator's latent channels vary together, over steps: what kriging takes for the law of what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tsgan.device import one_thread
from tsgan.rows import Rows
from tsgan.sampling import patch_conditions
from tsgan.spans import Wanted, draw_spans
from tsgan.told import Told

if TYPE_CHECKING:
    from tsgan.conditions import Known
    from tsgan.fitted import Fitted
    from tsgan.networks import Generator

LAGS = 384  # between rows that tell of each other
STEPS = 150_000  # of pairs of rollouts
LONGEST, MOST = 768, 4096  # steps of a rollout; pairs of them
TOGETHER = 2**17  # steps of pairs computed together
SEED = 0  # the same for each use of a model


@one_thread()
@torch.no_grad()
def latent_covariance(model: Fitted) -> Tensor:
    """Covariances (lags, D, D), float64, of latent channels with those so many steps later, given the conditions.

    From differences of two rollouts under the same conditions, in which all that the conditions tell cancels; the conditions
    are those of sequences as :meth:`tsgan.TSGAN.sample` draws them. A generator keeps them once they are asked for.
    """
    network, schema = model.generator, model.schema
    if network.covariance is None:
        mean = int(np.minimum(schema.lengths, LONGEST).mean())
        length = None if model.positions is not None else min(max(schema.lengths), LONGEST)
        spans = draw_spans(schema, max(1, min(MOST, STEPS // mean)), Wanted(length), None, model.positions is not None, SEED)
        rows, told = Rows(spans, schema.axis), None
        if model.law is not None:
            told = Told(model.law, model.law.draw(model.known(spans, None), rows, SEED), rows)
        network.covariance = _of_pairs(network, model.known(spans, told))
    return network.covariance


def _of_pairs(network: Generator, known: Known) -> Tensor:
    lengths = torch.tensor(known.spans.lengths)
    noise = torch.Generator(network.level_table.device).manual_seed(SEED)
    sums = torch.zeros(LAGS, network.n_latent, network.n_latent, dtype=torch.float64)
    width = max(1, TOGETHER // int(lengths.max()))
    for first in range(0, len(lengths), width):
        members = range(first, min(first + width, len(lengths)))
        own = lengths[members.start : members.stop]
        patches = -(-int(own.max()) // network.patch_size)
        conditions = patch_conditions(network, known, members, len(members), 0, patches)
        known.forget(first, 0)
        one, two = torch.cat(list(network.rollouts(conditions.repeat(1, 2, 1), noise)), 1).cpu().chunk(2)
        there = torch.arange(one.shape[1]) < own[:, None]
        products = lagged_products((one - two) / 2**0.5 * there[..., None])
        sums[: len(products)] += products
    return sums / lengths.sum()  # not by the number of terms: so it is positive definite


def lagged_products(x: Tensor) -> Tensor:
    """Sums over sequences and steps of channels by those so many steps later: (B, T, D) to (lags, D, D), float64."""
    lags = min(LAGS, x.shape[1])
    size = x.shape[1] + lags
    spectrum = torch.fft.rfft(x.double(), n=size, dim=1).transpose(0, 1)  # (frequencies, B, D)
    products: Tensor = torch.fft.irfft(spectrum.conj().transpose(1, 2) @ spectrum, n=size, dim=0)
    return products[:lags]
