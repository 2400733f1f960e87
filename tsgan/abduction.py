"""The generator's state after a history: what noise must have been there, and where the recurrence then stands."""

from __future__ import annotations

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

    Levels are those of the data. The noise, which the hidden state has read, is drawn from its law given the innovations
    seen: a patch has as many of them as there is noise, and their mean is affine in it given the hidden state, so that a few
    rounds of (Gaussian posterior of the noise by perturbation, hidden state given the noise) find both. What is not seen
    goes on as it would in a rollout: innovations of held and hidden values, and the flags' latent channels, which are put
    right where they would give other flags. Slow noise and what came before are drawn.

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

    References
    ----------
    Papandreou, Yuille (2010), Gaussian sampling by local perturbations.
    """
    n, batch, _ = conditions.shape
    p, d, prior = network.patch_size, network.n_latent, network.prewhitening
    state = network.cold(batch, conditions[0], generator)
    h, c, last = state.h, state.c, state.last
    slow = network.slow_noise(state.slow, n, generator)

    seen = (prior.seen(flags) > 0).expand(values.shape)
    pairs = seen[:, 1:] & seen[:, :-1] & (prior.moves(flags[:, 1:]) > 0)  # innovations that are seen
    e_seen = (values[:, 1:] - prior.rho[: prior.n_values] * values[:, :-1]) * pairs
    unseen = values.new_zeros(batch, n * p, prior.n_flags)
    target = torch.cat([e_seen, unseen], 2).view(batch, n, p * d)
    is_seen = torch.cat([pairs, unseen > 0], 2).view(batch, n, p * d)

    level = torch.where(seen[:, 0], values[:, 0], state.x[:, : prior.n_values])
    x = torch.cat([level, consistent(prior.threshold, prior.layout.groups, state.x[:, prior.n_values :], flags[:, 0])], 1)
    known = network.from_known(torch.cat([values.new_zeros(n, batch, p * d), slow, conditions], 2))
    step, recurrent = CELLS[network.cell].step, network.recurrent()
    of_noise = network.from_known.weight[:, : p * d]
    mixing = of_noise[-p * d :]
    solver = torch.linalg.solve(mixing.T @ mixing + RIDGE * torch.eye(p * d, device=values.device), mixing.T)
    for k in range(n):
        size = torch.log(last * last + prior.size_floor)
        bounded = x.clamp(-BOUND, BOUND)
        inputs = torch.cat([bounded, bounded * bounded, size, last.clamp(-BOUND, BOUND), h], 1)
        before = known[k] + network.from_state(inputs)
        prior_z, slack = torch.randn(2, batch, p * d, generator=generator, device=values.device)
        z = prior_z
        for attempt in range(ROUNDS + 1):
            gates, a, out = (before + z @ of_noise.T).split(network.split, 1)
            new_h, new_c = step(gates, h, c, recurrent)
            head = torch.nn.functional.leaky_relu(a + network.head(new_h), SLOPE)
            log_scale, mean = (out + network.readout(head)).chunk(2, 1)
            scale = torch.exp(torch.clamp(log_scale, network.scale_low, network.scale_high))
            if attempt == ROUNDS:
                break
            explained = is_seen[:, k] & (scale > STILL)
            missed = torch.where(explained, target[:, k] / scale - mean + RIDGE**0.5 * slack, 0.0).clamp(-BOUND, BOUND)
            z = (prior_z + (missed + (z - prior_z) @ mixing.T) @ solver.T).clamp(-MOST, MOST)
        h, c = new_h, new_c
        generated = (scale * mean).view(batch, p, d)
        for j in range(p):
            row = k * p + j + 1
            gone_on = prior.rho * x + generated[:, j]
            level = torch.where(seen[:, row], values[:, row], gone_on[:, : prior.n_values])
            latent = consistent(prior.threshold, prior.layout.groups, gone_on[:, prior.n_values :], flags[:, row])
            known_e = torch.where(pairs[:, row - 1], e_seen[:, row - 1], generated[:, j, : prior.n_values])
            e = torch.cat([known_e, generated[:, j, prior.n_values :]], 1)
            x = torch.cat([level, latent], 1)
        last = e * prior.size_gain
    return State(h, c, x, last, slow[-1])


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
