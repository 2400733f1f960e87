"""Who and when: the columns and index levels of a frame that tell series apart and say the time."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.exceptions import InputError
from tsgan.wording import nearest


@dataclass(frozen=True, eq=False)
class Role:
    """A column or an index level that holds no values to learn.

    Parameters
    ----------
    name : hashable
    level : int or None
        Its position, if it is a level of the index.
    cells : Series or Index
        Of every row.
    """

    name: Any
    level: int | None
    cells: pd.Series | pd.Index

    def taken(self, order: NDArray[np.int64]) -> pd.Series | pd.Index:
        """The cells in another order."""
        cells = self.cells.take(order)
        return cells.reset_index(drop=True) if isinstance(cells, pd.Series) else cells

    def __str__(self) -> str:
        return f"(level {self.level})" if self.name is None else repr(self.name)


def find_roles(X: pd.DataFrame, entity: Any, time: Any) -> tuple[list[Role], Role | None]:
    """The entities and the time of a frame: those named; else, in the index, dates are the time.

    All other levels of a MultiIndex are the entities, where none are named.

    Raises
    ------
    InputError
        If a name is unknown or stands for two things, or a level of a MultiIndex is left without a role.
    """
    names = _entity_names(X, entity)
    if time is not None and time in names:
        raise InputError(f"entity= and time= both name {time!r}; they must be two columns")
    if twice := [name for k, name in enumerate(names) if name in names[:k]]:
        raise InputError(f"entity={names} names {twice[0]!r} twice; name each column once")
    entities = [named(X, "entity", name) for name in names]
    when = None if time is None else named(X, "time", time)
    taken = {role.level for role in (*entities, when) if role is not None}
    rest = [_level(X, k) for k in range(X.index.nlevels) if k not in taken]
    dates = [level for level in rest if isinstance(level.cells, pd.DatetimeIndex)]
    if when is None and dates:
        if len(dates) > 1:
            raise InputError(f"index levels {_listed(dates)} hold dates; name the time with time= and all others in entity=")
        when = dates.pop()
        rest.remove(when)
    if not isinstance(X.index, pd.MultiIndex):
        if rest and pd.api.types.infer_dtype(X.index) == "string":
            warnings.warn(
                f"the index of X holds texts ({X.index[0]!r}, ...) and is left out; make dates of it with pandas."
                "to_datetime, or a column with reset_index()",
                UserWarning,
                stacklevel=5,
            )
        return entities, when
    if not rest:
        return entities, when
    if names or dates:
        raise InputError(
            f"index levels {_listed(rest)} are neither entities nor the time; name them in entity= or time=, or make "
            "columns of them with reset_index(level=...)"
        )
    _check_series(X.index if when is None or when.level is None else X.index.droplevel(when.level), rest)
    return rest, when


def combinations(entities: list[Role]) -> NDArray[np.int64]:
    """A number for each combination of identifiers, in the order of their first rows, shape (rows,).

    Raises
    ------
    InputError
        If one is missing.
    """
    combined = np.zeros(len(entities[0].cells), dtype=np.int64)
    for entity in entities:
        codes, identifiers = pd.factorize(entity.cells)
        if (codes < 0).any():
            rows = np.flatnonzero(codes < 0)[:3].tolist()
            raise InputError(f"entity {entity} has missing values (rows {rows}, counted from 0); fill or drop them")
        combined = pd.factorize(combined * len(identifiers) + codes)[0]
    return combined


def _entity_names(X: pd.DataFrame, entity: Any) -> list[Any]:
    """What ``entity=`` names; a tuple may itself be one name."""
    if isinstance(entity, list) or (isinstance(entity, tuple) and entity not in [*X.columns, *X.index.names]):
        return list(entity)
    return [] if entity is None else [entity]


def named(X: pd.DataFrame, role: str, name: Any) -> Role:
    """The column or index level of this name.

    Raises
    ------
    InputError
        If there is none, or if there are both.
    """
    columns, levels = list(X.columns), list(X.index.names)
    if name in columns and name in levels and isinstance(X.index, pd.MultiIndex):
        raise InputError(f"{role}={name!r} is both a column of X and a level of its index; rename or drop one of them")
    if name in columns:
        return Role(name, None, X.iloc[:, columns.index(name)].reset_index(drop=True))
    if name in levels:
        return _level(X, levels.index(name))
    known = [level for level in levels if level is not None]
    raise InputError(f"{role}={name!r} is not a column of X{nearest(name, [*columns, *known])}")


def _level(X: pd.DataFrame, k: int) -> Role:
    return Role(X.index.names[k], k, X.index.get_level_values(k))


def _check_series(identifiers: pd.Index, entities: list[Role]) -> None:
    """Raise where the levels taken for entities tell all rows apart: one of them is then a time, or numbers rows."""
    if identifiers.is_unique:
        raise InputError(
            f"index levels {_listed(entities)} tell all rows apart, so that there are no series; name those that tell "
            "series apart with entity= and the times with time= (X.index.names = [...] gives levels names)"
        )


def _listed(levels: list[Role]) -> str:
    return ", ".join(str(level) for level in levels)
