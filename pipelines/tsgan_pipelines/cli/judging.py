"""How good a sample is: ``tsgan evaluate | audit``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgan_pipelines.cli.parameters import REFUSED, DateFormat, Decimal, Entities, Force, Json, Time
from tsgan_pipelines.cli.reading import read

if TYPE_CHECKING:
    from tsgan_evaluation import Report

PAGES = (".html", ".json")
FAMILY = "privacy"

Real = Annotated[
    Path, typer.Argument(metavar="REAL", help="What was learned from; - for standard input.", show_default=False)
]
Synthetic = Annotated[
    Path, typer.Argument(metavar="SYNTHETIC", help="What is judged; - for standard input.", show_default=False)
]
Holdout = Annotated[Path | None, typer.Option(help="Real data that was not learned from: for the privacy figures.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="A page to look at, .html, or all figures, .json.")]
Gates = Annotated[
    list[str] | None,
    typer.Option(
        "--gate",
        metavar="BOUND",
        help="Bound that a score must keep, such as 'window_copies <= 0.2', of columns the worst; status 3 if it does not; "
        "give it again for several.",
    ),
]
Seed = Annotated[int, typer.Option(min=0)]


def evaluate(
    real: Real,
    synthetic: Synthetic,
    holdout: Holdout = None,
    output: Output = None,
    entity: Entities = None,
    time: Time = None,
    metric: Annotated[list[str] | None, typer.Option(help="A metric or a family; give it again for several.")] = None,
    gate: Gates = None,
    seed: Seed = 0,
    date_format: DateFormat = None,
    decimal: Decimal = ".",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Judge a synthetic table by a real one, each figure beside its noise floor."""
    _check((real, synthetic, holdout), output, force)

    from tsgan_pipelines.gates import read_gates
    from tsgan_pipelines.metrics import check_metrics, computed
    from tsgan_pipelines.steps import judge_tables

    check_metrics(metric or ())
    gates = read_gates(gate or (), computed(metric))
    sides = [_read(path, time, entity, date_format, decimal) for path in (real, synthetic, holdout)]
    report = judge_tables(*sides, entity=entity, time=time, metrics=metric, seed=seed, progress=sys.stderr.isatty())
    _tell(report, str(report), gates, output, as_json)


def audit(
    real: Real,
    synthetic: Synthetic,
    holdout: Holdout = None,
    output: Output = None,
    entity: Entities = None,
    time: Time = None,
    gate: Gates = None,
    seed: Seed = 0,
    date_format: DateFormat = None,
    decimal: Decimal = ".",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Look for copies: the privacy figures of a synthetic table, each beside its noise floor, and the closest pairs."""
    _check((real, synthetic, holdout), output, force)

    from tsgan_pipelines.audit import describe
    from tsgan_pipelines.gates import read_gates
    from tsgan_pipelines.metrics import computed
    from tsgan_pipelines.steps import judge_tables

    gates = read_gates(gate or (), computed([FAMILY]))
    sides = [_read(path, time, entity, date_format, decimal) for path in (real, synthetic, holdout)]
    report = judge_tables(*sides, entity=entity, time=time, metrics=FAMILY, seed=seed, progress=sys.stderr.isatty())
    _tell(report, describe(report), gates, output, as_json)


def _check(sides: tuple[Path | None, ...], output: Path | None, force: bool) -> None:
    from tsgan_pipelines.files import check_inputs, check_output

    check_inputs(*sides)
    if output is not None:
        check_output(output, PAGES, force)


def _read(path: Path | None, time: str | None, entity: list[str] | None, date_format: str | None, decimal: str) -> Any:
    return None if path is None else read(path, time, entity, {}, date_format, decimal)


def _tell(report: Report, words: str, gates: list[tuple[str, str]], output: Path | None, as_json: bool) -> None:
    """Write and print a report, and end with status 3 if it breaks a gate."""
    from tsgan_pipelines.documents import to_json
    from tsgan_pipelines.files import replacing
    from tsgan_pipelines.gates import broken
    from tsgan_pipelines.metrics import figures, reasons

    scores, why = figures(report), reasons(report.to_frame())
    refused = [reason for name, bound in gates for reason in broken({"gate": {name: bound}}, scores, why)]
    document = to_json(json.loads(report.to_json()) | {"refused": refused})
    if output is not None:
        with replacing(output) as part:
            part.write_text(document) if output.suffix.lower() == ".json" else report.to_html(part)
    verdict = [f"refused: {reason}" for reason in refused] or ["the gates pass"] * bool(gates)
    print(document if as_json else "\n".join([words, *verdict]))
    if refused:
        raise typer.Exit(REFUSED)
