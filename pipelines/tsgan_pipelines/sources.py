"""Tables from and to any address: files by extension, folders of Parquet, databases, whatever fsspec opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from tsgan.exceptions import InputError
from tsgan_pipelines.files import replacing

BUNDLED = "weather"
READERS: dict[str, Callable[..., pd.DataFrame]] = {
    ".csv": pd.read_csv,
    ".parquet": pd.read_parquet,
    ".feather": pd.read_feather,
    ".jsonl": lambda source, **options: pd.read_json(source, lines=True, dtype=False, **options),
}
WRITERS: dict[str, Callable[..., Any]] = {
    ".csv": lambda table, target, **options: table.to_csv(target, index=False, **options),
    ".parquet": lambda table, target, **options: table.to_parquet(target, index=False, **options),
    ".feather": lambda table, target, **options: table.to_feather(target, **options),
    ".jsonl": lambda table, target, **options: table.to_json(
        target, orient="records", lines=True, date_format="iso", date_unit="us", **options
    ),
}


def read_source(address: str, query: str | None = None, time: str | None = None) -> pd.DataFrame:
    """The table at an address.

    Parameters
    ----------
    address : str
        ``"weather"``, which is bundled; a file (``.csv``, ``.parquet``, ``.feather``, ``.jsonl``), local or at an fsspec address
        (``s3://...``, ``memory://...``); a folder of Parquet files; or a SQLAlchemy address of a database.
    query : str, optional
        Of a database: the name of a table, or a SELECT.
    time : str, optional
        Column whose texts are dates.

    Raises
    ------
    InputError
        If the address is of no known kind, or what is there cannot be read.
    FileNotFoundError
    """
    if address == BUNDLED:
        from tsgan.datasets import load_weather

        return load_weather()
    table = _read_database(address, query) if query is not None else _read_file(address)
    if time is None or time not in table or not pd.api.types.is_string_dtype(table[time]):
        return table
    try:
        return table.assign(**{time: pd.to_datetime(table[time], format="ISO8601")})
    except ValueError as error:
        raise InputError(f"column {time!r} of {address!r} cannot be read as dates ({error})") from error


def write_sink(table: pd.DataFrame, address: str) -> None:
    """Write a table without its index, by the extension of the address; local files are replaced whole or not at all.

    Raises
    ------
    InputError
        If the extension is none of ``WRITERS``.
    """
    write = WRITERS.get(_suffix(address))
    if write is None:
        raise InputError(f"{address!r} must end in {', '.join(WRITERS)}")
    if "://" in address:
        write(table, address)
        return
    with replacing(Path(address)) as part:
        write(table, part)


def _read_file(address: str) -> pd.DataFrame:
    local = "://" not in address
    if local and not Path(address).exists():
        raise FileNotFoundError(f"there is no file {address!r}")
    folder = local and Path(address).is_dir()
    read = READERS[".parquet"] if folder else READERS.get(_suffix(address))
    if read is None:
        wanted = f"end in {', '.join(READERS)}, be a folder of Parquet files, or be a database with query="
        raise InputError(f"{address!r} must {wanted}")
    try:
        return read(address)
    except ValueError as error:  # of pandas' parser, of pyarrow, of decoding: all derive from it
        raise InputError(f"{address!r} cannot be read ({error})") from error


def _read_database(address: str, query: str) -> pd.DataFrame:
    import sqlalchemy

    try:
        url = sqlalchemy.make_url(address)
    except sqlalchemy.exc.ArgumentError as error:
        raise InputError(f"an address of a database is like sqlite:///plant.db; this one begins {address[:8]!r}") from error
    shown = url.render_as_string(hide_password=True)
    try:
        engine = sqlalchemy.create_engine(url)
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise InputError(f"{shown!r} cannot be reached from here ({error}); install the database's driver") from error
    try:
        with engine.connect() as connection:
            if query.lstrip()[:6].lower() in ("select", "with"):
                return pd.read_sql_query(sqlalchemy.text(query), connection)
            return pd.read_sql_table(query, connection)
    except (sqlalchemy.exc.SQLAlchemyError, ValueError) as error:
        raise InputError(f"{shown!r} does not answer {query!r} ({error})") from error
    finally:
        engine.dispose()


def _suffix(address: str) -> str:
    return PurePosixPath(urlsplit(address).path if "://" in address else address).suffix.lower()
