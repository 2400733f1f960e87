"""All of it as a job: ``tsgan config | run | sweep``."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from tsgan_pipelines.cli.parameters import REFUSED, Json


def config(as_json: Json = False) -> None:
    """Print a pipeline's config, with a comment for each key; `tsgan run` reads it."""
    from tsgan_pipelines.config import Config

    print(Config().model_dump_json(indent=1) if as_json else Config().to_yaml().rstrip())


def run(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="As `tsgan config` prints it: .yaml.", show_default=False)
    ],
    force: Annotated[bool, typer.Option("--force", help="Redo steps whose inputs have not changed.")] = False,
    as_json: Json = False,
) -> None:
    """Learn, sample, judge and log; steps whose inputs have not changed are not redone."""
    from tsgan_pipelines.config import Config
    from tsgan_pipelines.pipeline import run as run_pipeline

    with redirect_stdout(sys.stderr):  # MLflow tells where a server shows the run
        result = run_pipeline(Config.read(config), force)
    print(result.to_json() if as_json else result.describe())
    if result.reasons:
        raise typer.Exit(REFUSED)


def sweep(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="As `tsgan config` prints it: .yaml.", show_default=False)
    ],
    trials: Annotated[int, typer.Option(min=1, help="How many there shall be, those of earlier sweeps counted.")] = 30,
    as_json: Json = False,
) -> None:
    """Compare parameters by trainings, then run the pipeline with the best; what was interrupted goes on."""
    from tsgan_pipelines.config import Config
    from tsgan_pipelines.sweep import sweep as run_sweep

    with redirect_stdout(sys.stderr):
        outcome = run_sweep(Config.read(config), trials)
    print(outcome.to_json() if as_json else outcome.describe())
    if outcome.result.reasons:
        raise typer.Exit(REFUSED)
