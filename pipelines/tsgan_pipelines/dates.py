"""Texts that are dates: in ISO 8601 form, in a format that is said, or with the day or the month first."""

from __future__ import annotations

import re
import warnings

import pandas as pd

ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
OFFSET = r":\d{2}(?:\.\d+)?\s*(Z|[+-]\d{2}(?::?\d{2})?)$"  # from UTC, after a time of day
FIELDS = r"^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})\b"  # day, month, year; or month, day, year; or year, month, day


def find_dates(cells: pd.Series, date_format: str | None = None) -> pd.Series:
    """Texts as dates where every one that is not missing is in ISO 8601 form, or in the format; else as they are.

    Where offsets from UTC change, as with summer time, the dates are in UTC.

    Parameters
    ----------
    cells : Series
    date_format : str, optional
        As of `strftime`.
    """
    texts = cells.dropna()
    if not len(texts) or not isinstance(texts.iloc[0], str):
        return cells
    forms = ["ISO8601"] if ISO.fullmatch(texts.iloc[0]) else []  # pandas takes '1000-12' for a date, too
    for form in [*forms, *filter(None, [date_format])]:
        try:
            return pd.to_datetime(cells, format=form, utc=_changes_offset(texts))
        except ValueError:
            continue
    return cells


def read_times(cells: pd.Series, date_format: str | None = None) -> pd.Series:
    """A column of times: dates and numbers as they are, texts as dates, in UTC where their offsets from it change.

    Parameters
    ----------
    cells : Series
    date_format : str, optional
        As of `strftime`; numbers are texts in it.

    Raises
    ------
    ValueError
        If they are no dates, have an offset from UTC in some rows only, or do not tell whether the day or the month
        comes first.
    """
    if pd.api.types.is_datetime64_any_dtype(cells) or (date_format is None and pd.api.types.is_numeric_dtype(cells)):
        return cells
    texts = cells.astype("string")
    utc = _changes_offset(texts.dropna())
    if utc:
        warnings.warn(f"the offset from UTC changes in {cells.name!r}: its times become UTC", UserWarning, stacklevel=3)
    if date_format is not None:
        return pd.to_datetime(texts, format=date_format, utc=utc)
    day_first, fields = False, texts.str.extract(FIELDS).dropna()
    if len(fields):
        day_first, month_first = ((fields[k].astype(int) > 12).any() for k in (0, 1))
        if day_first == month_first or (fields[2].str.len() < 4).any():
            raise ValueError(f"{texts[fields.index[0]]!r} may begin with the day or the month")
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Could not infer format", UserWarning)  # else each date is guessed by itself
        try:
            return pd.to_datetime(texts, dayfirst=bool(day_first), utc=utc)
        except UserWarning as error:
            raise ValueError(str(error).partition(",")[0]) from error


def _changes_offset(texts: pd.Series) -> bool:
    """Whether all say their offset from UTC, and not all the same."""
    offsets = texts.astype("string").str.extract(OFFSET)[0]
    return bool(offsets.notna().all() and offsets.nunique() > 1)
