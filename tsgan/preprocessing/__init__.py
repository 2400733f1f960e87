"""Invertible maps from pandas columns to channels that are about standard normal, and flags."""

from tsgan.preprocessing.categorical import Categorical
from tsgan.preprocessing.datetimes import Datetime
from tsgan.preprocessing.grid import Grid
from tsgan.preprocessing.missing import Missing
from tsgan.preprocessing.numbers import Numbers
from tsgan.preprocessing.quantile_normal import QuantileNormal
from tsgan.preprocessing.scalers import Log, MinMax, Power, Robust, Standard
from tsgan.preprocessing.table_encoder import TableEncoder
from tsgan.preprocessing.transformer import SeriesTransformer

__all__ = [
    "Categorical",
    "Datetime",
    "Grid",
    "Log",
    "MinMax",
    "Missing",
    "Numbers",
    "Power",
    "QuantileNormal",
    "Robust",
    "SeriesTransformer",
    "Standard",
    "TableEncoder",
]
