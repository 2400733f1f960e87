"""Innovations of the channels, and the space in which the critic sees them (``v = [x, e, m]``)."""

from __future__ import annotations

import numpy as np
import torch
from scipy.special import ndtri
from sklearn.linear_model import Ridge
from torch import Tensor, nn

from tsgan.flags import RHO_MAX, fit_events, raise_flags
from tsgan.layout import Layout
from tsgan.recurrence import BOUND
from tsgan.sequences import Sequences

SIZE_FLOOR = 0.01
MAX_ROWS = 50_000
NORMAL_SIZE = float(np.log(ndtri((np.arange(10_000) + 0.5) / 10_000) ** 2 + SIZE_FLOOR).mean())


class Prewhitening(nn.Module):
    """Diagonal AR(1) of the latent channels, with a scale that depends on the state.

    The latent channels are the ``C`` channels of values and then one Gaussian AR(1) for each of the ``M`` flags
    (:mod:`tsgan.flags`). ``D = C + M``. Static channels have the coefficient 1 and no innovations.

    Parameters
    ----------
    layout : Layout
    """

    rho: Tensor
    sigma: Tensor
    size_gain: Tensor
    size_floor: Tensor
    scale_weight: Tensor
    scale_bias: Tensor
    scale_low: Tensor
    scale_high: Tensor
    threshold: Tensor

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout, self.n_values, self.n_flags = layout, layout.n_values, layout.n_flags
        n_values, self.n_latent = layout.n_values, layout.n_values + layout.n_flags
        for name, shape in {
            "rho": (self.n_latent,),
            "sigma": (self.n_latent,),
            "size_gain": (self.n_latent,),
            "size_floor": (self.n_latent,),
            "scale_weight": (n_values, 3 * n_values),
            "scale_bias": (n_values,),
            "scale_low": (n_values,),
            "scale_high": (n_values,),
            "threshold": (self.n_flags,),
        }.items():
            self.register_buffer(name, torch.zeros(shape))

    @property
    def n_view(self) -> int:
        """Coordinates of a step in the critic's space, ``V = 2 C + M``."""
        return 2 * self.n_values + self.n_flags

    def seen(self, flags: Tensor) -> Tensor:
        """1 where a value is there, 0 where a flag hides it, (..., M) to (..., C)."""
        if not self.layout.hiding:
            return flags.new_ones(())
        seen = flags.new_ones(*flags.shape[:-1], self.n_values)
        hiding = flags if len(self.layout.hiding) == self.n_flags else flags[..., self.layout.hiding]
        return seen.index_add(-1, torch.tensor(self.layout.hidden, device=flags.device), hiding, alpha=-1)

    def moves(self, flags: Tensor) -> Tensor:
        """1 where a value may differ from that of the step before, 0 where it is held, (..., M) to (..., C)."""
        if not self.layout.holds:
            return flags.new_ones(())
        moves = flags.new_ones(*flags.shape[:-1], self.n_values)
        held = torch.tensor(self.layout.held, device=flags.device)
        return moves.index_add(-1, held, flags[..., self.layout.holds], alpha=-1)

    def flags(self, latent: Tensor) -> Tensor:
        """Flags (..., M) of their latent channels; hard, with a gradient."""
        return raise_flags(latent - self.threshold, self.layout.groups) if self.n_flags else latent

    def size(self, e: Tensor) -> Tensor:
        """Log of the squared innovations plus a floor, centred, of the first ``e.shape[-1]`` latent channels."""
        k = e.shape[-1]
        scaled = e * self.size_gain[:k]
        return torch.log(torch.addcmul(self.size_floor[:k], scaled, scaled))

    def log_scale(self, x: Tensor, size: Tensor) -> Tensor:
        """Log standard deviation of the next innovation given levels and the last innovation's size, each (..., C)."""
        raw = nn.functional.linear(state_features(x, size), self.scale_weight, self.scale_bias)
        return torch.clamp(raw, self.scale_low, self.scale_high)

    def view(self, x: Tensor, flags: Tensor) -> Tensor:
        """What the critic sees of a window, and of nothing outside it.

        Parameters
        ----------
        x : Tensor of shape (B, T, C)
            Levels.
        flags : Tensor of shape (B, T, M)
            In [0, 1].

        Returns
        -------
        Tensor of shape (B, T, 2 C + M)
            Levels (0 where hidden), standardised innovations (0 at the first step, beside hidden levels and in holds)
            and flags.
        """
        seen = self.seen(flags)
        x = x * seen
        raw = x[:, 1:] - self.rho[: self.n_values] * x[:, :-1]  # (B, T - 1, C)
        pair = seen[:, 1:] * seen[:, :-1] if self.layout.hiding else seen
        if self.layout.holds:
            pair = pair * self.moves(flags)[:, 1:]
        size = self.size(raw) * pair
        before = torch.cat([torch.zeros_like(size[:, :1]), size[:, :-1]], 1)
        e = raw * torch.exp(-self.log_scale(x[:, :-1], before)) * pair
        return torch.cat([x, torch.cat([torch.zeros_like(e[:, :1]), e], 1), flags], 2)


def state_features(x: Tensor, size: Tensor) -> Tensor:
    """State on which the scale of the next innovation depends: level, its square, log size of the last innovation."""
    x = torch.clamp(x, -BOUND, BOUND)
    return torch.cat([x, x * x, size], -1)


class Transitions:
    """All rows of the sequences with their innovations, for the regressions (a sample of them where there are many)."""

    def __init__(self, sequences: Sequences, model: Prewhitening) -> None:
        self.x = sequences.values.double()
        observed = model.seen(sequences.flags.double()).bool().expand(self.x.shape)
        self.x = self.x * observed
        owner = torch.repeat_interleave(torch.arange(len(sequences)), sequences.lengths.cpu())
        self.owner = torch.zeros(len(self.x), dtype=torch.long) - 1
        rows = torch.repeat_interleave(sequences.starts - sequences.lengths.cumsum(0) + sequences.lengths, sequences.lengths)
        self.owner[rows + torch.arange(len(owner))] = owner
        self.owner[~sequences.alive.cpu()] = -1
        self.pair = torch.zeros_like(observed)
        moves = model.moves(sequences.flags.double()).bool().expand(self.x.shape)
        self.pair[1:] = (
            observed[1:] & observed[:-1] & moves[1:] & ((self.owner[1:] == self.owner[:-1]) & (self.owner[1:] >= 0))[:, None]
        )
        self.observed = observed


def fit_prewhitening(sequences: Sequences) -> Prewhitening:
    """Estimate the AR(1), the flags' thresholds and the state-dependent scale.

    Parameters
    ----------
    sequences : Sequences
        Channels, about standard normal.

    Returns
    -------
    Prewhitening
        On the CPU, in float32.
    """
    model = Prewhitening(sequences.layout).double()
    data = Transitions(sequences, model)
    x, pair = data.x, data.pair
    previous = torch.cat([x[:1], x[:-1]]) * pair
    count = pair.sum(0).clamp(min=1)
    level = ((x * pair) ** 2).sum(0).clamp(min=1e-12)
    c = model.n_values
    model.rho[:c] = ((x * previous).sum(0) / (previous**2).sum(0).clamp(min=1e-12)).clamp(-RHO_MAX, RHO_MAX)
    raw = (x - model.rho[:c] * previous) * pair
    # A channel that never moves (all holds) still needs a scale: a thousandth of the levels'.
    model.sigma[:c] = ((raw**2).sum(0) / count).sqrt().clamp(min=1e-3 * (level / count).sum().sqrt())
    static = sequences.layout.static
    for group in sequences.layout.groups:
        fitted = fit_events(sequences.flags[:, group], data.owner, c + group.start in static)
        model.threshold[group], model.rho[c + group.start : c + group.stop] = fitted
    model.rho[static] = 1.0
    model.sigma[c:] = (1 - model.rho[c:] ** 2).sqrt()
    model.sigma[static] = 1.0
    centre = torch.full((model.n_latent,), NORMAL_SIZE, dtype=torch.float64)
    centre[:c] = (torch.log((raw / model.sigma[:c]) ** 2 + SIZE_FLOOR) * pair).sum(0) / count
    model.size_gain.copy_(torch.exp(-centre / 2) / model.sigma)
    model.size_gain[static] = 0.0
    model.size_floor.copy_(SIZE_FLOOR * torch.exp(-centre))
    size = model.size(raw) * pair
    weight, bias, low, high = regress_scale(x, size, raw, pair, data.owner, step=1)
    model.scale_weight.copy_(weight)
    for name, value in {"scale_bias": bias, "scale_low": low, "scale_high": high}.items():
        getattr(model, name).copy_(value)
    return model.float()


def regress_scale(
    x: Tensor, size: Tensor, raw: Tensor, pair: Tensor, owner: Tensor, step: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Ridge regression of the log size of each channel's innovation ``step`` rows ahead on the state.

    Returns
    -------
    weight : Tensor of shape (C, 3 C)
    bias, low, high : Tensor of shape (C,)
        The intercept is such that innovations divided by the scale have the mean log size of a standard normal. (Unit
        variance would set it by the tails: the Gaussian start would then be too rough by far, and its own sizes, read by
        the next step, would drive it up further.) ``low`` and ``high`` bound what the regression gave on the data, so that
        it never extrapolates.
    """
    rows = torch.nonzero(owner[:-step] == owner[step:])[:, 0]
    if len(rows) > MAX_ROWS:
        rows = rows[torch.linspace(0, len(rows) - 1, MAX_ROWS).long()]
    features = state_features(x[rows], size[rows]).numpy()
    channels = x.shape[1]
    weight = torch.zeros(channels, 3 * channels, dtype=torch.float64)
    bias, low, high = torch.zeros(3, channels, dtype=torch.float64)
    for j in range(channels):
        valid = pair[rows + step, j].numpy()
        e = raw[rows + step, j].numpy()[valid]
        if valid.sum() < 30 or not e.std() > 0:
            bias[j] = low[j] = high[j] = float(np.log(max(e.std(), 1e-3))) if len(e) else 0.0
            continue
        target = 0.5 * np.log(e**2 + SIZE_FLOOR * e.var())
        ridge = Ridge(alpha=1.0 + 0.01 * len(e)).fit(features[valid], target)
        fitted = ridge.predict(features[valid])
        bounds = np.quantile(fitted, [0.001, 0.999])
        scaled = e * np.exp(-np.clip(fitted, *bounds))
        shift = 0.5 * (np.log(scaled**2 + SIZE_FLOOR).mean() - NORMAL_SIZE)
        weight[j] = torch.as_tensor(ridge.coef_)
        bias[j] = float(ridge.intercept_ + shift)
        low[j], high[j] = (float(b + shift) for b in bounds)
    return weight, bias, low, high
