"""Do conditions steer? What was asked for, recovered from what came out, beside the same from real data held out.

    python -m benchmarks.conditions --minutes 2

A logistic regression learns the speaker from real vowels and names it for held-out real and for synthetic ones (accuracy;
the data is read from ``../shared/data`` and skipped where that is absent). A ridge regression learns the temperature from
the other columns of two airports' weather and tells it for the third airport and for a sample that was asked for that one's
temperatures (correlation).
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from benchmarks.tables import vowels
from tsgan import TSGAN
from tsgan.datasets import load_weather

PARTS = 3  # of a sequence, whose means are the features


def means(panel: pd.DataFrame, entity: str, label: str) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, PARTS C) and labels (n,) of sequences."""
    rows, labels = [], []
    for _, part in panel.groupby(entity, sort=False):
        cells = part.drop(columns=[entity, label]).to_numpy()
        rows.append(np.concatenate([piece.mean(0) for piece in np.array_split(cells, PARTS)]))
        labels.append(part[label].iloc[0])
    return np.array(rows), np.array(labels)


def labels(minutes: float, seed: int) -> dict[str, Any]:
    """The speaker of vowels."""
    train, roles = vowels()
    test, _ = vowels("TEST")
    model = TSGAN(conditions=["speaker"], max_time=60 * minutes, random_state=seed, **roles).fit(train)
    asked = pd.DataFrame({"speaker": test.groupby("utterance")["speaker"].first()})
    synthetic = model.sample(conditions=asked, random_state=seed)
    judge = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    judge.fit(*means(train, "utterance", "speaker"))
    real, fake = (judge.score(*means(side, "utterance", "speaker")) for side in (test, synthetic))
    return {"condition": "speaker", "measure": "accuracy", "real": real, "synthetic": fake, "steps": last_step(model)}


def number(minutes: float, seed: int) -> dict[str, Any]:
    """The temperature of the weather, at an airport that was not learned from."""
    table = load_weather()[["origin", "time_hour", "temp", "dewp", "humid", "wind_speed", "pressure"]].dropna()
    held_out = table["origin"] == "LGA"
    train, test = table[~held_out], table[held_out]
    model = TSGAN(entity="origin", time="time_hour", conditions=["temp"], max_time=60 * minutes, random_state=seed).fit(
        train
    )
    asked = pd.DataFrame({"temp": test["temp"].clip(train["temp"].min(), train["temp"].max()), "origin": "LGA"})
    synthetic = model.sample(conditions=asked, random_state=seed)
    others = ["dewp", "humid", "wind_speed", "pressure"]
    judge = make_pipeline(StandardScaler(), PolynomialFeatures(2), RidgeCV()).fit(train[others], train["temp"])
    real, fake = (float(np.corrcoef(judge.predict(side[others]), side["temp"])[0, 1]) for side in (test, synthetic))
    return {"condition": "temp", "measure": "correlation", "real": real, "synthetic": fake, "steps": last_step(model)}


def last_step(model: TSGAN) -> int:
    """Training steps of a fitted model."""
    return int(model.history_["step"].iloc[-1])


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2.0, help="of training")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for part in (labels, number):
        try:
            rows.append(part(arguments.minutes, arguments.seed))
        except FileNotFoundError as error:
            print(f"{part.__name__} skipped: {error.filename} is not here", file=sys.stderr)
    print(pd.DataFrame(rows).set_index("condition").round(3).to_string())


if __name__ == "__main__":
    main()
