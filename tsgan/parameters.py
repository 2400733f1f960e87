"""Ranges of the parameters, checked all at once, and the sizes chosen from the data."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from tsgan.exceptions import InputError, ParameterError

DEFAULT_STEPS = 5_000
DEFAULT_WINDOW = 24
WHOLE_SEQUENCES = 48  # sequences of one length up to this are learned whole
SHORTEST = 4

# name: (type, smallest, smallest is excluded, None allowed)
RANGES: dict[str, tuple[type, float, bool, bool]] = {
    "window": (numbers.Integral, SHORTEST, False, True),
    "hidden_size": (numbers.Integral, 1, False, True),
    "patch_size": (numbers.Integral, 1, False, False),
    "batch_size": (numbers.Integral, 2, False, False),
    "n_critic": (numbers.Integral, 1, False, False),
    "penalty_weight": (numbers.Real, 0, False, False),
    "moment_weight": (numbers.Real, 0, False, False),
    "critic_rate": (numbers.Real, 0, True, False),
    "generator_rate": (numbers.Real, 0, True, False),
    "max_steps": (numbers.Integral, 1, False, True),
    "max_time": (numbers.Real, 0, True, True),
    "validation_fraction": (numbers.Real, 0, False, False),
    "patience": (numbers.Integral, 1, False, True),
}


def check_parameters(model: Any) -> None:
    """Raise one ParameterError for all parameters outside their range."""
    wrong = []
    for name, (kind, low, excluded, optional) in RANGES.items():
        value = getattr(model, name)
        if value is None and optional:
            continue
        number = isinstance(value, kind) and not isinstance(value, bool | np.bool_)
        if not number or not (value > low if excluded else value >= low) or not value < float("inf"):
            what = "a whole number" if kind is numbers.Integral else "a number"
            relation = "greater than" if excluded else "of at least"
            wrong.append(f"{name}={value!r} must be {what} {relation} {low}{' or None' if optional else ''}")
    if isinstance(model.validation_fraction, numbers.Real) and model.validation_fraction > 0.5:
        wrong.append(f"validation_fraction={model.validation_fraction!r} must be at most 0.5")
    if not isinstance(model.device, str) and type(model.device).__name__ != "device":
        wrong.append(f"device={model.device!r} must be 'auto' or the name of a torch device, such as 'cpu' or 'cuda'")
    hooks = ("on_fit_begin", "on_record", "on_fit_end")
    wrong += [
        f"callbacks[{k}] is a {type(callback).__name__}, which has no {', '.join(missing)}"
        for k, callback in enumerate(model.callbacks or ())
        if (missing := [hook for hook in hooks if not callable(getattr(callback, hook, None))])
    ]
    if wrong:
        raise ParameterError("; ".join(wrong))


def choose_window(window: int | None, lengths: np.ndarray) -> int:
    """Steps that the critic sees at once.

    The user's; else whole sequences where all have one length of at most 48; else 24, or the shortest sequence's length
    where that is less.

    Raises
    ------
    InputError
        If a sequence is shorter than the window, or than 4 steps.
    """
    shortest = int(lengths.min())
    if window is None:
        whole = shortest == lengths.max() and shortest <= WHOLE_SEQUENCES
        window = shortest if whole else min(DEFAULT_WINDOW, shortest)
        window = max(window, SHORTEST)
    if shortest < window:
        short = np.flatnonzero(lengths < window)
        listed = ", ".join(f"{k} (n_samples={lengths[k]})" for k in short[:3])
        raise InputError(
            f"{len(short)} of {len(lengths)} sequences are shorter than a window of {window} rows: number {listed}; "
            f"give longer ones, drop these{f', or a window of at least {SHORTEST}' if window > SHORTEST else ''}"
        )
    return window


def choose_hidden_size(hidden_size: int | None, columns: int) -> int:
    """The user's; else 64 for up to 10 learned columns, 96 for up to 20, 128 above."""
    return hidden_size or (64 if columns <= 10 else 96 if columns <= 20 else 128)


def check_count(name: str, value: Any, low: int) -> int:
    """A whole number of at least ``low``, or a ParameterError."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool | np.bool_) or value < low:
        raise ParameterError(f"{name}={value!r} must be a whole number of at least {low}")
    return int(value)
