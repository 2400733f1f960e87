"""What a user is told who presses Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tsgan.exceptions import TrainingInterrupted


@contextmanager
def interrupts_told() -> Iterator[None]:
    """Say where a training was interrupted and how to go on, in a line on stderr, before the interrupt ends the program."""
    try:
        yield
    except TrainingInterrupted as error:
        print(f"tsgan: {error}", file=sys.stderr)
        raise
