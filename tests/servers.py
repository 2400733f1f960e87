"""Real servers for tests: each a process of its own on a port that was free, ended by its id when the block ends."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 120.0
QUIET = {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # where MLflow looks for uvicorn
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # starts processes that these tests have no use for
}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def started(
    command: Sequence[str],
    answers: Callable[[], bool],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    user: int | None = None,
    end: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    """A process that answers, in a group of its own, for servers have children; its words are in ``log`` of the folder."""
    log = folder / "log"
    with log.open("w") as words:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **QUIET, **(environment or {})},
            stdout=words,
            stderr=words,
            start_new_session=True,
            user=user,
            group=None if user is None else pwd.getpwuid(user).pw_gid,
            extra_groups=None if user is None else [],
        )
    try:
        begun = time.monotonic()
        while not answers():
            if server.poll() is not None or time.monotonic() - begun > PATIENCE:
                pytest.fail(f"{command[0]} does not answer:\n{log.read_text()}")
            time.sleep(0.1)
        yield
    finally:
        if server.poll() is None:
            os.killpg(server.pid, end)
        server.wait(30)


def responds(address: str) -> Callable[[], bool]:
    """Whether an address answers over HTTP."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return True
        except OSError:
            return False

    return ask


@contextmanager
def tracking_server(folder: Path, store: str) -> Iterator[str]:
    """Address of an MLflow server with this store, its artifacts in the folder."""
    port = free_port()
    where = ["--backend-store-uri", store, "--artifacts-destination", str(folder / "artifacts")]
    command = [sys.executable, "-m", "mlflow", "server", *where, "--port", str(port), "--workers", "1"]
    with started(command, responds(f"http://127.0.0.1:{port}/health"), folder):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def scoring_server(folder: Path, model: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Address that a model answers at, with the folder as the command's."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", model, "--env-manager", "local", "-p", str(port)]
    with started(command, responds(f"http://127.0.0.1:{port}/ping"), folder, environment):
        yield f"http://127.0.0.1:{port}/invocations"


def postgres_program(name: str) -> str | None:
    """Path of a program of PostgreSQL's server; Debian keeps them off the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return shutil.which(name) or (str(debian[-1]) if debian else None)


def no_postgres() -> str | None:
    """Why no PostgreSQL can be started here, or None."""
    if not (postgres_program("initdb") and postgres_program("postgres")):
        return "no PostgreSQL server here (Debian: apt install postgresql)"
    if os.getuid() == 0 and _other_user() is None:
        return "PostgreSQL does not run as root, and there is no user postgres or nobody here"
    return None


@contextmanager
def postgres() -> Iterator[str]:
    """Address of an empty database of a PostgreSQL server, with psycopg as its driver."""
    user = _other_user() if os.getuid() == 0 else None
    port = free_port()
    with tempfile.TemporaryDirectory() as name:  # not pytest's, which no other user may enter
        folder = Path(name)
        if user is not None:
            os.chown(folder, user, -1)
        initialise = [
            str(postgres_program("initdb")),
            "-D",
            str(folder / "data"),
            "-U",
            "tester",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        subprocess.run([*initialise, "--no-sync"], cwd=folder, user=user, check=True, capture_output=True)
        # Nothing here outlives the test, so that nothing needs to reach a disk.
        options = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-c", "fsync=off", "-c", "log_statement=none"]
        command = [str(postgres_program("postgres")), "-D", str(folder / "data"), *options]
        address = f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
        # SIGINT is PostgreSQL's fast shutdown, which waits for no client.
        with started(command, lambda: _connects(address), folder, user=user, end=signal.SIGINT):
            yield address


def _other_user() -> int | None:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return None


def _connects(address: str) -> bool:
    import sqlalchemy

    engine = sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool)
    try:
        engine.connect().close()
    except sqlalchemy.exc.OperationalError:
        return False
    return True
