"""The last touch after training: events in samples as often as in the data."""

from __future__ import annotations

import torch
from torch import Tensor

from tsgan.flags import LEAST_SHARE, codes
from tsgan.networks import Generator
from tsgan.prewhitening import Prewhitening
from tsgan.sequences import Sequences, by_patch

LONGEST, LEAST, MOST = 8192, 64, 4096  # steps of a rollout that are looked at, rollouts
STEPS, TIMES = 2**19, 16  # of all of them at most, and so many times the rows of the data
ROWS = 20_000  # steps that thresholds of several events are read off
CHUNK = 128  # patches computed together
THINNED, LONG = 7, 1000  # one step in so many (it goes through all places in a patch) is enough of so long a rollout
PAIRS = 50_000  # of steps, that persistence is read off
WHITEST, HALVINGS = 4.0, 12  # standard deviations of a latent channel that its nugget has at most; of the interval for it
LEAST_EVENTS = 50  # in the data: of fewer it is chance how many stay
LEVELLED, QUANTILES, PASSES = 16_384, 65, 3  # first levels, points of their law that are compared, times
RIDGE = 0.01  # of correlations
NEAR = 0.005  # in chances to stay
ROUNDS = 2  # a value that is held changes what follows
SWEEPS, STILL = 10, 1e-3  # over several events of a column, each given the others, until thresholds stay


@torch.no_grad()
def calibrate(network: Generator, sequences: Sequences, from_beginning: bool, generator: torch.Generator) -> None:
    """Move the thresholds of the flags, and roughen what is read of them, so that rollouts have the events of the data.

    They then have the shares that the data has in the same rows, and events stay no longer.

    The critic sees windows: a rate that is off by a little in each adds up where rollouts are long, since latent channels
    are fed back. Their thresholds are not, and move little but the rates. Nor is a nugget, white noise on a latent channel
    where it is read, that lowers the chance that an event stays for another step (Matheron's term, for what varies
    without any distance); it is correlated as the channels are, so that cells still miss together. Events that stay too
    short, and holds, which act inside the recursion, are left. Of columns that never change the first levels decide, each
    sequence counting once.

    Parameters
    ----------
    network : Generator
        Changed in place.
    sequences : Sequences
    from_beginning : bool
        Whether rollouts start at the beginning of a sequence, or anywhere in one.
    generator : torch.Generator
    """
    prior, layout = network.prewhitening, sequences.layout
    for _ in range(PASSES):
        _level(network, sequences, from_beginning, generator)
    static = [layout.columns[layout.flag_columns[group.start]].static for group in layout.groups]
    never = [group for group, stays in zip(layout.groups, static, strict=True) if stays]
    others = [group for group, stays in zip(layout.groups, static, strict=True) if not stays]
    if never:
        owner = torch.randint(len(sequences), (MOST,), generator=generator, device=prior.threshold.device)
        first = network.cold(MOST, sequences.known(sequences.starts[owner], network.patch_size), generator)
        _settle(prior, never, first.x[:, prior.n_values :], sequences.flags[sequences.starts])
    if others:
        rows, alive = _rows(sequences, network.patch_size, from_beginning, generator)
        for _ in range(ROUNDS):
            network.nugget.zero_()
            latent = _latents(network, sequences, rows, generator)
            _roughen(network, others, latent, alive, sequences, generator)
            latent = _thinned(latent)[_thinned(alive)]
            latent += torch.randn(latent.shape, generator=generator, device=latent.device) @ network.nugget.T
            _settle(prior, others, latent, sequences.flags[rows][alive])


def _level(network: Generator, sequences: Sequences, from_beginning: bool, generator: torch.Generator) -> None:
    """Move the table of first levels so that, after the first patch, levels have the marginals of the data in the same rows.

    The step from a first level to the first row is seen by no critic: the network uses it to bring about what it was taught
    of columns together, and moves their marginals by the way.
    """
    prior, p = network.prewhitening, network.patch_size
    first = sequences.starts if from_beginning else sequences.window_starts(p)
    rows = first[torch.randint(len(first), (LEVELLED,), generator=generator, device=first.device)]
    x, _ = network(network.cold(LEVELLED, known := sequences.known(rows, p), generator), known[None], generator)
    made, flags = network.observe(x[:, -1])
    ends = (rows + p - 1).clamp(max=len(sequences.values) - 1)
    seen = prior.seen(flags).expand(made.shape) > 0
    shown = (prior.seen(sequences.flags[ends].float()).expand(made.shape) > 0) & sequences.alive[ends][:, None]
    at = torch.linspace(0, 1, QUANTILES, device=made.device)
    for j in set(range(prior.n_values)) - set(sequences.layout.static):
        if shown[:, j].any() and seen[:, j].any():
            ours, theirs = made[seen[:, j], j].quantile(at), sequences.values[ends, j][shown[:, j]].quantile(at)
            table = network.level_table[:, j].clone()
            place = torch.searchsorted(ours, table).clamp(1, QUANTILES - 1)
            share = ((table - ours[place - 1]) / (ours[place] - ours[place - 1]).clamp(min=1e-6)).clamp(0, 1)
            moved = table + torch.lerp((theirs - ours)[place - 1], (theirs - ours)[place], share)
            network.level_table[:, j] = moved.cummax(0).values


def _rows(sequences: Sequences, patch_size: int, from_beginning: bool, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Rows (N P, B) along sequences, past an end its last row, and whether each is one of the data."""
    device = sequences.starts.device
    longest = min(LONGEST, int(sequences.lengths.max()))
    draw = torch.rand(
        2,
        max(LEAST, min(MOST, min(STEPS, TIMES * len(sequences.values)) // longest)),
        generator=generator,
        device=device,
        dtype=torch.float64,
    )
    chances = (torch.ones_like(sequences.lengths) if from_beginning else sequences.lengths).double().cumsum(0)
    owner = torch.searchsorted(chances, draw[0] * chances[-1], right=True).clamp(max=len(sequences) - 1)
    lengths = sequences.lengths[owner]
    room = torch.zeros_like(lengths) if from_beginning else (lengths - LONGEST).clamp(min=0)
    place = (draw[1] * (room + 1)).long()
    steps = -(-longest // patch_size) * patch_size
    within = place + torch.arange(steps, device=device)[:, None]
    rows = sequences.starts[owner] + torch.minimum(within, lengths - 1)
    return rows, (within < lengths) & sequences.alive[rows]


def _latents(network: Generator, sequences: Sequences, rows: Tensor, generator: torch.Generator) -> Tensor:
    """Latent channels (N P, B, M) of the flags of rollouts under the conditions of rows (N P, B)."""
    known = by_patch(sequences.conditions[rows], sequences.varying, network.patch_size)
    state, parts = network.cold(rows.shape[1], known[0], generator), []
    for chunk in known.split(CHUNK):
        x, states = network(state, chunk, generator)
        state = states.after(-1)
        parts.append(x[..., network.prewhitening.n_values :].transpose(0, 1))
    return torch.cat(parts)


def _thinned(steps: Tensor) -> Tensor:
    return steps if len(steps) < LONG else steps[::THINNED]


def _roughen(
    network: Generator, groups: list[slice], latent: Tensor, alive: Tensor, sequences: Sequences, generator: torch.Generator
) -> None:
    """Set the nuggets at which events of latent channels (N P, B, M) stay as often as the data's."""
    first = sequences.window_starts(2)
    first = first[sequences.alive[first] & sequences.alive[first + 1]]
    pairs = torch.nonzero(alive[1:] & alive[:-1])
    if not len(first) or not len(pairs):
        return
    step, rollout = pairs[torch.linspace(0, len(pairs) - 1, min(PAIRS, len(pairs)), device=pairs.device).long()].T
    both = torch.stack([latent[step + k, rollout] for k in (0, 1)])
    together = torch.corrcoef(both[0].T).reshape(both.shape[2], -1).nan_to_num()
    factor = torch.linalg.cholesky(together + RIDGE * torch.eye(len(together), device=latent.device)) / (1 + RIDGE) ** 0.5
    whites = torch.randn(both.shape, generator=generator, device=latent.device) @ factor.T
    for group in groups:
        code, following = (codes(sequences.flags[first + k, group]) for k in (0, 1))
        if group.start in network.prewhitening.layout.holds or (code > 0).sum() < LEAST_EVENTS:
            continue
        own, white = both[..., group], whites[..., group]
        events = group.stop - group.start
        share = sequences.flags[first, group].float().mean(0).clamp(LEAST_SHARE, 1 - LEAST_SHARE)
        wanted = stays(code, following, events)

        def excess(
            nugget: float, own: Tensor = own, white: Tensor = white, share: Tensor = share, to: float = wanted
        ) -> float:
            read = own + nugget * white
            one, two = (winner(part - _thresholds(read[0], share)) for part in read)
            return stays(one, two, len(share)) - to

        if excess(0.0) <= NEAR:
            continue
        low, high = 0.0, WHITEST * float(own.std())
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        network.nugget[group] = high * factor[group]


def stays(code: Tensor, following: Tensor, events: int) -> float:
    """Share of steps whose event stays for another: of the only one, or of whatever is."""
    same = code == following
    return float(same.float().mean() if events > 1 else same[code == 1].float().mean().nan_to_num())


def winner(excess: Tensor) -> Tensor:
    """0 where none of the excesses (rows, K) is positive, else 1 plus the place of the greatest."""
    return torch.where(excess.amax(1) > 0, excess.argmax(1) + 1, 0)


def _settle(prior: Prewhitening, groups: list[slice], latent: Tensor, flags: Tensor) -> None:
    """Move the thresholds so that latent channels (rows, M) have the shares of events of flags (rows', M)."""
    threshold, layout = prior.threshold, prior.layout
    for group in groups:
        own, real = latent, flags
        if group.start in layout.holds:  # counts where there is a value to hold
            beside = layout.events_beside(group.start)
            own, real = own[(own[:, beside] <= threshold[beside]).all(1)], real[~real[:, beside].any(1)]
        if len(own) and len(real):
            share = real[:, group].float().mean(0).clamp(LEAST_SHARE, 1 - LEAST_SHARE)
            threshold[group] = _thresholds(own[:, group], share, threshold[group])


def _thresholds(own: Tensor, share: Tensor, start: Tensor | None = None) -> Tensor:
    """Thresholds (K,) at which latent channels (rows, K) have these shares (K,) of events."""
    threshold = torch.zeros_like(share) if start is None else start.clone()
    if len(share) > 1:
        own = own[torch.linspace(0, len(own) - 1, min(ROWS, len(own)), device=own.device).long()]
    for _ in range(SWEEPS if len(share) > 1 else 1):
        before = threshold.clone()
        for k in range(len(share)):  # an event is up where its excess is above those of the others, and above 0
            excess = own - threshold
            excess[:, k] = 0.0
            lead = (own[:, k] - excess.amax(1).clamp(min=0)).sort().values
            threshold[k] = lead[((1 - share[k]) * (len(lead) - 1)).long()]
        if (threshold - before).abs().max() < STILL:
            break
    return threshold
