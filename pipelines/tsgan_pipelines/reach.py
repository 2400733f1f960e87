"""Whether MLflow's store answers, asked once: MLflow itself tries one that does not for minutes."""

from __future__ import annotations

import os
from pathlib import Path

PATIENCE = 5  # seconds
DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
TIMED = ("postgresql", "mysql")  # whose drivers take connect_timeout


def check_store(uri: str) -> None:
    """Raise if a store of MLflow does not answer; what is neither a server nor a database is not asked.

    Nothing of MLflow's is changed: how often it tries again later is still ``MLFLOW_HTTP_REQUEST_MAX_RETRIES``.

    Parameters
    ----------
    uri : str
        ``sqlite:///mlflow.db``, ``http://host:5000``, ``postgresql+psycopg://user@host/mlflow``, ...

    Raises
    ------
    ConnectionError
        Saying what to do, without a password.
    """
    scheme = uri.partition(":")[0].partition("+")[0]
    if scheme in ("http", "https"):
        _check_server(uri)
    elif scheme in DATABASES:
        _check_database(uri, scheme)


def _check_server(uri: str) -> None:
    from mlflow.exceptions import MlflowException
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    try:  # any answer will do, one that wants a password for example
        http_request(get_default_host_creds(uri), "/health", "GET", max_retries=0, timeout=PATIENCE, raise_on_status=False)
    except MlflowException as error:
        shown = uri.rpartition("@")[2].removeprefix(f"{uri.partition(':')[0]}://")
        raise ConnectionError(
            f"no MLflow server answers at {shown!r}; start one with `mlflow server`, or correct tracking.uri"
        ) from error


def _check_database(uri: str, scheme: str) -> None:
    import sqlalchemy

    url = sqlalchemy.make_url(uri)
    if scheme == "sqlite":
        path = Path(url.database or "")
        place = next(found for found in (path, *path.absolute().parents) if found.exists())
        if not os.access(place, os.W_OK) or (place != path and not place.is_dir()):
            raise ConnectionError(f"{str(path)!r} cannot be written; name a file in a folder of yours as tracking.uri")
        return
    try:
        options = {"connect_timeout": PATIENCE} if scheme in TIMED else {}
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool, connect_args=options)
        engine.connect().close()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        cause = " ".join(str(getattr(error, "orig", error)).split())
        raise ConnectionError(
            f"the database {url.render_as_string(hide_password=True)!r} does not answer ({cause}); start it, or correct "
            "tracking.uri"
        ) from error
