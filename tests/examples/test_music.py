"""The reels are read as the book has them, and the example runs; where music21 is not installed, it says so."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

TUNE = """X:1
T:Test
M:2/4
L:1/16
K:D
A|d2f2 .afdf|e2^g2 (3gfe d2|dAFA dfaf|gece d4|dAFA dfaf|gece d4|dAFA dfaf|d4A3:|
"""


@pytest.fixture(scope="module")
def music() -> ModuleType:
    path = Path(__file__).parents[2] / "examples" / "music.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def strain(music: ModuleType, tmp_path: Path) -> pd.DataFrame:
    pytest.importorskip("music21", reason="the tunes are music21's: pip install 'tsgan[music]'")
    path = tmp_path / "tune.abc"
    path.write_text(TUNE, encoding="utf-8")
    (strain,) = music.read_strains(path)
    return pd.DataFrame(strain.assign(strain="1"))


def test_a_strain_has_the_notes_of_the_book(music: ModuleType, strain: pd.DataFrame) -> None:
    notes = music.as_notes(strain)
    assert notes["pitch"].tolist()[:12] == [74, 78, 81, 78, 74, 78, 76, 80, 80, 78, 76, 74]  # without the one before the bar
    assert notes["step"].tolist()[:7] == [0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.5]
    assert notes["step"].tolist()[8:11] == pytest.approx([1 / 6] * 3)
    assert notes["duration"].tolist()[:4] == [0.5, 0.5, 0.125, 0.25]  # the third is staccato
    assert notes["velocity"].tolist()[:7] == [96, 64, 80, 64, 64, 64, 96]
    assert set(notes["key"]) == {"D major"}
    assert notes["step"].sum() == 8 * 2 - 0.25  # the last bar lacks what stands before the first


def test_what_was_learned_is_at_no_distance_from_itself(music: ModuleType, strain: pd.DataFrame) -> None:
    notes = music.as_notes(strain)
    figures = music.figures(notes, notes)
    assert figures.pop("bars' first notes that are the loudest") == figures.pop("runs of eight notes that were learned") == 1
    assert figures.pop("key recovered") == 1
    assert set(figures.values()) == {0}


@pytest.mark.filterwarnings("ignore:column 'step'")  # rare in so few tunes
def test_the_example_writes_a_picture_and_midi(
    music: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    converter = pytest.importorskip("music21.converter", reason="the tunes are music21's: pip install 'tsgan[music]'")
    monkeypatch.setattr(music.shutil, "which", lambda _: None)
    music.main(["--steps", "2", "--tunes", "60", "-o", str(tmp_path / "made")])
    out = capsys.readouterr().out
    assert "key recovered" in out
    assert "no WAV files" in out
    made = tmp_path / "made"
    assert (made / "music.png").stat().st_size > 10_000
    midi = converter.parse(made / "G-major.mid", forceSource=True, storePickle=False)
    assert len(midi.flatten().notes) > 20


def test_without_music21_it_says_what_to_install(music: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "music21", None)
    with pytest.raises(SystemExit, match=r"pip install 'tsgan\[music\]'"):
        music.main([])
