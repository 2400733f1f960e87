import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter
from sklearn.metrics import roc_auc_score

from tsgan_evaluation import Report, evaluate
from tsgan_evaluation.evidence import Evidence, feature_aucs

RNG = np.random.default_rng(0)


def ar1(n: int, columns: int = 3) -> np.ndarray:
    x = np.asarray(lfilter([1], [1, -0.8], RNG.normal(size=(n, 74, columns)), axis=1))[:, 50:]
    x[..., 1] += x[..., 0]
    return x


REAL, SYNTHETIC = ar1(150), ar1(150)


def report(synthetic: np.ndarray) -> Report:
    return evaluate(REAL, synthetic, metrics=["feature_judge"], floor_repeats=0)


def evidence(synthetic: np.ndarray) -> Evidence:
    found = report(synthetic).evidence
    assert found is not None
    return found


def test_the_column_at_fault_comes_first() -> None:
    found = evidence(np.where(np.arange(3) == 2, RNG.permuted(SYNTHETIC, axis=1), SYNTHETIC))
    assert found.columns.loc[0, "column"] == "2"
    assert found.columns.loc[0, "alone"] > 0.9
    assert found.columns.loc[0, "without"] < 0.65
    assert found.columns.loc[1, "alone"] < 0.65
    assert found.features.loc[0, "column"] == "2"
    assert found.features["feature"].head(3).isin(["size of steps", "largest step", "autocorrelation at lag 1"]).any()


def test_a_relation_at_fault_is_named_though_each_column_is_right() -> None:
    apart = np.where(np.arange(3) == 1, RNG.permutation(SYNTHETIC), SYNTHETIC)
    found = evidence(apart)
    assert found.features.loc[0, "column"] == "0 and 1"
    assert found.columns["column"].head(2).isin(["0", "1"]).all()


def test_the_least_real_windows_are_the_planted_ones_and_stand_where_they_are_said_to() -> None:
    planted = SYNTHETIC.copy()
    planted[::10] *= 3
    judged = report(planted)
    assert judged.evidence is not None
    shown = judged.evidence.windows
    assert (shown.loc[shown["looks"] == "least real", "series"] % 10 == 0).sum() >= 6
    assert (shown.loc[shown["looks"] == "most real", "series"] % 10 == 0).sum() <= 2
    row = shown.iloc[-1]
    np.testing.assert_array_equal(judged.pair.synthetic.values[row["row"]], planted[row["series"], row["step"]])


def test_aucs_of_features_agree_with_scikit_learn() -> None:
    a, b = REAL[..., :1], 1.2 * SYNTHETIC[..., :1]
    expected = roc_auc_score(np.repeat([0, 1], 150), np.r_[a[..., 0].std(1), b[..., 0].std(1)])
    assert feature_aucs(a, b)["deviation"] == pytest.approx(expected)


def test_missing_cells_and_categories_are_evidence_too() -> None:
    frame = pd.DataFrame(
        {"id": np.repeat(np.arange(150), 24), "x": REAL[..., 0].ravel(), "kind": RNG.choice(list("ab"), 3600)}
    )
    gappy = frame.assign(x=frame["x"].where(RNG.random(3600) < 0.7), kind=frame["kind"].where(RNG.random(3600) < 0.5, "b"))
    found = evaluate(frame, gappy, entity="id", metrics=["feature_judge"], floor_repeats=0).evidence
    assert found is not None
    top = found.features.head(6)
    assert ((top["column"] == "x") & (top["feature"] == "missing cells")).any()
    assert top["column"].str.startswith("kind").any()


def test_one_column_is_enough() -> None:
    found = evaluate(REAL[..., :1], SYNTHETIC[..., :1], metrics=["feature_judge"], floor_repeats=0).evidence
    assert found is not None
    assert found.columns["without"].isna().all()
