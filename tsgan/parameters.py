"""Ranges of the parameters, checked all at once, and the sizes chosen from the data."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from math import isfinite
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from tsgan.exceptions import InputError, ParameterError
from tsgan.family import wrong_in_family
from tsgan.public_holidays import PREFIX, holidays_of
from tsgan.wording import counted, meant

DEFAULT_STEPS = 5_000
DEFAULT_WINDOW = 24
WHOLE_SEQUENCES = 48  # sequences of up to so many rows are learned whole
SHORTEST = 4
PHASES = ("day", "week", "year")


@dataclass(frozen=True)
class Range:
    """Allowed values: whole or real numbers from ``low`` (not itself, where ``above``) to ``high``, perhaps None."""

    whole: bool
    low: float
    high: float = float("inf")
    above: bool = False
    optional: bool = False

    def holds(self, value: Any) -> bool:
        """Whether a value is allowed."""
        if value is None:
            return self.optional
        if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral if self.whole else numbers.Real):
            return False
        number = float(value)
        return (self.low < number if self.above else self.low <= number) and number <= self.high and isfinite(number)

    def __str__(self) -> str:
        bound = f"greater than {self.low}" if self.above else f"of at least {self.low}"
        limit = f" and at most {self.high}" if self.high < float("inf") else ""
        return f"{'a whole' if self.whole else 'a'} number {bound}{limit}{' or None' if self.optional else ''}"


LARGEST = 10_000  # of sizes: more is a mistake that would take the machine's memory
RANGES = {
    "min_entities": Range(whole=True, low=1),
    "window": Range(whole=True, low=SHORTEST, optional=True),
    "hidden_size": Range(whole=True, low=1, high=LARGEST, optional=True),
    "patch_size": Range(whole=True, low=1, high=LARGEST),
    "batch_size": Range(whole=True, low=2, high=LARGEST),
    "n_critic": Range(whole=True, low=1),
    "penalty_weight": Range(whole=False, low=0),
    "moment_weight": Range(whole=False, low=0),
    "critic_rate": Range(whole=False, low=0, above=True),
    "generator_rate": Range(whole=False, low=0, above=True),
    "max_grad_norm": Range(whole=False, low=0, above=True, optional=True),
    "max_steps": Range(whole=True, low=1, optional=True),
    "max_time": Range(whole=False, low=0, above=True, optional=True),
    "validation_fraction": Range(whole=False, low=0, high=0.5),
    "patience": Range(whole=True, low=1, optional=True),
}


def check_parameters(model: Any) -> None:
    """Raise one ParameterError for all parameters outside their range."""
    wrong = [
        f"{name}={value!r} must be {allowed}"
        for name, allowed in RANGES.items()
        if not allowed.holds(value := getattr(model, name))
    ]
    wrong += wrong_in_family(model)
    if not isinstance(model.verbose, bool) and not (allowed := Range(whole=True, low=0)).holds(model.verbose):
        wrong.append(f"verbose={model.verbose!r} must be {allowed}")
    try:
        check_random_state(model.random_state)
    except ValueError:
        wrong.append(
            f"random_state={model.random_state!r} must be a whole number of at least 0 and at most {2**32 - 1}, a "
            "numpy.random.RandomState or None"
        )
    if not isinstance(model.device, str) and type(model.device).__name__ != "device":
        wrong.append(f"device={model.device!r} must be 'auto' or the name of a torch device, such as 'cpu' or 'cuda'")
    if not isinstance(model.conditions, list | tuple | None):
        wrong.append(f"conditions={model.conditions!r} must be a list of column names, such as conditions=['label']")
    if not isinstance(model.checkpoint, str | PathLike | None):
        wrong.append(f"checkpoint={model.checkpoint!r} must be the name of a file, such as 'run.checkpoint.safetensors'")
    if model.calendar != "auto":
        wrong += _wrong_in_calendar(model.calendar)
    wrong += [
        f"constraints holds {rule!r}, which is none of tsgan.constraints: Inequality('low', '<=', 'high') for example"
        for rule in (model.constraints or ())
        if not callable(getattr(rule, "undo", None))
    ]
    if not isinstance(model.callbacks, list | tuple | None):
        wrong.append(f"callbacks={model.callbacks!r} must be a list of callbacks, such as callbacks=[Progress()]")
    hooks = ("on_fit_begin", "on_record", "on_fit_end", "on_fit_stop")
    wrong += [
        f"callbacks[{k}] is a {type(callback).__name__}, which has no {', '.join(missing)}"
        for k, callback in enumerate(model.callbacks if isinstance(model.callbacks, list | tuple) else ())
        if (missing := [hook for hook in hooks if not callable(getattr(callback, hook, None))])
    ]
    if wrong:
        raise ParameterError("; ".join(wrong))


def _wrong_in_calendar(calendar: Any) -> list[str]:
    listed = isinstance(calendar, list | tuple) and all(isinstance(name, str) for name in calendar)
    regions = [name.removeprefix(PREFIX) for name in calendar if name.startswith(PREFIX)] if listed else []
    unknown = [name for name in calendar if name not in PHASES and not name.startswith(PREFIX)] if listed else []
    if not listed or unknown or len(regions) > 1:
        hint = meant(unknown[0], PHASES) if unknown else ""
        return [
            f"calendar={calendar!r} must be 'auto' or a list of 'day', 'week', 'year' and the holidays of one region, "
            f"{PREFIX + 'US-NY'!r} for example; [] (--calendar none) for none{hint}"
        ]
    for region in regions:
        holidays_of(region)
    return []


def choose_window(window: int | None, lengths: NDArray[np.int64]) -> int:
    """Steps that the critic sees at once.

    The user's; else whole sequences where none has more than 48 rows; else 24. Shorter sequences are filled up with rows
    that nothing reads.

    Raises
    ------
    InputError
        If no sequence is as long as the window, or as 4 steps.
    """
    longest = int(lengths.max())
    if window is None:
        window = max(longest if longest <= WHOLE_SEQUENCES else DEFAULT_WINDOW, SHORTEST)
    if longest < window:
        raise InputError(
            f"the longest of {counted(len(lengths), 'sequence')} has n_samples={longest}, less than a window of {window} "
            f"rows; give longer ones{f', or a shorter window, of {SHORTEST} rows or more' if window > SHORTEST else ''}"
        )
    return window


def check_patch_size(patch_size: int, window: int) -> None:
    """Raise unless a window has more than one patch: what one patch hands on to the next must be seen."""
    if patch_size >= window:
        raise ParameterError(f"patch_size={patch_size} must be less than the window of {window} rows")


def choose_hidden_size(hidden_size: int | None, columns: int) -> int:
    """The user's; else 64 for up to 5 learned columns, 96 for up to 20, 128 above."""
    return hidden_size or (64 if columns <= 5 else 96 if columns <= 20 else 128)


def check_count(name: str, value: Any, low: int) -> int:
    """A whole number of at least ``low``, or a ParameterError."""
    allowed = Range(whole=True, low=low)
    if not allowed.holds(value):
        raise ParameterError(f"{name}={value!r} must be {allowed}")
    return int(value)
