"""Constraints together: checked, put in their order, applied and undone, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Self

import numpy as np
import pandas as pd

from tsgan.constraints import (
    Before,
    Begins,
    Constraint,
    FixedCombinations,
    Increasing,
    Inequality,
    Positive,
    Range,
    State,
)
from tsgan.exceptions import InputError
from tsgan.static_gaps import StaticGaps

KINDS: dict[str, type[Constraint]] = {c.kind: c for c in (Range, Positive, Inequality, Increasing, FixedCombinations)}


def constraint_to_json(constraint: Constraint) -> dict[str, Any]:
    """A constraint as JSON has it."""
    bounds = {name: None if value in (np.inf, -np.inf) else value for name, value in asdict(constraint).items()}
    return {"kind": constraint.kind} | bounds


def constraint_from_json(data: dict[str, Any]) -> Constraint:
    """The constraint of such a mapping; KeyError or TypeError for anything else."""
    parts = {
        name: value for name, value in data.items() if name != "kind" and not (name in ("low", "high") and value is None)
    }
    return KINDS[data["kind"]](**parts)


def in_order(constraints: Sequence[Constraint], names: Sequence[Any]) -> list[Constraint]:
    """The constraints, each after those that rule what it reads.

    Raises
    ------
    InputError
        If one names a column that is not there, if two rule the same column, or if they go round in a circle.
    """
    rulers: dict[Any, Constraint] = {}
    for constraint in constraints:
        for name in (*constraint.ruled, *constraint.read):
            if name not in names:
                raise InputError(
                    f"{constraint}: {name!r} is none of the columns {list(names)} that are generated (conditions, copies, "
                    "identifiers and columns read off the time are not); leave it out"
                )
        for name in constraint.ruled:
            if name in rulers:
                raise InputError(f"{constraint} and {rulers[name]} both rule the column {name!r}; leave one of them out")
            rulers[name] = constraint
    ordered: list[Constraint] = []
    waiting = list(constraints)
    while waiting:
        ready = [c for c in waiting if not any(rulers.get(name) in waiting and rulers[name] is not c for name in c.read)]
        if not ready:
            raise InputError(f"the constraints {waiting} go round in a circle; leave one of them out")
        ordered += ready
        waiting = [c for c in waiting if c not in ready]
    return ordered


class Reparameterisation:
    """Constraints that were checked against a table, in the order in which their columns are put back.

    Parameters
    ----------
    constraints : sequence of Constraint
    gaps : sequence of StaticGaps
        Of columns that have no other put in their place.
    """

    def __init__(self, constraints: Sequence[Constraint] = (), gaps: Sequence[StaticGaps] = ()) -> None:
        self.constraints, self.gaps = tuple(constraints), tuple(gaps)
        self.states, self.gap_states = tuple[State, ...](), tuple[State, ...]()

    def fit(self, X: pd.DataFrame, begins: Begins) -> Self:
        """Check each constraint; the index of ``X`` has the user's numbers of the rows."""
        self.constraints = tuple(in_order(self.constraints, list(X.columns)))
        self.states = tuple(constraint.fit(X, begins) for constraint in self.constraints)
        self.gap_states = tuple(gaps.fit(X) for gaps in self.gaps)
        return self

    @property
    def ruled(self) -> set[Any]:
        """Names of the columns that are not free."""
        return {name for constraint in self.constraints for name in constraint.ruled}

    @property
    def bound(self) -> set[Any]:
        """Names of those that are learned as they are: in the range seen they keep their rule."""
        return {constraint.column for constraint in self.constraints if isinstance(constraint, Range)}

    def static(self, names: set[Any]) -> set[Any]:
        """Names of the columns learned that never change within a sequence, given those of the table."""
        pairs = list(zip(self.constraints, self.states, strict=True))
        moving = {c.columns[0] for c, state in pairs if isinstance(c, FixedCombinations) and any(state["varies"])}
        return names - moving | {c.start for c in self.constraints if isinstance(c, Increasing)}

    @property
    def notes(self) -> dict[Any, str]:
        """The constraints in words, by the columns that they rule."""
        return {name: f"rule: {constraint}" for constraint in self.constraints for name in constraint.ruled}

    def apply(self, X: pd.DataFrame, begins: Begins) -> pd.DataFrame:
        """What is learned in place of the table's columns."""
        learned = X
        for constraint in self.constraints:
            learned = constraint.apply(X, learned, begins)
        for gaps in self.gaps:
            learned = gaps.apply(learned, begins)
        return learned

    def undo(
        self,
        learned: pd.DataFrame,
        begins: Begins,
        names: Sequence[Any],
        last: pd.DataFrame | None = None,
        before: Sequence[Before] | None = None,
    ) -> pd.DataFrame:
        """The table's columns, in the order of ``names``.

        Parameters
        ----------
        learned : DataFrame
        begins : ndarray of shape (rows,), bool
        names : sequence of hashable
        last : DataFrame, optional
            The rows before sequences that go on from some.
        before : sequence of dict, optional
            One for each constraint, empty at first, where rows come in pieces.
        """
        before = [Before() for _ in self.constraints] if before is None else before
        for gaps, state in zip(self.gaps, self.gap_states, strict=True):
            learned = gaps.undo(learned, state)
        for constraint, state, own in zip(self.constraints, self.states, before, strict=True):
            learned = constraint.undo(learned, state, begins, last, own)
        return learned[list(names)] if self.constraints else learned

    def to_json(self) -> dict[str, Any]:
        """Constraints and states as JSON has them."""
        pairs = zip(self.constraints, self.states, strict=True)
        own = zip(self.gaps, self.gap_states, strict=True)
        return {
            "constraints": [{"constraint": constraint_to_json(constraint), "state": state} for constraint, state in pairs],
            "gaps": [{"column": gaps.column, "mark": gaps.mark, "state": state} for gaps, state in own],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The same of such a mapping; KeyError or TypeError for anything else."""
        rules, own = data["constraints"], data["gaps"]
        fitted = cls(
            [constraint_from_json(item["constraint"]) for item in rules], [StaticGaps(g["column"], g["mark"]) for g in own]
        )
        fitted.states, fitted.gap_states = (tuple(item["state"] for item in part) for part in (rules, own))
        return fitted


def turned(constraints: Sequence[Constraint], static: set[Any]) -> list[Constraint]:
    """The constraints, inequalities so turned that none rules a static column by one that varies: it would vary too."""
    return [c.turned if isinstance(c, Inequality) and c.right in static and c.left not in static else c for c in constraints]
