"""A model behind MLflow's own scoring server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tsgan import load
from tsgan.exceptions import InputError
from tsgan_pipelines.files import MODELS

NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PAUSE = 0.2  # seconds between two looks at a server that is not ready
STDERR = 2  # standard output is for the address
EXAMPLE = """{"dataframe_records": [], "params": {"n": 1, "length": 3}}"""


def serve(model: str, host: str, port: int, workers: int, say: Callable[[str], None] = print) -> None:
    """Serve a model until interrupted, as ``mlflow models serve --env-manager local`` does.

    Parameters
    ----------
    model : str
        A file, or a folder, ``models:/name@champion``, ``runs:/id/model`` or another address that MLflow knows.
    host : str
    port : int
        0 for any that is free.
    workers : int
        Processes, of which each has the model in memory.
    say : callable
        Told the address and an example of a request, once the server answers.

    Raises
    ------
    InputError
        If there is no such model, or MLflow's server ends by itself.
    ModelFileError
        If it is damaged.
    ParameterError
        If ``TSGAN_MAX_ROWS`` holds no number of rows.
    OSError
        If there is no such file, or the address is taken.
    """
    from tsgan.mlflow.serving import read_limit

    read_limit()  # else each of MLflow's workers would find that it is wrong
    port = _free(host, port)
    with tempfile.TemporaryDirectory(prefix="tsgan-") as folder:
        options = ["-m", _as_folder(model, Path(folder)), "-h", host, "-p", str(port), "-w", str(workers)]
        command = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local", *options]
        # MLflow looks for uvicorn on the path.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        with _running(command, os.environ | {"PATH": path}) as server:
            address = f"http://{host}:{port}"
            while server.poll() is None and not _answers(f"{address}/ping"):
                time.sleep(PAUSE)
            if server.poll() is None:
                ask = f"curl {address}/invocations -H 'Content-Type: application/json' -d '{EXAMPLE}'"
                say(f"{model} is served at {address} until Ctrl-C; a request:\n    {ask}")
            if status := server.wait():
                raise InputError(f"MLflow's server ended by itself, with status {status}; it says why above")


def _free(host: str, port: int) -> int:
    """The port, or a free one."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            raise OSError(f"cannot listen at {host}:{port} ({error.strerror}); choose another --port or --host") from error
        return int(tried.getsockname()[1])


def _as_folder(model: str, folder: Path) -> str:
    """The model in MLflow's format, in a folder inside this one, found to be whole."""
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    from tsgan.mlflow import load_model, save_model

    if model.lower().endswith(MODELS):
        save_model(load(model), folder / "model")
        return str(folder / "model")
    try:
        found = download_artifacts(artifact_uri=model, dst_path=str(folder))
        load_model(found)
    except MlflowException as error:
        raise InputError(
            f"{model!r} is no model of tsgan that MLflow finds ({error.message}); name a .safetensors file, a folder, or an "
            "address such as models:/name@champion in the store of MLFLOW_TRACKING_URI"
        ) from error
    return str(found)


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, ended with all that it started when the block ends, by a signal too."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    server = subprocess.Popen(command, env=environment, stdout=STDERR, start_new_session=True)
    try:
        yield server
    finally:
        signal.signal(signal.SIGTERM, before)
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def _answers(address: str) -> bool:
    try:
        with NO_PROXY.open(address, timeout=5):
            return True
    except OSError:
        return False
