"""How good a sample is: ``tsgan evaluate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tsgan_pipelines.cli.parameters import DateFormat, Decimal, Entities, Force, Time
from tsgan_pipelines.cli.reading import read


def evaluate(
    real: Annotated[Path, typer.Argument(metavar="REAL", help="What was learned from.", show_default=False)],
    synthetic: Annotated[Path, typer.Argument(metavar="SYNTHETIC", help="What is judged.", show_default=False)],
    holdout: Annotated[
        Path | None, typer.Option(help="Real data that was not learned from: for the privacy figures.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A page to look at: .html.")] = None,
    entity: Entities = None,
    time: Time = None,
    metric: Annotated[list[str] | None, typer.Option(help="A metric or a family; give it again for several.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="All figures as JSON, for machines.")] = False,
    date_format: DateFormat = None,
    decimal: Decimal = ".",
    force: Force = False,
) -> None:
    """Judge a synthetic table by a real one, each figure beside its noise floor."""
    from tsgan_pipelines.files import check_output

    if output is not None:
        check_output(output, (".html",), force)
    sides = [
        None if path is None else read(path, time, entity, {}, date_format, decimal) for path in (real, synthetic, holdout)
    ]

    from tsgan_pipelines.steps import judge_tables

    report = judge_tables(*sides, entity=entity, time=time, metrics=metric, seed=seed, progress=sys.stderr.isatty())
    if output is not None:
        report.to_html(output)
    print(report.to_json() if as_json else report)
