"""What ``mlflow run pipelines`` starts: a pipeline in the run that MLflow has begun, its files beside the data."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tsgan.exceptions import InputError, TSGANError
from tsgan_pipelines.cli.parameters import REFUSED
from tsgan_pipelines.config import Config

RELATIVE = re.compile(r"sqlite:///[^/]")


def main(data: str, text: str) -> None:
    """Run the pipeline, and exit as ``tsgan run`` does.

    Parameters
    ----------
    data : str
        Path of the table, which takes the place of ``data.source``.
    text : str
        The config as YAML; what it leaves out has its default. ``tracking.uri`` and ``tracking.experiment`` are those of
        ``mlflow run``, which it tells in the environment.
    """
    import mlflow

    from tsgan_pipelines.pipeline import run

    try:
        config = Config.parse(text, "config")
        config.data.source = data
        uri = os.environ["MLFLOW_TRACKING_URI"]
        if RELATIVE.match(uri):
            raise InputError(
                f"MLflow runs projects in their own folder, where {uri!r} is another store; say an absolute path "
                "(MLFLOW_TRACKING_URI=sqlite:////home/me/mlflow.db), or a server"
            )
        config.tracking.uri = uri
        config.tracking.experiment = mlflow.get_experiment(os.environ["MLFLOW_EXPERIMENT_ID"]).name
        os.chdir(Path(data).parent)
        result = run(config, say=lambda line: print(line, file=sys.stderr, flush=True))
    except (TSGANError, OSError) as error:
        sys.exit(f"tsgan: {error}")
    print(result.describe())
    sys.exit(REFUSED if result.reasons else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
