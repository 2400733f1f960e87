"""What a table is made of: enough to rebuild one like it around synthetic channels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.calendar_columns import CalendarPart
from tsgan.flatlines import Flatlines
from tsgan.identifiers import Entity, Pattern
from tsgan.time_axis import TimeAxis

Kind = Literal["numeric", "categorical", "constant", "copy", "calendar", "identifier"]
Container = Literal["frame", "panel", "frames", "matrix", "array"]
KEPT_LENGTHS = 64


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    name : hashable
    dtype : dtype
    kind : {"numeric", "categorical", "constant", "copy", "calendar", "identifier"}
        Numbers, dates and durations are numeric; constants have nothing to learn (but for missing cells, which make them
        numeric or categorical); a copy equals an earlier column in every row, a calendar column a part of the time.
    static : bool
        Whether it is constant within each sequence, but not over all of them.
    source : int or None
        Position of the column that a copy repeats.
    calendar : CalendarPart or None
    pattern : Pattern or None
        Of identifiers.
    condition : bool
        Whether the user may set it.
    gaps : bool
        Whether cells are missing.
    note : str
        What else there is to say.
    """

    name: Any
    dtype: Any
    kind: Kind
    static: bool = False
    source: int | None = None
    calendar: CalendarPart | None = None
    pattern: Pattern | None = None
    condition: bool = False
    gaps: bool = False
    note: str = ""


@dataclass(frozen=True)
class Schema:
    """The structure of a table.

    Parameters
    ----------
    container : {"frame", "panel", "frames", "matrix", "array"}
        One long series, a frame with entity columns, a list of frames, a 2-D array, a 3-D array.
    columns : tuple of Column
        In the table's order, without entity and time.
    order : tuple of hashable
        All column names of a frame in its order, those of entities and time among them.
    lengths : tuple of int
        Lengths of sequences: their quantiles where there are many.
    entities : tuple of Entity
        Columns or index levels whose combinations tell the series of a panel apart.
    axis : TimeAxis or None
    flatlines : Flatlines or None
        Spells in which every column repeats its last value.
    """

    container: Container
    columns: tuple[Column, ...]
    order: tuple[Any, ...]
    lengths: tuple[int, ...]
    entities: tuple[Entity, ...] = ()
    axis: TimeAxis | None = None
    flatlines: Flatlines | None = None

    @property
    def names(self) -> list[Any]:
        """Names of the value columns."""
        return [column.name for column in self.columns]

    @property
    def encoded(self) -> list[int]:
        """Positions of the columns that are generated: all but conditions, copies, calendar columns and identifiers."""
        kinds = ("numeric", "categorical", "constant")
        return [k for k, column in enumerate(self.columns) if column.kind in kinds and not column.condition]

    @property
    def conditions(self) -> list[int]:
        """Positions of the conditions."""
        return [k for k, column in enumerate(self.columns) if column.condition]

    def described(self, notes: dict[Any, str], dtypes: dict[Any, Any]) -> Schema:
        """The same with more said about some columns, and with the dtypes of what was learned of them; by name."""
        columns = []
        for column in self.columns:
            own = column if column.source is None else self.columns[column.source]
            dtype = dtypes.get(own.name, column.dtype) if column.dtype == own.dtype else column.dtype
            note = "; ".join(filter(None, [column.note, notes.get(column.name, "")]))
            columns.append(replace(column, dtype=dtype, note=note))
        return replace(self, columns=tuple(columns))

    def to_frame(self) -> pd.DataFrame:
        """One row a column: role, dtype and how it is treated."""
        rows = [{"column": c.name, "role": c.kind, "dtype": str(c.dtype), "note": self._note(c)} for c in self.columns]
        if self.axis is not None:
            pace = f"irregular, {self.axis.pace} on average" if self.axis.irregular else f"step {self.axis.pace}"
            place = "index" if self.axis.in_index else "column"
            rows.insert(
                0,
                {
                    "column": self.axis.name if self.axis.name is not None else "(index)",
                    "role": "time",
                    "dtype": self.axis.dtype,
                    "note": f"{place}, {pace}",
                },
            )
        owners = [
            {
                "column": entity.name if entity.name is not None else f"(level {entity.level})",
                "role": "entity",
                "dtype": entity.dtype,
                "note": "new identifiers" if entity.level is None else "index, new identifiers",
            }
            for entity in self.entities
        ]
        return pd.DataFrame(owners + rows).set_index("column")

    def _note(self, column: Column) -> str:
        if column.source is not None:
            return f"equals {self.columns[column.source].name!r}"
        parts = [
            "condition" if column.condition else "",
            "constant within each sequence" if column.static else "",
            column.note,
        ]
        return "; ".join(filter(None, parts))

    def _repr_html_(self) -> str:
        html: str = self.to_frame().to_html()
        return html if self.flatlines is None else f"{html}<p>{self.flatlines}</p>"

    def __str__(self) -> str:
        text: str = self.to_frame().to_string()
        return text if self.flatlines is None else f"{text}\n{self.flatlines}"


def kept_lengths(lengths: NDArray[np.int64]) -> tuple[int, ...]:
    """The lengths, or their quantiles where there are many."""
    if len(lengths) > KEPT_LENGTHS:
        lengths = np.quantile(lengths, np.linspace(0, 1, KEPT_LENGTHS), method="nearest").astype(np.int64)
    return tuple(sorted(lengths.tolist()))
