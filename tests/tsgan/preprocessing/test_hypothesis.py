"""Whatever finite column is given, its codec gives it back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tsgan.preprocessing import QuantileNormal

COLUMNS = st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=30)
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
@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=60), st.integers(0, 4), REPEATS)
def test_decimals_come_back_exactly(numerators: list[int], decimals: int, repeats: int) -> None:
    column = np.round(np.array(numerators * repeats) / 10**decimals, decimals)
    codec = QuantileNormal().fit(column)
    np.testing.assert_array_equal(codec.inverse_transform(codec.transform(column)), column)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=60), st.sampled_from([0.0305, 0.7, 2.5, 12.0]), REPEATS)
def test_steps_of_a_converter_come_back_but_for_the_last_digit(levels: list[int], step: float, repeats: int) -> None:
    column = np.round(step * np.array(levels * repeats), 3)
    codec = QuantileNormal().fit(column)
    np.testing.assert_allclose(codec.inverse_transform(codec.transform(column)), column, rtol=0, atol=1.01e-3)
