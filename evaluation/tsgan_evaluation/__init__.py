"""Judges of synthetic time series, whoever made them.

`evaluate` takes two tables and gives a `Report`. It rests on pure functions of (real, synthetic) arrays of shape
(B, T, C): B sequences, T steps, C columns; NaN marks a missing cell.
A name is imported when first used, so that this import does not load torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tsgan_evaluation.dependence import correlation_difference, correlational_score
    from tsgan_evaluation.discriminative import discriminative_score, gru_score
    from tsgan_evaluation.features import FeatureJudgement, feature_judge
    from tsgan_evaluation.floor import NoiseFloor, noise_floor
    from tsgan_evaluation.literature import score
    from tsgan_evaluation.marginal import kolmogorov_smirnov
    from tsgan_evaluation.metric import Metric
    from tsgan_evaluation.registry import METRICS
    from tsgan_evaluation.report import Report
    from tsgan_evaluation.scoring import make_scorer
    from tsgan_evaluation.suite import evaluate
    from tsgan_evaluation.temporal import autocorrelation, autocorrelation_difference

__all__ = [
    "METRICS",
    "FeatureJudgement",
    "Metric",
    "NoiseFloor",
    "Report",
    "autocorrelation",
    "autocorrelation_difference",
    "correlation_difference",
    "correlational_score",
    "discriminative_score",
    "evaluate",
    "feature_judge",
    "gru_score",
    "kolmogorov_smirnov",
    "make_scorer",
    "noise_floor",
    "score",
]

_HOME = {
    "METRICS": "registry",
    "FeatureJudgement": "features",
    "Metric": "metric",
    "NoiseFloor": "floor",
    "Report": "report",
    "autocorrelation": "temporal",
    "autocorrelation_difference": "temporal",
    "correlation_difference": "dependence",
    "correlational_score": "dependence",
    "discriminative_score": "discriminative",
    "evaluate": "suite",
    "feature_judge": "features",
    "gru_score": "discriminative",
    "kolmogorov_smirnov": "marginal",
    "make_scorer": "scoring",
    "noise_floor": "floor",
    "score": "literature",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
