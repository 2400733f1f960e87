"""What a table is made of: enough to rebuild one like it around synthetic channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.exceptions import InputError, InputTypeError
from tsgan.time_axis import TimeAxis

Kind = Literal["numeric", "constant", "copy"]
Container = Literal["frame", "panel", "frames", "matrix", "array"]
KEPT_LENGTHS = 64


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    name : hashable
    dtype : str
    kind : {"numeric", "constant", "copy"}
        Constants are not learned; a copy equals an earlier column in every row.
    value : int or float or None
        Of a constant.
    source : int or None
        Position of the column that a copy repeats.
    """

    name: Any
    dtype: str
    kind: Kind
    value: float | None = None
    source: int | None = None


@dataclass(frozen=True)
class Schema:
    """The structure of a table.

    Parameters
    ----------
    container : {"frame", "panel", "frames", "matrix", "array"}
        One long series, a frame with an entity column, a list of frames, a 2-D array, a 3-D array.
    columns : tuple of Column
        In the table's order, without entity and time.
    order : tuple of hashable
        All column names of a frame in its order, entity and time among them.
    lengths : tuple of int
        Lengths of sequences: their quantiles where there are many.
    entity, entity_dtype : hashable, str or None
    next_entity : int
        Number of the first new identifier, beyond the real ones.
    axis : TimeAxis or None
    """

    container: Container
    columns: tuple[Column, ...]
    order: tuple[Any, ...]
    lengths: tuple[int, ...]
    entity: Any = None
    entity_dtype: str | None = None
    next_entity: int = 0
    axis: TimeAxis | None = None

    @property
    def names(self) -> list[Any]:
        """Names of the value columns."""
        return [column.name for column in self.columns]

    @property
    def learned(self) -> list[int]:
        """Positions of the columns that are learned."""
        return [k for k, column in enumerate(self.columns) if column.kind == "numeric"]

    def to_frame(self) -> pd.DataFrame:
        """One row a column: role, dtype and how it is treated."""
        rows = [{"column": c.name, "role": c.kind, "dtype": c.dtype, "note": self._note(c)} for c in self.columns]
        if self.axis is not None:
            step = self.axis.freq or (pd.Timedelta(int(self.axis.step)) if self.axis.is_datetime else self.axis.step)
            place = "index" if self.axis.in_index else "column"
            rows.insert(
                0,
                {
                    "column": self.axis.name if self.axis.name is not None else "(index)",
                    "role": "time",
                    "dtype": self.axis.dtype,
                    "note": f"{place}, step {step}",
                },
            )
        if self.entity is not None:
            rows.insert(0, {"column": self.entity, "role": "entity", "dtype": self.entity_dtype, "note": "new identifiers"})
        return pd.DataFrame(rows).set_index("column")

    def _note(self, column: Column) -> str:
        if column.kind == "constant":
            return f"always {column.value}"
        return "" if column.source is None else f"equals {self.columns[column.source].name!r}"

    def _repr_html_(self) -> str:
        html: str = self.to_frame().to_html()
        return html

    def __str__(self) -> str:
        text: str = self.to_frame().to_string()
        return text


def learn_columns(frame: pd.DataFrame, rows: NDArray[np.int64] | None = None) -> tuple[Column, ...]:
    """Check and classify the value columns.

    Parameters
    ----------
    frame : DataFrame
    rows : ndarray, optional
        The user's number of each row, for messages.

    Raises
    ------
    InputError, InputTypeError
        Naming the columns, with the first rows at fault.
    """
    unsupported = {
        frame.columns[k]: str(dtype)
        for k, dtype in enumerate(frame.dtypes)
        if not pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)
    }
    if complex_ := [name for name, dtype in frame.dtypes.items() if getattr(dtype, "kind", "") == "c"]:
        raise InputError(f"Complex data not supported: columns {complex_}; split them into real and imaginary parts")
    if unsupported:
        listed = ", ".join(f"{name!r} ({dtype})" for name, dtype in unsupported.items())
        raise InputTypeError(
            f"columns that are not numeric cannot be learned yet: {listed}; drop or encode them, or name them as entity= "
            "or time= if that is what they are"
        )
    columns: list[Column] = []
    values: list[NDArray[np.float64]] = []
    for k, name in enumerate(frame.columns):
        series = frame.iloc[:, k]
        x = series.to_numpy(dtype=np.float64, na_value=np.nan)
        if (infinite := np.isinf(x)).any():
            where = np.sort(np.flatnonzero(infinite) if rows is None else rows[infinite])
            raise InputError(
                f"column {name!r} holds {len(where)} infinite values (infinity; rows {where[:3].tolist()}, counted "
                "from 0); replace them or drop the rows"
            )
        if np.isnan(x).all():
            raise InputError(f"column {name!r} has no values at all; drop it")
        dtype = str(series.dtype)
        source = next((i for i, other in enumerate(values) if np.array_equal(x, other, equal_nan=True)), None)
        if not np.isnan(x).any() and (x == x[0]).all():
            columns.append(Column(name, dtype, "constant", value=_plain(series.iloc[0])))
        elif source is not None:
            columns.append(Column(name, dtype, "copy", source=source))
        else:
            columns.append(Column(name, dtype, "numeric"))
        values.append(x)
    if all(column.kind == "constant" for column in columns):
        raise InputError("no column varies: there is nothing to learn; give at least one column with two values")
    return tuple(columns)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def kept_lengths(lengths: NDArray[np.int64]) -> tuple[int, ...]:
    """The lengths, or their quantiles where there are many."""
    if len(lengths) > KEPT_LENGTHS:
        lengths = np.quantile(lengths, np.linspace(0, 1, KEPT_LENGTHS), method="nearest").astype(np.int64)
    return tuple(sorted(lengths.tolist()))
