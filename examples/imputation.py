"""Learn weather up to November and fill gaps of December: ``python examples/imputation.py picture.png``."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from tsgan import TSGAN
from tsgan.datasets import load_weather

COLUMNS = {"temp": "Temperature (°F)", "humid": "Humidity (%)", "pressure": "Pressure (mbar)"}

FROM, TO = "2013-12-09", "2013-12-14"
GAPS = {
    "temp": ("2013-12-10", "2013-12-11"),
    "humid": ("2013-12-11", "2013-12-12"),
    "pressure": ("2013-12-12", "2013-12-12"),
}
DRAWS = 100
BANDS = (0.05, 0.25, 0.75, 0.95)


def newark() -> pd.DataFrame:
    """A year at Newark, its own gaps closed, by the hour."""
    weather = load_weather().query("origin == 'EWR'").set_index("time_hour")[[*COLUMNS]]
    return weather[~weather.index.duplicated()].asfreq("h").ffill().bfill()


def with_gaps(month: pd.DataFrame) -> pd.DataFrame:
    """The month without the days of the gaps, those of each column."""
    gappy = month.copy()
    for name, (first, last) in GAPS.items():
        gappy.loc[first:last, name] = np.nan
    return gappy


def draw(month: pd.DataFrame, gappy: pd.DataFrame, filled: pd.DataFrame, path: Path) -> None:
    """Draw what is known, what was there, and where half and nine tenths of the draws are."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 6), dpi=130, layout="constrained")
    figure.suptitle("Gaps of one and two days: what is known, a hundred draws, and what was there", fontweight="bold")
    rows = figure.subplots(len(COLUMNS), 1, sharex=True)
    for ax, (name, label) in zip(rows, COLUMNS.items(), strict=True):
        gap = gappy[name].isna()
        edges = gap | gap.shift(1, fill_value=False) | gap.shift(-1, fill_value=False)
        draws = filled[name].unstack("draw").loc[edges]
        low, lower, upper, high = draws.quantile(list(BANDS), axis=1).to_numpy()
        ax.fill_between(draws.index, low, high, color="#0072B2", alpha=0.2, linewidth=0, label="90 % of the draws")
        ax.fill_between(draws.index, lower, upper, color="#0072B2", alpha=0.3, linewidth=0, label="50 %")
        ax.plot(draws.index, draws.iloc[:, :3], color="#0072B2", linewidth=0.7)
        ax.plot(gappy.loc[FROM:TO, name], color="black", linewidth=1.6, label="known")
        ax.plot(month[name].where(edges).loc[FROM:TO], color="#D55E00", linewidth=1.6, label="what was there")
        ax.set_ylabel(label)
        ax.margins(x=0)
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
    handles, labels = rows[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(path)


def main(max_steps: int = 1500, picture: Path | None = None) -> None:
    """Fit on eleven months, fill gaps of December, and count how often the truth lies among the draws."""
    year = newark()
    model = TSGAN(calendar=["day"], max_steps=max_steps, random_state=0).fit(year.loc[:"2013-11-30"])
    month = year.loc["2013-12-01":]
    gappy = with_gaps(month)
    tables = model.impute(gappy, n=DRAWS, random_state=0)
    filled = pd.concat(tables, keys=range(DRAWS), names=["draw"])
    low, high = (filled.groupby(level=1).quantile(q) for q in (BANDS[0], BANDS[-1]))
    print(((month >= low) & (month <= high)).where(gappy.isna()).mean().round(2).rename("inside 90 %"))
    if picture is not None:
        draw(month, gappy, filled, picture)


if __name__ == "__main__":
    main(picture=Path(sys.argv[1]) if sys.argv[1:] else None)
