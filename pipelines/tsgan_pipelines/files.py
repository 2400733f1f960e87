"""Tables from and to files, by extension; nothing is ever left half-written."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tsgan.exceptions import InputError
from tsgan_pipelines.csv_files import read_csv
from tsgan_pipelines.dates import read_times

if TYPE_CHECKING:
    from tsgan.schema import Column, Schema

TABLES = (".csv", ".parquet", ".feather", ".jsonl")
MODELS = (".safetensors",)


def check_output(path: Path, suffixes: Sequence[str], force: bool) -> None:
    """Raise unless ``path`` can be written, before any work is done for it.

    Raises
    ------
    InputError
        If it has none of the suffixes.
    OSError
        If it exists and ``force`` is not given, or its folder does not exist.
    """
    _check_suffix(path, suffixes)
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder; name a file")
    if path.exists() and not force:
        raise FileExistsError(f"{str(path)!r} exists; name another output, or overwrite it with --force")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(path.parent)!r} for {path.name!r}; make it first")


def read_table(
    path: Path,
    time: str | None = None,
    *,
    date_format: str | None = None,
    decimal: str = ".",
    entities: Collection[str] = (),
    texts: Collection[str] = (),
) -> pd.DataFrame:
    """Read a CSV, Parquet, Feather or JSON lines file, or a folder of Parquet files.

    Parameters
    ----------
    path : Path
    time : str, optional
        Column whose text is parsed as dates; numbers stay as they are, unless there is a format of dates.
    date_format : str, optional
        Of dates that are not in ISO 8601 form, as of `strftime`.
    decimal : str
        Decimal mark of a CSV file.
    entities : collection of str
        Columns of a CSV file that are no dates, for they are identifiers.
    texts : collection of str
        Columns of a CSV file that are texts, though they look like numbers or dates.

    Raises
    ------
    InputError
        If the extension is another, or the file or the times cannot be read.
    FileNotFoundError
    """
    if not path.is_dir():
        _check_suffix(path, TABLES)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    try:
        match path.suffix.lower():
            case ".csv":
                table = read_csv(path, time, date_format=date_format, decimal=decimal, entities=entities, texts=texts)
            case ".feather":
                table = pd.read_feather(path)
            case ".jsonl":
                table = pd.read_json(path, lines=True, dtype=False)
            case _:
                table = pd.read_parquet(path)
    except (ValueError, csv.Error) as error:  # of pandas' parser, of pyarrow, of decoding: all derive from the first
        raise InputError(f"{str(path)!r} cannot be read as {path.suffix} ({error})") from error
    if time is None or time not in table.columns:
        return table
    try:
        return table.assign(**{time: read_times(table[time], date_format)})
    except ValueError as error:
        cause = str(error).partition(". You might")[0]
        raise InputError(
            f"column {time!r} of {str(path)!r} cannot be read as dates ({cause}); write them like 2024-01-31 18:00, all in "
            "one time zone or without one, or pass --date-format: '%d/%m/%Y' for 31/01/2024, '%m/%d/%Y' for 01/31/2024"
        ) from error


def read_alike(path: Path, schema: Schema, date_format: str | None = None, decimal: str = ".") -> pd.DataFrame:
    """Read conditions or histories for a model with this schema, with times as :func:`tsgan.flat.to_table` writes them.

    Raises
    ------
    InputError
        As `read_table` does.
    FileNotFoundError
    """
    time = None if schema.axis is None else schema.axis.name
    in_index = schema.axis is not None and time is None and "time" not in schema.names
    table = read_table(
        path,
        "time" if in_index else time,
        date_format=date_format,
        decimal=decimal,
        entities=[entity.name for entity in schema.entities],
        texts=[column.name for column in schema.columns if _is_text(column)],
    )
    table = _with_booleans(table, schema)
    return table.set_index("time") if in_index and "time" in table else table


def to_time(text: str, schema: Schema) -> str | float:
    """A time that was typed: a number where the schema has numbers as times."""
    if schema.axis is not None and not schema.axis.is_datetime:
        for number in (int, float):
            with suppress(ValueError):
                return number(text)
    return text


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table without its index, by extension.

    Raises
    ------
    InputError
        If the extension is another.
    """
    write_tables([table], path)


def write_tables(tables: Iterable[pd.DataFrame], path: Path) -> int:
    """Write one or more tables of the same columns below each other, by extension; the number of their rows.

    Raises
    ------
    InputError
        If the extension is another.
    """
    from tsgan_pipelines.writers import writing

    _check_suffix(path, TABLES)
    rows = 0
    with replacing(path) as part, writing(part, path.suffix.lower()) as write:
        for table in tables:
            write(table)
            rows += len(table)
    return rows


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to, which replaces it if the block ends well and is removed if not."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _is_text(column: Column) -> bool:
    """Whether cells are texts, or categories that are."""
    own = column.dtype.categories.dtype if isinstance(column.dtype, pd.CategoricalDtype) else column.dtype
    return column.kind != "numeric" and (isinstance(own, pd.StringDtype) or own.kind == "O")


def _with_booleans(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Columns of objects that were read as texts, but hold booleans with missing cells."""
    words = {"True": True, "False": False}
    objects = [column.name for column in schema.columns if column.dtype == object and column.name in table]
    found = [name for name in objects if table[name].dropna().isin(list(words)).all()]
    return table.assign(**{name: table[name].astype(object).map(words) for name in found})


def _check_suffix(path: Path, suffixes: Sequence[str]) -> None:
    if path.suffix.lower() not in suffixes:
        wanted = " or ".join([", ".join(suffixes[:-1]), suffixes[-1]][-len(suffixes) :])
        raise InputError(f"{str(path)!r} must end in {wanted}, not {path.suffix!r}")
