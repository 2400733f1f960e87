"""Which channels and flags a table's columns have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Features:
    """What one column is to the networks.

    Parameters
    ----------
    value : bool
        Whether it has a channel of values.
    events : int
        Flags of which at most one is up at a step: a missing cell or an atom, which hide the value, or the categories
        beyond the first.
    static : bool
        Whether it never changes within a sequence.
    hold : bool
        Whether it has one more flag, which says that the value is that of the step before.
    repeats : float
        Share of the steps in which its values repeat because they are rounded.
    """

    value: bool
    events: int = 0
    static: bool = False
    hold: bool = False
    repeats: float = 0.0


@dataclass(frozen=True)
class Layout:
    """Channels of values and flags, column by column; the flag of a hold follows those of its column's events.

    Parameters
    ----------
    columns : tuple of Features
    """

    columns: tuple[Features, ...]

    @cached_property
    def value_columns(self) -> list[int]:
        """Column of each of the ``C`` channels of values."""
        return [k for k, column in enumerate(self.columns) if column.value]

    @cached_property
    def flag_columns(self) -> list[int]:
        """Column of each of the ``M`` flags."""
        return [k for k, column in enumerate(self.columns) for _ in range(column.events + column.hold)]

    @property
    def n_learned(self) -> int:
        """Columns that have any; constants have none."""
        return sum(column.value or column.events > 0 for column in self.columns)

    @property
    def n_values(self) -> int:
        """``C``."""
        return len(self.value_columns)

    @property
    def n_flags(self) -> int:
        """``M``."""
        return len(self.flag_columns)

    @cached_property
    def hiding(self) -> list[int]:
        """Flags that hide a value."""
        return [flag for flag, k in enumerate(self.flag_columns) if self.columns[k].value and flag not in self.holds]

    @cached_property
    def hidden(self) -> list[int]:
        """Channel of values that each of these hides."""
        return [self.value_columns.index(self.flag_columns[flag]) for flag in self.hiding]

    @cached_property
    def holds(self) -> list[int]:
        """Flags of holds."""
        return [flag for flag, k in enumerate(self.flag_columns) if self.columns[k].hold and self._is_last(flag)]

    @cached_property
    def held(self) -> list[int]:
        """Channel of values that each of these holds."""
        return [self.value_columns.index(self.flag_columns[flag]) for flag in self.holds]

    def events_beside(self, hold: int) -> list[int]:
        """Flags of the events of a hold's column."""
        return [flag for flag, k in enumerate(self.flag_columns) if k == self.flag_columns[hold] and flag != hold]

    def _is_last(self, flag: int) -> bool:
        return self.flag_columns[flag + 1 : flag + 2] != self.flag_columns[flag : flag + 1]

    @cached_property
    def groups(self) -> list[slice]:
        """Flags of which at most one is up: those of each column's events, and each hold by itself."""
        edges, first = [], 0
        for column in self.columns:
            for size in (column.events, int(column.hold)):
                if size:
                    edges.append(slice(first, first + size))
                    first += size
        return edges

    @cached_property
    def static(self) -> list[int]:
        """Latent channels (values, then flags) that never change within a sequence."""
        owners = self.value_columns + self.flag_columns
        return [k for k, column in enumerate(owners) if self.columns[column].static]
