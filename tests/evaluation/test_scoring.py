"""Metrics select a synthesizer in scikit-learn's searches."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV

from tsgan_evaluation import make_scorer


class Noisy(BaseEstimator):
    """Gives back what it learned, with noise."""

    def __init__(self, noise: float = 0.0) -> None:
        self.noise = noise

    def fit(self, X: Any, y: object = None) -> "Noisy":
        self.learned_ = X
        return self

    def sample(self, n: int) -> Any:
        draw = np.random.default_rng(0)
        return self.learned_[:n] + self.noise * draw.normal(size=self.learned_[:n].shape)


def walks(n: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(n, 20, 2)).cumsum(1)


@pytest.mark.parametrize("metric", ["ks", "increments", "feature_judge"])
def test_a_search_finds_the_least_noise(metric: str) -> None:
    search = GridSearchCV(Noisy(), {"noise": [3.0, 0.0, 10.0]}, scoring=make_scorer(metric), cv=2, error_score="raise")
    search.fit(walks(120))
    assert search.best_params_ == {"noise": 0.0}
    assert search.best_score_ <= 0


def test_frames_are_judged_with_as_many_series_as_they_have() -> None:
    table = pd.DataFrame(walks(30).reshape(-1, 2), columns=["a", "b"]).assign(id=np.repeat(np.arange(30), 20))

    class Frames(Noisy):
        def sample(self, n: int) -> Any:
            assert n == 30
            return self.learned_

    assert make_scorer("ks", entity="id")(Frames().fit(table), table) == 0


def test_what_cannot_be_computed_says_why() -> None:
    with pytest.raises(ValueError, match="there is no metric 'auc'"):
        make_scorer("auc")
    with pytest.raises(ValueError, match="total_variation is not computed"):
        make_scorer("total_variation")(Noisy().fit(walks(30)), walks(30))
