"""The generator's state after a history: what noise must have been there, and where the recurrence then stands."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tsgan.cells import CELLS
from tsgan.flags import codes
from tsgan.networks import Generator, State
from tsgan.recurrence import BOUND, SLOPE

ROUNDS = 2  # noise and hidden state depend on each other
RIDGE = 0.2  # variance of standardised innovations that the noise need not explain
MOST = 4.0  # of the noise
STILL = 1e-6  # scale of channels that never move
BESIDE = 0.1  # a threshold


@torch.no_grad()
def read_history(network: Generator, values: Tensor, flags: Tensor, conditions: Tensor, generator: torch.Generator) -> State:
    """Run the recurrence of :func:`tsgan.recurrence.rollout` along a history.

    Parameters
    ----------
    network : Generator
    values : Tensor of shape (B, 1 + N P, C)
        The first row is only gone on from.
    flags : Tensor of shape (B, 1 + N P, M)
        0 or 1.
    conditions : Tensor of shape (N, B, K)
        Known when each patch begins.
    generator : torch.Generator

    Returns
    -------
    State
        After the last row.
    """
    n, p = len(conditions), network.patch_size
    reader = Reader(network, conditions[0], generator)
    known = reader.known(conditions)
    told = torch.ones_like(flags, dtype=torch.bool)
    seen = (network.prewhitening.seen(flags) > 0).expand(values.shape)
    reader.begin(values[:, 0], seen[:, 0], flags[:, 0], told[:, 0])
    for k in range(n):
        rows = slice(k * p, (k + 1) * p + 1)
        reader.read(known[k], values[:, rows], seen[:, rows], flags[:, rows], told[:, rows])
    return reader.state


class Reader:
    """The recurrence along rows that are known, or known in part.

    Levels are those of the data. The noise, which the hidden state has read, is drawn from its law given the innovations
    seen: a patch has as many of them as there is noise, and their mean is affine in it given the hidden state, so that a few
    rounds of (Gaussian posterior of the noise by perturbation, hidden state given the noise) find both. What is not seen
    goes on as it would in a rollout: innovations of held and hidden values, and the flags' latent channels, which are put
    right where they would give other flags than those told. Slow noise and what came before are drawn.

    Parameters
    ----------
    network : Generator
    condition : Tensor of shape (B, K)
        When it begins.
    generator : torch.Generator

    References
    ----------
    Papandreou, Yuille (2010), Gaussian sampling by local perturbations.
    """

    def __init__(self, network: Generator, condition: Tensor, generator: torch.Generator) -> None:
        self.network, self.generator = network, generator
        self.batch, wide = len(condition), network.patch_size * network.n_latent
        self.state = network.cold(self.batch, condition, generator)
        self.of_noise = network.from_known.weight[:, :wide]
        self.mixing = self.of_noise[-wide:]
        ridge = RIDGE * torch.eye(wide, device=condition.device)
        self.solver = torch.linalg.solve(self.mixing.T @ self.mixing + ridge, self.mixing.T)

    def known(self, conditions: Tensor) -> Tensor:
        """Share of the conditions (N, B, K) of the next patches, and of slow noise that goes on through them."""
        slow = self.network.slow_noise(self.state.slow, len(conditions), self.generator)
        self.state = self.state._replace(slow=slow[-1])
        no_noise = conditions.new_zeros(*conditions.shape[:2], self.of_noise.shape[1])
        known: Tensor = self.network.from_known(torch.cat([no_noise, slow, conditions], 2))
        return known

    def begin(self, values: Tensor, seen: Tensor, flags: Tensor, told: Tensor) -> None:
        """Stand at the first row: values (B, C) where they are seen, flags (B, M) where they are told."""
        self.state = self.state._replace(x=self._stand(self.state.x, values, seen, flags, told))

    def read(
        self,
        known: Tensor,
        values: Tensor,
        seen: Tensor,
        flags: Tensor,
        told: Tensor,
        corrected: Callable[[int, Tensor, Tensor], Tensor] | None = None,
    ) -> None:
        """Go through a patch.

        Parameters
        ----------
        known : Tensor of shape (B, gates H + H + 2 P D)
        values, seen : Tensors of shape (B, 1 + P, C)
            From the row before on.
        flags, told : Tensors of shape (B, 1 + P, M)
        corrected : callable, optional
            Given the number of a row in the patch, from 1, latent channels (B, D) as they would have gone on and as they
            are known there, says what they are.
        """
        network, prior = self.network, self.network.prewhitening
        p, d, batch, c_ = network.patch_size, network.n_latent, self.batch, prior.n_values
        h, c, x, last, _ = self.state
        pairs = seen[:, 1:] & seen[:, :-1] & (prior.moves(flags[:, 1:]) > 0)  # innovations that are seen
        e_seen = (values[:, 1:] - prior.rho[:c_] * values[:, :-1]) * pairs
        unseen = values.new_zeros(batch, p, prior.n_flags)
        target = torch.cat([e_seen, unseen], 2).view(batch, p * d)
        is_seen = torch.cat([pairs, unseen > 0], 2).view(batch, p * d)
        step, recurrent = CELLS[network.cell].step, network.recurrent()

        size = torch.log(last * last + prior.size_floor)
        bounded = x.clamp(-BOUND, BOUND)
        inputs = torch.cat([bounded, bounded * bounded, size, last.clamp(-BOUND, BOUND), h], 1)
        before = known + network.from_state(inputs)
        prior_z, slack = torch.randn(2, batch, p * d, generator=self.generator, device=values.device)
        z = prior_z
        for attempt in range(ROUNDS + 1):
            gates, a, out = (before + z @ self.of_noise.T).split(network.split, 1)
            new_h, new_c = step(gates, h, c, recurrent)
            head = torch.nn.functional.leaky_relu(a + network.head(new_h), SLOPE)
            log_scale, mean = (out + network.readout(head)).chunk(2, 1)
            scale = torch.exp(torch.clamp(log_scale, network.scale_low, network.scale_high))
            if attempt == ROUNDS:
                break
            explained = is_seen & (scale > STILL)
            missed = torch.where(explained, target / scale - mean + RIDGE**0.5 * slack, 0.0).clamp(-BOUND, BOUND)
            z = (prior_z + (missed + (z - prior_z) @ self.mixing.T) @ self.solver.T).clamp(-MOST, MOST)
        generated = (scale * mean).view(batch, p, d)
        self.state = self.state._replace(h=new_h, c=new_c)
        for j in range(p):
            gone_on = prior.rho * x + generated[:, j]
            x = self._stand(gone_on, values[:, j + 1], seen[:, j + 1], flags[:, j + 1], told[:, j + 1])
            if corrected is not None:
                x = corrected(j + 1, gone_on, x)
        e = torch.cat([torch.where(pairs[:, -1], e_seen[:, -1], generated[:, -1, :c_]), generated[:, -1, c_:]], 1)
        self.state = self.state._replace(x=x, last=e * prior.size_gain)

    def _stand(self, x: Tensor, values: Tensor, seen: Tensor, flags: Tensor, told: Tensor) -> Tensor:
        """Latent channels (B, D) with what is seen and told of them put in."""
        prior = self.network.prewhitening
        own, latent = x.split([prior.n_values, prior.n_flags], 1)
        right = consistent(prior.threshold, prior.layout.groups, latent, flags)
        return torch.cat([torch.where(seen, values, own), torch.where(told, right, latent)], 1)


def consistent(threshold: Tensor, groups: list[slice], latent: Tensor, flags: Tensor) -> Tensor:
    """Latent channels (B, M), moved just so far that they give these flags (B, M)."""
    excess = latent - threshold
    if all(group.stop - group.start == 1 for group in groups):
        beside = torch.where(flags > 0, excess.clamp(min=BESIDE), excess.clamp(max=-BESIDE))
        return torch.where((excess > 0) != (flags > 0), beside, excess) + threshold
    parts = []
    for group in groups:
        excess, code = latent[:, group] - threshold[group], codes(flags[:, group].long())
        padded = torch.nn.functional.pad(excess, (1, 0))
        wrong = padded.argmax(1) != code
        lowered = torch.minimum(excess, excess.new_tensor(-BESIDE))
        best = padded.scatter(1, code[:, None], -torch.inf).amax(1, keepdim=True)
        raised = torch.where(flags[:, group] > 0, best.clamp(min=0) + BESIDE, excess)
        right = torch.where((code == 0)[:, None], lowered, raised)
        parts.append(torch.where(wrong[:, None], right, excess) + threshold[group])
    return torch.cat(parts, 1) if parts else latent
