"""From a prepared estimator to a trained one: options, the law of the conditions, callbacks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd

from tsgan.callbacks import Progress
from tsgan.device import choose_device
from tsgan.encoding import encode_conditions
from tsgan.family import Family
from tsgan.fitting import fit_generator, fit_law
from tsgan.parameters import DEFAULT_STEPS, choose_hidden_size
from tsgan.training import Options, Record

if TYPE_CHECKING:
    from tsgan.checkpoint import Checkpoint
    from tsgan.estimator import TSGAN
    from tsgan.preprocessing import TableEncoder
    from tsgan.reading import Table


def train(model: TSGAN, table: Table, conditions: TableEncoder | None, seed: int, checkpoint: Checkpoint | None) -> None:
    """Give a model its ``law_``, ``generator_`` and ``history_``.

    Parameters
    ----------
    model : TSGAN
        With its parameters, schema, constraints and codecs; its callbacks are told.
    table : Table
    conditions : TableEncoder or None
        Codecs of the conditions, if any.
    seed : int
    checkpoint : Checkpoint or None
        To go on from, and to keep.
    """
    options, device = _options(model), choose_device(model.device)
    model.law_ = None
    if conditions is not None:
        alone = encode_conditions(table, model.schema_, conditions, model._positions, model.window_)
        names = tuple(model.schema_.names[k] for k in model.schema_.conditions)
        first = options
        if any(not column.static for column in conditions.layout_.columns):  # constant ones take no training
            first, options = options.shared()
        model.law_ = fit_law(names, conditions, alone, first, model.patch_size, device, seed, checkpoint)
    callbacks = [*(model.callbacks or ()), *([Progress()] if model.verbose else [])]

    def on_record(record: Record, progress: float) -> bool:
        answers = [callback.on_record(model, record, progress) for callback in callbacks]
        return any(answers)

    for callback in callbacks:
        callback.on_fit_begin(model)
    try:
        model.generator_, records = fit_generator(
            model._encode(table),
            options,
            choose_hidden_size(model.hidden_size, model.encoder_.layout_.n_learned),
            model.patch_size,
            model.validation_fraction,
            device,
            seed,
            on_record,
            checkpoint,
        )
    except BaseException:
        for callback in callbacks:
            callback.on_fit_stop(model)
        raise
    model.history_ = pd.DataFrame([asdict(record) for record in records])
    for callback in callbacks:
        callback.on_fit_end(model)


def _options(model: TSGAN) -> Options:
    """What the loop is told of the parameters."""
    return Options(
        window=model.window_,
        batch_size=model.batch_size,
        max_steps=DEFAULT_STEPS if model.max_steps is None and model.max_time is None else model.max_steps,
        max_time=model.max_time,
        critic_rate=model.critic_rate,
        generator_rate=model.generator_rate,
        n_critic=model.n_critic,
        penalty_weight=model.penalty_weight,
        moment_weight=model.moment_weight,
        from_beginning=model.from_beginning_,
        patience=model.patience,
        family=Family.of(model),
    )
