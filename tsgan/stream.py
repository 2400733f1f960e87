"""Samples that are too long to be held at once, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from tsgan.exceptions import ParameterError
from tsgan.schema import Schema


class Stream:
    """Frames of consecutive rows, made when they are asked for; iterated again, the same ones.

    Parameters
    ----------
    rows : int
        Of all frames together.
    make : callable
        Begins anew.
    """

    def __init__(self, rows: int, make: Callable[[], Iterator[pd.DataFrame]]) -> None:
        self.rows, self._make = rows, make

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return self._make()


def check_streamable(schema: Schema) -> None:
    """Raise where a column's dtype is known only when its last row is.

    Raises
    ------
    ParameterError
    """
    for column in schema.columns:
        if column.pattern is not None and not column.static and isinstance(column.dtype, pd.CategoricalDtype):
            raise ParameterError(
                f"column {column.name!r} cannot be streamed: it has a new identifier in every row, and its dtype, category, "
                "lists them all; learn from texts instead (astype('str')), or call sample"
            )
