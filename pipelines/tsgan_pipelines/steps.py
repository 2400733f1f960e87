"""The steps of a pipeline, each a plain function of tables and files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tsgan import TSGAN, Callback
from tsgan import load as load_model
from tsgan.exceptions import CheckpointError, InputError
from tsgan.flat import to_table
from tsgan_evaluation import Report, evaluate
from tsgan_evaluation.tracking import metrics_of, write
from tsgan_pipelines.config import Config, Data, Sample, read_constraints
from tsgan_pipelines.files import replacing_folder, without, write_table
from tsgan_pipelines.interrupts import interrupts_told
from tsgan_pipelines.metrics import figures
from tsgan_pipelines.sources import read_source
from tsgan_pipelines.splitting import hold_out

FIGURES = "figures.json"


def series_of(train: pd.DataFrame, data: Data) -> int:
    """Number of series of a table."""
    return train.groupby(data.entities, dropna=False).ngroups if data.entities else 1


def load(data: Data, table: pd.DataFrame | None = None) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """What is learned and what is held out, of a table that is there or of its source."""
    if table is None:
        table = read_source(data.source, data.query, data.time, data.entities, data.drop)
    else:
        table = without(table, data.drop)
    return hold_out(table, data.holdout, data.entities, data.time)


def fit(config: Config, train: pd.DataFrame, output: Path, callbacks: Sequence[Callback] = ()) -> None:
    """Learn, or go on learning where the same fit was interrupted, and write the model."""
    settings = {"verbose": 1} | config.model | {"constraints": read_constraints(config.model)}
    checkpoint = checkpoint_of(output)
    model = TSGAN(
        entity=config.data.entities or None,
        time=config.data.time,
        callbacks=callbacks,
        checkpoint=checkpoint,
        **settings,
    )
    with interrupts_told():
        try:
            model.fit(train)
        except CheckpointError:  # left by other data or another config, for which nobody will come back
            checkpoint.unlink()
            model.fit(train)
    model.save(output)


def checkpoint_of(output: Path) -> Path:
    """Where the training of a model that is to be written is kept."""
    return output.with_suffix(".checkpoint.safetensors")


def sample(wanted: Sample, model: Path, series: int, output: Path) -> None:
    """Sample from a model, as many ``series`` as were learned if not said otherwise, and write the table."""
    fitted = load_model(model)
    sampled = fitted.sample(wanted.n or series, wanted.length, random_state=wanted.seed)
    write_table(to_table(sampled, fitted.schema_.names), output)


def judge(
    config: Config,
    train: pd.DataFrame,
    held: pd.DataFrame | None,
    synthetic: Path,
    folder: Path,
) -> None:
    """Evaluate, and write what was found: all of it into a folder, the figures that gates may name and MLflow's beside."""
    found = judge_tables(
        train,
        pd.read_parquet(synthetic),
        held,
        entity=config.data.entities,
        time=config.data.time,
        metrics=config.evaluation.metrics,
        seed=config.evaluation.seed,
    )
    with replacing_folder(folder) as part:
        write(found, part, config.evaluation.real_data)
        (part / FIGURES).write_text(json.dumps({"gates": figures(found), "metrics": metrics_of(found)}))


def judge_tables(real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None, **how: Any) -> Report:
    """As :func:`tsgan_evaluation.evaluate`, whose objections are the user's mistakes.

    Raises
    ------
    InputError
    """
    try:
        return evaluate(real, synthetic, holdout, **how)
    except ValueError as error:
        raise InputError(str(error)) from error
