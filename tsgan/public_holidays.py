"""Public holidays, by the package ``holidays``."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.exceptions import ParameterError

if TYPE_CHECKING:
    from holidays import HolidayBase

PREFIX = "holidays:"  # of a region in a calendar


def is_holiday(region: str, local: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """Whether each local time is on a public holiday, shape (rows,)."""
    known = holidays_of(region)
    days, which = np.unique(local.to_numpy().astype("datetime64[D]"), return_inverse=True)
    return np.array([day in known for day in days.tolist()], dtype=bool)[which]


@lru_cache(maxsize=8)
def holidays_of(region: str) -> HolidayBase:
    """The days, by the year as they are asked for.

    Parameters
    ----------
    region : str
        A country or a part of it: ``"US"``, ``"US-NY"``.

    Raises
    ------
    ParameterError
        If the region, or the package, is not there.
    """
    country, _, part = region.partition("-")
    try:
        from holidays import country_holidays

        return country_holidays(country, subdiv=part or None)
    except ImportError as error:
        raise ParameterError(f"{PREFIX + region!r} needs the package holidays: pip install 'tsgan[holidays]'") from error
    except NotImplementedError as error:
        raise ParameterError(f"{PREFIX + region!r}: no such holidays are known ({error})") from error
