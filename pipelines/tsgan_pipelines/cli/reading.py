"""The table that a command is given."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any


def read(
    data: Path, time: str | None, entity: list[str] | None, kinds: dict[str, str], date_format: str | None, decimal: str
) -> Any:
    """The table to learn from; what is said to be an identifier is text, though it looks like a number."""
    from tsgan_pipelines.files import read_table

    texts = [name for name, kind in kinds.items() if kind == "identifier"]
    table = read_table(data, time, date_format=date_format, decimal=decimal, entities=entity or (), texts=texts)
    dates, in_index = ([*frame.select_dtypes(["datetime", "datetimetz"])] for frame in (table, table.index.to_frame()))
    if time is None and dates and not in_index:
        warnings.warn(f"there is no --time, so that the dates of {dates} are values like others", UserWarning, stacklevel=3)
    return table
