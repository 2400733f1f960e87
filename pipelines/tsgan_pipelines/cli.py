"""The command line: arguments and calls. What is heavy is imported inside the commands, so that help is quick."""

from __future__ import annotations

import shlex
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tsgan.exceptions import TSGANError

REFUSED = 3

app = typer.Typer(
    help="Synthetic time series: learn from a table, sample tables like it.",
    epilog="Exit status: 0 if all went well, 1 for a mistake that a line on stderr names (in files, columns or values), "
    "2 for wrong usage of the command line, 3 if a pipeline's gates refuse the model, 130 when interrupted.",
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
Static = Annotated[
    list[str] | None, typer.Option(help="Column that is constant within each series; give it again for several.")
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=KIND",
        help="What a column is: numeric, categorical, identifier, or a scaling such as log; give it again for several.",
    ),
]
Time = Annotated[str | None, typer.Option(help="Column of times: dates, or numbers.")]
DateFormat = Annotated[
    str | None, typer.Option(help="Of dates that are not written like 2024-01-31: %d/%m/%Y for example.", show_default=False)
]
Decimal = Annotated[str, typer.Option(help="Decimal mark of a CSV file.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing output.")]


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit, with the status that its help explains.

    Parameters
    ----------
    args : sequence of str, optional
        Those of the process by default.
    """
    as_found, warnings.formatwarning = warnings.formatwarning, lambda message, *_: f"{_line(message)}\n"
    try:
        app(args, prog_name="tsgan")
    except (TSGANError, OSError) as error:
        print(_line(error), file=sys.stderr)
        raise SystemExit(1) from error
    finally:
        warnings.formatwarning = as_found


def _line(message: object) -> str:
    return f"tsgan: {' '.join(str(message).split())}"


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
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A table: .csv, .parquet, .feather or .jsonl.", show_default=False)
    ],
    entity: Entities = None,
    time: Time = None,
    static: Static = None,
    schema: Kinds = None,
    date_format: DateFormat = None,
    decimal: Decimal = ".",
) -> None:
    """Show what a table would be taken for, and constraints that hold in all of it; nothing is learned."""
    from tsgan_pipelines.options import read_kinds, write_constraint

    kinds = read_kinds(schema or ())
    table = _read(data, time, entity, kinds, date_format, decimal)

    from tsgan.preparation import as_code
    from tsgan.preparation import inspect as inspect_table

    described, suggestions = inspect_table(table, entity=entity, time=time, static=static, schema=kinds)
    print(described)
    if suggestions:
        print("\nHolds in every row; where it means something, keep it with `tsgan fit`, or TSGAN(constraints=[...]):")
        for rule in suggestions:
            print(f"    --constraint {shlex.quote(write_constraint(rule))}\n        {as_code(rule)},")


@app.command()
def fit(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A table: .csv, .parquet, .feather or .jsonl.", show_default=False)
    ],
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
    date_format: DateFormat = None,
    decimal: Decimal = ".",
    seed: Annotated[int | None, typer.Option(min=0, help="Repeat a fit of --max-steps exactly.")] = None,
    force: Force = False,
) -> None:
    """Learn from a table and write the model."""
    from tsgan_pipelines.files import MODELS, check_output
    from tsgan_pipelines.options import read_constraint, read_kinds
    from tsgan_pipelines.summary import describe

    check_output(output, MODELS, force)
    kinds, rules = read_kinds(schema or ()), [read_constraint(text) for text in constraint or ()]
    table = _read(data, time, entity, kinds, date_format, decimal)

    from tsgan import TSGAN

    model = TSGAN(
        entity=entity,
        time=time,
        conditions=condition,
        static=static,
        schema=kinds or None,
        constraints=rules or None,
        calendar=[phase for phase in calendar if phase != "none"] if calendar else "auto",
        min_entities=min_entities,
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
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The table: .csv, .parquet, .feather or .jsonl.", show_default=False)
    ],
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
) -> None:
    """Sample series from a model and write them as one table."""
    from tsgan_pipelines.files import TABLES, check_output, read_alike, to_time

    check_output(output, TABLES, force)

    from tsgan import load
    from tsgan_pipelines.sampling import write_sample

    fitted = load(model)

    def read(path: Path | None) -> Any:
        return None if path is None else read_alike(path, fitted.schema_, date_format, decimal)

    how = {
        "random_state": seed,
        "conditions": read(conditions),
        "extrapolate": extrapolate,
        "start": None if start is None else to_time(start, fitted.schema_),
    }
    print(write_sample(fitted, output, n, length, read(given), **how))


@app.command()
def info(model: Model) -> None:
    """Show what a model is: columns, sizes, training."""
    from tsgan import load
    from tsgan_pipelines.summary import describe

    print(describe(load(model), model))


def _read(
    data: Path, time: str | None, entity: list[str] | None, kinds: dict[str, str], date_format: str | None, decimal: str
) -> Any:
    """The table to learn from; what is said to be an identifier is text, though it looks like a number."""
    from tsgan_pipelines.files import read_table

    texts = [name for name, kind in kinds.items() if kind == "identifier"]
    table = read_table(data, time, date_format=date_format, decimal=decimal, entities=entity or (), texts=texts)
    dates, in_index = ([*frame.select_dtypes(["datetime", "datetimetz"])] for frame in (table, table.index.to_frame()))
    if time is None and dates and not in_index:
        warnings.warn(f"there is no --time, so that the dates of {dates} are learned as values", UserWarning, stacklevel=3)
    return table


@app.command()
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
        None if path is None else _read(path, time, entity, {}, date_format, decimal) for path in (real, synthetic, holdout)
    ]

    from tsgan_pipelines.steps import judge_tables

    report = judge_tables(*sides, entity=entity, time=time, metrics=metric, seed=seed, progress=sys.stderr.isatty())
    if output is not None:
        report.to_html(output)
    print(report.to_json() if as_json else report)


@app.command()
def config() -> None:
    """Print a pipeline's config, with a comment for each key; `tsgan run` reads it."""
    from tsgan_pipelines.config import Config

    print(Config().to_yaml(), end="")


@app.command()
def run(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="As `tsgan config` prints it: .yaml.", show_default=False)
    ],
    force: Annotated[bool, typer.Option("--force", help="Redo steps whose inputs have not changed.")] = False,
) -> None:
    """Learn, sample, judge and log; steps whose inputs have not changed are not redone."""
    from tsgan_pipelines.config import Config
    from tsgan_pipelines.pipeline import run as run_pipeline

    result = run_pipeline(Config.read(config), force, say=lambda line: print(line, file=sys.stderr))
    print(result.describe())
    if result.reasons:
        raise typer.Exit(REFUSED)
