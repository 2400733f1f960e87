"""A fit that was interrupted, as one safetensors file from which the same fit goes on exactly as if it had not been.

Tensors of the networks, the optimizers and the random stream; everything else as JSON; nothing is ever unpickled. No row of
the data is in it, but the critic is, which has seen them: it is a working file, not one to give away.
"""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from tsgan.digest import as_frames, digest
from tsgan.exceptions import CheckpointError, ConvergenceError, TrainingInterrupted
from tsgan.persistence import checksum
from tsgan.replacing import replacing
from tsgan.snapshot import Snapshot

if TYPE_CHECKING:
    from tsgan.estimator import TSGAN

FORMAT, VERSION = "tsgan checkpoint", 2
EVERY = 30.0  # seconds between two that are written, at least: it takes some hundredths of one
FREE = ("callbacks", "checkpoint", "verbose")  # parameters on which the training does not depend


class Checkpoint:
    """The file of a fit: read where it is there, begun where it is not.

    A fit is a training, or two of them: that of the law of the conditions, and then that of the rest.

    Parameters
    ----------
    path : Path
    identity : dict
        What must be the same for a fit to go on: text by name.
    seeds : ndarray of shape (3,)
        Of a fit that begins; one that goes on has those of its beginning.

    Raises
    ------
    CheckpointError
        If the file is damaged, no checkpoint, or of another fit.
    """

    def __init__(self, path: Path, identity: dict[str, str], seeds: NDArray[np.int64]) -> None:
        self.path, self.identity = path, identity
        self.seeds: list[int] = seeds.tolist()
        self._written = -math.inf
        self._done, self._running = dict[str, dict[str, Tensor]](), dict[str, Snapshot]()
        if path.exists():
            self._read()

    @classmethod
    def of(cls, model: TSGAN, data: Any, device: torch.device, seeds: NDArray[np.int64]) -> Checkpoint:
        """The checkpoint of a model that is to learn from data."""
        params = {name: value for name, value in model.get_params(deep=False).items() if name not in FREE}
        params["device"] = str(device)
        if not isinstance(model.random_state, int | np.integer | None):
            params["random_state"] = type(model.random_state).__name__  # its draws are the seeds, which are kept
        identity = {"tsgan": version("tsgan"), "data": digest(as_frames(data))}
        return cls(Path(str(model.checkpoint)), identity | {name: _told(value) for name, value in params.items()}, seeds)

    def finished(self, name: str) -> dict[str, Tensor] | None:
        """Weights that a training has ended with."""
        return self._done.get(name)

    def snapshot(self, name: str) -> Snapshot | None:
        """Where a training stands."""
        return self._running.get(name)

    def keep(self, name: str, snapshot: Snapshot) -> None:
        """Remember where a training stands; write it down now and then.

        A disk that is full costs the file, not the training.
        """
        self._running = {name: snapshot}
        if time.monotonic() - self._written > EVERY:
            try:
                self.write()
            except OSError as error:
                self._written = math.inf
                warnings.warn(f"the checkpoint is written no more ({error}); training goes on", UserWarning, stacklevel=2)

    def finish(self, name: str, weights: dict[str, Tensor]) -> None:
        """Remember what a training has ended with, in place of where it stands."""
        self._done[name] = {key: tensor.detach().cpu().clone() for key, tensor in weights.items()}
        self._running = {}

    def write(self) -> None:
        """Replace the file."""
        tensors, numbers = dict[str, Tensor](), dict[str, Any]()
        for name, snapshot in self._running.items():
            numbers[name] = snapshot.numbers
            tensors |= {f"running/{name}/{key}": tensor.cpu() for key, tensor in snapshot.tensors.items()}
        for name, weights in self._done.items():
            tensors |= {f"done/{name}/{key}": tensor for key, tensor in weights.items()}
        content = json.dumps({"identity": self.identity, "seeds": self.seeds, "running": numbers, "done": [*self._done]})
        metadata = {"format": FORMAT, "version": str(VERSION), "content": content, "sha256": checksum(content, tensors)}
        with replacing(self.path) as part:
            try:
                save_file(tensors, part, metadata)
            except SafetensorError as error:
                raise OSError(f"the checkpoint cannot be written to {str(self.path)!r}: {error}") from error
        self._written = time.monotonic()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Leave the file if the block is broken off, for the fit to go on from; remove it if it ends.

        Raises
        ------
        TrainingInterrupted
            In place of KeyboardInterrupt.
        OSError
            If it cannot be written; before the block, where that shows at once.
        """
        self.write()
        try:
            yield
        except ConvergenceError:  # the same fit would only fail again
            self.path.unlink(missing_ok=True)
            raise
        except KeyboardInterrupt as error:
            self.write()
            told = f"training was interrupted at {self.where()}; {str(self.path)!r} keeps it"
            raise TrainingInterrupted(f"{told}, and the same again goes on from there") from error
        except BaseException:
            self.write()
            raise
        self.path.unlink(missing_ok=True)

    def where(self) -> str:
        """How far the fit is, in words."""
        for name, snapshot in self._running.items():
            return f"step {snapshot.numbers['step']:,}" + (f" of the {name}" if name != "training" else "")
        return "its beginning"

    def _read(self) -> None:
        path = repr(str(self.path))
        try:
            with safe_open(self.path, framework="pt") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError, ValueError) as error:
            raise CheckpointError(f"{path} is no checkpoint, or is damaged ({error}); delete it to begin anew") from error
        if metadata.get("format") != FORMAT:
            raise CheckpointError(f"{path} is a safetensors file, but no checkpoint of tsgan; name another checkpoint")
        if metadata.get("version") != str(VERSION):
            raise CheckpointError(f"{path} has another checkpoint format than {VERSION}; delete it to begin anew")
        if metadata.get("sha256") != checksum(metadata.get("content", ""), tensors):
            raise CheckpointError(f"{path} is damaged: its checksum differs; delete it to begin anew")
        content = json.loads(metadata["content"])
        before = content["identity"]
        if other := [name for name, value in self.identity.items() if before.get(name) != value]:
            found = "; ".join(f"{name} was {before.get(name, 'not there')}, is {self.identity[name]}" for name in other)
            raise CheckpointError(f"{path} is of another fit ({found}); delete it to begin anew, or name another checkpoint")
        self.seeds = content["seeds"]
        self._done = {name: _below(f"done/{name}/", tensors) for name in content["done"]}
        self._running = {
            name: Snapshot(_below(f"running/{name}/", tensors), numbers) for name, numbers in content["running"].items()
        }


def _below(start: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}


def _told(value: Any) -> str:
    """A parameter as text, which for a function is its name: where it lies in memory changes from run to run."""
    return getattr(value, "__qualname__", None) or repr(value)
