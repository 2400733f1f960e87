"""From a table to the channels, flags and conditions that are trained on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from tsgan.conditions import Positions, step_conditions
from tsgan.flatlines import flat_rows, untold
from tsgan.preparation import learned_frame
from tsgan.sequences import Sequences, padded

if TYPE_CHECKING:
    from tsgan.condition_law import ConditionLaw
    from tsgan.preprocessing import TableEncoder
    from tsgan.reading import Table
    from tsgan.reparameterisation import Reparameterisation
    from tsgan.schema import Schema

BALANCED = 20  # sequences from which on rare conditions are seen more often


def encode(
    table: Table,
    schema: Schema,
    rules: Reparameterisation,
    encoder: TableEncoder,
    law: ConditionLaw | None,
    positions: Positions | None,
    window: int,
) -> Sequences:
    """The generated columns given the conditions; sequences of fewer rows than a window are filled up to it."""
    timeline = table.timeline(schema.axis)
    values, flags = encoder.transform(learned_frame(table, schema, rules), timeline)
    own = None if law is None else law.features(table.frame, timeline)
    sequences = _sequences(table, schema, encoder, (values, flags), positions, own)
    if law is not None and own is not None:
        weights = balance(law, table) if len(table.starts) >= BALANCED else None
        sequences = replace(sequences, varying=law.varying, own=own.shape[1], weights=weights)
    if schema.flatlines is not None:
        dead = untold(flat_rows(schema, table.frame, timeline.begins))
        sequences = replace(sequences, alive=torch.as_tensor(~dead))
    return padded(sequences, window)


def encode_conditions(
    table: Table, schema: Schema, encoder: TableEncoder, positions: Positions | None, window: int
) -> Sequences:
    """The conditions by themselves."""
    channels = encoder.transform(table.frame.iloc[:, schema.conditions], table.timeline(schema.axis))
    return padded(_sequences(table, schema, encoder, channels, positions, None), window)


def _sequences(
    table: Table,
    schema: Schema,
    encoder: TableEncoder,
    channels: tuple[NDArray[np.float32], NDArray[np.bool_]],
    positions: Positions | None,
    own: NDArray[np.float32] | None,
) -> Sequences:
    values, flags = channels
    return Sequences(
        torch.as_tensor(values),
        torch.as_tensor(flags),
        torch.as_tensor(step_conditions(schema.axis, table.times, table.lengths, positions, own)),
        torch.ones(len(values), dtype=torch.bool),
        torch.as_tensor(table.starts),
        torch.as_tensor(table.lengths),
        encoder.layout_,
    )


def balance(law: ConditionLaw, table: Table) -> torch.Tensor | None:
    """Weights (n,) by which rare combinations of categories are seen more often: one over the root of their share.

    The law of the conditions is another's matter, so what is learned given them stays right.
    """
    layout = law.encoder.layout_
    flags = [k for k, column in enumerate(layout.flag_columns) if layout.columns[column].static]
    if not flags:
        return None
    first = table.frame.iloc[table.starts][list(law.names)]
    _, events = law.encoder.transform(first)
    _, group, counts = np.unique(events[:, flags], axis=0, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(counts[group.reshape(-1)])
    return torch.as_tensor(weights / weights.mean())
