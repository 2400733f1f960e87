"""JSON for machines: one document, in which what has no value is null."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any


def to_json(document: Any) -> str:
    """Dictionaries, lists, numbers and texts as JSON; NaN and infinities are null, what is none of these its text."""
    return json.dumps(_finite(document), indent=1, default=str, allow_nan=False)


def _finite(x: Any) -> Any:
    if isinstance(x, dict):
        return {str(name): _finite(value) for name, value in x.items()}
    if isinstance(x, list | tuple):
        return [_finite(value) for value in x]
    return None if isinstance(x, float) and not isfinite(x) else x
