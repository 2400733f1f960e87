"""``tsgan serve``."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="A model that `tsgan fit` wrote, or an address of MLflow's: models:/name@champion, runs:/..., a folder.",
            show_default=False,
        ),
    ],
    host: Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0 for all of the machine's.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 5000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer, each with the model in memory.")] = 1,
) -> None:
    """Serve a model over HTTP, by MLflow's own server; TSGAN_MAX_ROWS limits what a request may ask for."""
    from tsgan_pipelines.serving import serve as serve_model

    serve_model(model, host, port, workers)
