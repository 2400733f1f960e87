"""Paths into the future of given histories.

Half of them are the ends of series of which nothing more is known (:mod:`tsgan.kriging`), half go on from where the
recurrence stands after the history (:mod:`tsgan.abduction`). The former know what is linear in a long past, the latter what
is not, such as how volatile a series is. A pool of both scored as well as the better one, or nearly so
(docs/continuation.md).

References
----------
Stone (1961), The opinion pool, Annals of Mathematical Statistics 32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from tsgan.abduction import read_history
from tsgan.conditions import step_conditions
from tsgan.continuation import filled, future_spans, gaps_unseen
from tsgan.device import one_thread
from tsgan.kriging import krige, patches_of, series_of
from tsgan.latent_covariance import latent_covariance
from tsgan.preparation import learned_frame
from tsgan.sampling import stream_seed
from tsgan.timeline import Timeline

if TYPE_CHECKING:
    from tsgan.fitted import Fitted
    from tsgan.reading import Table
    from tsgan.told import Told

READ = 240  # last steps of a history that are read
WIDTH = 512  # paths computed together


@dataclass(frozen=True)
class Pasts:
    """Encoded histories, one after the other, and what is known of the steps to come.

    Parameters
    ----------
    learned : DataFrame
        Rows of all.
    channels, flags : ndarray of shape (rows, C or M)
    gaps : ndarray of shape (rows, columns)
        Cells of which nothing is known.
    conditions : ndarray of shape (rows, K)
    clock : ndarray of shape (rows,)
    ends, counts : ndarray of shape (n,)
        The row behind each, and how many of its last rows are read.
    ahead : list of ndarray of shape (length, K)
        Conditions of the steps to come.
    """

    learned: pd.DataFrame
    channels: NDArray[np.float32]
    flags: NDArray[np.bool_]
    gaps: NDArray[np.bool_]
    conditions: NDArray[np.float32]
    clock: NDArray[np.int64]
    ends: NDArray[np.int64]
    counts: NDArray[np.int64]
    ahead: list[NDArray[np.float32]]

    def rows(self, history: int) -> slice:
        """Those of a history that are read."""
        return slice(int(self.ends[history] - self.counts[history]), int(self.ends[history]))


@one_thread()
def draw_futures(model: Fitted, given: Table, told: Told | None, length: int, paths: int, seed: int) -> pd.DataFrame:
    """Learned columns of the futures of all sequences of a table, history by history and path by path.

    Parameters
    ----------
    model : Fitted
    given : Table
        Of histories.
    told : Told or None
        Conditions of the futures, one of each history.
    length : int
        Steps of each.
    paths : int
        How many for each history.
    seed : int

    Raises
    ------
    InputError
        If a category is none that fit has seen, or a series has no value of a column that had no gap in fit.
    """
    pasts = _read(model, given, told, length)
    histories = len(pasts.ends)
    turn = np.random.default_rng(seed).integers(2, size=histories)[:, None]
    kriged = (np.arange(paths) + turn) % 2 == 0
    kriged[pasts.counts <= model.generator.patch_size] = True  # there is no patch to read
    owner, way = np.repeat(np.arange(histories), paths), kriged.ravel()
    parts = []
    for number, first in enumerate(range(0, len(owner), WIDTH)):
        own, by_kriging = owner[first : first + WIDTH], way[first : first + WIDTH]
        noise = torch.Generator(model.generator.level_table.device).manual_seed(stream_seed(seed, number))
        latent = torch.zeros(len(own), length, model.generator.n_latent)
        if by_kriging.any():
            latent[by_kriging] = _kriged(model, pasts, own[by_kriging], length, noise).cpu()
        if not by_kriging.all():
            latent[~by_kriging] = _gone_on(model, pasts, own[~by_kriging], length, noise).cpu()
        parts.append(_decoded(model, pasts, own, latent))
    return pd.concat(parts, ignore_index=True)


def _read(model: Fitted, given: Table, told: Told | None, length: int) -> Pasts:
    schema, law, encoder = model.schema, model.law, model.encoder
    table = filled(given, schema)
    timeline = table.timeline(schema.axis)
    learned = learned_frame(table, schema, model.rules)
    channels, flags = encoder.transform(learned, timeline)
    own = None if law is None else law.features(table.frame, timeline)
    known = model.known(future_spans(table, schema, length, 1), told)
    return Pasts(
        learned,
        channels,
        flags,
        gaps_unseen(given, schema, model.rules, list(learned)),
        step_conditions(schema.axis, table.times, table.lengths, model.positions, own, length),
        timeline.clock,
        table.starts + table.lengths,
        np.minimum(table.lengths, READ),
        [known.of(k, 0, length) for k in range(len(table.lengths))],
    )


def _kriged(model: Fitted, pasts: Pasts, owner: NDArray[np.int64], length: int, noise: torch.Generator) -> Tensor:
    """Latent channels (paths, length, D): rollouts from cold along history and future, moved to where the history is."""
    network = model.generator
    members, of = np.unique(owner, return_inverse=True)
    series = []
    for k in members.tolist():
        rows = pasts.rows(k)
        room = ((0, length), (0, 0))
        channels, flags = np.pad(pasts.channels[rows], room), np.pad(pasts.flags[rows], room)
        gaps = np.pad(pasts.gaps[rows], room, constant_values=True)
        conditions = np.concatenate([pasts.conditions[rows], pasts.ahead[k]])
        series.append(series_of(network, channels, flags, gaps, conditions, model.varying))
    patches = max(len(one.conditions) for one in series)
    known = torch.stack(
        [torch.cat([one.conditions, one.conditions[-1:].expand(patches - len(one.conditions), -1)]) for one in series], 1
    )
    x = torch.cat(list(network.rollouts(known[:, torch.as_tensor(of)], noise)), 1)
    futures = []
    for k, one in enumerate(series):
        moved = krige(network, one, x[torch.as_tensor(of == k), : len(one.values)], latent_covariance(model))
        futures.append(moved[:, pasts.counts[members[k]] :][:, :length])
    return torch.cat(futures)


def _gone_on(model: Fitted, pasts: Pasts, owner: NDArray[np.int64], length: int, noise: torch.Generator) -> Tensor:
    """Latent channels (paths, length, D): rollouts from where the recurrence stands after the history."""
    network = model.generator
    p, device = network.patch_size, network.level_table.device
    patches = int(pasts.counts[owner].max() - 1) // p
    back = np.maximum(
        np.arange(-patches * p - 1, 0), -pasts.counts[owner][:, None]
    )  # a shorter one begins with its first row
    rows = pasts.ends[owner][:, None] + back
    values, flags = (torch.as_tensor(part[rows]).float().to(device) for part in (pasts.channels, pasts.flags))
    past = patches_of(network, pasts.conditions[rows[:, 1:]].transpose(1, 0, 2), model.varying)
    ahead = patches_of(network, np.stack([pasts.ahead[k] for k in owner], 1), model.varying)
    state = read_history(network, values, flags, past, noise)
    return torch.cat(list(network.rollouts(ahead, noise, state)), 1)[:, :length]


def _decoded(model: Fitted, pasts: Pasts, owner: NDArray[np.int64], latent: Tensor) -> pd.DataFrame:
    """Learned columns of futures (paths, length, D), decoded behind their histories: held values and lines go on."""
    length = latent.shape[1]
    levels, raised = (part.cpu().numpy() for part in model.generator.observe(latent.to(model.generator.level_table.device)))
    channels, flags, clocks = list[NDArray[np.float32]](), list[NDArray[np.bool_]](), list[NDArray[np.int64]]()
    for k, ahead, events in zip(owner.tolist(), levels, raised > 0.5, strict=True):
        rows = pasts.rows(k)
        channels += [pasts.channels[rows], ahead]
        flags += [pasts.flags[rows], events]
        clocks += [pasts.clock[rows], pasts.clock[rows.stop - 1] + np.arange(1, length + 1)]
    step = np.concatenate([np.arange(-count, length) for count in pasts.counts[owner]])
    begins = np.append(True, np.diff(step) != 1)
    timeline = Timeline(begins, np.concatenate(clocks))
    decoded = model.encoder.inverse_transform(np.concatenate(channels), np.concatenate(flags), timeline)[step >= 0]
    columns = [cells for _, cells in decoded.items()]
    for k, column in enumerate(model.encoder.layout_.columns):
        if column.static and column.value:  # codecs do not know it exactly
            last = pasts.learned.iloc[np.repeat(pasts.ends[owner] - 1, length), k]
            columns[k] = last.set_axis(decoded.index).astype(columns[k].dtype)
    return pd.concat(columns, axis=1).set_axis(decoded.columns, axis=1)
