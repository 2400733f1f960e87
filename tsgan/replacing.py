"""Files that are whole or as they were."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def check_place(path: Path, what: str = "") -> None:
    """Raise unless a file of this name could be written; nothing is left.

    Parameters
    ----------
    path : Path
    what : str
        What the file is, before its name in messages.

    Raises
    ------
    OSError
        Of the class that says why; it names the file, and what to do.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{what}{str(path)!r} is a folder; name a file")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(path.parent)!r} for {what}{path.name!r}; make it first")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        why = f"{what}{str(path)!r} cannot be written ({error.strerror})"
        raise type(error)(f"{why}; name a place that you may write to") from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to, which replaces it, on the disk, if the block ends well and is removed if not."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
