"""The demo: a year of weather is learned, others are sampled, drawn and judged."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan.datasets import load_weather
from tsgan_pipelines.files import write_table
from tsgan_pipelines.picture import draw

ENTITY, TIME = "origin", "time_hour"
# Left out: the parts of the date, which repeat the time; gusts, rain, visibility and the wind's direction, where most
# hours have one value or none, or 10° and 350° are neighbours.
LABELS = {
    "temp": "Temperature (°F)",
    "dewp": "Dew point (°F)",
    "humid": "Humidity (%)",
    "wind_speed": "Wind (mph)",
    "pressure": "Pressure (mbar)",
}
TITLE = "A year of weather: recorded at Newark, and sampled by tsgan"
STORM = 100.0  # mph, more than any hour at these airports but the one of 1048
WINDOW, STRIDE = 24, 8  # hours
METRICS = {  # of tsgan_evaluation, those that take seconds; and what they compare
    "ks": "values of each column",
    "autocorrelation": "persistence of each column",
    "correlational": "dependence between columns",
    "feature_judge": "whole days, by a classifier: 1 tells all apart",
}
READING = """\
Noise floor: what two halves of the real year score against each other (median to 95 %). A score there is as good as can
be told."""


def run_demo(
    output: Path,
    *,
    max_time: float | None = None,
    max_steps: int | None = None,
    seed: int = 0,
    metrics: Iterable[str] = METRICS,
) -> pd.DataFrame:
    """Fit, sample, write, draw and judge, and say so.

    Parameters
    ----------
    output : Path
        Folder, made where it is missing; the files of an earlier demo are replaced.
    max_time, max_steps : optional
        Budget of :class:`tsgan.TSGAN`.
    seed : int
    metrics : iterable of str
        Of `METRICS`.

    Returns
    -------
    DataFrame
        Scores beside their noise floors.
    """
    from tsgan import TSGAN
    from tsgan_evaluation import score

    began = time.monotonic()
    output.mkdir(parents=True, exist_ok=True)
    real = load_panel()
    airports = real[ENTITY].nunique()
    print(f"Learning the weather of {airports} airports, {len(real):,} hours: {', '.join(LABELS)}.", flush=True)
    model = TSGAN(entity=ENTITY, time=TIME, max_time=max_time, max_steps=max_steps, random_state=seed, verbose=1)
    model.fit(real).save(output / "model.safetensors")

    print(f"Sampling as much again, {airports} other places in the same year.", flush=True)
    synthetic = model.sample(airports, random_state=seed)
    for suffix in (".csv", ".parquet"):
        write_table(synthetic, output / f"synthetic{suffix}")
    draw(first_series(real), first_series(synthetic), LABELS, TITLE, output / "real-and-synthetic.png")

    print("Judging days of one against days of the other.\n", flush=True)
    gap = airports * -(-WINDOW // STRIDE) - 1  # windows between two that share no hour
    scores = score(cut_windows(real), cut_windows(synthetic), metrics, seed, floor_repeats=3, gap=gap)
    print(f"{show(scores)}\n\n{READING}\n")
    print(f"{time.monotonic() - began:.0f} s; see {output / 'real-and-synthetic.png'} and, beside it:")
    print("  synthetic.csv, .parquet  the sample\n  model.safetensors        for `tsgan info` and `tsgan sample`")
    return scores


def load_panel() -> pd.DataFrame:
    """The bundled weather's columns that the demo learns, without the one error of the source, which is told."""
    panel = load_weather()[[ENTITY, TIME, *LABELS]]
    wrong = panel["wind_speed"] > STORM
    for row in panel[wrong].itertuples():
        print(f"Left out: {row.wind_speed:.0f} mph of wind at {row.origin}, {row.time_hour:%d %B}; the source's error.")
    return panel.assign(wind_speed=panel["wind_speed"].mask(wrong))


def first_series(panel: pd.DataFrame) -> pd.DataFrame:
    """Values of the first entity, indexed by time."""
    return panel[panel[ENTITY] == panel[ENTITY].iloc[0]].set_index(TIME)[list(LABELS)]


def cut_windows(panel: pd.DataFrame) -> NDArray[np.float64]:
    """Windows of consecutive hours, (B, T, C).

    In order of time and not of airports, whose weather is much the same: judges fold by blocks of what they are given.
    """
    values, begins = [], []
    for _, series in panel.groupby(ENTITY):
        rows = np.arange(0, len(series) - WINDOW + 1, STRIDE)[:, None] + np.arange(WINDOW)  # (B, T)
        hours = series[TIME].dt.tz_convert(None).to_numpy()[rows]
        gapless = hours[:, -1] - hours[:, 0] == np.timedelta64(WINDOW - 1, "h")
        values.append(series[list(LABELS)].to_numpy()[rows][gapless])
        begins.append(hours[gapless, 0])
    order = np.argsort(np.concatenate(begins), kind="stable")
    return np.concatenate(values)[order]


def show(scores: pd.DataFrame) -> str:
    """The scores as a table for people."""
    width = max(map(len, METRICS.values()))
    floors = zip(scores["floor"], scores["floor_high"], strict=True)
    table = pd.DataFrame(
        {
            "score": scores["value"].map("{:.3f}".format),
            "noise floor": [f"{median:.3f} to {high:.3f}" for median, high in floors],
            "best": scores["best"].map("{:.1f}".format),
            "compares": [METRICS[name].ljust(width) for name in scores.index],
        },
        index=scores.index.rename(None),
    )
    return str(table.to_string(justify="left"))
