"""Where to compute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

from tsgan.exceptions import ParameterError


def choose_device(name: str | torch.device) -> torch.device:
    """The named device; for "auto" CUDA, else MPS, else the CPU.

    Raises
    ------
    ParameterError
        If there is no such device here.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ParameterError(f"device={name!r} cannot be used here ({error}); try 'auto' or 'cpu'") from error
    return device


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread on the CPU inside, for PyTorch and for NumPy's products; as many as before outside.

    Products of this size gain nothing from a second thread, and two that wait for each other on a busy machine can take a
    hundred times as long. Results do not depend on the number of threads this way either.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)
