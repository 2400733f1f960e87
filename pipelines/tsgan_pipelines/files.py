"""Tables from and to files, by extension; nothing is ever left half-written."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tsgan.exceptions import InputError

if TYPE_CHECKING:
    from tsgan.schema import Schema

TABLES = (".csv", ".parquet")
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


def read_table(path: Path, time: str | None = None) -> pd.DataFrame:
    """Read a CSV or Parquet file.

    Parameters
    ----------
    path : Path
    time : str, optional
        Column whose text is parsed as dates; numbers stay as they are.

    Raises
    ------
    InputError
        If the extension is another, or the file or the times cannot be read.
    FileNotFoundError
    """
    _check_suffix(path, TABLES)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    try:
        table = pd.read_csv(path) if path.suffix.lower() == ".csv" else pd.read_parquet(path)
    except ValueError as error:  # of pandas' parser, of pyarrow, of decoding: all derive from it
        raise InputError(f"{str(path)!r} cannot be read as {path.suffix} ({error})") from error
    if time is None or time not in table.columns or pd.api.types.is_numeric_dtype(table[time]):
        return table
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Could not infer format")  # else each date is guessed by itself
            return table.assign(**{time: pd.to_datetime(table[time])})
    except (ValueError, UserWarning) as error:
        raise InputError(
            f"column {time!r} of {str(path)!r} cannot be read as dates ({error}); write them like 2024-01-31 18:00, "
            "all in one time zone or without one"
        ) from error


def read_alike(path: Path, schema: Schema) -> pd.DataFrame:
    """Read conditions or histories for a model with this schema, with times as :func:`tsgan.flat.to_table` writes them.

    Raises
    ------
    InputError
        As `read_table` does.
    FileNotFoundError
    """
    if schema.axis is None:
        return read_table(path)
    if schema.axis.name is not None or "time" in schema.names:
        return read_table(path, schema.axis.name)
    table = read_table(path, "time")
    return table.set_index("time") if "time" in table else table


def to_time(text: str, schema: Schema) -> str | float:
    """A time that was typed: a number where the schema has numbers as times."""
    if schema.axis is not None and not schema.axis.is_datetime:
        for number in (int, float):
            with suppress(ValueError):
                return number(text)
    return text


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a CSV or Parquet file, by extension, without the index."""
    with replacing(path) as part:
        if path.suffix.lower() == ".csv":
            table.to_csv(part, index=False)
        else:
            table.to_parquet(part, index=False)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to, which replaces it if the block ends well and is removed if not."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _check_suffix(path: Path, suffixes: Sequence[str]) -> None:
    if path.suffix.lower() not in suffixes:
        raise InputError(f"{str(path)!r} must end in {' or '.join(suffixes)}, not {path.suffix!r}")
