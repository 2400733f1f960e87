"""Generator and critic: recurrent networks over patches of consecutive steps.

Shapes: ``B`` sequences, ``T`` steps, ``P`` steps a patch, ``N`` patches, ``D`` latent channels (values, then flags), ``V``
coordinates of the critic's space, ``K`` condition channels, ``S`` slow noises, ``H`` hidden units.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from tsgan.cells import CELLS
from tsgan.level_copula import LEVELS, MAX_SCORE, affine, log_scale
from tsgan.linear_start import LinearStart
from tsgan.minibatch import MinibatchFeatures
from tsgan.prewhitening import Prewhitening
from tsgan.recurrence import Constants, Holds, rollout
from tsgan.recurrence_numpy import rollout_numpy
from tsgan.recurrence_plain import rollout_plain

STRETCH = 128  # patches of a rollout computed together
SCALE_ROOM = 1.5  # how far learned log scales may go beyond those of the linear model


class State(NamedTuple):
    """Where rollouts stand after a patch: cell state, level, last innovation (scaled), slow noise; or after each of N."""

    h: Tensor
    c: Tensor
    x: Tensor
    last: Tensor
    slow: Tensor

    def after(self, patch: int) -> State:
        """One of N."""
        return State(*(part[patch] for part in self))


class Generator(nn.Module):
    """Reads where the last patch ended, writes the innovations of the next and integrates them.

    Parameters
    ----------
    prewhitening : Prewhitening
    n_conditions, hidden_size, patch_size : int
    slow_steps : tuple of float
        Time constants of the slow noises, in steps; none for sequences of one window.
    cell : str
        One of :data:`tsgan.cells.CELLS`. The LSTM's recurrence is written out (:mod:`tsgan.recurrence`); others are left to
        autograd (:mod:`tsgan.recurrence_plain`).
    """

    decay: Tensor
    nugget: Tensor
    grain: Tensor
    level_known: Tensor
    level_scale: Tensor
    level_factor: Tensor
    level_table: Tensor
    scale_low: Tensor
    scale_high: Tensor

    def __init__(
        self,
        prewhitening: Prewhitening,
        n_conditions: int,
        hidden_size: int,
        patch_size: int,
        slow_steps: tuple[float, ...] = (),
        cell: str = "lstm",
    ) -> None:
        super().__init__()
        self.prewhitening, self.cell = prewhitening, cell
        d, p, h = prewhitening.n_latent, patch_size, hidden_size
        self.n_latent, self.patch_size, self.hidden_size, self.n_conditions = d, p, h, n_conditions
        self.slow_steps = slow_steps
        self.covariance: Tensor | None = None  # see :mod:`tsgan.latent_covariance`
        self.register_buffer("decay", torch.exp(-p / torch.tensor(slow_steps)) if slow_steps else torch.zeros(0))
        self.register_buffer("nugget", torch.zeros(prewhitening.n_flags, prewhitening.n_flags))  # see :mod:`tsgan.nuggets`
        self.register_buffer("grain", torch.zeros(prewhitening.n_values))  # see :mod:`tsgan.grain`
        s, k = len(slow_steps), n_conditions
        gates, memory = CELLS[cell].gates, CELLS[cell].memory
        self.split = [gates * h, h, 2 * p * d]  # gates, head, readout
        self.register_buffer("level_known", torch.zeros(d, 1 + k))
        self.register_buffer("level_scale", torch.zeros(d, 1 + k))
        self.register_buffer("level_factor", torch.eye(d))
        self.register_buffer("level_table", torch.zeros(LEVELS, d))
        self.seed = nn.Linear(2 * d + s + k, h)
        self.begin = nn.Linear(h, (1 + memory) * h)
        self.from_known = nn.Linear(p * d + s + k, sum(self.split))  # noise and conditions, all patches at once
        self.from_state = nn.Linear(4 * d + h, sum(self.split), bias=False)
        self.head = nn.Linear(h, h, bias=False)
        self.readout = nn.Linear(h, 2 * p * d, bias=False)  # log scale and mean of the innovations
        self.register_buffer("scale_low", torch.zeros(p * d))
        self.register_buffer("scale_high", torch.zeros(p * d))

    def initialise(self, start: LinearStart, generator: torch.Generator) -> None:
        """Set the weights so that the generator is the linear model, its own output starting near zero."""
        reset(self, generator)
        p, d, h = self.patch_size, self.n_latent, self.hidden_size
        scale, mean = slice(-2 * p * d, -p * d), slice(-p * d, None)
        with torch.no_grad():
            self.level_known.copy_(start.level_known)
            self.level_scale.copy_(start.level_scale)
            self.level_factor.copy_(start.level_factor)
            self.level_table.copy_(start.level_table)
            self.begin.weight.mul_(0.1)
            self.begin.bias.zero_()
            self.from_known.bias[h : 2 * h].add_(1.0)  # the forget gate, or the update gate, starts open
            self.from_known.weight[:, p * d : p * d + len(self.slow_steps)].zero_()  # until they are of use
            for layer in (self.from_known, self.from_state):
                layer.weight[-2 * p * d :].zero_()
            self.from_known.weight[mean, : p * d].copy_(start.mixing)
            self.from_known.weight[mean, p * d + len(self.slow_steps) :].copy_(start.drift_known)
            self.from_known.bias[mean].copy_(start.drift_bias)
            self.from_state.weight[mean, : 4 * d].copy_(start.drift_state)
            self.from_known.bias[scale].copy_(start.scale_bias.reshape(-1))
            self.from_state.weight[scale, : 3 * d].copy_(start.scale_weight.reshape(p * d, 3 * d))
            self.readout.weight.mul_(0.1)
            self.scale_low.copy_(start.scale_low.reshape(-1) - SCALE_ROOM)
            self.scale_high.copy_(start.scale_high.reshape(-1) + SCALE_ROOM)

    def cold(self, batch: int, condition: Tensor, generator: torch.Generator) -> State:
        """Begin rollouts: the state before the first step, given the first conditions (B, K)."""
        d, device = self.n_latent, self.level_table.device
        z = torch.randn(batch, 2 * d + len(self.slow_steps), generator=generator, device=device)
        hidden = nn.functional.leaky_relu(self.seed(torch.cat([z, condition], 1)), 0.2)
        h_0, c = self.begin(hidden).tensor_split([self.hidden_size], 1)
        level, last, slow = z.split([d, d, len(self.slow_steps)], 1)
        # Not learned: a shift of the first levels would be undone by the first patch, and neither is seen by the critic.
        left = level @ self.level_factor.T * torch.exp(log_scale(self.level_scale, condition))
        x = self._first_level(left + affine(self.level_known, condition))
        return State(torch.tanh(h_0), c, x, last * self.prewhitening.sigma * self.prewhitening.size_gain, slow)

    def forward(self, state: State, conditions: Tensor, generator: torch.Generator) -> tuple[Tensor, State]:
        """Continue rollouts.

        Parameters
        ----------
        state : State
        conditions : Tensor of shape (N, B, K)
            At the first step of each patch; gives the number of patches.
        generator : torch.Generator

        Returns
        -------
        x : Tensor of shape (B, N P, D)
            Latent channels, levels with their grain and flags with their nuggets, which nothing that comes later reads.
        states : State
            After each patch, (N, B, ...).
        """
        n, batch, _ = conditions.shape
        d, p = self.n_latent, self.patch_size
        z = torch.randn(n, batch, p * d, generator=generator, device=state.x.device)
        slow = self.slow_noise(state.slow, n, generator)
        known = self.from_known(torch.cat([z, slow, conditions], 2))  # (N, B, gates H + H + 2 P D)
        weights = self.from_state.weight.T, self.head.weight.T, self.readout.weight.T
        if self.cell == "lstm":
            run = rollout if torch.is_grad_enabled() or known.device.type != "cpu" else rollout_numpy
            path = run(known, state[:4], *weights, self._constants())
        else:
            path = rollout_plain(known, state[:4], *weights, self._constants(), CELLS[self.cell])
        x = path.x.permute(2, 0, 1, 3).reshape(batch, n * p, d)
        if self.nugget.any():
            white = torch.randn(batch, n * p, len(self.nugget), generator=generator, device=x.device)
            values, latent = x.split([d - len(self.nugget), len(self.nugget)], -1)
            x = torch.cat([values, latent + white @ self.nugget.T], -1)
        if self.grain.any():
            values, latent = x.split([len(self.grain), d - len(self.grain)], -1)
            white = torch.randn(values.shape, generator=generator, device=x.device)
            x = torch.cat([values + self.grain * white, latent], -1)
        return x, State(path.h, path.c, path.x[:, -1], path.last, slow)

    def rollouts(self, conditions: Tensor, generator: torch.Generator, state: State | None = None) -> Iterator[Tensor]:
        """Latent channels (B, steps, D), stretch by stretch, given conditions (N, B, K); from cold, or from a state."""
        state = self.cold(conditions.shape[1], conditions[0], generator) if state is None else state
        for stretch in conditions.split(STRETCH):
            x, states = self(state, stretch, generator)
            state = states.after(-1)
            yield x

    def recurrent(self) -> Tensor:
        """Weights (H, H) by which the hidden state is in the last block of the gates; see :class:`tsgan.cells.Cell`."""
        end, h = self.split[0], self.hidden_size
        return self.from_state.weight[end - h : end, 4 * self.n_latent :].T

    def _first_level(self, score: Tensor) -> Tensor:
        """Levels (B, D) at normal scores (B, D), by the table."""
        place = ((score / MAX_SCORE + 1) / 2).clamp(0, 1) * (LEVELS - 1)
        below = place.floor().clamp(max=LEVELS - 2)
        index = below.long()
        return torch.lerp(self.level_table.gather(0, index), self.level_table.gather(0, index + 1), place - below)

    def _constants(self) -> Constants:
        prior, layout, holds = self.prewhitening, self.prewhitening.layout, None
        if layout.holds:
            values, flags = (torch.tensor(places, device=prior.rho.device) for places in (layout.held, layout.holds))
            holds = Holds(values, prior.n_values + flags, prior.threshold[flags])
        return Constants(prior.rho, prior.size_gain, prior.size_floor, self.scale_low, self.scale_high, holds)

    def observe(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Levels (..., C) and flags (..., M) of latent channels; flags are hard, with a gradient."""
        values, latent = x.split([self.prewhitening.n_values, self.prewhitening.n_flags], -1)
        return values, self.prewhitening.flags(latent)

    def slow_noise(self, slow: Tensor, patches: int, generator: torch.Generator) -> Tensor:
        """Stationary Ornstein-Uhlenbeck paths, (N, B, S), that go on from ``slow`` (B, S)."""
        fresh = torch.randn(patches, *slow.shape, generator=generator, device=slow.device)
        fresh *= (1 - self.decay**2).sqrt()
        for k in range(patches):
            slow = torch.addcmul(fresh[k], slow, self.decay, out=fresh[k])
        return fresh


class Critic(nn.Module):
    """Patches of the view, embedded, through a recurrent network; a score for each patch, averaged.

    Parameters
    ----------
    n_inputs, hidden_size, patch_size : int
        ``n_inputs`` coordinates of a step: view and conditions.
    subsets : int
        Number of columns where the critic also judges masked subsets of them (an input says which), else 0.
    cell : str
        One of :data:`tsgan.cells.CELLS`.
    kernels : int
        Of minibatch discrimination, whose features every patch's score depends on besides; 0 for none.
    """

    def __init__(
        self, n_inputs: int, hidden_size: int, patch_size: int, subsets: int = 0, cell: str = "lstm", kernels: int = 0
    ) -> None:
        super().__init__()
        self.patch_size, self.subsets = patch_size, subsets
        self.embed = nn.Linear(patch_size * n_inputs, hidden_size)
        self.embed_mask = nn.Linear(subsets, hidden_size, bias=False) if subsets else None
        self.rnn = CELLS[cell].network(hidden_size, hidden_size)
        inputs = 2 * hidden_size + kernels
        self.head = nn.Sequential(nn.Linear(inputs, hidden_size), nn.LeakyReLU(0.2), nn.Linear(hidden_size, 1))
        self.company = MinibatchFeatures(hidden_size, kernels) if kernels else None

    def forward(self, view: Tensor, mask: Tensor | None = None, batches: int = 1) -> Tensor:
        """Scores (B,) of windows.

        Parameters
        ----------
        view : Tensor of shape (B, T, V + K)
        mask : Tensor of shape (B, subsets), optional
            1 for each column that is shown.
        batches : int
            So many batches of one size, one after the other; it matters where scores depend on the company.
        """
        batch, steps, coordinates = view.shape
        if pad := -steps % self.patch_size:
            view = nn.functional.pad(view, (0, 0, 0, pad))
        patches = view.reshape(batch, -1, self.patch_size * coordinates).transpose(0, 1)  # (N, B, P (V + K))
        a = self.embed(patches)
        if self.embed_mask is not None and mask is not None:
            a = a + self.embed_mask(mask)
        a = nn.functional.leaky_relu(a, 0.2)
        states, _ = self.rnn(a)
        features = [states, a]
        if self.company is not None:
            features.append(self.company(states.mean(0), batches).expand(len(a), -1, -1))
        return self.head(torch.cat(features, 2)).mean(0)[:, 0]  # type: ignore[no-any-return]


def bound_spectra(critic: Critic, generator: torch.Generator) -> None:
    """Divide the weights of all linear layers by their largest singular value, from now on.

    Those of the recurrent network are left alone: a product of bounded matrices bounds a feed-forward network, but not a
    recurrence of gates (and PyTorch's fused ones read flat copies of their weights, past any parametrisation).

    References
    ----------
    Miyato, Kataoka, Koyama, Yoshida (2018), Spectral normalization for generative adversarial networks.
    """
    seed = int(torch.randint(2**31 - 1, (), generator=generator))
    with torch.random.fork_rng(devices=[]):  # the power iteration begins at vectors of the global stream
        torch.default_generator.manual_seed(seed)
        for layer in [layer for layer in critic.modules() if isinstance(layer, nn.Linear)]:
            spectral_norm(layer)


def reset(module: nn.Module, generator: torch.Generator) -> None:
    """Draw all weights anew from an explicit generator: uniform, variance 1 / (3 inputs), as PyTorch's default."""
    with torch.no_grad():
        for layer in module.modules():
            if isinstance(layer, nn.Linear | nn.RNNBase):
                fan_in = layer.in_features if isinstance(layer, nn.Linear) else layer.hidden_size
                for weight in layer.parameters(recurse=False):
                    weight.uniform_(-1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in), generator=generator)
