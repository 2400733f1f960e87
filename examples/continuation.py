"""Learn weather up to November and go on from days of December: ``python examples/continuation.py picture.png``."""

import sys
from pathlib import Path

import pandas as pd

from tsgan import TSGAN
from tsgan.datasets import load_weather

COLUMNS = {"temp": "Temperature (°F)", "humid": "Humidity (%)", "pressure": "Pressure (mbar)"}
STARTS = ["2013-12-03", "2013-12-12", "2013-12-21"]
PAST, AHEAD, PATHS = 10 * 24, 72, 100
BANDS = (0.05, 0.25, 0.75, 0.95)


def newark() -> pd.DataFrame:
    """A year at Newark, gaps closed, by the hour."""
    weather = load_weather().query("origin == 'EWR'").set_index("time_hour")[[*COLUMNS]]
    return weather[~weather.index.duplicated()].asfreq("h").ffill().bfill()


def draw(year: pd.DataFrame, futures: dict[str, pd.DataFrame], path: Path) -> None:
    """Draw what was known, what came, and where half and nine tenths of the paths are."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 6), dpi=130, layout="constrained")
    figure.suptitle("Three days ahead: what was known, a hundred futures, and what came", fontweight="bold")
    grid = figure.subplots(len(COLUMNS), len(futures), sharex="col", sharey="row")
    for axes, (name, label) in zip(grid, COLUMNS.items(), strict=True):
        for ax, future in zip(axes, futures.values(), strict=True):
            paths = future[name].unstack("path")
            begin = paths.index[0]
            hours = (paths.index - begin).total_seconds() / 3600
            low, lower, upper, high = paths.quantile(list(BANDS), axis=1).to_numpy()
            ax.fill_between(hours, low, high, color="#0072B2", alpha=0.2, linewidth=0, label="90 % of the futures")
            ax.fill_between(hours, lower, upper, color="#0072B2", alpha=0.3, linewidth=0, label="50 %")
            ax.plot(hours, paths.iloc[:, :3], color="#0072B2", linewidth=0.7)
            known = year.loc[: begin - pd.Timedelta("1h"), name].tail(72)
            ax.plot(range(-len(known), 0), known, color="black", linewidth=1.6, label="known")
            ax.plot(hours, year[name].reindex(paths.index), color="#D55E00", linewidth=1.6, label="what came")
            ax.axvline(0, color="#888888", linewidth=0.8)
            ax.margins(x=0)
            ax.grid(alpha=0.3)
            ax.spines[["top", "right"]].set_visible(False)
        axes[0].set_ylabel(label)
    for ax, start in zip(grid[0], futures, strict=True):
        ax.set_title(f"from {start}")
    for ax in grid[-1]:
        ax.set_xticks(range(-72, 73, 24))
    grid[-1, len(futures) // 2].set_xlabel("Hours from where the history ends")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(path)


def main(max_steps: int = 1500, picture: Path | None = None) -> None:
    """Fit on eleven months, go on from December's days, and count how often the truth lies among the paths."""
    year = newark()
    model = TSGAN(calendar=["day"], max_steps=max_steps, random_state=0).fit(year.loc[:"2013-11-30"])
    futures, inside = {}, []
    for start in STARTS:
        history = year.loc[:start].iloc[:-1].tail(PAST)
        futures[start] = model.sample(PATHS, length=AHEAD, given=history, random_state=0)
        came = year.reindex(futures[start].loc[0].index)
        bounds = [futures[start].groupby(level=1).quantile(q) for q in (BANDS[0], BANDS[-1])]
        inside.append(((came >= bounds[0]) & (came <= bounds[1])).mean())
    print(pd.DataFrame(inside, index=STARTS).round(2))
    if picture is not None:
        draw(year, futures, picture)


if __name__ == "__main__":
    main(picture=Path(sys.argv[1]) if sys.argv[1:] else None)
