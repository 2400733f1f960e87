"""A report in MLflow: figures as metrics; the page, the table and the pictures as artifacts."""

from __future__ import annotations

import re
import tempfile
from contextlib import ExitStack
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tsgan_evaluation.report import Report

FOLDER = "evaluation"
MOST = 1000  # metrics that MLflow takes at once
FORBIDDEN = re.compile(r"[^\w./ -]")  # in a metric's name


def log_report(report: Report, real_data: bool = True) -> str:
    """As :meth:`tsgan_evaluation.Report.log_to_mlflow`."""
    import mlflow

    with ExitStack() as stack:
        run = mlflow.active_run() or stack.enter_context(mlflow.start_run())
        metrics = list(metrics_of(report).items())
        for first in range(0, len(metrics), MOST):
            mlflow.log_metrics(dict(metrics[first : first + MOST]))
        for name, side in (("real", report.pair.real), ("synthetic", report.pair.synthetic)):
            mlflow.log_input(mlflow.data.from_numpy(side.values, name=name), "evaluation")
        with tempfile.TemporaryDirectory() as folder:
            write(report, Path(folder), real_data)
            mlflow.log_artifacts(folder, FOLDER)
        return str(run.info.run_id)


def metrics_of(report: Report) -> dict[str, float]:
    """``family/metric/column`` and the same under ``floor/`` and ``floor_high/``, in names that MLflow takes."""
    metrics = {"judge_auc": report.judge_auc}
    taken = set[str]()
    for row in report.rows:
        name = "/".join(part for part in (row.family, row.metric, FORBIDDEN.sub("_", row.column).strip("/. ")) if part)
        while name in taken:  # columns whose names differ in what MLflow does not take
            name += "_"
        taken.add(name)
        metrics |= {name: row.value, f"floor/{name}": row.floor, f"floor_high/{name}": row.floor_high}
    return {name: value for name, value in metrics.items() if isfinite(value)}


def write(report: Report, folder: Path, real_data: bool = True) -> None:
    """Page, table, JSON and pictures as files of a folder that is there."""
    report.to_html(folder / "report.html", real_data)
    report.to_frame().to_csv(folder / "scores.csv", index=False)
    (folder / "report.json").write_text(report.to_json(real_data), encoding="utf-8")
    for name, figure in report.figures(real_data).items():
        figure.savefig(folder / f"{name}.png", dpi=150, bbox_inches="tight")
