from collections.abc import Callable

import numpy as np
import pytest

from tsgan_evaluation import autocorrelation, discriminative_score, feature_judge, kolmogorov_smirnov

X = np.random.default_rng(0).normal(size=(30, 8, 3))


def with_cells(value: float, *cells: tuple[int, int, int]) -> np.ndarray:
    x = X.copy()
    for cell in cells:
        x[cell] = value
    return x


def test_a_table_is_refused_with_its_shape_and_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"real has shape \(30, 8\).*cut a long table into windows"):
        kolmogorov_smirnov(X[..., 0], X)


def test_text_is_refused() -> None:
    with pytest.raises(ValueError, match=r"synthetic is not numeric \(.*'a'.*\); encode"):
        kolmogorov_smirnov(X, [[["a"]]])


def test_other_columns_or_steps_are_refused_with_both_counts() -> None:
    with pytest.raises(ValueError, match="real has 8 steps and 3 columns, synthetic 7 and 2"):
        kolmogorov_smirnov(X, X[:, :7, :2])


def test_infinities_are_counted_by_column() -> None:
    bad = with_cells(np.inf, (0, 0, 0), (5, 1, 2), (6, 1, 2))
    with pytest.raises(ValueError, match="synthetic must be finite, but column 0 holds 1, column 2 holds 2 infinite"):
        kolmogorov_smirnov(X, bad)


def test_a_column_without_observed_cells_is_named() -> None:
    bad = np.where(np.arange(3) == 1, np.nan, X)
    with pytest.raises(ValueError, match=r"real has no observed cell in columns \[1\]; drop"):
        kolmogorov_smirnov(bad, X)


@pytest.mark.parametrize(("judge", "least"), [(kolmogorov_smirnov, 1), (discriminative_score, 10), (feature_judge, 25)])
def test_too_few_sequences_are_refused_with_the_least(judge: Callable[[np.ndarray, np.ndarray], object], least: int) -> None:
    with pytest.raises(ValueError, match=f"synthetic has {least - 1} sequences .* at least {least} sequences"):
        judge(X, X[: least - 1])


def test_too_few_steps_are_refused_with_the_least() -> None:
    with pytest.raises(ValueError, match=r"real has 30 sequences of 2 steps .* 25 sequences of 3 steps"):
        feature_judge(X[:, :2], X[:, :2])
    with pytest.raises(ValueError, match=r"x has 30 sequences of 1 steps .* 1 sequences of 2 steps"):
        autocorrelation(X[:, :1], 1)
