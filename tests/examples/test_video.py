"""Clips of moving digits, at a tiny size."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

VIDEO = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "video.py"))


@pytest.mark.parametrize(("direction", "row", "column"), [("left", 3, 2), ("right", 3, 4), ("up", 2, 3), ("down", 4, 3)])
def test_digits_move_by_a_pixel_a_frame(direction: str, row: int, column: int) -> None:
    image = np.zeros((1, 8, 8))
    image[0, 3, 3] = 16
    clip = VIDEO["film"](image, np.array([direction]))[0]
    assert clip[1, row, column] == 16
    assert (clip.sum((1, 2)) == 16).all()


def test_clips_come_back_from_their_table() -> None:
    clips = np.random.default_rng(0).integers(0, 17, (3, 8, 8, 8)).astype(float)
    table = VIDEO["as_table"](clips, np.arange(3), np.array(["left", "up", "down"]))
    np.testing.assert_array_equal(VIDEO["as_clips"](table), clips)


def test_it_films_and_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    VIDEO["main"](["--steps", "2", "--images", "120", "-o", str(tmp_path)])
    with Image.open(tmp_path / "video.gif") as film:
        assert film.n_frames == 8
    assert "direction: held-out clips read right" in capsys.readouterr().out
