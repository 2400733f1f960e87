"""Where to compute."""

from __future__ import annotations

import torch

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
