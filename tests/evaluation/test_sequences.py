from dataclasses import replace

import numpy as np
import pytest

from tsgan_evaluation._validation import DataError
from tsgan_evaluation.columns import Column
from tsgan_evaluation.sequences import Sequences, halves, in_blocks, label, thin


def numbered(*lengths: int) -> Sequences:
    """Every cell is the number of its row."""
    none = np.zeros(len(lengths), np.int64)
    values = np.arange(float(sum(lengths)))[:, None]
    names = label(tuple(range(len(lengths))))
    return Sequences((Column("x", "numeric"),), values, np.array(lengths), names, none, none)


def test_windows_lie_within_their_sequences() -> None:
    x = numbered(5, 2, 4)
    rows, sequence = x.windows(3)
    assert rows.tolist() == [0, 1, 2, 7, 8]
    assert sequence.tolist() == [0, 0, 0, 2, 2]
    assert x.cut(rows, 3)[3, :, 0].tolist() == [7, 8, 9]


def test_many_sequences_stay_whole_in_blocks_of_neighbours_or_at_random() -> None:
    x = numbered(*[10] * 60)
    assert in_blocks(x, 5, None).block.tolist() == [k * 25 // 60 for k in range(60)]
    shuffled = in_blocks(x, 5, np.random.default_rng(0))
    assert sorted(shuffled.block) == sorted(in_blocks(x, 5, None).block)
    assert shuffled.lengths.tolist() == x.lengths.tolist()


def test_few_sequences_are_cut_at_the_same_times() -> None:
    x = replace(numbered(100, 50), clock=np.r_[np.arange(100.0), np.arange(50, 100.0)])
    cut = in_blocks(x, 5, None)
    assert cut.lengths.sum() == 150
    for block in np.unique(cut.block):
        times, others = (cut.take(kept).clock for kept in (cut.block == block, cut.block != block))
        assert times is not None
        assert others is not None
        assert not np.isin(times, others).any()
    assert (cut.offsets[cut.names == 1] + cut.starts[0] < 50).all()
    assert cut.offsets[0] == 0


def test_pieces_are_long_enough_for_windows() -> None:
    assert in_blocks(numbered(100), 10, None).lengths.min() >= 20
    assert len(in_blocks(numbered(15), 10, None)) == 1


def test_halves_share_no_block_and_both_span_the_time() -> None:
    x = in_blocks(numbered(1000), 10, None)
    for seed in range(5):
        a, b = halves(x, np.random.default_rng(seed))
        assert not np.intersect1d(a.values, b.values).size
        assert len(a.values) + len(b.values) == 1000
        assert abs(a.values.mean() - b.values.mean()) < 100


def test_one_block_makes_no_halves() -> None:
    with pytest.raises(DataError, match="15 rows in 1 series are too few"):
        halves(in_blocks(numbered(15), 10, None), np.random.default_rng(0))


def test_a_large_side_is_thinned_by_series_or_to_the_beginnings_of_its_pieces() -> None:
    draw = np.random.default_rng(0)
    panel = thin(in_blocks(numbered(*[10] * 100), 5, draw), 400, draw)
    assert len(panel.values) == 400
    assert set(panel.lengths) == {10}
    series = thin(in_blocks(numbered(10_000), 5, draw), 1000, draw)
    assert len(series.values) == pytest.approx(1000, abs=25)
    assert len(np.unique(series.block)) == 25
    assert (np.diff(series.values[: series.lengths[0], 0]) == 1).all()
