"""Invertible maps from pandas columns to channels that are about standard normal, and flags."""

from tsgan.preprocessing.categorical import Categorical
from tsgan.preprocessing.grid import Grid
from tsgan.preprocessing.numbers import Numbers
from tsgan.preprocessing.quantile_normal import QuantileNormal
from tsgan.preprocessing.scalers import Log, MinMax, Power, Robust, Standard
from tsgan.preprocessing.table_encoder import TableEncoder

__all__ = [
    "Categorical",
    "Grid",
    "Log",
    "MinMax",
    "Numbers",
    "Power",
    "QuantileNormal",
    "Robust",
    "Standard",
    "TableEncoder",
]
