"""Mixed tables: is what comes out the same table, and how far are its rates from the real ones?

    python -m benchmarks.tables --data weather occupancy --minutes 2

``pbc2``, ``vowels`` and ``occupancy`` are read from ``../shared/data`` and skipped where that is absent. Differences are the
largest over the columns, in points of 1: missing rates, atoms (values with over 5 % of the rows), category shares,
repeats of the row before and the chance that an atom or category stays. Beside them what chance does: the same of the
data against itself, series drawn with replacement (blocks, a twentieth long, where there are few series; median of 20).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.stats import ks_2samp

from benchmarks.data import SHARED
from tsgan import TSGAN
from tsgan.datasets import load_weather
from tsgan_evaluation import feature_judge

ATOM = 0.05
SERIES, ROWS = 20, 100_000  # synthetic ones at least: the rates are to be the model's, not chance
WINDOWS = 20_000
FEW = 64
BLOCKS = 20  # of a table of few series; draws by chance


def weather() -> tuple[pd.DataFrame, dict[str, Any]]:
    """The bundled weather, all 15 columns."""
    return load_weather(), {"entity": "origin", "time": "time_hour"}


def pbc2() -> tuple[pd.DataFrame, dict[str, Any]]:
    """Clinic visits, one to sixteen a patient, at irregular times in years since the first."""
    return pd.read_csv(SHARED / "pbc2.csv"), {"entity": "id", "time": "year"}


def vowels(part: str = "TRAIN") -> tuple[pd.DataFrame, dict[str, Any]]:
    """Japanese vowels: 12 channels, 7 to 26 steps, the speaker as a static text."""
    frames = []
    lines = (SHARED / f"JapaneseVowels_{part}.ts").read_text().split("@data\n")[1].splitlines()
    for number, line in enumerate(lines):
        *channels, label = line.split(":")
        frame = pd.DataFrame({f"c{k}": np.array(part.split(","), dtype=float) for k, part in enumerate(channels)})
        frames.append(frame.assign(utterance=number, speaker=f"s{label}"))
    return pd.concat(frames, ignore_index=True), {"entity": "utterance"}


def occupancy() -> tuple[pd.DataFrame, dict[str, Any]]:
    """An office by the minute, and whether somebody is in."""
    table = pd.read_csv(SHARED / "occupancy.csv", index_col=0, parse_dates=["date"])
    return table.assign(date=table["date"].dt.round("min")).reset_index(drop=True), {"time": "date"}


TABLES: dict[str, Callable[[], tuple[pd.DataFrame, dict[str, Any]]]] = {
    "weather": weather,
    "pbc2": pbc2,
    "vowels": vowels,
    "occupancy": occupancy,
}


def states(column: pd.Series, real: pd.Series) -> pd.Series:
    """The cells that are atoms or categories of the real column, missing cells among them; None for all others."""
    shares = real.value_counts(normalize=True, dropna=True)
    kept = shares.index if len(shares) <= FEW and not pd.api.types.is_float_dtype(real) else shares.index[shares > ATOM]
    cells = column.astype(object).where(column.isin(kept), None)
    return cells.mask(column.isna(), "(missing)")


def rates(column: pd.Series, real: pd.Series, owner: pd.Series) -> dict[str, dict[Hashable, float]]:
    """Rates of a column by what they are of."""
    cells, together = states(column, real), (owner == owner.shift()).to_numpy()
    before = cells.shift()
    same = column.eq(column.shift()) & column.notna()
    pairs = together & column.notna() & column.shift().notna()
    return {
        "missing": {"": float(column.isna().mean())},
        "states": cells.value_counts(normalize=False).div(len(cells)).to_dict(),
        "repeats": {"": float(same[pairs].mean()) if pairs.any() else 0.0},
        "stays": {
            state: float(cells[together & (before == state)].eq(state).mean())
            for state, share in states(real, real).value_counts().div(len(real)).items()
            if share > ATOM and (together & (before == state)).any()
        },
    }


def differences(real: pd.DataFrame, synthetic: pd.DataFrame, owners: tuple[pd.Series, pd.Series]) -> pd.DataFrame:
    """Largest difference of each rate for each column, synthetic minus real."""
    rows = {}
    for name in real.columns:
        ours, theirs = rates(synthetic[name], real[name], owners[1]), rates(real[name], real[name], owners[0])
        rows[name] = {
            what: max((ours[what].get(key, 0.0) - value for key, value in theirs[what].items()), default=0.0, key=abs)
            for what in theirs
        }
    return pd.DataFrame(rows).T


def by_chance(real: pd.DataFrame, owner: pd.Series, draw: np.random.Generator) -> pd.Series:
    """Largest difference of each rate over the columns, of rows drawn by series or blocks: the median of some draws."""
    block = pd.Series(owner.factorize()[0])
    if block.nunique() < BLOCKS:
        block = block * BLOCKS + block.groupby(block).cumcount() * BLOCKS // block.map(block.value_counts())
    rows = list(block.groupby(block).indices.values())
    found = []
    for _ in range(BLOCKS):
        chosen = [rows[k] for k in draw.integers(len(rows), size=len(rows))]
        owners = owner, pd.Series(np.repeat(np.arange(len(chosen)), [len(part) for part in chosen]))
        drawn = real.iloc[np.concatenate(chosen)].reset_index(drop=True)
        found.append(differences(real, drawn, owners).abs().max())
    return pd.DataFrame(found).median()


def windows(table: pd.DataFrame, owner: pd.Series, length: int) -> np.ndarray:
    """Some 20,000 windows (n, length, C) at most of a table of numbers, in order of time."""
    stride = -(-len(table) // WINDOWS)
    parts = [part.to_numpy() for _, part in table.groupby(owner.to_numpy(), sort=False) if len(part) >= length]
    views = [np.lib.stride_tricks.sliding_window_view(part, length, 0)[::stride] for part in parts]
    return np.concatenate(views).transpose(0, 2, 1)


def run(name: str, minutes: float, seed: int, verbose: bool) -> list[dict[str, Any]]:
    """Two rows of the table."""
    table, roles = TABLES[name]()
    before = table.copy()
    began = time.monotonic()
    model = TSGAN(max_time=60 * minutes, random_state=seed, **roles).fit(table)
    trained = time.monotonic() - began
    entity, times = roles.get("entity"), roles.get("time")
    series = table[entity].nunique() if entity else 1
    count = max(SERIES, series, ROWS * series // len(table))
    synthetic = model.sample(count, random_state=seed).reset_index(drop=not (entity is None and count > 1))
    pd.testing.assert_frame_equal(table, before)
    owners = table[entity] if entity else pd.Series(0, index=table.index), synthetic[entity or "sequence"]
    shown = [column for column in table if column not in (entity, times)]
    # Products such as 3 x 1.15078 differ in their last bit from what is read of their decimals.
    by_column = differences(table[shown].round(9), synthetic[shown].round(9), owners)
    if verbose:
        print(model.schema_, by_column.round(3), sep="\n", file=sys.stderr)
    lengths = [owner.value_counts().to_numpy() for owner in owners]
    sides = zip((table, synthetic), owners, strict=True)
    intervals = [side.groupby(owner.to_numpy())[times].diff().dropna() for side, owner in sides] if times else []
    length = min(24, int(np.median(lengths[0])))
    common = pd.concat([table[shown], synthetic[shown]], ignore_index=True)
    numbers = pd.get_dummies(common, dtype=float).astype(float)
    real = windows(numbers.iloc[: len(table)], owners[0], length)
    judged = feature_judge(real, windows(numbers.iloc[len(table) :], owners[1], length), seed=seed)
    chance = by_chance(table[shown].round(9), owners[0], np.random.default_rng(seed)).to_dict()
    synthesised = {
        "data": name,
        "schema equal": bool(synthetic[list(table)].dtypes.equals(table.dtypes)),
        **by_column.abs().max().to_dict(),
        "length KS": float(ks_2samp(*lengths).statistic),
        "interval KS": float(ks_2samp(*intervals).statistic) if times else 0.0,
        "feature judge": judged.auc,
        "steps": int(model.history_["step"].iloc[-1]),
        "seconds": trained,
    }
    return [synthesised, {"data": f"{name} (chance)", **chance}]


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=list(TABLES), default=list(TABLES))
    parser.add_argument("--minutes", type=float, default=3.0, help="of training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true", help="the schema, and the differences column by column")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for name in arguments.data:
        try:
            rows += run(name, arguments.minutes, arguments.seed, arguments.verbose)
        except FileNotFoundError as error:
            print(f"{name} skipped: {error.filename} is not here", file=sys.stderr)
    if rows:
        print(pd.DataFrame(rows).set_index("data").round(3).to_string(na_rep=""))


if __name__ == "__main__":
    main()
