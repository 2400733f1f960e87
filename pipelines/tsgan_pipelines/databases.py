"""Tables from and to databases, through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd

from tsgan.exceptions import InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection

ROWS = 10_000  # that are sent at once


def read_database(address: str, query: str) -> pd.DataFrame:
    """What a database answers.

    Parameters
    ----------
    address : str
        Of SQLAlchemy: ``sqlite:///plant.db``, ``postgresql+psycopg://user@host/name``.
    query : str
        The name of a table, or a SELECT.

    Raises
    ------
    InputError
        If it cannot be reached, or does not answer.
    """
    import sqlalchemy

    with _connected(address, f"does not answer {query!r}") as connection:
        if query.lstrip()[:6].lower() in ("select", "with"):
            return pd.read_sql_query(sqlalchemy.text(query), connection)
        return pd.read_sql_table(query, connection)


def write_database(table: pd.DataFrame, address: str, name: str) -> None:
    """Write a table without its index, in one transaction: a table of this name stays until all is written.

    Durations, periods and decimals are texts there, as they are in CSV, and in SQLite times with a zone, too.

    Parameters
    ----------
    table : DataFrame
    address : str
        As for :func:`read_database`.
    name : str
        Of the table; one that is there is replaced.

    Raises
    ------
    InputError
        If the database cannot be reached, or does not take it.
    """
    with _connected(address, f"does not take the table {name!r}") as connection, connection.begin():
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql("BEGIN")  # Python's driver begins no transaction for DROP and CREATE
        told = {key: cells.astype(str).where(cells.notna(), None) for key, cells in table.items() if _as_text(cells, sqlite)}
        table.assign(**told).to_sql(name, connection, index=False, if_exists="replace", chunksize=ROWS)


def _as_text(cells: pd.Series, sqlite: bool) -> bool:
    """Whether databases have no type for these cells that their drivers know."""
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return sqlite
    duration = pd.api.types.is_timedelta64_dtype(cells.dtype)
    return duration or isinstance(cells.dtype, pd.PeriodDtype) or pd.api.types.infer_dtype(cells) == "decimal"


def _cause(error: BaseException) -> str:
    """What the driver said, without the statement and the rows that SQLAlchemy and pandas add."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(getattr(error, "orig", error)).split())


@contextmanager
def _connected(address: str, failure: str) -> Iterator[Connection]:
    """A connection; whatever SQLAlchemy objects to is one line that shows no password."""
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
            yield connection
    except (sqlalchemy.exc.SQLAlchemyError, pd.errors.DatabaseError, ValueError) as error:
        raise InputError(f"{shown!r} {failure} ({_cause(error)})") from error
    finally:
        engine.dispose()
