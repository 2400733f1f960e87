"""Pictures of the table as a whole: correlations, a map of its windows, what the judge goes by."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from tsgan_evaluation._missing import fill_and_mask
from tsgan_evaluation._threads import one_thread
from tsgan_evaluation._validation import DataError, FloatArray
from tsgan_evaluation.dependence import correlations
from tsgan_evaluation.features import random_convolutions, standardised
from tsgan_evaluation.pair import Pair, indicators
from tsgan_evaluation.pictures.model import Mark, Matrix, Panel, Picture, Side, short
from tsgan_evaluation.sequences import Sequences

POINTS = 300  # windows of each side on a map
KERNELS, COMPONENTS = 300, 30
FEATURES = 12


def correlation_maps(pair: Pair, columns: list[int]) -> Picture:
    """Correlations of the columns of numbers at the same step: real, synthetic and their difference."""
    kept = [c for c in sorted(columns) if c in pair.numbers]
    if len(kept) < 2:
        raise DataError("there are fewer than two columns of numbers")
    labels = [pair.real.columns[c].name for c in kept]
    real, synthetic = (correlations(x.values[:, None, kept])[0] for x in (pair.real, pair.synthetic))
    difference = synthetic - real
    i, j = np.unravel_index(np.abs(np.tril(difference, -1)).argmax(), difference.shape)
    limit = max(0.2, float(np.abs(difference).max()))
    worst = (
        f"Largest difference: {labels[j]} and {labels[i]}, {short(real[i, j])} in the real and {short(synthetic[i, j])} in "
        "the synthetic table."
    )
    panels = [
        Matrix("Real", real, labels, note="from -1 to 1", says=f"Correlations of {len(kept)} real columns."),
        Matrix("Synthetic", synthetic, labels, note="from -1 to 1", says=f"Correlations of {len(kept)} synthetic columns."),
        Matrix("Synthetic less real", difference, labels, limit, f"from {short(-limit)} to {short(limit)}", worst),
    ]
    caption = f"Blue is negative, orange positive. {worst}"
    return Picture("correlations", caption, panels)


def _sides(pair: Pair) -> list[tuple[Side, Sequences]]:
    """Real, synthetic and, where there is one, the holdout."""
    sides: list[tuple[Side, Sequences]] = [("real", pair.real), ("synthetic", pair.synthetic)]
    return sides if pair.holdout is None else [*sides, ("holdout", pair.holdout)]


@one_thread()
def window_map(pair: Pair) -> Picture:
    """The windows of all sides in the plane, by the judge's features."""
    sides: list[tuple[Side, FloatArray]] = [
        (side, indicators(pair.real, pair.cut(x, side, POINTS).values)) for side, x in _sides(pair)
    ]
    owner = np.repeat(np.arange(len(sides)), [len(x) for _, x in sides])
    if np.bincount(owner).min() < 5:
        raise DataError("a side has fewer than 5 windows")
    together = np.concatenate([x for _, x in sides])
    seen = ~np.isnan(sides[0][1]).all((0, 1))
    if not seen.any():
        raise DataError("no column is observed")
    real, cells = fill_and_mask(sides[0][1][..., seen], together[..., seen])
    views = standardised(real, cells)
    features = StandardScaler().fit_transform(random_convolutions(views, KERNELS, pair.seed).numpy().astype(float))
    with threadpool_limits(1):
        kept = min(COMPONENTS, *features[owner == 0].shape)
        # The real side alone says what the axes are, as in the literature; t-SNE has no axes to speak of.
        pca = PCA(kept, random_state=pair.seed).fit(features[owner == 0]).transform(features)
        perplexity = min(30.0, (len(pca) - 1) / 3)
        tsne = TSNE(perplexity=perplexity, init="pca", random_state=pair.seed, n_jobs=1).fit_transform(
            PCA(kept, random_state=pair.seed).fit_transform(features)
        )
    panels = []
    for title, points in (("PCA", pca[:, :2]), ("t-SNE", tsne)):
        if points.shape[1] < 2:
            continue
        marks = [Mark(side, "points", *points[owner == k].T.astype(float)) for k, (side, _) in enumerate(sides)]
        says = f"{title} of {' and '.join(f'{len(x)} {side}' for side, x in sides)} windows."
        none: tuple[list[float], list[str]] = ([], [])
        panels.append(Panel(title, marks, "", "", none, none, says=says))
    caption = (
        "Each point is a window, by the judge's features: principal components of the real windows, and t-SNE of all. Where "
        "synthetic windows are missing, a mode is lost; where they lie apart, they look like nothing real."
    )
    return Picture("map", caption, panels, across=2)


def evidence(columns: pd.DataFrame, features: pd.DataFrame) -> Picture:
    """How well the judge does with one column, and how well single figures of a window do."""
    named = [f"{row['column']}: {row['feature']}" for row in features.to_dict("records")]
    panels = [
        _bars("One column alone", [*map(str, columns["column"])], columns["alone"].to_numpy(), "AUC"),
        _bars("One figure of a window", named, features["auc"].to_numpy(), "AUC"),
    ]
    caption = (
        "What gives the synthetic table away, worst first; 0.5 is chance. Left: the judge's AUC, if it sees one column "
        "only; right: that of single figures; above 0.5 synthetic windows have more of it than real ones."
    )
    return Picture("evidence", caption, panels, across=2)


def _bars(title: str, names: list[str], aucs: FloatArray, label: str) -> Panel:
    names, aucs = names[:FEATURES], aucs[:FEATURES]
    y = np.arange(len(names), dtype=float)[::-1]
    says = f"{title}: " + ", ".join(f"{name} {auc:.2f}" for name, auc in zip(names, aucs, strict=True)) + "."
    mark = Mark("figure", "bars", aucs, y, base=0.5)
    ticks = [0, 0.25, 0.5, 0.75, 1], ["0", ".25", ".5", ".75", "1"]
    return Panel(title, [mark], label, "", ticks, (y.tolist(), names), (-0.6, len(names) - 0.4), says=says)
