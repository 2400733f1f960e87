"""Words that messages share: how many of what, and which name was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


def counted(number: int, noun: str) -> str:
    """``1 row``, ``2 rows``, ``1,000 categories``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def closest(name: Any, known: Iterable[Any]) -> Any:
    """The known name that is spelt most like this one; None where none is near."""
    names = {str(one): one for one in known}
    return next((names[close] for close in difflib.get_close_matches(str(name), names, n=1)), None)


def nearest(name: Any, known: Iterable[Any]) -> str:
    """``; did you mean 'speed'?``, or all that there are where none is near; nothing where there are none."""
    known = list(known)
    meant = closest(name, known)
    if meant is not None:
        return f"; did you mean {meant!r}?"
    return f"; there are {', '.join(map(repr, known))}" if known else ""
