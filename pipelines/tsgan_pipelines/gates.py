"""Bounds that scores must keep."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from math import isnan
from typing import NamedTuple

from tsgan.exceptions import InputError, ParameterError
from tsgan.wording import nearest

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


class Bound(NamedTuple):
    """``value sign limit`` must hold."""

    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        """Whether a value keeps it; NaN keeps none."""
        return COMPARE[self.sign](value, self.limit)


def parse_bound(text: str) -> Bound:
    """The bound of a text such as ``"<= 0.85"``.

    Raises
    ------
    ValueError
    """
    found = re.fullmatch(r"\s*(<=|>=|<|>)\s*(\S+)\s*", text)
    try:
        if found is None:
            raise ValueError("no sign")
        return Bound(found[1], float(found[2]))
    except ValueError as error:
        raise ValueError(f"a bound is a sign and a number, '<= 0.85' for example; this is {text!r}") from error


def read_gates(texts: Sequence[str], known: Collection[str]) -> list[tuple[str, str]]:
    """Scores and their bounds, of texts such as ``"window_copies <= 0.2"``.

    Raises
    ------
    ParameterError
        If one is no such text, or names a score that is not known.
    """
    gates = []
    for text in texts:
        name, bound = re.fullmatch(r"\s*(\w*)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
        try:
            parse_bound(bound)
        except ValueError as error:
            raise ParameterError(f"--gate {text!r} must be a score and its bound, such as 'window_copies <= 0.2'") from error
        if name not in known:
            raise ParameterError(f"--gate {text!r}: there is no score {name!r} here{nearest(name, known)}")
        gates.append((name, bound.strip()))
    return gates


def check_gates(gates: Mapping[str, Mapping[str, str]], known: Mapping[str, str], computed: Collection[str]) -> None:
    """Raise InputError if a gate names a score that is not known, or that will not be computed.

    Parameters
    ----------
    gates : mapping
        Of families to names to bounds.
    known : mapping
        Of all scores to the metrics that they come from.
    computed : collection of str
        Scores that there will be.
    """
    for family, bounds in gates.items():
        if unknown := [name for name in bounds if name not in known]:
            raise InputError(f"gates.{family}.{unknown[0]}: there is no such score{nearest(unknown[0], known)}")
    lacking = [(family, name) for family, bounds in gates.items() for name in bounds if name not in computed]
    if lacking:
        named = ", ".join(f"gates.{family}.{name}" for family, name in lacking)
        added = " and ".join(dict.fromkeys(known[name] for _, name in lacking))
        empty = ", ".join(dict.fromkeys(f"{family}: {{}}" for family, _ in lacking))
        raise InputError(f"{named}: not among evaluation.metrics; add {added}, or remove the gate: `gates: {{{empty}}}`")


def broken(gates: Mapping[str, Mapping[str, str]], scores: Mapping[str, float], why: Mapping[str, str]) -> list[str]:
    """What the scores do not keep, in words; empty where all gates pass.

    Parameters
    ----------
    gates : mapping
        Of families to names to bounds.
    scores : mapping
        By name; one that was not computed is NaN.
    why : mapping
        Reasons of scores that were not computed, "not computed, because ..."; of those where they are known.
    """
    return [
        f"{family}: {name} {_found(scores[name], why.get(name, 'not computed'))}, wanted {text}"
        for family, bounds in gates.items()
        for name, text in bounds.items()
        if not parse_bound(text).holds(scores[name])
    ]


def _found(value: float, reason: str) -> str:
    return f"was {reason}" if isnan(value) else f"is {value:.3g}"
