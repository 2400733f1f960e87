"""The job: load, hold out, fit, sample, evaluate, write, log, register if the gates pass."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from math import isnan
from pathlib import Path

import pandas as pd

from tsgan import Callback
from tsgan_pipelines import steps
from tsgan_pipelines.cache import Cache, digest_file, digest_of, digest_table
from tsgan_pipelines.config import Config
from tsgan_pipelines.documents import to_json
from tsgan_pipelines.gates import broken, check_gates
from tsgan_pipelines.metrics import GATED, computed, reasons
from tsgan_pipelines.reach import check_store
from tsgan_pipelines.sources import check_sink, write_sink

OPEN_RUN = "open_run.json"  # of a training that is not logged to its end


@dataclass(frozen=True)
class Result:
    """What a run made.

    Attributes
    ----------
    folder : Path
    scores : DataFrame
        A row for each metric and column, with floors and verdicts.
    headline : dict
        The scores that gates can name.
    reasons : list of str
        The gates that are broken; empty where the model passes.
    redone : list of str
        Steps that ran; the others' inputs had not changed.
    """

    folder: Path
    scores: pd.DataFrame
    headline: dict[str, float]
    reasons: list[str]
    redone: list[str]

    def to_json(self) -> str:
        """All of it as JSON; scores that were not computed are null."""
        return to_json(
            {
                "folder": str(self.folder),
                "refused": self.reasons,
                "redone": self.redone,
                "figures": self.headline,
                "scores": self.scores.to_dict("records"),
            }
        )

    def describe(self) -> str:
        """Scores that stand out, and whether the gates pass."""
        bad = self.scores[self.scores["verdict"].isin(["visible", "bad"])]
        shown = bad.sort_values("verdict")[["metric", "column", "value", "floor", "floor_high", "verdict"]]
        auc = self.headline["judge_auc"]
        judged = "no verdict of the feature judge" if isnan(auc) else f"feature judge AUC {auc:.3f}"
        lines = [f"{self.folder}: {judged}; of {len(self.scores)} figures {len(bad)} stand out"]
        if len(shown):
            lines.append(shown.to_string(index=False, float_format="{:.3f}".format, max_rows=20))
        return "\n".join([*lines, *([f"refused: {reason}" for reason in self.reasons] or ["the gates pass"])])


def run(
    config: Config, force: bool = False, say: Callable[[str], None] = print, table: pd.DataFrame | None = None
) -> Result:
    """Run a pipeline; steps whose inputs have not changed are not redone.

    Parameters
    ----------
    config : Config
    force : bool, default=False
        Whether to redo all.
    say : callable
        Told what is done, a line a step.
    table : DataFrame, optional
        The data, in place of what ``config.data.source`` names.

    Returns
    -------
    Result

    Raises
    ------
    TSGANError, OSError
        Before any training, where the config or the data are at fault.
    """
    check_gates(config.gates.model_dump(), GATED, computed(config.evaluation.metrics))
    if config.sample.output is not None:
        check_sink(config.sample.output, config.sample.table, config.data.source, config.data.query)
    folder = Path(config.folder)
    cache, redone = Cache(folder), list[str]()

    def step(name: str, inputs: str, outputs: list[Path], work: Callable[[], None]) -> None:
        if not force and cache.has(name, inputs, outputs):
            say(f"{name}: as before")
            return
        say(f"{name} ...")
        work()
        cache.keep(name, inputs, outputs)
        redone.append(name)

    uri, answers = config.tracking.uri, False
    if uri is not None:
        try:
            check_store(uri)
            answers = True
        except ConnectionError as error:
            say(f"tracking: {error}; the work goes on without it")

    def curves() -> list[Callback]:
        from tsgan_pipelines.tracking_live import LiveRun

        return [LiveRun(config.tracking, learned, folder / OPEN_RUN, say)]

    train, held = steps.load(config.data, table)
    say(f"load: {len(train):,} rows to learn from, {0 if held is None else len(held):,} held out")
    model, synthetic = folder / "model.safetensors", folder / "synthetic.parquet"
    learned = digest_of(version("tsgan"), config.data.entity, config.data.time, config.model, digest_table(train))
    if force:
        steps.checkpoint_of(model).unlink(missing_ok=True)
        (folder / OPEN_RUN).unlink(missing_ok=True)
    step("fit", learned, [model], lambda: steps.fit(config, train, model, curves() if answers else ()))
    series = steps.series_of(train, config.data)
    inputs = digest_of(digest_file(model), series, config.sample.model_dump(exclude={"output", "table"}))
    step("sample", inputs, [synthetic], lambda: steps.sample(config.sample, model, series, synthetic))
    evaluation = folder / "evaluation"
    judged = [evaluation / name for name in ("scores.csv", "report.html", "report.json", steps.FIGURES)]
    real = [digest_table(part) for part in (train, held) if part is not None]
    inputs = digest_of(real, digest_file(synthetic), config.evaluation.model_dump())
    step("evaluate", inputs, judged, lambda: steps.judge(config, train, held, synthetic, evaluation))
    scores = pd.read_csv(
        evaluation / "scores.csv", keep_default_na=False, na_values={"value": "", "floor": "", "floor_high": ""}
    )
    found = json.loads((evaluation / steps.FIGURES).read_text())
    broken_gates = broken(config.gates.model_dump(), found["gates"], reasons(scores))
    address = config.sample.output
    if address is not None:
        inputs = digest_of(digest_file(synthetic), address, config.sample.table)
        made = [] if "://" in address else [Path(address)]
        step("write", inputs, made, lambda: write_sink(pd.read_parquet(synthetic), address, config.sample.table))
    if uri is not None:
        from tsgan_pipelines.tracking import log_run
        from tsgan_pipelines.tracking_live import OpenRun

        begun = os.environ.get("MLFLOW_RUN_ID")  # by `mlflow run`, each time another
        inputs = digest_of([digest_file(path) for path in (model, synthetic, *judged)], config.model_dump(), begun)
        run_file, opened = folder / "run_id", folder / OPEN_RUN

        def log() -> None:
            live = OpenRun.read(opened, uri, learned)
            log_run(config, train, model, synthetic, evaluation, broken_gates, run_file, live)
            opened.unlink(missing_ok=True)

        try:
            check_store(uri)
            step("log", inputs, [run_file], log)
        except Exception as error:  # of MLflow, of its store, of the network: none of them costs the user the model
            cause = str(error) if isinstance(error, ConnectionError) else f"{type(error).__name__}: {error}"
            say(f"log: MLflow failed ({cause}); run again to retry, nothing else is redone")
    return Result(folder, scores, found["gates"], broken_gates, redone)
