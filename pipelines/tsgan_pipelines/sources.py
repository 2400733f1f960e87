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
from tsgan.wording import meant
from tsgan_pipelines.databases import read_database, write_database
from tsgan_pipelines.files import read_table, with_times, without, write_table

BUNDLED = "weather"


def read_source(
    address: str,
    query: str | None = None,
    time: str | None = None,
    entities: Collection[str] = (),
    drop: Collection[str] = (),
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
    drop : collection of str
        Columns that are left out.

    Raises
    ------
    InputError
        If the address is of no known kind, or what is there cannot be read.
    FileNotFoundError
    """
    if address == BUNDLED:
        from tsgan.datasets import load_weather

        return without(load_weather(), drop)
    if query is not None:
        return with_times(without(read_database(address, query), drop), time, f"what {query!r} gives")
    if "://" not in address:
        if not Path(address).suffix and not Path(address).exists() and (hint := meant(address, [BUNDLED])):
            raise FileNotFoundError(f"there is no file {address!r}{hint}")
        return read_table(Path(address), time, entities=entities, drop=drop)
    with _beside(address) as path:
        _filesystem(address).get(address, str(path))
        return read_table(path, time, entities=entities, drop=drop)


def write_sink(table: pd.DataFrame, address: str, name: str | None = None) -> None:
    """Write a table without its index; what was there stays until all is written.

    Parameters
    ----------
    table : DataFrame
    address : str
        A file by its extension, here or at an fsspec address; or a SQLAlchemy address of a database.
    name : str, optional
        Of the table in a database.

    Raises
    ------
    InputError
        If the extension is none that :func:`tsgan_pipelines.files.write_table` knows, or the database does not take it.
    """
    if name is not None:
        write_database(table, address, name)
        return
    if "://" not in address:
        write_table(table, Path(address))
        return
    with _beside(address) as path:
        write_table(table, path)
        _filesystem(address).put(str(path), address)


def check_sink(address: str, name: str | None, source: str, query: str | None) -> None:
    """Raise InputError if a sink is the source; names and queries are those of tables in databases."""
    here, there = (place if "://" in place else Path(place).resolve() for place in (address, source))
    if (here, name) == (there, query):
        raise InputError(f"sample.output: {address!r} is the data, which the sample would replace; name another place")


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
