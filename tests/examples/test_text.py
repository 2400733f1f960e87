"""Lines of characters, at a tiny size."""

import runpy
from pathlib import Path

import numpy as np
import pytest

TEXT = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "text.py"))


def test_n_grams_are_counted_within_lines() -> None:
    lines = TEXT["as_lines"]("ab" * 24)  # two lines
    bigrams = TEXT["counts"](lines, 2)
    assert bigrams[0 * 27 + 1] == 2 * 12
    assert bigrams[1 * 27 + 0] == 2 * 11
    assert bigrams.sum() == 2 * 23


def test_a_chain_has_the_n_grams_of_its_order_and_no_more() -> None:
    lines = TEXT["as_lines"](TEXT["read_novel"]())
    random = np.random.default_rng(0)
    assert TEXT["divergence"](lines, lines, 3) < 0.03
    by_letters, by_bigrams = (TEXT["chain"](lines, n, random) for n in (1, 2))
    assert TEXT["divergence"](lines, by_bigrams, 2) < 0.02 < 0.5 < TEXT["divergence"](lines, by_letters, 2)
    assert TEXT["divergence"](lines, by_bigrams, 3) > 0.5


def test_it_writes_and_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    TEXT["main"](["--steps", "2", "--lines", "200", "-o", str(tmp_path)])
    written = (tmp_path / "text.txt").read_text(encoding="utf-8").splitlines()
    assert [len(line) for line in written] == [24] * 200
    assert "synthetic" in capsys.readouterr().out
