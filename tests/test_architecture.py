"""The direction of the imports, and what an import may cost."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "tsgan": ROOT / "tsgan",
    "tsgan_evaluation": ROOT / "evaluation" / "tsgan_evaluation",
    "tsgan_pipelines": ROOT / "pipelines" / "tsgan_pipelines",
}


def imported(node: ast.AST, *, inside_functions: bool) -> Iterator[str]:
    """Top-level names of the packages that the code under ``node`` imports absolutely."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and not child.level:
            yield child.module.partition(".")[0]
        elif inside_functions or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imported(child, inside_functions=inside_functions)


def importers(package: str, forbidden: set[str], *, inside_functions: bool) -> list[str]:
    """Files of ``package`` that import any of ``forbidden``."""
    paths = sorted(PACKAGES[package].rglob("*.py"))
    assert paths, f"no source of {package} below {PACKAGES[package]}"
    trees = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    return [name for name, tree in trees.items() if forbidden & {*imported(tree, inside_functions=inside_functions)}]


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [("tsgan", {"tsgan_evaluation", "tsgan_pipelines"}), ("tsgan_evaluation", {"tsgan", "tsgan_pipelines"})],
)
def test_lower_packages_never_import_the_ones_above_or_beside_them(package: str, forbidden: set[str]) -> None:
    assert importers(package, forbidden, inside_functions=True) == []


def test_the_sweep_alone_knows_optuna() -> None:
    importing = [name for package in PACKAGES for name in importers(package, {"optuna"}, inside_functions=True)]
    assert importing == [f"pipelines/tsgan_pipelines/{name}.py" for name in ("space", "study", "sweep", "tracking_sweep")]


@pytest.mark.parametrize("package", PACKAGES)
def test_heavy_packages_are_imported_only_when_first_used(package: str) -> None:
    importing = importers(package, {"mlflow", "ray", "opacus"}, inside_functions=False)
    assert [name for name in importing if not name.startswith(("tsgan/mlflow/", "pipelines/tsgan_pipelines/tracking"))] == []


def test_the_flavour_alone_knows_mlflow() -> None:
    importing = importers("tsgan", {"mlflow"}, inside_functions=True)
    assert importing
    assert all(name.startswith("tsgan/mlflow/") for name in importing)


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("tsgan", {"torch", "mlflow", "matplotlib", "optuna"}),
        ("tsgan_evaluation", {"torch", "mlflow", "matplotlib", "plotly", "jinja2"}),
        ("tsgan_pipelines.cli", {"torch", "mlflow", "matplotlib", "pandas", "sklearn", "optuna"}),
    ],
)
def test_importing_loads_nothing_heavy(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted({heavy!r} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.split() == []
