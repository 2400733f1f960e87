"""What is typed: constraints, as text and back, kinds of columns, parameters of the model."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Collection, Sequence
from typing import Any

from tsgan.constraints import Constraint, FixedCombinations, Increasing, Inequality, Positive, Range
from tsgan.exceptions import ParameterError
from tsgan.wording import nearest

PARTS = re.compile(r'"[^"]*"|<=|>=|<|>|[^<>"]+')
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
SIGNS = ("<=", "<", ">=", ">")
FORMS = "'low <= high', 'share >= 0', '0 <= share <= 100', 'positive x', 'increasing odometer' or 'fixed city, country'"


def read_constraint(text: str) -> Constraint:
    """The constraint that a text says; names with signs or commas in them, or that are numbers, stand in double quotes.

    Raises
    ------
    ParameterError
        With the forms that are understood.
    """
    parts = [part.strip() for part in PARTS.findall(text) if part.strip()]
    match [part if part in SIGNS else float(part) if NUMBER.fullmatch(part) else None for part in parts]:
        case [None, "<=" | "<" | ">=" | ">" as sign, None]:
            return Inequality(_name(parts[0]), sign, _name(parts[2]))
        case [None, ">", 0.0] | [0.0, "<", None]:
            return Positive(_name(parts[0] if parts[1] == ">" else parts[2]))
        case [None, ">=", float(low)] | [float(low), "<=", None]:
            return Range(_name(parts[0] if parts[1] == ">=" else parts[2]), low=low)
        case [None, "<=", float(high)] | [float(high), ">=", None]:
            return Range(_name(parts[0] if parts[1] == "<=" else parts[2]), high=high)
        case [float(low), "<=", None, "<=", float(high)] | [float(high), ">=", None, ">=", float(low)]:
            return Range(_name(parts[2]), low, high)
    word, _, rest = text.strip().partition(" ")
    names = [] if set(parts) & set(SIGNS) else [name.strip() for name in next(csv.reader([rest], skipinitialspace=True))]
    match word, names:
        case "positive", [name]:
            return Positive(name)
        case "increasing", [name]:
            return Increasing(name)
        case "fixed", [_, _, *_]:
            return FixedCombinations(names)
    raise ParameterError(f"--constraint {text!r} is not understood; write {FORMS} (ranges include their ends)")


def write_constraint(constraint: Constraint) -> str:
    """A suggestion of :func:`tsgan.inspect` as it is typed."""
    if isinstance(constraint, Inequality):
        return f"{_quoted(constraint.left)} {constraint.sign} {_quoted(constraint.right)}"
    word = "fixed" if isinstance(constraint, FixedCombinations) else constraint.kind
    return f"{word} {', '.join(map(_quoted, constraint.ruled))}"


def read_kinds(texts: Sequence[str]) -> dict[str, str]:
    """Kinds of columns by name, from texts such as ``code=categorical``.

    Raises
    ------
    ParameterError
    """
    kinds = {}
    for text in texts:
        name, _, kind = text.rpartition("=")
        if not name:
            raise ParameterError(f"--schema {text!r} must be a column and what it is, such as code=categorical")
        kinds[name] = kind
    return kinds


def read_settings(texts: Sequence[str], known: Collection[str]) -> dict[str, Any]:
    """Parameters by name, from texts such as ``loss=hinge`` or ``hidden_size=64``; what is no Python literal is text.

    Raises
    ------
    ParameterError
    """
    settings: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not name or not sign:
            raise ParameterError(f"--set {text!r} must be a parameter and its value, such as loss=hinge")
        if name not in known:
            raise ParameterError(f"--set {text!r}: {name!r} is none of the parameters that it sets{nearest(name, known)}")
        try:
            settings[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            settings[name] = value
    return settings


def _name(part: str) -> str:
    return part[1:-1] if part.startswith('"') else part


def _quoted(name: str) -> str:
    is_plain = re.fullmatch(r'[^<>",]+', name) and not NUMBER.fullmatch(name) and name == name.strip()
    return name if is_plain else f'"{name}"'
