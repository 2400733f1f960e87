"""Texts and whole numbers that name things: new ones in the pattern of the real ones, and never one of those."""

from __future__ import annotations

import os
import re
import string
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

DISTINCT = 0.95  # share of the rows (of the sequences, for a static column) with a text of their own
LEAST = 20  # distinct texts
DIGITS = 6  # of numbers that name few things
SAFE_BITS = 64.0  # of chance: that a new text is a real one is then out of the question
CLASSES = (string.digits, string.digits + "abcdef", string.digits + "ABCDEF", string.ascii_lowercase, string.ascii_uppercase)
ANY = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Pattern:
    """How new identifiers are made; no real one is kept.

    Parameters
    ----------
    prefix, suffix : str
        Around a running number.
    width : int
        Least digits of the number.
    first : int
        The first number: after the greatest of the real ones.
    classes : tuple of str
        Instead of a number: the characters allowed in each place.
    """

    prefix: str = "synthetic-"
    suffix: str = ""
    width: int = 1
    first: int = 0
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entity:
    """A column or an index level that tells series apart, and how new ones are named in it.

    Parameters
    ----------
    name : hashable
    dtype : str
        Without categories, for those would be the real identifiers.
    first : int
        Number of the first new identifier, beyond the real ones.
    pattern : Pattern or None
        Of identifiers that are texts with a pattern.
    level : int or None
        Its position, if it is a level of the index.
    """

    name: Any
    dtype: str
    first: int
    pattern: Pattern | None
    level: int | None = None

    def make(self, count: int, seed: int) -> pd.Series:
        """New identifiers."""
        return make_new(self.pattern or Pattern(first=self.first), pd.api.types.pandas_dtype(self.dtype), count, seed)


class Names:
    """New identifiers, each once, as many at a time as are taken.

    Parameters
    ----------
    pattern : Pattern
    dtype : dtype
        Numbers from the first new one on for numbers (in a wider dtype, if need be), else texts of the pattern.
    count : int
        How many will be taken altogether.
    seed : int
    """

    def __init__(self, pattern: Pattern, dtype: Any, count: int, seed: int) -> None:
        self.pattern, self.dtype, self.taken = pattern, dtype, 0
        self.wide: Any = None
        if self._are_numbers and count and pattern.first + count - 1 > _largest(dtype):
            self.wide = pd.Series([pattern.first, pattern.first + count - 1]).dtype
        # A stream for each place, so that the first identifiers do not depend on how many follow.
        self.draws = [np.random.default_rng([seed, 3, place]) for place in range(len(pattern.classes))]

    @property
    def _are_numbers(self) -> bool:
        return pd.api.types.is_numeric_dtype(self.dtype) and not pd.api.types.is_bool_dtype(self.dtype)

    def take(self, count: int) -> pd.Series:
        """The next ones."""
        pattern, first = self.pattern, self.pattern.first + self.taken
        self.taken += count
        if self._are_numbers:
            return pd.Series(range(first, first + count), dtype=self.dtype if self.wide is None else self.wide)
        if pattern.classes:
            pairs = zip(pattern.classes, self.draws, strict=True)
            places = [np.array(list(allowed))[draw.integers(len(allowed), size=count)] for allowed, draw in pairs]
            texts = ["".join(parts) for parts in zip(*places, strict=True)]
        else:
            texts = [f"{pattern.prefix}{k:0{pattern.width}d}{pattern.suffix}" for k in range(first, first + count)]
        text = pd.Series(texts, dtype="str")
        if isinstance(self.dtype, pd.CategoricalDtype):
            return text.astype("category")
        is_text = isinstance(self.dtype, pd.StringDtype) or getattr(self.dtype, "kind", "O") == "O"
        return text.astype(self.dtype) if is_text else text


def make_new(pattern: Pattern, dtype: Any, count: int, seed: int) -> pd.Series:
    """So many new identifiers, see :class:`Names`."""
    return Names(pattern, dtype, count, seed).take(count)


def learn_entity(name: Any, cells: pd.Series | pd.Index, level: int | None = None) -> Entity:
    """How to name new series, from the names of the real ones, none missing."""
    distinct = pd.Series(cells.drop_duplicates())
    pattern = find_pattern(distinct, np.arange(len(distinct)), static=True)
    return Entity(name, str(cells.dtype), first_new(distinct), pattern, level)


def first_new(identifiers: pd.Series) -> int:
    """The number after the greatest of the real identifiers: of numbers themselves, or of ``synthetic-7`` in texts."""
    if pd.api.types.is_numeric_dtype(identifiers.dtype) and not pd.api.types.is_bool_dtype(identifiers.dtype):
        return max(0, int(identifiers.max()) + 1)
    used = (re.fullmatch(r"synthetic-(\d+)", str(identifier)) for identifier in identifiers)
    return max((int(match[1]) + 1 for match in used if match), default=0)


def find_pattern(column: pd.Series, starts: np.ndarray, static: bool, sure: bool = False) -> Pattern | None:
    """The pattern of a column of identifiers, or None if it is none.

    Parameters
    ----------
    column : Series
    starts : ndarray of shape (n,)
        First row of each sequence.
    static : bool
        Whether the column is constant within each sequence.
    sure : bool
        Whether the column is one for certain, however often its texts repeat.
    """
    cells = column.iloc[starts] if static else column
    cells = cells.dropna() if sure else cells
    if sure and pd.api.types.is_integer_dtype(cells.dtype):
        return Pattern(prefix="", first=first_new(cells))
    texts = [str(text) for text in cells.unique()]
    if not sure:
        is_text = pd.api.types.infer_dtype(cells, skipna=False) == "string" and not isinstance(
            column.dtype, pd.CategoricalDtype
        )
        if not is_text or len(texts) < max(LEAST, DISTINCT * len(cells)):
            return None
    prefix, suffix = _common(texts), _common([text[::-1] for text in texts])[::-1]
    prefix, suffix = prefix.rstrip(string.digits), suffix.lstrip(string.digits)
    numbers = [re.fullmatch(r"\d+", text[len(prefix) : len(text) - len(suffix)]) for text in texts]
    if all(numbers):
        digits = [number[0] for number in numbers if number]
        return Pattern(prefix, suffix, min(map(len, digits)), max(map(int, digits)) + 1)
    if len(set(map(len, texts))) == 1:
        classes = tuple(_class({text[k] for text in texts}) for k in range(len(texts[0])))
        if sum(np.log2(len(allowed)) for allowed in classes) >= SAFE_BITS:
            return Pattern(classes=classes)
    used = [re.fullmatch(r"synthetic-(\d+)", text) for text in texts]
    return Pattern(first=max((int(match[1]) + 1 for match in used if match), default=0))


def look_like_names(numbers: pd.Series) -> bool:
    """Whether numbers, one of each series, may name the series.

    They do if they are whole and no two are equal, and if they are many, or have the same number of digits, six at least, or
    are next to each other.
    """
    if not pd.api.types.is_integer_dtype(numbers.dtype) or numbers.isna().any() or not numbers.is_unique:
        return False
    lengths = {len(str(number)) for number in numbers}
    is_range = int(numbers.max()) - int(numbers.min()) == len(numbers) - 1
    return len(numbers) >= LEAST or (len(lengths) == 1 and min(lengths) >= DIGITS) or (len(numbers) > 2 and is_range)


def _largest(dtype: Any) -> float:
    numpy_dtype = getattr(dtype, "numpy_dtype", dtype)
    return float(np.iinfo(numpy_dtype).max if numpy_dtype.kind in "iu" else np.finfo(numpy_dtype).max)


def _common(texts: list[str]) -> str:
    """What all texts begin with."""
    return os.path.commonprefix(texts)  # noqa: RUF071 - of characters, as wanted


def _class(seen: set[str]) -> str:
    """The characters allowed where these were seen."""
    if len(seen) == 1:
        return seen.pop()
    return next((allowed for allowed in CLASSES if seen <= set(allowed)), ANY if seen <= set(ANY) else "".join(sorted(seen)))
