"""Tables from and to any address: files, folders of Parquet, databases, whatever fsspec opens."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from tsgan.exceptions import InputError
from tsgan_pipelines.files import read_table, write_table

BUNDLED = "weather"


def read_source(
    address: str, query: str | None = None, time: str | None = None, entities: Collection[str] = ()
) -> pd.DataFrame:
    """The table at an address.

    Parameters
    ----------
    address : str
        ``"weather"``, which is bundled; a file or folder as of `read_table`; such a file at an fsspec address (``s3://...``,
        ``memory://...``); or a SQLAlchemy address of a database.
    query : str, optional
        Of a database: the name of a table, or a SELECT.
    time : str, optional
        Column whose texts are dates.
    entities : collection of str
        Columns that are no dates.

    Raises
    ------
    InputError
        If the address is of no known kind, or what is there cannot be read.
    FileNotFoundError
    """
    if address == BUNDLED:
        from tsgan.datasets import load_weather

        return load_weather()
    if query is not None:
        return _read_database(address, query)
    if "://" not in address:
        return read_table(Path(address), time, entities=entities)
    with _beside(address) as path:
        _filesystem(address).get(address, str(path))
        return read_table(path, time, entities=entities)


def write_sink(table: pd.DataFrame, address: str) -> None:
    """Write a table without its index, by the extension of the address; what was there stays until all is written.

    Raises
    ------
    InputError
        If the extension is none that :func:`tsgan_pipelines.files.write_table` knows.
    """
    if "://" not in address:
        write_table(table, Path(address))
        return
    with _beside(address) as path:
        write_table(table, path)
        _filesystem(address).put(str(path), address)


@contextmanager
def _beside(address: str) -> Iterator[Path]:
    """A local name with the extension of an address."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / f"table{PurePosixPath(urlsplit(address).path).suffix}"


def _filesystem(address: str) -> Any:
    import fsspec

    try:
        return fsspec.url_to_fs(address)[0]
    except (ValueError, ImportError) as error:
        raise InputError(f"{address!r} cannot be reached from here ({error})") from error


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
