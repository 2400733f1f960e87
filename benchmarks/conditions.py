"""Do conditions steer? What was asked for, recovered from what came out, beside the same from real data held out.

    python -m benchmarks.conditions --minutes 2

A logistic regression learns the speaker from real vowels and names it for held-out real and for synthetic ones (accuracy). A
ridge regression learns the condition ``OT`` of ETTh1 from windows of its other columns and tells it for the last fifth of
the data and for a sample that was asked for those values (correlation). Both data sets are read from ``../shared/data``
and skipped where that is absent.
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
from sklearn.preprocessing import StandardScaler

from benchmarks.data import SHARED
from benchmarks.tables import vowels
from tsgan import TSGAN

PARTS = 3  # of a sequence, whose means are the features
WINDOW = 24


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
    """The oil temperature of ETTh1."""
    table = pd.read_csv(SHARED / "ETTh1.csv", index_col="date", parse_dates=True)
    cut = 4 * len(table) // 5
    train, test = table.iloc[:cut], table.iloc[cut:]
    model = TSGAN(conditions=["OT"], max_time=60 * minutes, random_state=seed).fit(train)
    asked = test[["OT"]].clip(train["OT"].min(), train["OT"].max())
    synthetic = model.sample(conditions=asked, random_state=seed)

    def features(side: pd.DataFrame) -> np.ndarray:
        others = side.drop(columns="OT")
        return np.concatenate([others, others.rolling(WINDOW, min_periods=1).mean()], 1)

    judge = make_pipeline(StandardScaler(), RidgeCV()).fit(features(train), train["OT"])
    real, fake = (float(np.corrcoef(judge.predict(features(side)), side["OT"])[0, 1]) for side in (test, synthetic))
    return {"condition": "OT", "measure": "correlation", "real": real, "synthetic": fake, "steps": last_step(model)}


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
    try:
        rows = [part(arguments.minutes, arguments.seed) for part in (labels, number)]
    except FileNotFoundError as error:
        print(f"skipped: {error.filename} is not here", file=sys.stderr)
        return
    print(pd.DataFrame(rows).set_index("condition").round(3).to_string())


if __name__ == "__main__":
    main()
