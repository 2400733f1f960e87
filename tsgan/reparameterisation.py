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
    """

    def __init__(self, constraints: Sequence[Constraint] = ()) -> None:
        self.constraints, self.states = tuple(constraints), tuple[State, ...]()

    def fit(self, X: pd.DataFrame, begins: Begins) -> Self:
        """Check each constraint; the index of ``X`` has the user's numbers of the rows."""
        self.constraints = tuple(in_order(self.constraints, list(X.columns)))
        self.states = tuple(constraint.fit(X, begins) for constraint in self.constraints)
        return self

    @property
    def ruled(self) -> set[Any]:
        """Names of the columns that are not free."""
        return {name for constraint in self.constraints for name in constraint.ruled}

    @property
    def bound(self) -> set[Any]:
        """Names of those that are learned as they are: in the range seen they keep their rule."""
        return {constraint.column for constraint in self.constraints if isinstance(constraint, Range)}

    @property
    def static(self) -> set[Any]:
        """Names of the columns put in that never change within a sequence."""
        return {constraint.start for constraint in self.constraints if isinstance(constraint, Increasing)}

    @property
    def notes(self) -> dict[Any, str]:
        """The constraints in words, by the columns that they rule."""
        return {name: f"rule: {constraint}" for constraint in self.constraints for name in constraint.ruled}

    def apply(self, X: pd.DataFrame, begins: Begins) -> pd.DataFrame:
        """What is learned in place of the table's columns."""
        learned = X
        for constraint in self.constraints:
            learned = constraint.apply(X, learned, begins)
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
        for constraint, state, own in zip(self.constraints, self.states, before, strict=True):
            learned = constraint.undo(learned, state, begins, last, own)
        return learned[list(names)] if self.constraints else learned

    def to_json(self) -> list[dict[str, Any]]:
        """Constraints and states as JSON has them."""
        pairs = zip(self.constraints, self.states, strict=True)
        return [{"constraint": constraint_to_json(constraint), "state": state} for constraint, state in pairs]

    @classmethod
    def from_json(cls, data: list[dict[str, Any]]) -> Self:
        """The same of such a list; KeyError or TypeError for anything else."""
        fitted = cls([constraint_from_json(item["constraint"]) for item in data])
        fitted.states = tuple(item["state"] for item in data)
        return fitted
