"""What lies in gaps, given both sides of them: an ensemble that reads a series and is put right where gaps end."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from tsgan.abduction import Reader
from tsgan.flags import codes, raise_flags
from tsgan.networks import Generator

MEMBERS = 128  # of the ensemble
LOOKBACK = 240  # rows that the end of a gap tells something of, at most
CHUNK = 128  # patches whose conditions are read at once
RIDGE = 0.02  # of the variance of what a gap's end is foretold
DISAGREE = 0.05  # weight of a member that foretells another event


class Series(NamedTuple):
    """One series, of which some cells are unknown, in whole patches behind the first row.

    ``values`` (T, C) and where they are ``seen``, ``flags`` (T, M) and where they are ``told``, ``conditions`` (N, K) known
    when patches begin; ``gaps`` (T,) tells rows with cells that are to be filled.
    """

    values: Tensor
    seen: Tensor
    flags: Tensor
    told: Tensor
    conditions: Tensor
    gaps: Tensor


@torch.no_grad()
def smooth(network: Generator, series: Series, draws: int, generator: torch.Generator) -> Tensor:
    """Latent channels (draws, T, D) of a series, drawn given all that is known of it.

    The members of an ensemble read the series (:class:`tsgan.abduction.Reader`): in a gap they go on as rollouts do. At the
    first cell behind it they are drawn again by whether they foretell its event, and what they had in the gap is moved by
    its regression, over the ensemble, on what they foretell of the values there (an ensemble Kalman smoother): given the
    future, as far as the ensemble is Gaussian.

    Parameters
    ----------
    network : Generator
    series : Series
    draws : int
    generator : torch.Generator

    Returns
    -------
    Tensor
        On the CPU; rows without gaps are 0.

    References
    ----------
    Evensen, van Leeuwen (2000), An ensemble Kalman smoother for nonlinear dynamics.
    """
    return _Smoother(network, series, draws, generator).run()


class _Smoother:
    def __init__(self, network: Generator, series: Series, draws: int, generator: torch.Generator) -> None:
        self.network, self.series, self.generator, self.draws = network, series, generator, draws
        self.members = max(MEMBERS, draws)
        steps, c = len(series.values), series.values.shape[1]
        self.filled = torch.zeros(draws, steps, network.n_latent)
        self.first = 0  # row of the first of these, which an end may still tell of
        self.open: list[Tensor] = []
        self.pending = torch.zeros(c, dtype=torch.bool, device=series.values.device)

    def run(self) -> Tensor:
        network, series, p = self.network, self.series, self.network.patch_size
        conditions = series.conditions[:, None].expand(-1, self.members, -1)
        self.reader = reader = Reader(network, conditions[0], self.generator)
        parts = [part[None].expand(self.members, -1, -1) for part in series[:4]]
        reader.begin(*(part[:, 0] for part in parts))
        self._keep(0, reader.state.x)
        for begin in range(0, len(conditions), CHUNK):
            for k, known in enumerate(reader.known(conditions[begin : begin + CHUNK]), begin):
                rows = [part[:, k * p : (k + 1) * p + 1] for part in parts]
                values, seen, flags, told = rows
                reader.read(known, values, seen, flags, told, partial(self._corrected, k * p))
        self._flush(0)
        return self.filled

    def _corrected(self, before: int, number: int, ahead: Tensor, x: Tensor) -> Tensor:
        """Latent channels of the members in a row, put right by what is known there, and with them what is open."""
        series, c, row = self.series, self.series.values.shape[1], before + number
        back = series.told[row] & ~series.told[row - 1]
        if self.open and back.any():
            chosen = self._agreeing(ahead[:, c:], series.flags[row], back)
            if chosen is not None:
                ahead, x = ahead[chosen], x[chosen]
                self.open = [kept[chosen] for kept in self.open]
                state = self.reader.state
                self.reader.state = state._replace(h=state.h[chosen], c=state.c[chosen])
        ends = self.pending & series.seen[row]
        if self.open and ends.any():
            known = x[:, :c].clone()
            past = torch.stack([*self.open, torch.cat([ahead[:, :c], x[:, c:]], 1)])  # (rows, members, D)
            moved = past + regressed(past, ahead[:, :c][:, ends], series.values[row, ends])
            self.open = list(moved[:-1])
            # What is seen stays; the flags' latent channels give the flags that are told.
            x = torch.cat([torch.where(series.seen[row], known, moved[-1, :, :c]), x[:, c:]], 1)
        self._keep(row, x)
        return x

    def _keep(self, row: int, x: Tensor) -> None:
        """Keep a row while an end may tell of it."""
        gap = bool(self.series.gaps[row])
        self.pending |= ~self.series.seen[row] if gap else False
        self.pending &= ~self.series.seen[row]
        if gap or self.pending.any():
            if not self.open:
                self.first = row
            self.open.append(x)
            self._flush(LOOKBACK)
        else:
            self._flush(0)

    def _flush(self, most: int) -> None:
        """Of what is open, write the rows that are more than so many back."""
        while len(self.open) > most:
            self.filled[:, self.first] = self.open.pop(0)[: self.draws].cpu()
            self.first += 1

    def _agreeing(self, latent: Tensor, flags: Tensor, back: Tensor) -> Tensor | None:
        """Members drawn by how many of the events that are told again they foretell; None where all do as well."""
        prior, weight = self.network.prewhitening, torch.ones(len(latent), device=latent.device)
        foretold = raise_flags(latent - prior.threshold, prior.layout.groups)
        for group in prior.layout.groups:
            if back[group].any():
                same = codes(foretold[:, group].bool()) == codes(flags[None, group].bool())
                weight *= torch.where(same, 1.0, DISAGREE)
        if (weight == weight[0]).all():
            return None
        return torch.multinomial(weight, len(weight), replacement=True, generator=self.generator)


def regressed(past: Tensor, foretold: Tensor, known: Tensor) -> Tensor:
    """How far to move what members had (rows, members, D), by its regression on what they foretell (members, q).

    Covariances are shrunk by the share of them that chance would make of so many members.
    """
    members = len(foretold)
    off, apart = foretold - foretold.mean(0), past - past.mean(1, keepdim=True)
    cross = torch.einsum("rmd,mq->rdq", apart, off) / (members - 1)
    variance = off.square().sum(0) / (members - 1)
    squared = (
        cross.square() / (apart.square().sum(1) / (members - 1)).clamp(min=1e-12)[..., None] / variance.clamp(min=1e-12)
    )
    cross = cross * (1 - 1 / (members * squared.clamp(min=1e-6))).clamp(min=0)
    among = off.T @ off / (members - 1) + torch.diag(RIDGE * variance + 1e-6)
    gain = torch.linalg.solve(among, cross.flatten(0, 1).T).T.view_as(cross)
    return torch.einsum("rdq,mq->rmd", gain, known - foretold)
