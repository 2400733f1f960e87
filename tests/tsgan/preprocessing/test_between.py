"""Of numbers that each series has of its own, what lies between them is learned."""

import numpy as np
import pytest

from tsgan.preprocessing.between import around, between
from tsgan.preprocessing.grid import Grid

DRAW = np.random.default_rng(0)
FREE, TENTHS = Grid(), Grid(0.1, decimals=1)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 21, 60])
def test_half_as_many_means_as_values_come_out_and_none_of_these(n: int) -> None:
    values = DRAW.normal(size=n)
    means = between(values, FREE, DRAW)
    assert len(means) == (n + 1) // 2
    assert not np.isin(means, values).any()
    assert values.min() < means.min()
    assert means.max() < values.max()
    if n % 2 == 0:
        assert means.mean() == pytest.approx(values.mean())


def test_they_are_those_of_neighbours() -> None:
    assert sorted(between(np.array([3.0, 1.0, 10.0, 4.0]), FREE, DRAW)) == [2.0, 7.0]
    assert sorted(between(np.array([0.0, 1.0, 8.0]), FREE, DRAW)) == [0.5, 4.5]
    assert between(np.array([1.0, 2.0]), FREE, DRAW).tolist() == [1.5]


def test_they_lie_on_the_grid() -> None:
    means = between(DRAW.normal(70, 10, 20).round(1), TENTHS, DRAW)
    np.testing.assert_array_equal(means, means.round(1))


def test_a_grid_of_few_cells_is_left_alone() -> None:
    children = np.array([0.0, 0, 1, 2, 2, 3, 0, 5])
    assert sorted(between(children, Grid(1.0), DRAW)) == sorted(children)
    assert between(np.array([4.0]), FREE, DRAW).tolist() == [4.0]


def test_huge_values_have_means_too() -> None:
    assert np.isfinite(between(np.array([-1.7e308, 1e308, 1.7e308, 0.0]), FREE, DRAW)).all()


@pytest.mark.parametrize(
    ("values", "ends"), [([71.3, 88.1], (71.0, 89.0)), ([-3.2, 104.9], (-10.0, 110.0)), ([0.0123, 0.0171], (0.012, 0.018))]
)
def test_round_numbers_stand_around(values: list[float], ends: tuple[float, float]) -> None:
    np.testing.assert_allclose(around(np.array(values)), ends)
