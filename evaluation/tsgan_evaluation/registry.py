"""The metrics as data: what each one is, means, sees and misses."""

from __future__ import annotations

from math import inf

from numpy.typing import ArrayLike

from tsgan_evaluation.dependence import correlational_score
from tsgan_evaluation.discriminative import discriminative_score, gru_score
from tsgan_evaluation.features import FeatureJudgement, feature_judge
from tsgan_evaluation.marginal import kolmogorov_smirnov
from tsgan_evaluation.metric import Metric
from tsgan_evaluation.temporal import autocorrelation_difference
from tsgan_evaluation.views import cells, column_windows, grouped_channels, number_windows, scaled_channels


def _feature_judge(
    real: ArrayLike, synthetic: ArrayLike, blocks: int | tuple[ArrayLike, ArrayLike] = 25, seed: int = 0
) -> FeatureJudgement:
    return feature_judge(real, synthetic, seed=seed, blocks=blocks)


METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            name="ks",
            family="marginal",
            function=kolmogorov_smirnov,
            view=cells,
            best=0.0,
            range=(0.0, 1.0),
            sees="wrong distributions of single columns: scale, shift, tails, lost values",
            ignores="the order in time, dependence between columns, copies",
            source="Kolmogorov 1933, Smirnov 1948; two-sample statistic, mean over columns",
        ),
        Metric(
            name="autocorrelation",
            family="temporal",
            function=autocorrelation_difference,
            view=column_windows,
            best=0.0,
            range=(0.0, inf),
            sees="wrong persistence at lags 1, 2, 4, ... up to a third of the window: shuffled or smoothed series",
            ignores="scale, the direction of time, volatility, dependence between columns, copies",
            source="Box & Jenkins 1970; absolute difference, mean over lags and columns",
        ),
        Metric(
            name="correlational",
            family="dependence",
            function=correlational_score,
            view=number_windows,
            best=0.0,
            range=(0.0, inf),
            sees="wrong linear dependence between columns at the same step",
            ignores="single columns, the order in time, dependence that is not linear, copies",
            source="Yuan & Qiao 2024 (Diffusion-TS), after Ni et al. 2020",
        ),
        Metric(
            name="discriminative",
            family="discriminative",
            function=discriminative_score,
            view=scaled_channels,
            best=0.0,
            range=(0.0, 0.5),
            sees="gross faults of many columns",
            ignores="nearly all for few columns (C // 2 hidden units): 1 % noise, shuffled time; copies",
            source="Yoon et al. 2019 (TimeGAN)",
            seeded=True,
            repeats=2,
        ),
        Metric(
            name="gru32",
            family="discriminative",
            function=gru_score,
            view=scaled_channels,
            best=0.0,
            range=(0.0, 0.5),
            sees="faults of levels and of the order in time",
            ignores="fine details of increments; copies",
            source="Yoon et al. 2019 (TimeGAN), with 32 hidden units",
            seeded=True,
            repeats=2,
        ),
        Metric(
            name="feature_judge",
            family="discriminative",
            function=_feature_judge,
            view=grouped_channels,
            best=0.5,
            range=(0.0, 1.0),
            sees="noise of a fraction of a percent, reversed or shuffled time, wrong volatility; copies (below 0.5)",
            ignores="what shows only beyond a sequence's length",
            source="random convolutions after Dempster et al. 2020; folds of contiguous blocks",
            seeded=True,
            worse="both",
            repeats=5,
        ),
    )
}
