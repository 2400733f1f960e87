"""Where sequences lie, and what is known of their steps."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsgan.conditions import Known, Positions, step_conditions
from tsgan.reading import read
from tsgan.schema import Schema
from tsgan.spans import Spans, Wanted, draw_spans
from tsgan.told import Features

FRAME = pd.DataFrame({"a": np.sin(np.arange(100.0))})


def schema(X: Any) -> Schema:
    return read(X).learn_schema()


def draw(X: Any, n: int, length: int | None = None, from_beginning: bool = False) -> Spans:
    return draw_spans(schema(X), n, Wanted(length), None, from_beginning, 0)


def test_lengths_are_those_seen() -> None:
    spans = draw([FRAME.iloc[:k] for k in (30, 50, 70)], 200)
    assert set(spans.lengths) == {30, 50, 70}
    assert (spans.offsets == 0).all()


def test_shorter_sequences_begin_anywhere_in_the_span_of_a_long_one() -> None:
    spans = draw(FRAME, 500, 98)
    assert set(spans.lengths) == {98}
    assert set(spans.offsets) == {0, 1, 2}


@pytest.mark.parametrize(("length", "from_beginning"), [(20, True), (300, False)], ids=["beginnings", "longer"])
def test_sequences_begin_at_the_beginning(length: int, from_beginning: bool) -> None:
    assert (draw(FRAME, 50, length, from_beginning).offsets == 0).all()


def test_starts_are_on_the_grid() -> None:
    hours = pd.date_range("2024-01-01", periods=100, freq="h")
    spans = draw(FRAME.set_index(hours), 50, 10)
    assert (pd.to_datetime(spans.starts) == hours[spans.offsets]).all()


def test_starts_on_a_calendar_are_exact_to_the_nanosecond() -> None:
    days = pd.bdate_range("2024-01-01 09:30:00.000000123", periods=100).as_unit("ns")
    spans = draw(FRAME.set_index(days), 20, 10)
    assert (pd.to_datetime(spans.starts) == days[spans.offsets]).all()


def test_the_first_spans_do_not_depend_on_how_many_follow() -> None:
    hours = pd.date_range("2024-01-01", periods=100, freq="h")
    few, many = (draw(FRAME.set_index(hours), n, 10) for n in (3, 300))
    assert many.offsets[:3].tolist() == few.offsets.tolist()
    assert many.starts[:3] == few.starts


def test_without_time_and_beginnings_there_are_no_conditions() -> None:
    assert step_conditions(None, None, np.array([3, 4]), None).shape == (7, 0)


def test_positions_run_from_minus_one_towards_one_in_each_sequence() -> None:
    position = step_conditions(None, None, np.array([4, 2]), Positions(4, varied=False))[:, 0]
    np.testing.assert_allclose(position, [-1, -0.5, 0, 0.5, -1, -0.5])


def test_of_varied_sequences_length_and_end_are_known() -> None:
    known = step_conditions(None, None, np.array([4, 2]), Positions(4, varied=True))
    np.testing.assert_allclose(known[:, 1], [1, 1, 1, 1, 0, 0])
    np.testing.assert_allclose(known[[3, 5], 2], 1)
    assert (np.diff(known[:4, 2]) > 0).all()


def test_beyond_the_longest_series_the_position_is_that_of_its_end() -> None:
    position = Positions(4, varied=True).of(0, 9, 9)
    np.testing.assert_allclose(position[4:, 0], 1.0)
    assert (np.diff(position[:5, 0]) > 0).all()


def test_phases_and_position_stand_side_by_side() -> None:
    hours = pd.date_range("2024-01-01", periods=100, freq="h")
    axis = schema(FRAME.set_index(hours)).axis
    assert step_conditions(axis, hours, np.array([100]), Positions(100, varied=False)).shape == (100, 3)


def test_conditions_of_a_stretch_are_those_of_the_whole() -> None:
    hours = pd.date_range("2024-01-01", periods=100, freq="h")
    axis, lengths, own = schema(FRAME.set_index(hours)).axis, np.array([60, 40]), np.random.default_rng(0).random((100, 2))
    assert axis is not None
    spans, positions = Spans(lengths, np.zeros(2, dtype=np.int64), [axis.starts[0]] * 2), Positions(60, varied=True)
    known = Known(axis, positions, spans, Features([own.astype(np.float32)], 2))
    whole = step_conditions(axis, hours[[*range(60), *range(40)]], lengths, positions, own.astype(np.float32))
    assert known.channels == whole.shape[1]
    np.testing.assert_allclose(np.concatenate([known.of(0, 0, 25), known.of(0, 25, 35)]), whole[:60], atol=1e-6)
    np.testing.assert_allclose(known.of(1, 10, 30), whole[70:], atol=1e-6)
    np.testing.assert_allclose(known.of(1, 39, 3)[:, -2:], np.repeat(whole[-1:, -2:], 3, 0))
