"""Futures of given histories: where they stand, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from tsgan.abduction import read_history
from tsgan.conditions import step_conditions
from tsgan.exceptions import InputError
from tsgan.preparation import learned_frame
from tsgan.sequences import by_patch
from tsgan.spans import Spans
from tsgan.wording import counted

if TYPE_CHECKING:
    from tsgan.fitted import Fitted
    from tsgan.networks import Generator, State
    from tsgan.reading import Table
    from tsgan.schema import Schema

READ = 240  # last steps of a history that are read


@dataclass(frozen=True)
class Histories:
    """The ends of histories, of which ``paths`` futures each are wanted.

    Parameters
    ----------
    values, flags : Tensor of shape (sequences, 1 + N P, C or M)
        Last rows; a shorter history begins with its first row several times.
    conditions : Tensor of shape (N, sequences, K)
        Known when each patch began.
    last : DataFrame
        The last row of each in the user's columns, gaps closed.
    constant : DataFrame
        Learned columns of numbers that never change, by position, a row for each sequence.
    paths : int
    """

    values: torch.Tensor
    flags: torch.Tensor
    conditions: torch.Tensor
    last: pd.DataFrame
    constant: pd.DataFrame
    paths: int

    @property
    def before(self) -> pd.DataFrame:
        """The row before each future, history by history and path by path."""
        return self.last.iloc[np.repeat(np.arange(len(self.last)), self.paths)].reset_index(drop=True)

    def kept(self, decoded: pd.DataFrame) -> pd.DataFrame:
        """Futures, history by history and path by path, with what is constant as it was: codecs do not know it exactly."""
        rows = np.repeat(np.arange(len(self.constant)), len(decoded) // len(self.constant))
        columns = [cells for _, cells in decoded.items()]
        for k, known in self.constant.items():
            columns[k] = known.iloc[rows].set_axis(decoded.index).astype(columns[k].dtype)
        return pd.concat(columns, axis=1).set_axis(decoded.columns, axis=1)

    def state(self, network: Generator, members: range, condition: torch.Tensor, noise: torch.Generator) -> State:
        """Where the rollouts of these paths, numbered history by history, begin; the last one fills up the block (B)."""
        device = network.level_table.device
        numbers = np.minimum(np.arange(members.start, members.start + len(condition)), members.stop - 1)
        own = torch.as_tensor(numbers // self.paths)
        values, flags, conditions = self.values[own], self.flags[own], self.conditions[:, own]
        return read_history(network, values.to(device), flags.to(device), conditions.to(device), noise)


def read_histories(model: Fitted, table: Table, ahead: int, paths: int) -> Histories:
    """Encode the ends of all sequences of a table.

    Parameters
    ----------
    model : Fitted
    table : Table
        Of histories that are long enough (:func:`check_lengths`), without gaps that fit has not seen (:func:`filled`).
    ahead : int
        Steps of the futures.
    paths : int

    Raises
    ------
    InputError
        If a category is none that fit has seen.
    """
    schema, law, patch_size = model.schema, model.law, model.generator.patch_size
    timeline = table.timeline(schema.axis)
    learned = learned_frame(table, schema, model.rules)
    values, flags = model.encoder.transform(learned, timeline)
    static = [k for k, column in enumerate(model.encoder.layout_.columns) if column.static and column.value]
    constant = learned.iloc[table.starts + table.lengths - 1, static].set_axis(static, axis=1)
    own = None if law is None else law.features(table.frame, timeline)
    known = step_conditions(schema.axis, table.times, table.lengths, model.positions, own, ahead)
    patches = int(min(READ, table.lengths.max() - 1)) // patch_size
    back = np.arange(-patches * patch_size - 1, 0)
    rows = torch.as_tensor((table.starts + table.lengths)[:, None] + np.maximum(back, -table.lengths[:, None]))
    conditions = torch.as_tensor(known)[rows[:, 1:]].transpose(0, 1)
    varying = 0 if law is None else law.varying
    return Histories(
        torch.as_tensor(values)[rows],
        torch.as_tensor(flags)[rows].float(),
        by_patch(conditions, varying, patch_size),
        table.frame.iloc[table.starts + table.lengths - 1].reset_index(drop=True),
        constant,
        paths,
    )


def check_lengths(table: Table, patch_size: int) -> None:
    """Raise InputError unless each history has a row more than a patch."""
    if len(short := np.flatnonzero(table.lengths <= patch_size)):
        raise InputError(
            f"history {short[0]} (counted from 0) has {counted(int(table.lengths[short[0]]), 'row')}; at least "
            f"{patch_size + 1} are needed"
        )


def filled(table: Table, schema: Schema) -> Table:
    """The table, gaps closed in columns that had none in fit: with the last value before, else the first after.

    Raises
    ------
    InputError
        If a series has no value of such a column.
    """
    gappy = [c.name for c in schema.columns if not c.gaps and table.frame[c.name].isna().any()]
    if not gappy:
        return table
    owner = np.repeat(np.arange(len(table.lengths)), table.lengths)
    frame = table.frame.copy(deep=False)
    for name in gappy:
        closed = frame[name].groupby(owner).ffill().groupby(owner).bfill()
        if closed.isna().any():
            empty = closed.isna().to_numpy()
            where = np.sort(np.flatnonzero(empty) if table.rows is None else table.rows[empty])
            raise InputError(
                f"column {name!r} has no value in series {owner[empty][0]} (rows {where[:3].tolist()}, counted from 0), but "
                "no gap in fit; fill it in, or leave the series out"
            )
        frame[name] = closed
    return replace(table, frame=frame)


def future_spans(table: Table, schema: Schema, length: int, paths: int) -> Spans:
    """Where the futures lie, history by history and path by path."""
    n = len(table.lengths) * paths
    elapsed = np.repeat(table.lengths, paths)
    starts: list[float] = []
    if schema.axis is not None and table.numbers is not None:
        last = table.numbers[table.starts + table.lengths - 1].tolist()
        ahead = [time if schema.axis.irregular else schema.axis.shift(time, 1) for time in last]
        starts = [time for time in ahead for _ in range(paths)]
    return Spans(np.full(n, length), elapsed, starts, elapsed)
