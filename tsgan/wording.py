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
    """The known name that is spelt most like this one, whatever its case; None where none is near."""
    names = list(known)
    spelt = [str(one).casefold() for one in names]
    return next((names[spelt.index(near)] for near in difflib.get_close_matches(str(name).casefold(), spelt, n=1)), None)


def meant(name: Any, known: Iterable[Any]) -> str:
    """``; did you mean 'speed'?``; nothing where none is near."""
    close = closest(name, known)
    return "" if close is None else f"; did you mean {close!r}?"


def nearest(name: Any, known: Iterable[Any]) -> str:
    """As :func:`meant`, or all that there are where none is near; nothing where there are none."""
    known = list(known)
    return meant(name, known) or (f"; there are {', '.join(map(repr, known))}" if known else "")
