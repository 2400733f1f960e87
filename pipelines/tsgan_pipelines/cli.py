"""The command line: arguments and calls. What is heavy is imported inside the commands, so that help is quick."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tsgan.exceptions import TSGANError

app = typer.Typer(
    help="Synthetic time series: learn from a table, sample tables like it.",
    no_args_is_help=True,
    add_completion=False,
    # Plain text: an error is one line, and the help does not wait for rich.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Model = Annotated[Path, typer.Argument(metavar="MODEL", help="A model that `tsgan fit` wrote.", show_default=False)]
Entities = Annotated[
    list[str] | None, typer.Option(help="Column that tells the series of a panel apart; give it again for several.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing output.")]


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 if all went well, 1 with a line on stderr for a mistake, 2 for wrong usage.

    Parameters
    ----------
    args : sequence of str, optional
        Those of the process by default.
    """
    try:
        app(args, prog_name="tsgan")
    except (TSGANError, OSError) as error:
        print(f"tsgan: {' '.join(str(error).split())}", file=sys.stderr)
        raise SystemExit(1) from error


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print("tsgan", version("tsgan"))
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None: ...


@app.command()
def demo(
    minutes: Annotated[float, typer.Option(min=0.01, help="Of training.")] = 2.0,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for what is made.")] = Path("tsgan-demo"),
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Learn a year of weather, sample others, draw and judge them."""
    from tsgan_pipelines.demo import run_demo

    run_demo(output, max_time=60 * minutes, seed=seed)


@app.command()
def inspect(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A table: .csv or .parquet.", show_default=False)],
    entity: Entities = None,
    time: Annotated[str | None, typer.Option(help="Column of times: dates, or numbers.")] = None,
) -> None:
    """Show what a table would be taken for, and constraints that hold in all of it; nothing is learned."""
    from tsgan_pipelines.files import read_table

    table = read_table(data, time)

    from tsgan.preparation import as_code
    from tsgan.preparation import inspect as inspect_table

    schema, suggestions = inspect_table(table, entity=entity, time=time)
    print(schema)
    if suggestions:
        print("\nHolds in every row; keep it with TSGAN(constraints=[...]) where it means something:")
        print("\n".join(f"    {as_code(constraint)}," for constraint in suggestions))


@app.command()
def fit(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A table: .csv or .parquet.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="The model: .safetensors.", show_default=False)],
    entity: Entities = None,
    time: Annotated[str | None, typer.Option(help="Column of times: dates, or numbers.")] = None,
    condition: Annotated[
        list[str] | None, typer.Option(help="Column that samples may be asked for; give it again for several.")
    ] = None,
    static: Annotated[
        list[str] | None, typer.Option(help="Column that is constant within each series; give it again for several.")
    ] = None,
    window: Annotated[int | None, typer.Option(help="Steps that the critic sees at once.")] = None,
    max_steps: Annotated[int | None, typer.Option(help="Training steps; 5,000 without --max-time.")] = None,
    max_time: Annotated[float | None, typer.Option(help="Seconds of training.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Repeat a fit of --max-steps exactly.")] = None,
    force: Force = False,
) -> None:
    """Learn from a table and write the model."""
    from tsgan_pipelines.files import MODELS, check_output, read_table
    from tsgan_pipelines.summary import describe

    check_output(output, MODELS, force)
    table = read_table(data, time)

    from tsgan import TSGAN

    model = TSGAN(
        entity=entity,
        time=time,
        conditions=condition,
        static=static,
        window=window,
        max_steps=max_steps,
        max_time=max_time,
        random_state=seed,
        verbose=1,
    ).fit(table)
    model.save(output)
    print(describe(model, output))


@app.command()
def sample(
    model: Model,
    output: Annotated[Path, typer.Option("-o", "--output", help="The table: .csv or .parquet.", show_default=False)],
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
    seed: Annotated[int | None, typer.Option(min=0, help="The same sample each time.")] = None,
    force: Force = False,
) -> None:
    """Sample series from a model and write them as one table."""
    from tsgan_pipelines.files import TABLES, check_output, read_alike, to_time, write_table

    check_output(output, TABLES, force)

    from tsgan import load
    from tsgan.flat import to_table

    fitted = load(model)
    sampled = fitted.sample(
        n,
        length,
        random_state=seed,
        conditions=None if conditions is None else read_alike(conditions, fitted.schema_),
        extrapolate=extrapolate,
        start=None if start is None else to_time(start, fitted.schema_),
        given=None if given is None else read_alike(given, fitted.schema_),
    )
    table = to_table(sampled, fitted.schema_.names)
    write_table(table, output)
    print(f"{output}: {len(table):,} rows, {table.shape[1]} columns")


@app.command()
def info(model: Model) -> None:
    """Show what a model is: columns, sizes, training."""
    from tsgan import load
    from tsgan_pipelines.summary import describe

    print(describe(load(model), model))
