"""Learn days of weather by season, and ask for winter, spring and summer: ``python examples/conditions.py picture.png``."""

import sys
from pathlib import Path

import pandas as pd

from tsgan import TSGAN
from tsgan.datasets import load_weather

SEASONS = {
    12: "winter",
    1: "winter",
    2: "winter",
    3: "spring",
    4: "spring",
    5: "spring",
    6: "summer",
    7: "summer",
    8: "summer",
}
COLUMNS = {"temp": "Temperature (°F)", "humid": "Humidity (%)"}
ASKED = {"winter": "#0072B2", "spring": "#009E73", "summer": "#D55E00"}


def days() -> pd.DataFrame:
    """A series for each whole day at each of three airports, with the season as a label."""
    weather = load_weather().dropna(subset=[*COLUMNS])
    clock = weather["time_hour"].dt.tz_convert("America/New_York").dt
    table = weather[[*COLUMNS]].assign(
        day=weather["origin"] + clock.strftime(" %m-%d"), season=clock.month.map(SEASONS).fillna("autumn")
    )
    return table[table.groupby("day")["temp"].transform("size") == 24]


def draw(real: pd.DataFrame, synthetic: pd.DataFrame, path: Path) -> None:
    """Draw both by season: where eight of ten days are, and some days; one of them has the same noise in each."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5.4), dpi=130, layout="constrained")
    figure.suptitle("Days as they were asked for: season given, temperature and humidity sampled", fontweight="bold")
    winter = synthetic[synthetic["season"] == "winter"]["temp"].to_numpy().reshape(-1, 24)
    middle = winter.mean(1).argsort()[len(winter) // 2]
    grid = figure.subplots(len(COLUMNS), len(ASKED), sharex=True, sharey="row")
    for axes, (name, label) in zip(grid, COLUMNS.items(), strict=True):
        for ax, (season, colour) in zip(axes, ASKED.items(), strict=True):
            there, made = (side[side["season"] == season][name].to_numpy().reshape(-1, 24).T for side in (real, synthetic))
            band = pd.DataFrame(there).quantile([0.1, 0.9], axis=1)
            ax.fill_between(band.columns, *band.to_numpy(), color="#bbbbbb", alpha=0.6, linewidth=0)
            ax.plot(pd.DataFrame(made).quantile([0.1, 0.9], axis=1).T, "--", color=colour, linewidth=1.6)
            ax.plot(made[:, :8], color=colour, alpha=0.55, linewidth=0.8)
            ax.plot(made[:, middle], color="black", linewidth=1.8)
            ax.margins(x=0)
            ax.grid(alpha=0.3)
            ax.spines[["top", "right"]].set_visible(False)
            if name == "temp":
                ax.set_title(season, color=colour, fontweight="bold")
        axes[0].set_ylabel(label)
    figure.supxlabel(
        "Hour of the day. Grey: 80 % of the real days. Dashed: 80 % of the sampled ones; thin: eight of them. Black: the "
        "same random numbers in each season.",
        fontsize=9,
    )
    grid[0, 0].set_xticks([0, 6, 12, 18])
    figure.savefig(path)


def main(max_steps: int = 1000, picture: Path | None = None) -> None:
    """Fit, ask for a hundred days of each season with the same random numbers, and compare."""
    real = days()
    model = TSGAN(entity="day", conditions=["season"], max_steps=max_steps, random_state=0).fit(real)
    asked = [model.sample(100, conditions={"season": season}, random_state=1) for season in ASKED]
    synthetic = pd.concat(asked)
    means = [side.groupby("season", sort=False)[[*COLUMNS]].mean().loc[[*ASKED]] for side in (real, synthetic)]
    print(pd.concat(means, axis=1, keys=["real", "synthetic"]).round(1))
    print(model.sample(1000, length=1, random_state=1)["season"].value_counts(normalize=True))  # drawn as seen
    if picture is not None:
        draw(real, synthetic, picture)


if __name__ == "__main__":
    main(picture=Path(sys.argv[1]) if sys.argv[1:] else None)
