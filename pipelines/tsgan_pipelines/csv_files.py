"""CSV files as others write them: commas, semicolons or tabs, dates, an index in a first column without a name."""

from __future__ import annotations

import csv
import io
import sys
import warnings
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from tsgan_pipelines.dates import find_dates

NUMBER = r"\s*[+-]?\d+(,\d+)?\s*"  # with a decimal comma
STANDARD = Path("-")  # standard input, or output
SEPARATORS = (",", ";", "\t")
INDEX = "Unnamed: 0"  # as pandas calls a first column without a name


def read_csv(
    path: Path,
    time: str | None = None,
    *,
    date_format: str | None = None,
    decimal: str = ".",
    entities: Collection[str] = (),
    texts: Collection[str] = (),
) -> pd.DataFrame:
    """Read a CSV file; the parameters are those of :func:`tsgan_pipelines.files.read_table`.

    The separator is the one that makes most columns of the header. Texts but times and identifiers are dates where every
    one is written as such.

    Raises
    ------
    ValueError, csv.Error
    """
    as_text = {*texts, time} if time is not None and date_format is not None else {*texts}
    # Standard input can be read once, a file of any size twice.
    with io.BytesIO(sys.stdin.buffer.read()) if path == STANDARD else path.open("rb") as file:
        header = file.readline().decode("utf-8-sig")
        file.seek(0)
        table = pd.read_csv(
            file,
            sep=max(SEPARATORS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), []))),
            decimal=decimal,
            dtype=dict.fromkeys(as_text, str),
            encoding="utf-8-sig",
            low_memory=False,  # columns have one type each, not one in each stretch of the file
        )
    if not isinstance(table.index, pd.RangeIndex):  # rows have one cell more than the header
        table = table.reset_index(names=INDEX)
    empty = [name for name in table if name.startswith("Unnamed: ") and table[name].isna().all()]
    table = table.drop(columns=empty)  # a separator at the end of each line
    others = [name for name in table if name != time and name not in entities and name not in texts]
    table = table.assign(**{name: find_dates(table[name], date_format) for name in others})
    _warn_of_commas(table[others], path)
    return table if INDEX in (*entities, time) or INDEX not in table else _indexed(table, time, path)


def _warn_of_commas(table: pd.DataFrame, path: Path) -> None:
    """Say which columns would be numbers with a comma as their decimal mark."""
    words = table.select_dtypes(exclude=["number", "bool", "datetime", "datetimetz"])
    texts = {name: cells.dropna().astype(str) for name, cells in words.items()}
    if names := [name for name, cells in texts.items() if len(cells) and cells.str.fullmatch(NUMBER).all()]:
        warnings.warn(
            f"columns {names} of {str(path)!r} are read as texts; if they are numbers with decimal commas, pass --decimal ,",
            UserWarning,
            stacklevel=4,
        )


def _indexed(table: pd.DataFrame, time: str | None, path: Path) -> pd.DataFrame:
    """The table with the times that its first column without a name holds as its index, or without its numbers of rows."""
    cells = table[INDEX]
    if time not in table and cells.dtype.kind == "M":
        return table.set_index(INDEX).rename_axis(None)
    if cells.dtype.kind == "i" and (cells == np.arange(len(cells)) + cells.iloc[0]).all() and cells.iloc[0] in (0, 1):
        return table.drop(columns=INDEX)
    warnings.warn(
        f"the first column of {str(path)!r} has no name; it is learned as {INDEX!r}: where it holds times or tells series "
        "apart, say so with --time or --entity; else take it out",
        UserWarning,
        stacklevel=4,
    )
    return table
