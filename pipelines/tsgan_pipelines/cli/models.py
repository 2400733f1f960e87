"""What is done with a model: ``tsgan sample | impute | info``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tsgan_pipelines.cli.parameters import Data, DateFormat, Decimal, Force, Json, Model

Output = Annotated[
    Path,
    typer.Option("-o", "--output", help="The table: .csv, .parquet, .feather, .jsonl, or - for CSV.", show_default=False),
]


def sample(
    model: Model,
    output: Output,
    n: Annotated[int | None, typer.Option("-n", min=1, help="Number of series; 1, or as many as conditions.")] = None,
    length: Annotated[int | None, typer.Option(min=1, help="Rows of each; as those learned by default.")] = None,
    conditions: Annotated[
        Path | None, typer.Option(help="A table of what is asked for: a row for each series, or for each step.")
    ] = None,
    extrapolate: Annotated[bool, typer.Option("--extrapolate", help="Allow numbers outside the range learned.")] = False,
    start: Annotated[str | None, typer.Option(help="First time of each; drawn by default.")] = None,
    given: Annotated[
        Path | None, typer.Option(help="A table of histories to go on from, -n futures each for --length rows.")
    ] = None,
    date_format: DateFormat = None,
    decimal: Decimal = ".",
    seed: Annotated[int | None, typer.Option(min=0, help="The same sample each time.")] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Sample series from a model and write them as one table."""
    from tsgan_pipelines.csv_files import STANDARD
    from tsgan_pipelines.documents import to_json
    from tsgan_pipelines.files import check_inputs, read_alike, to_time

    _check_table(output, force, as_json)
    check_inputs(conditions, given)

    from tsgan import load
    from tsgan.wording import counted
    from tsgan_pipelines.sampling import write_sample

    fitted = load(model)

    def read(path: Path | None) -> Any:
        return None if path is None else read_alike(path, fitted.schema_, date_format, decimal)

    rows, columns = write_sample(
        fitted,
        output,
        n,
        length,
        read(given),
        random_state=seed,
        conditions=read(conditions),
        extrapolate=extrapolate,
        start=None if start is None else to_time(start, fitted.schema_),
    )
    if as_json:
        print(to_json({"output": str(output), "rows": rows, "columns": columns}))
    elif output != STANDARD:
        print(f"{output}: {counted(rows, 'row')}, {counted(len(columns), 'column')}")


def impute(
    model: Model,
    data: Data,
    output: Output,
    date_format: DateFormat = None,
    decimal: Decimal = ".",
    seed: Annotated[int | None, typer.Option(min=0, help="The same draws each time.")] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Fill the missing cells of a table with draws given what is there, and write it."""
    from tsgan_pipelines.csv_files import STANDARD
    from tsgan_pipelines.documents import to_json
    from tsgan_pipelines.files import check_inputs, read_alike, write_table

    _check_table(output, force, as_json)
    check_inputs(data)

    from tsgan import load
    from tsgan.flat import to_table
    from tsgan.wording import counted

    fitted = load(model)
    table = read_alike(data, fitted.schema_, date_format, decimal)
    missing = int(table.isna().to_numpy().sum())
    complete = fitted.impute(table, random_state=seed)
    write_table(to_table(complete, fitted.schema_.names), output)
    if as_json:
        print(to_json({"output": str(output), "rows": len(complete), "filled": missing}))
    elif output != STANDARD:
        print(f"{output}: {counted(len(complete), 'row')}, {counted(missing, 'cell')} filled")


def info(model: Model, as_json: Json = False) -> None:
    """Show what a model is: columns, sizes, training."""
    from tsgan import load
    from tsgan_pipelines.documents import to_json
    from tsgan_pipelines.summary import describe, facts

    fitted = load(model)
    print(to_json(facts(fitted, model)) if as_json else describe(fitted, model))


def _check_table(output: Path, force: bool, as_json: bool) -> None:
    """Refuse an output that cannot be written, or that wants standard output beside a document."""
    from tsgan_pipelines.csv_files import STANDARD
    from tsgan_pipelines.files import TABLES, check_output

    check_output(output, TABLES, force)
    if as_json and output == STANDARD:
        raise typer.BadParameter("--json and -o - both want standard output; write the table to a file")
