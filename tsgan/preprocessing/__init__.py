"""Invertible maps from pandas columns to channels that are about standard normal."""

from tsgan.preprocessing.grid import Grid
from tsgan.preprocessing.quantile_normal import QuantileNormal
from tsgan.preprocessing.table_encoder import TableEncoder

__all__ = ["Grid", "QuantileNormal", "TableEncoder"]
