"""Synthetic time series from tables: ``TSGAN().fit(df).sample(n)``."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tsgan import constraints, datasets, exceptions
    from tsgan.callbacks import Callback, Progress
    from tsgan.estimator import TSGAN
    from tsgan.persistence import load
    from tsgan.preparation import inspect

_HOMES = {
    "TSGAN": "tsgan.estimator",
    "inspect": "tsgan.preparation",
    "load": "tsgan.persistence",
    "Callback": "tsgan.callbacks",
    "Progress": "tsgan.callbacks",
}
__all__ = ["TSGAN", "Callback", "Progress", "constraints", "datasets", "exceptions", "inspect", "load"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the command line's help needs none of it."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in ("constraints", "datasets", "exceptions", "preprocessing"):
        return importlib.import_module(f"tsgan.{name}")
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("tsgan")
    raise AttributeError(f"module 'tsgan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__, "__version__"])
