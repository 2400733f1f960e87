"""``tsgan demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    minutes: Annotated[float, typer.Option(min=0.01, help="Of training.")] = 2.0,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for what is made.")] = Path("tsgan-demo"),
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Learn a year of weather, sample others, draw and judge them."""
    from tsgan_pipelines.demo import run_demo

    run_demo(output, max_time=60 * minutes, seed=seed)
