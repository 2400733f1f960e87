"""What every judge asks of its input, and the messages where it is not so."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

# Rounding leaves a constant column about 1e-16 of its size; a deviation below this share of it is no variation.
FLAT = 1e-12


class DataError(ValueError):
    """The data are such that a metric has no value; the message says why, and what would help."""


def check_sequences(x: ArrayLike, name: str, *, least_sequences: int = 1, least_steps: int = 1) -> FloatArray:
    """``x`` as float64 sequences of shape (B, T, C).

    Parameters
    ----------
    x : array_like of shape (B, T, C)
        NaN is a missing cell.
    name : str
        What messages call it.
    least_sequences, least_steps : int
        Smallest B and T that the caller can judge.

    Returns
    -------
    ndarray of shape (B, T, C), float64
        Not a copy where ``x`` is one already.

    Raises
    ------
    DataError
        If ``x`` is not numeric or has not three dimensions, is too small, holds infinities, or has a column without any
        observed cell.
    """
    try:
        x = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} is not numeric ({error}); encode or drop its other columns") from error
    if x.ndim != 3:
        raise DataError(
            f"{name} has shape {x.shape}; it must be (sequences, steps, columns): "
            f"cut a long table into windows, give a single column an axis of its own with {name}[..., None]"
        )
    B, T, C = x.shape
    if (np.array(x.shape) < (least_sequences, least_steps, 1)).any():
        raise DataError(
            f"{name} has {B} sequences of {T} steps and {C} columns; this judge needs at least "
            f"{least_sequences} sequences of {least_steps} steps and 1 column: pass more data or choose another judge"
        )
    infinite = np.isinf(x).sum((0, 1))
    if infinite.any():
        counts = ", ".join(f"column {c} holds {infinite[c]}" for c in np.flatnonzero(infinite))
        raise DataError(f"{name} must be finite, but {counts} infinite values; replace them, or mark them missing (NaN)")
    unobserved = np.flatnonzero(np.isnan(x).all((0, 1)))
    if unobserved.size:
        raise DataError(f"{name} has no observed cell in columns {unobserved.tolist()}; drop them on both sides")
    return x


def check_pair(
    real: ArrayLike, synthetic: ArrayLike, *, least_sequences: int = 1, least_steps: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Both sides as by `check_sequences`, with the same steps and columns.

    Raises
    ------
    DataError
        As `check_sequences`, or if steps or columns differ.
    """
    real = check_sequences(real, "real", least_sequences=least_sequences, least_steps=least_steps)
    synthetic = check_sequences(synthetic, "synthetic", least_sequences=least_sequences, least_steps=least_steps)
    if real.shape[1:] != synthetic.shape[1:]:
        raise DataError(
            f"real has {real.shape[1]} steps and {real.shape[2]} columns, synthetic {synthetic.shape[1]} and "
            f"{synthetic.shape[2]}; cut both to the same steps and columns, in the same order"
        )
    return real, synthetic
