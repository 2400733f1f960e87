"""Steps that need not be redone: what each was made from, and what it made, by content."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd

from tsgan_pipelines.files import make_folder, replacing


class Cache:
    """Digests of inputs and outputs of steps, in ``state.json`` of a folder.

    Parameters
    ----------
    folder : Path
        Made where it is not there.

    Raises
    ------
    OSError
        If nothing can be written to it.
    """

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._file = folder / "state.json"
        self._state: dict[str, dict[str, Any]] = {}
        if self._file.is_file():
            self._state = json.loads(self._file.read_text())

    def has(self, step: str, inputs: str, outputs: list[Path]) -> bool:
        """Whether the step made these files, still as it left them, from the same inputs."""
        known = self._state.get(step)
        if known is None or known["inputs"] != inputs or not all(path.is_file() for path in outputs):
            return False
        return bool(known["outputs"] == {str(path): digest_file(path) for path in outputs})

    def keep(self, step: str, inputs: str, outputs: list[Path]) -> None:
        """Write down what a step has made."""
        self._state[step] = {"inputs": inputs, "outputs": {str(path): digest_file(path) for path in outputs}}
        with replacing(self._file) as part:
            part.write_text(json.dumps(self._state, indent=2))


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_table(table: pd.DataFrame) -> str:
    """SHA-256 of cells, column names and dtypes."""
    whole = hashlib.sha256(json.dumps([[str(name), str(dtype)] for name, dtype in table.dtypes.items()]).encode())
    whole.update(pd.util.hash_pandas_object(table, index=True).to_numpy().tobytes())
    return whole.hexdigest()


def digest_of(*parts: Any) -> str:
    """SHA-256 of what JSON can say."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
