"""The steps of a pipeline, each a plain function of tables and files."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from tsgan import TSGAN
from tsgan import load as load_model
from tsgan.exceptions import InputError
from tsgan_evaluation import evaluate
from tsgan_pipelines.config import Config, Data, Sample
from tsgan_pipelines.files import replacing, to_table, write_table
from tsgan_pipelines.sources import read_source
from tsgan_pipelines.splitting import hold_out


def load(data: Data, table: pd.DataFrame | None = None) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """What is learned and what is held out, of a table that is there or of its source."""
    if table is None:
        table = read_source(data.source, data.query, data.time)
    if missing := [name for name in data.drop if name not in table.columns]:
        raise InputError(
            f"data.drop: the table has no column {missing[0]!r}; there are {', '.join(map(str, table.columns))}"
        )
    return hold_out(table.drop(columns=data.drop), data.holdout, data.entities, data.time)


def fit(config: Config, train: pd.DataFrame, output: Path) -> None:
    """Learn, and write the model."""
    settings = {"verbose": 1} | config.model
    TSGAN(entity=config.data.entities or None, time=config.data.time, **settings).fit(train).save(output)


def sample(wanted: Sample, model: Path, output: Path) -> None:
    """Sample from a model, and write the table."""
    fitted = load_model(model)
    n = len(fitted.schema_.lengths) if wanted.n is None else wanted.n
    sampled = fitted.sample(n, wanted.length, random_state=wanted.seed)
    write_table(to_table(sampled, fitted.schema_.names), output)


def judge(
    config: Config,
    train: pd.DataFrame,
    held: pd.DataFrame | None,
    synthetic: Path,
    scores: Path,
    headline: Path,
    report: Path,
) -> None:
    """Evaluate, and write scores, the figures that gates may name, and the page."""
    found = evaluate(
        train,
        pd.read_parquet(synthetic),
        holdout=held,
        entity=config.data.entities or None,
        time=config.data.time,
        metrics=config.evaluation.metrics,
        seed=config.evaluation.seed,
    )
    with replacing(scores) as part:
        found.to_frame().to_parquet(part)
    with replacing(headline) as part:
        part.write_text(json.dumps(found.headline))
    with replacing(report) as part:
        found.to_html(part)
