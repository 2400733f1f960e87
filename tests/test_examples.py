"""Every example runs, at a tiny size, and those in the documentation print what stands there."""

import doctest
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OWN = {path.stem for path in (ROOT / "tests" / "examples").glob("test_*.py")}  # tests of single examples
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.py") if f"test_{path.stem}" not in OWN)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(max_steps=2)
    assert capsys.readouterr().out


def test_the_examples_of_preprocessing_print_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    path = ROOT / "docs" / "preprocessing.md"
    blocks = re.findall("```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, path.name, str(path), 0)
    assert len(examples.examples) > len(blocks)
    failed = doctest.DocTestRunner().run(examples).failed
    assert not failed, capsys.readouterr().out
