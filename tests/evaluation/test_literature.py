import numpy as np
import pandas as pd
import pytest

from tsgan_evaluation import score
from tsgan_evaluation.literature import LITERATURE

RNG = np.random.default_rng(0)
REAL, SYNTHETIC = 100 * RNG.random((2, 200, 6, 3))
CHEAP = ["ks", "autocorrelation", "correlational"]


def test_one_row_a_metric_beside_its_floor_and_best() -> None:
    table = score(REAL, SYNTHETIC, CHEAP)
    assert table.index.tolist() == CHEAP
    assert table.columns.tolist() == ["value", "floor", "floor_high", "best"]
    assert table.dtypes.eq(float).all()
    assert (table.floor <= table.floor_high).all()


def test_the_same_law_is_about_at_the_floor_and_a_fault_above() -> None:
    table = score(REAL, SYNTHETIC, CHEAP, gap=0)
    assert (table.value < 2 * table.floor_high).all()
    assert score(REAL, 0.7 * SYNTHETIC, ["ks"]).eval("value > 3 * floor_high").all()


def test_values_beyond_the_real_range_are_clipped() -> None:
    wide = 3 * SYNTHETIC - 100
    inside = wide.clip(REAL.min((0, 1)), REAL.max((0, 1)))
    tables = [score(REAL, x, CHEAP, floor_repeats=0) for x in (wide, inside)]
    pd.testing.assert_frame_equal(*tables, atol=1e-3)


def test_a_constant_column_scales_to_0_without_a_warning() -> None:
    constant = np.where(np.arange(3) == 1, 4.2, REAL)
    assert np.isfinite(score(constant, constant, CHEAP, floor_repeats=0).value).all()


def test_without_repeats_there_is_no_floor() -> None:
    assert score(REAL, SYNTHETIC, ["ks"], floor_repeats=0).floor.isna().all()


def test_unknown_metrics_are_named_beside_the_known() -> None:
    with pytest.raises(ValueError, match=r"unknown metrics \['fid'\]; choose from \['ks', 'autocorrelation'"):
        score(REAL, SYNTHETIC, ["ks", "fid"])


@pytest.mark.slow
def test_all_metrics_give_the_same_table_for_the_same_seed() -> None:
    first, second = (score(REAL[:, :3], SYNTHETIC[:, :3], seed=1, floor_repeats=1) for _ in range(2))
    assert first.index.tolist() == list(LITERATURE)
    assert np.isfinite(first).all(axis=None)
    pd.testing.assert_frame_equal(first, second, check_exact=True)
