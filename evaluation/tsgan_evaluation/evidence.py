"""What gives the synthetic data away: columns and features that a person can name, and the windows themselves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from tsgan_evaluation._missing import fill_and_mask
from tsgan_evaluation._validation import FloatArray
from tsgan_evaluation.features import FeatureJudgement, feature_judge
from tsgan_evaluation.pair import Pair

KERNELS, COUNT = 120, 1000  # of the judges of single columns
SHOWN = 8  # windows of either kind
LAGS = (1, 2, 4, 8)
FEW_COLUMNS = 12  # pairs of more are too many to look at


@dataclass(frozen=True, eq=False)
class Evidence:
    """Why the feature judge tells real from synthetic.

    Attributes
    ----------
    columns : DataFrame
        ``column``, and the AUC of feature judges that see it ``alone`` and all ``without`` it (NaN for many columns);
        worst first.
    features : DataFrame
        ``column``, ``feature`` and ``auc``: how well one figure of a window tells the sides apart, worst first; above 0.5
        where synthetic windows have more of it.
    windows : DataFrame
        Synthetic windows that look ``most real`` and ``least real`` (``looks``) to the judge, by ``belief``; their
        ``series``, the ``step`` of it where they begin, and their first ``row`` among the report's synthetic sequences.
    """

    columns: pd.DataFrame
    features: pd.DataFrame
    windows: pd.DataFrame


def explain(pair: Pair, judgement: FeatureJudgement, seed: int) -> Evidence:
    """The evidence behind a judgement of the pair's channels."""
    names = [column.name for column in pair.real.columns]
    return Evidence(
        _columns(pair, names, seed), _worst_first(_features_of_channels(pair, names)), _looks(pair, judgement.beliefs)
    )


def _columns(pair: Pair, names: list[str], seed: int) -> pd.DataFrame:
    """Judges that see a column alone, and all but it."""
    real, synthetic = pair.channels
    blocks = pair.windows[0].block, pair.windows[1].block

    def auc(kept: NDArray[np.bool_]) -> float:
        return feature_judge(real[..., kept], synthetic[..., kept], seed, COUNT, KERNELS, blocks).auc

    owners = np.unique(pair.owners)
    whole = auc(np.ones(len(pair.owners), bool))
    rows = []
    for c in owners:
        without = auc(pair.owners != c) if 1 < len(owners) <= FEW_COLUMNS else np.nan
        rows.append({"column": names[c], "alone": auc(pair.owners == c), "without": without})
    frame = pd.DataFrame(rows)
    guilt = np.fmax((frame["alone"] - 0.5).abs(), (whole - frame["without"]).abs())
    return frame.iloc[guilt.to_numpy().argsort(kind="stable")[::-1]].reset_index(drop=True)


def _features_of_channels(pair: Pair, names: list[str]) -> list[dict[str, object]]:
    """One row a figure of a channel, or of two channels of numbers where there are few."""
    real, synthetic = pair.channels
    rows: list[dict[str, object]] = []
    for f, owner in enumerate(pair.owners):
        sides = fill_and_mask(real[..., [f]], synthetic[..., [f]])
        of = pair.real.columns[owner]
        # Indicators stand in the order of the categories, those unobserved on a side left out.
        shown = of.name if of.kind != "categorical" else f"{of.name}, indicator {int((pair.owners[:f] == owner).sum()) + 1}"
        rows += [{"column": shown, "feature": name, "auc": x} for name, x in feature_aucs(*sides).items()]
    numbers = [f for f, owner in enumerate(pair.owners) if pair.real.columns[owner].kind != "categorical"]
    for i, j in combinations(numbers if len(numbers) <= FEW_COLUMNS else [], 2):
        both = [x[..., :2] for x in fill_and_mask(real[..., [i, j]], synthetic[..., [i, j]])]
        spread = both[0].std((0, 1)) + 1e-300
        figures = [_features_of_two(x / spread) for x in both]
        shown = f"{names[pair.owners[i]]} and {names[pair.owners[j]]}"
        rows += [{"column": shown, "feature": name, "auc": _auc(figures[1][name], figures[0][name])} for name in figures[0]]
    return rows


def feature_aucs(real: FloatArray, synthetic: FloatArray) -> dict[str, float]:
    """Areas under the ROC curve of single figures of a window, for a synthetic one to have more of it than a real one.

    Parameters
    ----------
    real : ndarray of shape (B, T, 1) or (B, T, 2)
        A channel and, where it has missing cells, their mask.
    synthetic : as it

    Returns
    -------
    dict of str to float
        By feature.
    """
    sides = [_features(x) for x in (real, synthetic)]
    return {name: _auc(sides[1][name], sides[0][name]) for name in sides[0]}


def _features(x: FloatArray) -> dict[str, FloatArray]:
    """Figures of windows, each (B,)."""
    levels = x[..., 0]
    steps = np.diff(levels, axis=1)
    size = np.abs(steps)
    figures = {
        "mean": levels.mean(1),
        "deviation": levels.std(1),
        "minimum": levels.min(1),
        "maximum": levels.max(1),
        "rise": levels[:, -1] - levels[:, 0],
        "size of steps": size.mean(1),
        "largest step": size.max(1),
        "steps that repeat": (steps == 0).mean(1),
    }
    figures |= {f"autocorrelation at lag {k}": _autocorrelation(levels, k) for k in LAGS if k <= levels.shape[1] // 3}
    if steps.shape[1] > 2:
        figures["autocorrelation of steps at lag 1"] = _autocorrelation(steps, 1)
    if x.shape[2] > 1:
        figures["missing cells"] = x[..., 1].mean(1)
    return figures


def _features_of_two(x: FloatArray) -> dict[str, FloatArray]:
    """Figures of windows of two channels in units of their deviations, (B, T, 2) -> (B,) each."""
    steps = np.diff(x, axis=1)
    return {
        "gap": (x[..., 0] - x[..., 1]).mean(1),
        "correlation": _correlation(x),
        "correlation of steps": _correlation(steps),
    }


def _correlation(x: FloatArray) -> FloatArray:
    """Within each window, (B, T, 2) -> (B,); 0 where a channel does not vary."""
    centred = x - x.mean(1, keepdims=True)
    variances = (centred**2).sum(1).prod(1)
    out: FloatArray = np.divide(centred.prod(2).sum(1), np.sqrt(variances), out=np.zeros(len(x)), where=variances > 1e-24)
    return out


def _autocorrelation(x: FloatArray, lag: int) -> FloatArray:
    """Of each row, 0 where it does not vary."""
    centred = x - x.mean(1, keepdims=True)
    variance = (centred**2).sum(1)
    covariance = (centred[:, lag:] * centred[:, :-lag]).sum(1)
    out: FloatArray = np.divide(covariance, variance, out=np.zeros(len(x)), where=variance > 1e-24 * (x**2).sum(1))
    return out


def _auc(a: FloatArray, b: FloatArray) -> float:
    """Chance that one of ``a`` exceeds one of ``b``, ties half."""
    ranks = rankdata(np.concatenate([a, b]))
    return float((ranks[: len(a)].sum() - len(a) * (len(a) + 1) / 2) / (len(a) * len(b)))


def _worst_first(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    return frame.iloc[(frame["auc"] - 0.5).abs().argsort(kind="stable")[::-1]].reset_index(drop=True)


def _looks(pair: Pair, beliefs: FloatArray) -> pd.DataFrame:
    """Synthetic windows at either end of the judge's belief."""
    seen = np.flatnonzero(~np.isnan(beliefs))
    order = seen[np.argsort(beliefs[seen], kind="stable")]
    count = min(SHOWN, len(order) // 2)
    chosen, x = np.concatenate([order[::-1][:count], order[:count]]), pair.synthetic
    windows = pair.windows[1]
    sequence, row = windows.sequence[chosen], windows.rows[chosen]
    return pd.DataFrame(
        {
            "looks": np.repeat(["most real", "least real"], count),
            "belief": beliefs[chosen],
            "series": x.names[sequence],
            "step": x.offsets[sequence] + row - x.starts[sequence],
            "row": row,
        }
    )
