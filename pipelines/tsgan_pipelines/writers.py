"""Tables that come one after the other, written below each other into one file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TextIO, get_args

import numpy as np
import pandas as pd
import pyarrow as pa

Unit = Literal["D", "s", "ms", "us", "ns"]
UNITS: tuple[Unit, ...] = get_args(Unit)


@contextmanager
def writing(path: Path, suffix: str) -> Iterator[Callable[[pd.DataFrame], None]]:
    """What appends tables, alike in columns and dtypes, to a file: .csv, .jsonl, .feather, else Parquet."""
    if suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            yield _Csv(file, os.linesep)
    elif suffix == ".jsonl":
        yield lambda table: table.to_json(path, orient="records", lines=True, date_format="iso", date_unit="us", mode="a")
    else:
        arrow = _Arrow(path, suffix == ".feather")
        try:
            yield arrow
        finally:
            arrow.close()


def to_standard_output() -> Callable[[pd.DataFrame], None]:
    """What appends tables as CSV to standard output."""
    return _Csv(sys.stdout, "\n")


class _Csv:
    """Dates of a column are written alike in all tables; in more detail than in the first one where these have more."""

    def __init__(self, file: TextIO, end: str) -> None:
        self.file, self.end, self.has_header = file, end, False
        self.units = dict[Any, Unit]()

    def __call__(self, table: pd.DataFrame) -> None:
        shown = table.copy(deep=False)
        for name, cells in table.select_dtypes("datetime").items():
            shown[name] = self._texts(cells)
        shown.to_csv(self.file, index=False, header=not self.has_header, lineterminator=self.end)
        self.has_header = True

    def _texts(self, cells: pd.Series) -> pd.Series:
        times = cells.to_numpy()
        known = times[~np.isnat(times)]
        fine_enough = (unit for unit in UNITS if (known.astype(f"M8[{unit}]") == known).all())
        unit = max(next(fine_enough, UNITS[-1]), self.units.get(cells.name, UNITS[0]), key=UNITS.index)
        self.units[cells.name] = unit
        texts = pd.Series(np.datetime_as_string(times, unit=unit), index=cells.index).str.replace("T", " ")
        return texts.mask(np.isnat(times))


class _Arrow:
    """Parquet, or Arrow's own format, by the schema of the first table."""

    def __init__(self, path: Path, is_feather: bool) -> None:
        self.path, self.is_feather = path, is_feather
        self.schema: Any = None
        self.writer: Any = None

    def __call__(self, table: pd.DataFrame) -> None:
        rows = pa.Table.from_pandas(table, schema=self.schema, preserve_index=False)
        if self.writer is None:
            self.schema = rows.schema
            for place, field in enumerate(rows.schema):
                if pa.types.is_null(field.type):  # all cells are missing, but need not be in the next table
                    self.schema = self.schema.set(place, field.with_type(pa.string()))
            rows, self.writer = rows.cast(self.schema), self._open()
        self.writer.write_table(rows)

    def _open(self) -> Any:
        if self.is_feather:
            return pa.ipc.new_file(str(self.path), self.schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))
        import pyarrow.parquet

        return pyarrow.parquet.ParquetWriter(self.path, self.schema)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
