"""Whatever is a number underneath (integers, decimals, dates, durations) as double precision and back, in its dtype."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from tsgan.dtypes import MARKERS, dtype_from_json, dtype_to_json, missing_marker, with_missing
from tsgan.exceptions import InputError
from tsgan.preprocessing.transformer import SeriesTransformer, as_series

KINDS = ("float", "integer", "datetime", "timedelta", "period", "date", "decimal")
OBJECTS = {"integer": "integer", "floating": "float", "mixed-integer-float": "float", "date": "date", "decimal": "decimal"}
WORD = 2**64
TENS = [10**k for k in range(19)]
CLOCK = [part * ten for part in (1, 60, 3600, 86_400) for ten in TENS if part * ten < WORD // 2]  # in any unit of time


def number_kind(X: pd.Series) -> str | None:
    """Which of ``KINDS`` a column is, or None."""
    dtype = X.dtype
    if pd.api.types.is_bool_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype):
        return None
    kind = getattr(dtype, "kind", "O")
    if isinstance(dtype, pd.PeriodDtype):
        return "period"
    if kind in "iuf":
        return "float" if kind == "f" else "integer"
    arrow_date = isinstance(dtype, pd.ArrowDtype) and dtype.type is datetime.date
    if kind in "Mm" and not arrow_date:
        return "datetime" if kind == "M" else "timedelta"
    if kind == "O" or arrow_date:
        return OBJECTS.get(pd.api.types.infer_dtype(X.astype(object), skipna=True))
    return None


class Numbers(SeriesTransformer):
    """Numbers, dates and durations as double precision, NaN where missing, and back exactly.

    Integers, dates (of any unit and zone), durations, periods and decimals are whole multiples of their greatest common
    step above the least of them: these multiples are what comes out, so that 2**63 - 1 and a date of any year are exact as
    long as the range has no more than 2**53 steps. Floats come out as they are.

    The inverse is total: whole steps, within the range seen.

    Parameters
    ----------
    shy : bool, default=False
        Whether to keep nothing that single values tell: a step is then the greatest power of ten (of dates and durations: of
        so many days, hours, minutes or seconds) that will do, values are counted from their mean, and the range is not kept.
        The common step of two values is the distance between them.

    Attributes
    ----------
    kind_ : {"float", "integer", "datetime", "timedelta", "period", "date", "decimal"}
    dtype_ : dtype
    marker_ : str
        What stands for a missing cell among objects.
    offset_, unit_ : int
        Least value and greatest common step, in the unit of the dtype.
    steps_ : int or None
        Number of steps to the greatest value; None where the range is not kept.
    exponent_ : int
        Of decimals.
    """

    def __init__(self, shy: bool = False) -> None:
        self.shy = shy

    def fit(self, X: pd.Series, y: object = None) -> Self:
        """Learn dtype, range and step.

        Raises
        ------
        InputError
            If the column holds no cells, no numbers, or integers of more than 64 bits.
        """
        X = as_series(X)
        kind = number_kind(X)
        if kind is None:
            raise InputError(f"column {X.name!r} holds no numbers: its dtype is {X.dtype}")
        if X.isna().all():
            raise InputError(f"column {X.name!r} has no values at all; drop it")
        self.feature_names_in_ = [X.name]
        self.kind_, self.dtype_, self.marker_ = kind, X.dtype, missing_marker(X)
        self.offset_ = self.exponent_ = 0
        self.unit_ = 1
        self.steps_: int | None = 0
        if kind == "float":
            return self
        if kind == "decimal":
            exponents = [value.as_tuple().exponent for value in X[X.notna()].astype(object)]
            if not all(isinstance(exponent, int) for exponent in exponents):
                raise InputError(f"column {X.name!r} holds decimals that are not finite; replace them or drop the rows")
            self.exponent_ = min(exponents)
        whole = self._whole(X)
        self.offset_ = int(whole.min())
        above = self._above(whole)
        self.unit_ = int(np.gcd.reduce(above)) or 1
        self.steps_ = int(above.max()) // self.unit_
        if self.shy:
            units = CLOCK if kind in ("datetime", "timedelta") else TENS
            self.unit_ = max(unit for unit in units if self.unit_ % unit == 0)
            self.offset_ += int(above.mean(dtype=np.float64)) // self.unit_ * self.unit_
            self.steps_ = None
        return self

    def transform(self, X: pd.Series) -> NDArray[np.float64]:
        """Steps above the least value (floats: values) as doubles, shape (n,), NaN where missing."""
        check_is_fitted(self)
        X = as_series(X)
        if self.kind_ == "float":
            return np.asarray(X.to_numpy(dtype=np.float64, na_value=np.nan))
        values = np.full(len(X), np.nan)
        there = X.notna().to_numpy()
        whole = self._whole(X)
        above, below = self._above(whole), whole < self.offset_
        values[there] = np.where(below, -(np.uint64(0) - above).astype(np.float64), above) / self.unit_
        return values

    def inverse_transform(self, X: ArrayLike, bounded: bool = True, parts: int = 1) -> pd.Series:
        """A column of the dtype seen, from any floats.

        Parameters
        ----------
        X : array-like of shape (n,)
            Missing where NaN.
        bounded : bool, default=True
            Whether to stay within the range seen, rather than just the dtype's.
        parts : int, default=1
            Values are whole multiples of the common step by this divisor of it.
        """
        check_is_fitted(self)
        values = np.asarray(X, dtype=np.float64)
        missing = np.isnan(values)
        name = self.feature_names_in_[0]
        if self.kind_ == "float":
            return with_missing(pd.Series(values, name=name), missing, self.dtype_, self.marker_)
        unit, steps = self.unit_ // parts, np.rint(np.where(missing, 0.0, values) * parts)
        low, last = self._limits(unit) if self.steps_ is None or not bounded else (0, self.steps_ * parts)
        below, beyond = steps < 0, steps >= float(last)
        above = np.where(below | beyond, 0.0, steps).astype(np.uint64)
        above[below] = np.maximum(steps[below], float(low)).astype(np.int64).view(np.uint64)  # modulo 2**64
        above[beyond] = last  # a number that may have no double
        whole = above * np.uint64(unit) + np.uint64(self.offset_ % WORD)
        if self.offset_ < 0 or self.kind_ != "integer" or self.offset_ + unit * last < WORD // 2:
            whole = whole.view(np.int64)
        return with_missing(pd.Series(self._from_whole(whole, missing), name=name), missing, self.dtype_, self.marker_)

    @property
    def zero(self) -> float:
        """The number 0 in these units."""
        return -self.offset_ / self.unit_

    def state(self) -> dict[str, Any]:
        """Name, kind, dtype, what stands for missing cells, and the whole numbers."""
        return {
            "name": self.feature_names_in_[0],
            "kind": self.kind_,
            "dtype": dtype_to_json(self.dtype_),
            "marker": self.marker_,
            "whole": [self.offset_, self.unit_, self.steps_, self.exponent_],
        }

    def restore(self, state: dict[str, Any]) -> Self:
        """Take over such a state; KeyError, TypeError or ValueError where parts do not fit together."""
        self.feature_names_in_, self.kind_ = [state["name"]], state["kind"]
        self.dtype_, self.marker_ = dtype_from_json(state["dtype"]), state["marker"]
        if self.kind_ not in KINDS or self.marker_ not in MARKERS:
            raise ValueError(f"a column is of the kind {self.kind_!r}, its missing cells {self.marker_!r}")
        offset, unit, steps, exponent = state["whole"]
        self.offset_, self.unit_, self.exponent_ = int(offset), int(unit), int(exponent)
        self.steps_ = None if steps is None else int(steps)
        return self

    def _whole(self, X: pd.Series) -> NDArray[Any]:
        """Whole numbers of the cells that are there, int64 or uint64."""
        X = X[X.notna()]
        if self.kind_ == "datetime":
            return np.asarray(pd.DatetimeIndex(X).asi8)
        if self.kind_ == "timedelta":
            return np.asarray(pd.TimedeltaIndex(X).asi8)
        if self.kind_ == "period":
            return np.asarray(pd.PeriodIndex(X).asi8)
        if self.kind_ == "date":
            return np.array([value.toordinal() for value in X.astype(object)], dtype=np.int64)
        whole = X.to_numpy() if isinstance(X.dtype, np.dtype) else X.astype(object).to_numpy()
        if self.kind_ == "decimal":
            whole = np.array([int(value.scaleb(-self.exponent_)) for value in whole], dtype=object)
        if whole.dtype == object and len(whole):
            low, high = min(whole), max(whole)
            if low < -(WORD // 2) or high >= WORD or (low < 0 and high >= WORD // 2):
                raise InputError(f"column {X.name!r} holds whole numbers of more than 64 bits; convert them to floats")
            whole = whole.astype(np.uint64 if high >= WORD // 2 else np.int64)
        return np.asarray(whole if whole.dtype == np.uint64 else whole.astype(np.int64))

    def _above(self, whole: NDArray[Any]) -> NDArray[np.uint64]:
        """Distance to the least value seen: modulo 2**64 it is right for both kinds of integers."""
        return whole.astype(np.uint64) - np.uint64(self.offset_ % WORD)

    def _limits(self, unit: int) -> tuple[int, int]:
        """Steps of this unit to the ends of the dtype."""
        dtype = getattr(self.dtype_, "numpy_dtype", self.dtype_)
        other = np.int64 if self.offset_ < WORD // 2 else np.uint64
        limits = np.iinfo(dtype if getattr(dtype, "kind", "O") in "iu" else other)
        least = int(limits.min) + (self.kind_ != "integer")  # the least of times stands for a missing one
        return max(-((self.offset_ - least) // unit), -(WORD // 2)), (int(limits.max) - self.offset_) // unit

    def _from_whole(self, whole: NDArray[Any], missing: NDArray[np.bool_]) -> Any:
        if self.kind_ == "datetime":
            zone, unit = getattr(self.dtype_, "tz", None), getattr(self.dtype_, "unit", None)
            if isinstance(self.dtype_, pd.ArrowDtype):
                zone, unit = self.dtype_.pyarrow_dtype.tz, self.dtype_.pyarrow_dtype.unit
            unit = unit or np.datetime_data(self.dtype_)[0]
            times = pd.DatetimeIndex(whole.view(f"M8[{unit}]"))
            return times if zone is None else times.tz_localize("UTC").tz_convert(zone)
        if self.kind_ == "timedelta":
            arrow = isinstance(self.dtype_, pd.ArrowDtype)
            unit = self.dtype_.pyarrow_dtype.unit if arrow else np.datetime_data(self.dtype_)[0]
            return pd.TimedeltaIndex(whole.view(f"m8[{unit}]"))
        if self.kind_ == "period":
            return pd.PeriodIndex.from_ordinals(whole, freq=self.dtype_.freq)
        if self.kind_ == "date":
            return pd.Series([datetime.date.fromordinal(value) for value in whole.tolist()], dtype=object)
        if self.kind_ == "decimal":
            return pd.Series([Decimal(value).scaleb(self.exponent_) for value in whole.tolist()], dtype=object)
        return whole
