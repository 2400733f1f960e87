"""What a sweep searches: the values that each parameter may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tsgan.parameters import RANGES

if TYPE_CHECKING:
    from optuna import Trial

HOW = "values to choose from, [32, 64] for example, or {low: 32, high: 128}, perhaps with log: true"


class Choices(NamedTuple):
    """One of these values, which need not be in any order."""

    values: tuple[float | None, ...]

    @property
    def high(self) -> float | None:
        """The greatest, if there is a number among them."""
        return max((value for value in self.values if value is not None), default=None)

    def holds(self, value: float | None) -> bool:
        """Whether a value is one of them."""
        return value in self.values

    def suggest(self, trial: Trial, name: str) -> Any:
        """One of them, as the trial's sampler chooses."""
        return trial.suggest_categorical(name, self.values)


class Interval(NamedTuple):
    """Any number from ``low`` to ``high``; ``log``: searched by its size, not by its difference."""

    low: float
    high: float
    log: bool
    whole: bool

    def holds(self, value: float | None) -> bool:
        """Whether a value lies within."""
        return value is not None and self.low <= value <= self.high

    def suggest(self, trial: Trial, name: str) -> float:
        """A number within, as the trial's sampler chooses."""
        if self.whole:
            return trial.suggest_int(name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)


def parse_dimension(name: str, value: Any) -> Choices | Interval:
    """The values that a parameter may take.

    Parameters
    ----------
    name : str
        A parameter of TSGAN that is a number.
    value : list or dict
        Of a config: values, or ``low``, ``high`` and perhaps ``log``.

    Raises
    ------
    ValueError
        If it is neither, or holds what the parameter cannot be.
    """
    if isinstance(value, list) and value:
        _check_values(name, value)
        return Choices(tuple(value))
    if not isinstance(value, dict) or not {"low", "high"} <= value.keys() <= {"low", "high", "log"}:
        raise ValueError(f"write {HOW}, not {value!r}")
    low, high, log = value["low"], value["high"], value.get("log", False)
    _check_values(name, [low, high])
    if None in (low, high) or not low < high:
        raise ValueError(f"low must be a number less than high, not {low!r} with {high!r}")
    if not isinstance(log, bool):
        raise ValueError(f"log must be true or false, not {log!r}")
    if log and low <= 0:
        raise ValueError(f"with log: true low must be greater than 0, not {low!r}")
    return Interval(low, high, log, RANGES[name].whole)


def _check_values(name: str, values: list[Any]) -> None:
    for value in values:
        if not RANGES[name].holds(value):
            hint = "; YAML takes 1e-3 for a text, 1.0e-3 for a number" if isinstance(value, str) else ""
            raise ValueError(f"{value!r} must be {RANGES[name]}{hint}")
