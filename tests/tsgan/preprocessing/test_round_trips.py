"""Whatever finite column is given, its codec gives it back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tsgan.preprocessing import QuantileNormal

NUMBERS = st.floats(-1e100, 1e100).map(lambda x: x if abs(x) > 1e-100 else 0.0)  # whose slopes have doubles
COLUMNS = st.lists(NUMBERS, min_size=1, max_size=30)
REPEATS = st.integers(1, 4)


@settings(max_examples=150, deadline=None)
@given(COLUMNS, REPEATS)
def test_scores_are_finite_and_values_stay_within_the_range(values: list[float], repeats: int) -> None:
    column = np.array(values * repeats)
    codec = QuantileNormal().fit(column)
    scores = codec.transform(column)
    assert np.isfinite(scores).all()
    back = codec.inverse_transform([*scores, -1e300, 0.0, 1e300])
    assert column.min() <= back.min()
    assert back.max() <= column.max()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=60),
    st.sampled_from([1.0, 0.0305, 0.7, 2.5, 12.0]),
    st.integers(0, 4),
    REPEATS,
)
def test_rounded_values_come_back_but_for_the_last_digit(
    levels: list[int], step: float, decimals: int, repeats: int
) -> None:
    column = np.round(step * np.array(levels * repeats), decimals)
    codec = QuantileNormal().fit(column)
    back = codec.inverse_transform(codec.transform(column))
    assert codec.grid_.decimals is not None
    assert codec.grid_.decimals <= decimals
    np.testing.assert_allclose(back, column, rtol=0, atol=1.01 * 10.0**-codec.grid_.decimals)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 60), st.sampled_from([1.0, 0.01, 0.5, 12.0]), REPEATS)
def test_values_side_by_side_on_a_grid_come_back_exactly(count: int, step: float, repeats: int) -> None:
    column = np.round(step * np.tile(np.arange(count), repeats), 2)
    codec = QuantileNormal().fit(column)
    np.testing.assert_array_equal(codec.inverse_transform(codec.transform(column)), column)
