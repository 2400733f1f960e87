"""The metrics as data: what each one is, means, sees and misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from numpy.typing import ArrayLike

from tsgan_evaluation.dependence import correlational_score
from tsgan_evaluation.discriminative import discriminative_score, gru_score
from tsgan_evaluation.features import feature_judge
from tsgan_evaluation.marginal import kolmogorov_smirnov
from tsgan_evaluation.temporal import autocorrelation_difference


@dataclass(frozen=True)
class Metric:
    """A metric and how to read it: the nearer to ``best``, the better.

    Attributes
    ----------
    name : str
    function : callable
        ``function(real, synthetic)``, or ``function(real, synthetic, seed=...)`` if ``seeded``, to float.
    best : float
        The value of a perfect generator, but for the noise floor.
    range : tuple of float
        Smallest and largest possible value.
    sees, ignores : str
        The faults that it shows, and those that it cannot.
    source : str
        Where it was defined.
    seeded : bool
        Whether the value depends on a seed.
    clipped : bool
        Whether the synthetic side is clipped to the real range before, as in the literature.
    """

    name: str
    function: Callable[..., float]
    best: float
    range: tuple[float, float]
    sees: str
    ignores: str
    source: str
    seeded: bool = False
    clipped: bool = True

    def __call__(self, real: ArrayLike, synthetic: ArrayLike, seed: int = 0) -> float:
        """The metric's value; ``seed`` matters to seeded metrics only."""
        return self.function(real, synthetic, seed=seed) if self.seeded else self.function(real, synthetic)

    @property
    def lower_is_better(self) -> bool:
        """Whether the best value is the lowest; otherwise both sides of it are worse."""
        return self.best == self.range[0]


def _feature_judge_auc(real: ArrayLike, synthetic: ArrayLike, seed: int) -> float:
    return feature_judge(real, synthetic, seed=seed).auc


METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            name="ks",
            function=kolmogorov_smirnov,
            best=0.0,
            range=(0.0, 1.0),
            sees="wrong distributions of single columns: scale, shift, tails, lost values",
            ignores="the order in time, dependence between columns, copies",
            source="Kolmogorov 1933, Smirnov 1948; two-sample statistic, mean over columns",
        ),
        Metric(
            name="autocorrelation",
            function=autocorrelation_difference,
            best=0.0,
            range=(0.0, inf),
            sees="wrong persistence at lags 1, 2, 4 and 8: shuffled or smoothed series",
            ignores="scale, the direction of time, volatility, dependence between columns, copies",
            source="Box & Jenkins 1970; absolute difference, mean over lags and columns",
        ),
        Metric(
            name="correlational",
            function=correlational_score,
            best=0.0,
            range=(0.0, inf),
            sees="wrong linear dependence between columns at the same step",
            ignores="single columns, the order in time, dependence that is not linear, copies",
            source="Yuan & Qiao 2024 (Diffusion-TS), after Ni et al. 2020",
        ),
        Metric(
            name="discriminative",
            function=discriminative_score,
            best=0.0,
            range=(0.0, 0.5),
            sees="gross faults of many columns",
            ignores="nearly all for few columns (C // 2 hidden units): 1 % noise, shuffled time; copies",
            source="Yoon et al. 2019 (TimeGAN)",
            seeded=True,
        ),
        Metric(
            name="gru32",
            function=gru_score,
            best=0.0,
            range=(0.0, 0.5),
            sees="faults of levels and of the order in time",
            ignores="fine details of increments; copies",
            source="Yoon et al. 2019 (TimeGAN), with 32 hidden units",
            seeded=True,
        ),
        Metric(
            name="feature_judge",
            function=_feature_judge_auc,
            best=0.5,
            range=(0.0, 1.0),
            sees="noise of a fraction of a percent, reversed or shuffled time, wrong volatility; copies (below 0.5)",
            ignores="what shows only beyond a sequence's length",
            source="random convolutions after Dempster et al. 2020; folds of contiguous blocks",
            seeded=True,
            clipped=False,
        ),
    )
}
