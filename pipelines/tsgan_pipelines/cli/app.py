"""The program: its commands, what holds for all of them, and how it ends."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from tsgan.exceptions import TSGANError
from tsgan_pipelines.cli.demo import demo
from tsgan_pipelines.cli.judging import audit, evaluate
from tsgan_pipelines.cli.learning import fit, inspect
from tsgan_pipelines.cli.models import impute, info, sample
from tsgan_pipelines.cli.pipelines import config, run, sweep
from tsgan_pipelines.cli.serving import serve

COMMANDS = (demo, inspect, fit, sample, impute, evaluate, audit, run, sweep, serve, config, info)  # as the help lists them

app = typer.Typer(
    help="Synthetic time series: learn from a table, sample tables like it.",
    epilog="Exit status: 0 if all went well, 1 for a mistake that a line on stderr names (in files, columns or values), "
    "2 for wrong usage of the command line, 3 if gates refuse the model or the table, 130 when interrupted.",
    no_args_is_help=True,
    # Plain text: an error is one line, and the help does not wait for rich.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit, with the status that its help explains.

    Parameters
    ----------
    args : sequence of str, optional
        Those of the process by default.
    """
    as_found, warnings.formatwarning = warnings.formatwarning, lambda message, *_: f"{_line(message)}\n"
    said: dict[str, Any] = {}
    try:
        try:
            app(args, prog_name="tsgan", obj=said)
        finally:
            sys.stdout.flush()
    except BrokenPipeError as error:  # what reads standard output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from error
    except SystemExit as ended:
        if ended.code == 2 and "--debug" in (sys.argv[1:] if args is None else args)[1:]:
            print(_line("--debug stands before the command: tsgan --debug COMMAND ..."), file=sys.stderr)
        raise
    except Exception as error:
        if said.get("debug"):
            import traceback

            traceback.print_exc()
        is_mistake = isinstance(error, TSGANError | OSError)
        print(_line(error if is_mistake else f"{type(error).__name__}: {error} (--debug says where)"), file=sys.stderr)
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
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from, before its line.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    context.obj["debug"] = debug


for command in COMMANDS:
    app.command()(command)
