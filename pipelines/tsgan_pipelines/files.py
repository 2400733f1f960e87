"""Tables from and to files, by extension; nothing is ever left half-written."""

from __future__ import annotations

import csv
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tsgan.exceptions import InputError, ParameterError
from tsgan.replacing import check_place
from tsgan.replacing import replacing as replacing_file
from tsgan.wording import nearest
from tsgan_pipelines.csv_files import STANDARD, read_csv
from tsgan_pipelines.dates import read_times

if TYPE_CHECKING:
    from tsgan.schema import Column, Schema

TABLES = (".csv", ".parquet", ".feather", ".jsonl")
MODELS = (".safetensors",)
_ELSEWHERE = "name a place that you may write to"
_SPACE = "free some space there and run it again, or name another place"
CURES = {
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
    errno.EROFS: _ELSEWHERE,
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
}


def check_output(path: Path, suffixes: Sequence[str], force: bool) -> None:
    """Raise unless ``path`` can be written, before any work is done for it.

    Raises
    ------
    InputError
        If it has none of the suffixes.
    OSError
        If it exists and ``force`` is not given, or its folder does not exist or takes no files.
    """
    if path == STANDARD and suffixes is TABLES:
        return
    _check_suffix(path, suffixes)
    check_place(path)
    if path.exists() and not force:
        raise FileExistsError(f"{str(path)!r} exists; name another output, or overwrite it with --force")


def check_inputs(*paths: Path | None) -> None:
    """Raise ParameterError if standard input is to be more than one table."""
    if paths.count(STANDARD) > 1:
        raise ParameterError("standard input (-) can be one table only; name files for the others")


def read_table(
    path: Path,
    time: str | None = None,
    *,
    date_format: str | None = None,
    decimal: str = ".",
    entities: Collection[str] = (),
    texts: Collection[str] = (),
    drop: Collection[str] = (),
) -> pd.DataFrame:
    """Read a CSV, Parquet, Feather or JSON lines file, a folder of Parquet files, or CSV from standard input (``-``).

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
    drop : collection of str
        Columns that are left out; of Parquet they are not even read.

    Raises
    ------
    InputError
        If the extension is another, a column of ``drop`` is not there, or the file or the times cannot be read.
    FileNotFoundError
    """
    if not (path.is_dir() or path == STANDARD):
        _check_suffix(path, TABLES)
    if not (path.exists() or path == STANDARD):
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    try:
        match _kind(path):
            case ".csv":
                table = read_csv(path, time, date_format=date_format, decimal=decimal, entities=entities, texts=texts)
            case ".feather":
                table = pd.read_feather(path)
            case ".jsonl":
                table = pd.read_json(path, lines=True, dtype=False)
            case _:
                table = pd.read_parquet(path, columns=_kept(path, drop) if drop else None)
                drop = ()
    except InputError:
        raise
    except (ValueError, csv.Error) as error:  # of pandas' parser, of pyarrow, of decoding: all derive from the first
        raise InputError(f"{str(path)!r} cannot be read as {_kind(path)} ({error})") from error
    return with_times(without(table, drop), time, repr(str(path)), date_format)


def without(table: pd.DataFrame, drop: Collection[str]) -> pd.DataFrame:
    """The table without some of its columns.

    Raises
    ------
    InputError
        If one of them is not there.
    """
    _check_dropped(drop, table.columns)
    return table.drop(columns=[*drop])


def _kept(path: Path, drop: Collection[str]) -> list[str]:
    """The other columns of a file or folder of Parquet, without a look at its rows."""
    from pyarrow.parquet import ParquetDataset

    names = ParquetDataset(path).schema.names
    _check_dropped(drop, names)
    return [name for name in names if name not in drop]


def _check_dropped(drop: Collection[str], columns: Collection[str]) -> None:
    if missing := [name for name in drop if name not in columns]:
        raise InputError(f"data.drop: the table has no column {missing[0]!r}{nearest(missing[0], columns)}")


def with_times(table: pd.DataFrame, time: str | None, place: str, date_format: str | None = None) -> pd.DataFrame:
    """The table with dates in its column of times, where that holds texts.

    Parameters
    ----------
    table : DataFrame
    time : str or None
        The column; a table without it stays as it is.
    place : str
        Where the table comes from, for messages.
    date_format : str, optional
        As for `read_table`.

    Raises
    ------
    InputError
        If texts cannot be read as dates.
    """
    if time is None or time not in table.columns:
        return table
    try:
        return table.assign(**{time: read_times(table[time], date_format)})
    except ValueError as error:
        cause = str(error).partition(". You might")[0]
        raise InputError(
            f"column {time!r} of {place} cannot be read as dates ({cause}); write them like 2024-01-31 18:00, all "
            "with their offset from UTC or none, or pass --date-format: '%d/%m/%Y' for 31/01/2024, '%m/%d/%Y' for 01/31/2024"
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
    """Write a table without its index, by extension; as CSV to standard output (``-``).

    Raises
    ------
    InputError
        If the extension is another.
    """
    write_tables([table], path)


def write_tables(tables: Iterable[pd.DataFrame], path: Path) -> int:
    """Write one or more tables of the same columns below each other, as :func:`write_table` does; the number of their rows.

    Raises
    ------
    InputError
        If the extension is another.
    """
    from tsgan_pipelines.writers import to_standard_output, writing

    if path == STANDARD:
        return _written(tables, to_standard_output())
    _check_suffix(path, TABLES)
    with replacing(path) as part, writing(part, path.suffix.lower()) as write:
        return _written(tables, write)


def _written(tables: Iterable[pd.DataFrame], write: Callable[[pd.DataFrame], None]) -> int:
    rows = 0
    for table in tables:
        write(table)
        rows += len(table)
    return rows


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to, which replaces it if the block ends well and is removed if not.

    Raises
    ------
    OSError
        If nothing can be written there, with what to do.
    """
    with _explained(path), replacing_file(path) as part:
        yield part


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """As :func:`replacing`, for a folder and all that is in it."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        with _explained(folder):
            part.mkdir()
            yield part
            for path in part.rglob("*"):
                if path.is_file():
                    with path.open("rb+") as file:
                        os.fsync(file.fileno())
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def make_folder(folder: Path) -> None:
    """Make a folder, if it is not there, and raise unless files can be written to it, before any work is done for it.

    Raises
    ------
    OSError
        With what to do.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{str(folder)!r} is a file; name a folder")
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What the system objects to, with what to do about it."""
    try:
        yield
    except OSError as error:
        if error.errno not in CURES:
            raise
        raise type(error)(f"{str(path)!r} cannot be written ({os.strerror(error.errno)}); {CURES[error.errno]}") from error


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


def _kind(path: Path) -> str:
    return ".csv" if path == STANDARD else path.suffix.lower()


def _check_suffix(path: Path, suffixes: Sequence[str]) -> None:
    if path.suffix.lower() not in suffixes:
        wanted = " or ".join([", ".join(suffixes[:-1]), suffixes[-1]][-len(suffixes) :])
        raise InputError(f"{str(path)!r} must end in {wanted}, not {path.suffix!r}")
