"""A sample into a file, frame by frame."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tsgan.flat import to_table
from tsgan_pipelines.files import write_tables

if TYPE_CHECKING:
    from tsgan import TSGAN
    from tsgan.stream import Stream


def write_sample(
    model: TSGAN, path: Path, n: int | None, length: int | None, given: Any, **how: Any
) -> tuple[int, list[Any]]:
    """Write a sample as one flat table, whatever its length in the same memory.

    Parameters
    ----------
    model : TSGAN
    path : Path
        By extension, as of :func:`tsgan_pipelines.files.write_tables`.
    n, length : int or None
    given : DataFrame or None
        Histories, whose futures are made at once.
    **how
        What else :meth:`tsgan.TSGAN.stream` takes.

    Returns
    -------
    rows : int
    columns : list
        Their names.

    Raises
    ------
    InputError, ParameterError
    """
    frames = _shown(model.stream(n, length, **how)) if given is None else [model.sample(n, length, given=given, **how)]
    columns = list[Any]()

    def tables() -> Iterator[pd.DataFrame]:
        nonlocal columns
        for frame in frames:
            table = to_table(frame, model.schema_.names)
            columns = [*table.columns]
            yield table

    return write_tables(tables(), path), columns


def _shown(stream: Stream) -> Iterator[pd.DataFrame]:
    """The frames, and on a terminal how far they have come."""
    if not sys.stderr.isatty():
        yield from stream
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("sampling", total=stream.rows)
        for frame in stream:
            yield frame
            bar.advance(task, len(frame))
