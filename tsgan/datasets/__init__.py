"""Bundled real data, and processes whose truth is known in closed form."""

from tsgan.datasets.processes import make_ar, make_regimes, make_seasonal, make_sines
from tsgan.datasets.weather import load_weather

__all__ = ["load_weather", "make_ar", "make_regimes", "make_seasonal", "make_sines"]
