"""What is learned from a table: ``tsgan inspect | fit``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from tsgan_pipelines.cli.parameters import Data, DateFormat, Decimal, Entities, Json, Kinds, Static, Time
from tsgan_pipelines.cli.reading import read


def inspect(
    data: Data,
    entity: Entities = None,
    time: Time = None,
    static: Static = None,
    schema: Kinds = None,
    date_format: DateFormat = None,
    decimal: Decimal = ".",
    as_json: Json = False,
) -> None:
    """Show what a table would be taken for, and constraints that hold in all of it; nothing is learned."""
    from tsgan_pipelines.documents import to_json
    from tsgan_pipelines.options import read_kinds, write_constraint
    from tsgan_pipelines.summary import columns

    kinds = read_kinds(schema or ())
    table = read(data, time, entity, kinds, date_format, decimal)

    from tsgan.preparation import as_code
    from tsgan.preparation import inspect as inspect_table

    described, suggestions = inspect_table(table, entity=entity, time=time, static=static, schema=kinds)
    if as_json:
        rules = [write_constraint(rule) for rule in suggestions]
        print(to_json({"columns": columns(described), "constraints": rules}))
        return
    print(described)
    if suggestions:
        print("\nHolds in every row; where it means something, keep it with `tsgan fit`, or TSGAN(constraints=[...]):")
        for rule in suggestions:
            print(f"    --constraint {shlex.quote(write_constraint(rule))}\n        {as_code(rule)},")


def fit(
    data: Data,
    output: Annotated[Path, typer.Option("-o", "--output", help="The model: .safetensors.", show_default=False)],
    entity: Entities = None,
    time: Time = None,
    condition: Annotated[
        list[str] | None, typer.Option(help="Column that samples may be asked for; give it again for several.")
    ] = None,
    static: Static = None,
    constraint: Annotated[
        list[str] | None,
        typer.Option(
            help="What holds in every row: 'low <= high', '0 <= share <= 100', 'positive x', 'increasing odometer' or "
            "'fixed city, country'; give it again for several."
        ),
    ] = None,
    schema: Kinds = None,
    calendar: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PHASE",
            help="Phase of local time that counts: day, week, year, holidays:US, or none; give it again for several. "
            "By default those that the data has.",
        ),
    ] = None,
    min_entities: Annotated[
        int, typer.Option(min=1, help="Series in which a category must occur to be learned, in panels.")
    ] = 5,
    window: Annotated[int | None, typer.Option(help="Steps that the critic sees at once.")] = None,
    max_steps: Annotated[int | None, typer.Option(help="Training steps; 5,000 without --max-time.")] = None,
    max_time: Annotated[float | None, typer.Option(help="Seconds of training.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Any other parameter of TSGAN, such as loss=hinge, cell=gru or hidden_size=64; give it again for several.",
        ),
    ] = None,
    date_format: DateFormat = None,
    decimal: Decimal = ".",
    seed: Annotated[int | None, typer.Option(min=0, help="Repeat a fit of --max-steps exactly.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite an existing output, and what another interrupted fit left beside it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Learn from a table and write the model; interrupted, the same command goes on where it was."""
    from tsgan_pipelines.documents import to_json
    from tsgan_pipelines.files import MODELS, check_output
    from tsgan_pipelines.interrupts import interrupts_told
    from tsgan_pipelines.options import read_constraint, read_kinds, read_settings
    from tsgan_pipelines.summary import describe, facts

    check_output(output, MODELS, force)
    kinds, rules = read_kinds(schema or ()), [read_constraint(text) for text in constraint or ()]

    from tsgan import TSGAN
    from tsgan.exceptions import CheckpointError
    from tsgan.parameters import check_parameters

    checkpoint = output.with_suffix(".checkpoint.safetensors")
    said: dict[str, Any] = {
        "entity": entity,
        "time": time,
        "conditions": condition,
        "static": static,
        "schema": kinds or None,
        "constraints": rules or None,
        "calendar": [phase for phase in calendar if phase != "none"] if calendar else "auto",
        "min_entities": min_entities,
        "window": window,
        "max_steps": max_steps,
        "max_time": max_time,
        "random_state": seed,
        "verbose": 1,
        "checkpoint": checkpoint,
    }
    others = [name for name in TSGAN().get_params() if name not in said and name != "callbacks"]
    model = TSGAN(**said, **read_settings(setting or (), others))
    check_parameters(model)
    table = read(data, time, entity, kinds, date_format, decimal)
    with interrupts_told():
        try:
            model.fit(table)
        except CheckpointError:  # of another fit; that of the same one is gone on from, with --force too
            if not force:
                raise
            checkpoint.unlink()
            model.fit(table)
    model.save(output)
    print(to_json(facts(model, output)) if as_json else describe(model, output))
