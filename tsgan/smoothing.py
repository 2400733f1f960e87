"""What lies in gaps, given both sides of them: an ensemble that reads a series and is put right where gaps end."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from tsgan.abduction import Reader
from tsgan.flags import codes, raise_flags
from tsgan.networks import Generator, State

MEMBERS = 256  # of the ensemble
LOOKBACK = 240  # rows that the end of a gap tells something of, at most
CHUNK = 128  # patches whose conditions are read at once
SURE, UNSURE = 0.02, 1.0  # of the variance of what is foretold: error of the first patch, which gaps meet, and of later rows
AHEAD, STRIDE = 24, 6  # rows behind a gap's end that it is put right by: those of the first patch, then one in so many
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

    The members of an ensemble read the series (:class:`tsgan.abduction.Reader`): in a gap they go on as rollouts do, and for
    some rows behind it, where they are drawn again by whether they foretell the first event, and what they had in the
    gap is moved by its regression, over the ensemble, on what they foretell of the values (an ensemble Kalman smoother):
    given the future, as far as the ensemble is Gaussian. Then they stand again where the gap ends, and read on.

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
        steps, c = series.values.shape
        self.filled = torch.zeros(draws, steps, network.n_latent)
        self.first = 0  # row of the first of these, which an end may still tell of
        self.open: list[Tensor] = []
        self.pending = torch.zeros(c, dtype=torch.bool, device=series.values.device)  # values not seen since a gap
        self.untold = ~series.told[0]

    def run(self) -> Tensor:
        network, series, p = self.network, self.series, self.network.patch_size
        self.reader = reader = Reader(network, self._conditions(0, 1)[0], self.generator)
        reader.begin(*(part[None, 0].expand(self.members, -1) for part in series[:4]))
        self._keep(0, reader.state.x)
        for begin in range(0, len(series.conditions), CHUNK):
            for k, known in enumerate(reader.known(self._conditions(begin, CHUNK)), begin):
                rows = [part[None, k * p : (k + 1) * p + 1].expand(self.members, -1, -1) for part in series[:4]]
                if self.open:
                    self._look_ahead(k, rows)
                values, seen, flags, told = rows
                reader.read(known, values, seen, flags, told, partial(self._read, k * p))
        self._flush(0)
        return self.filled

    def _conditions(self, first: int, patches: int) -> Tensor:
        return self.series.conditions[first : first + patches, None].expand(-1, self.members, -1)

    def _read(self, before: int, number: int, ahead: Tensor, x: Tensor) -> Tensor:
        self._keep(before + number, x)
        return x

    def _look_ahead(self, k: int, rows: list[Tensor]) -> None:
        """Where gaps end in a patch: go on without what is known from there on, and put right what is open by it.

        Rows of the patch before the end are then as good as seen, each member's own: ``rows`` are changed.
        """
        series, p, c = self.series, self.network.patch_size, self.series.values.shape[1]
        here = slice(k * p + 1, (k + 1) * p + 1)
        ends, back = self.pending & series.seen[here].any(0), self.untold & series.told[here].any(0)
        if not ends.any() and not back.any():
            return
        begun, patches = self.reader.state, min(-(-AHEAD // p), len(series.conditions) - k)
        path: list[Tensor] = []

        def kept(number: int, ahead: Tensor, x: Tensor) -> Tensor:
            path.append(x)
            return x

        for j, known in enumerate(self.reader.known(self._conditions(k, patches)), k):
            values, seen, flags, told = (
                part[None, j * p : (j + 1) * p + 1].expand(self.members, -1, -1) for part in series[:4]
            )
            self.reader.read(known, values, seen & ~ends, flags, told & ~back, corrected=kept)
        chosen = self._agreeing(torch.stack(path[:p])[..., c:], k * p + 1, back)
        self.reader.state = begun
        past = torch.stack([*self.open, *path])
        if chosen is not None:
            past = past[:, chosen]
            self.reader.state = State(*(part[chosen] for part in begun))
        opened = len(self.open)
        for row in [*range(p), *range(p, len(path), STRIDE)]:
            there = ends & series.seen[k * p + 1 + row]
            if there.any():
                foretold, error = past[opened + row][:, :c][:, there], SURE if row < p else UNSURE
                past = past + regressed(past, foretold, series.values[k * p + 1 + row, there], error)
        self.open = list(past[:opened])
        # Rows of the patch in which the gap goes on.
        own = past[opened : opened + p, :, :c].transpose(0, 1)
        not_yet = (ends & ~series.seen[here]).expand(self.members, -1, -1)
        for place, part in ((0, own), (1, torch.ones_like(not_yet))):
            rows[place] = rows[place].clone()
            rows[place][:, 1:] = torch.where(not_yet, part, rows[place][:, 1:])

    def _keep(self, row: int, x: Tensor) -> None:
        """Keep a row while an end may tell of it."""
        series, gap = self.series, bool(self.series.gaps[row])
        self.pending = (self.pending | gap) & ~series.seen[row]
        self.untold = ~series.told[row]
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

    def _agreeing(self, latent: Tensor, first: int, back: Tensor) -> Tensor | None:
        """Members drawn by how many of the events that are told again they foretell; None where all do as well.

        ``latent`` (P, members, M) are the flags' latent channels from row ``first`` on.
        """
        prior, weight = self.network.prewhitening, torch.ones(self.members, device=latent.device)
        foretold = raise_flags(latent - prior.threshold, prior.layout.groups)
        for group in prior.layout.groups:
            if back[group].any():
                row = int(self.series.told[first : first + len(latent), group].all(1).nonzero()[0])
                same = codes(foretold[row][:, group].bool()) == codes(self.series.flags[None, first + row, group].bool())
                weight *= torch.where(same, 1.0, DISAGREE)
        if (weight == weight[0]).all():
            return None
        return torch.multinomial(weight, len(weight), replacement=True, generator=self.generator)


def regressed(past: Tensor, foretold: Tensor, known: Tensor, error: float = SURE) -> Tensor:
    """How far to move what members had (rows, members, D), by its regression on what they foretell (members, q).

    Covariances are shrunk by the share of them that chance would make of so many members; ``error`` is the share of the
    variance of what is foretold by which what is ``known`` (q,) may miss it.
    """
    members = len(foretold)
    off, apart = foretold - foretold.mean(0), past - past.mean(1, keepdim=True)
    cross = torch.einsum("rmd,mq->rdq", apart, off) / (members - 1)
    variance = off.square().sum(0) / (members - 1)
    squared = (
        cross.square() / (apart.square().sum(1) / (members - 1)).clamp(min=1e-12)[..., None] / variance.clamp(min=1e-12)
    )
    cross = cross * (1 - 1 / (members * squared.clamp(min=1e-6))).clamp(min=0)
    among = off.T @ off / (members - 1) + torch.diag(error * variance + 1e-6)
    gain = torch.linalg.solve(among, cross.flatten(0, 1).T).T.view_as(cross)
    return torch.einsum("rdq,mq->rmd", gain, known - foretold)
