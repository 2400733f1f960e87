"""Digits drawn row by row, at a tiny size."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

DIGITS = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "digits.py"))


def test_images_come_back_from_their_table() -> None:
    images = load_digits().images[:20]
    np.testing.assert_array_equal(DIGITS["as_images"](DIGITS["as_table"](images, np.arange(20) % 10)), images)


def test_it_draws_and_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    DIGITS["main"](["--steps", "2", "--images", "100", "-o", str(tmp_path / "new")])
    assert (tmp_path / "new" / "digits.png").read_bytes().startswith(b"\x89PNG")
    assert "read as what was asked for" in capsys.readouterr().out
