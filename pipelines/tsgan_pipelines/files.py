"""Tables from and to files, by extension; nothing is ever left half-written."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
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
    """Read a table of conditions or histories for a model with this schema, with times as :func:`to_table` writes them.

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


def to_table(sample: Any, names: Sequence[Any]) -> pd.DataFrame:
    """One flat table of whatever :meth:`tsgan.TSGAN.sample` returns.

    Parameters
    ----------
    sample : DataFrame, list of DataFrame or ndarray
    names : sequence
        Of the columns, for arrays.

    Returns
    -------
    DataFrame
        Times, identifiers and numbers of sequences that stood in the index are its first columns; row numbers are dropped.
    """
    if isinstance(sample, np.ndarray):
        columns = [str(name) for name in names]
        series = [pd.DataFrame(x, columns=columns) for x in sample.reshape(-1, *sample.shape[-2:])]
        sample = series if sample.ndim == 3 else series[0]
    if isinstance(sample, list):
        sample = pd.concat(sample, keys=range(len(sample)), names=["sequence"])
    table = sample.reset_index(drop=True)
    numbers_rows = list(sample.index.names) in ([None], ["sequence", None], ["path", None])
    for level in reversed(range(sample.index.nlevels)):
        values = sample.index.get_level_values(level)
        is_time = isinstance(values, pd.DatetimeIndex)
        if values.name is not None or is_time or not numbers_rows:
            name = values.name if values.name is not None else "time" if is_time else f"level_{level}"
            table.insert(0, f"index_{name}" if name in table else name, values)
    return table


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
