"""Clips of moving digits, at a tiny size."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

VIDEO = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "video.py"))


@pytest.mark.parametrize(("direction", "row", "column"), [("left", 3, 2), ("right", 3, 4), ("up", 2, 3), ("down", 4, 3)])
def test_digits_move_by_a_pixel_a_frame(direction: str, row: int, column: int) -> None:
    image = np.zeros((1, 8, 8))
    image[0, 3, 3] = 16
    clip = VIDEO["film"](image, np.array([direction]))[0]
    assert clip[1, row, column] == 16
    assert (clip.sum((1, 2)) == 16).all()


def test_clips_come_back_from_their_table_but_for_what_the_components_leave_out() -> None:
    images = load_digits().images[:200]
    ways = np.tile(["left", "right", "up", "down"], 50)
    clips = VIDEO["film"](images, ways)
    few = PCA(16, random_state=0).fit(clips.reshape(-1, 64))
    table = VIDEO["as_table"](clips, np.arange(200) % 10, ways, few)
    back = VIDEO["as_clips"](table, few)
    assert ((back - clips) ** 2).mean() < 0.3 * clips.var()


def test_it_films_and_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    VIDEO["main"](["--steps", "2", "--images", "120", "-o", str(tmp_path)])
    with Image.open(tmp_path / "video.gif") as film:
        assert sum(1 for _ in ImageSequence.Iterator(film)) == 8
    assert "direction of clips held out" in capsys.readouterr().out
