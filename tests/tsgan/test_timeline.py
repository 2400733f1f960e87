"""Rows stand in their sequences and on one clock."""

import numpy as np

from tsgan.timeline import Timeline


def test_sequences_are_counted_from_their_first_steps() -> None:
    timeline = Timeline.counted(np.array([3, 0, 2]), np.array([7, 1, 10]))
    assert timeline.begins.tolist() == [True, False, False, True, False]
    assert timeline.clock.tolist() == [7, 8, 9, 10, 11]
    assert Timeline.counted(np.array([0]), np.array([0])).breaks.tolist() == []


def test_gaps_and_beginnings_are_breaks() -> None:
    timeline = Timeline(np.array([True, False, False, True, False]), np.array([7, 8, 10, 11, 12]))
    assert timeline.breaks.tolist() == [True, False, True, True, False]


def test_each_row_knows_the_first_of_its_sequence() -> None:
    timeline = Timeline.counted(np.array([3, 0, 2]), np.array([7, 1, 10]))
    assert timeline.first.tolist() == [0, 3]
    assert timeline.origin.tolist() == [0, 0, 0, 3, 3]
