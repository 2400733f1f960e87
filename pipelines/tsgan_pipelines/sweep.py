"""A sweep: parameters compared by trainings, and the pipeline with the best."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tsgan.exceptions import ConvergenceError, InputError, ParameterError
from tsgan.parameters import check_patch_size, choose_window
from tsgan.wording import counted
from tsgan_pipelines import steps
from tsgan_pipelines.cache import digest_of, digest_table
from tsgan_pipelines.config import Config
from tsgan_pipelines.documents import to_json
from tsgan_pipelines.files import make_folder, replacing
from tsgan_pipelines.gates import check_gates
from tsgan_pipelines.metrics import GATED, computed
from tsgan_pipelines.pipeline import Result, run
from tsgan_pipelines.sources import check_sink, read_source
from tsgan_pipelines.study import ERROR, ID, in_words, open_study, own_parameters, search, whole

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from tsgan_pipelines.tracking_sweep import SweepLogger

DATABASE = "sweep.db"
BEST = "best.yaml"


@dataclass(frozen=True)
class Outcome:
    """What a sweep found.

    Attributes
    ----------
    trials : list of FrozenTrial
        In their order; those that were interrupted are left out.
    best : FrozenTrial
        Of the least validation distance.
    own : float or None
        The validation distance of the config's own parameters, where they were tried to the end.
    config : Path
        The config with the best parameters.
    result : Result
        Of the pipeline with them.
    """

    trials: list[FrozenTrial]
    best: FrozenTrial
    own: float | None
    config: Path
    result: Result

    def to_json(self) -> str:
        """All of it as JSON; ``pipeline`` is that of :meth:`tsgan_pipelines.pipeline.Result.to_json`."""
        return to_json(
            {
                "config": str(self.config),
                "distance": self.best.values[0],
                "own": self.own,
                "parameters": self.best.params,
                "trials": [
                    {"state": trial.state.name.lower(), "distance": trial.value, "parameters": trial.params}
                    for trial in self.trials
                ],
                "pipeline": json.loads(self.result.to_json()),
            }
        )

    def describe(self) -> str:
        """The best parameters, their distance beside that of the config's own, and what the pipeline says of them."""
        states = [trial.state.name for trial in self.trials]
        beside = "" if self.own is None else f"; with the config's own parameters {self.own:.4f}"
        return (
            f"{counted(len(states), 'trial')}: {states.count('PRUNED')} pruned, {states.count('FAIL')} failed\n"
            f"best validation distance {self.best.values[0]:.4f}{beside}\n"
            f"best parameters: {in_words(self.best.params)}\n"
            f"to repeat: tsgan run {self.config}\n"
            f"{self.result.describe()}"
        )


def sweep(config: Config, trials: int, say: Callable[[str], None] = print, table: pd.DataFrame | None = None) -> Outcome:
    """Try parameters, and run the pipeline with the best.

    Trials compare by the validation distance of the model that comes out of each, under the budget of ``config.model``. The
    first has the config's own parameters, if the space holds them; the others have what TPE (Bergstra et al. 2011) proposes.
    A trial that, from half of the budget on, has never been better than the median of the others is at the same share of it
    is given up. What was tried is kept in the pipeline's folder: a sweep of the same data, ``config.model`` and
    ``config.sweep`` goes on where it was left.

    Parameters
    ----------
    config : Config
    trials : int
        How many there shall be, those of earlier calls counted.
    say : callable
        Told what is done.
    table : DataFrame, optional
        The data, in place of what ``config.data.source`` names.

    Returns
    -------
    Outcome

    Raises
    ------
    TSGANError, OSError
        Before any training, where the config or the data are at fault.
    ConvergenceError
        If no trial came to its end.
    """
    check_gates(config.gates.model_dump(), GATED, computed(config.evaluation.metrics))
    data = config.data
    if config.sample.output is not None:
        check_sink(config.sample.output, config.sample.table, data.source, data.query)
    if table is None:
        table = read_source(data.source, data.query, data.time, data.entities)
    train, _ = steps.load(data, table)
    _check(config, train)
    folder = Path(config.folder)
    make_folder(folder)
    same = digest_of(version("tsgan"), data.entity, data.time, config.model, config.sweep.model_dump(), digest_table(train))
    found: list[FrozenTrial] = []
    try:
        with open_study(folder / DATABASE, same) as study:
            logger = _logger(config, study.user_attrs[ID], say)
            for found in search(config, study, train, trials, say):
                if logger is not None:
                    logger.log(found)
        best, own = _choose(found, config)
        chosen = config.model_copy(update={"model": config.model | best.params})
        with replacing(folder / BEST) as part:
            part.write_text(chosen.to_yaml())
        say("the pipeline with the best parameters:")
        result = run(chosen, say=say, table=table)
        if logger is not None:
            logger.close(folder / BEST, (folder / "run_id").read_text() if "log" in result.redone else None)
    except KeyboardInterrupt:
        say("interrupted: the trials so far are kept, and the same command goes on from there")
        raise
    return Outcome(found, best, own, folder / BEST, result)


def _choose(trials: list[FrozenTrial], config: Config) -> tuple[FrozenTrial, float | None]:
    """The best trial, and the distance of the config's own parameters."""
    ended = whole(trials)
    if not ended:
        raise ConvergenceError(
            f"none of {counted(len(trials), 'trial')} came to its end; the last: {trials[-1].user_attrs[ERROR]}"
        )
    own = own_parameters(config)
    return ended[0], next((trial.values[0] for trial in ended if trial.params == own), None)


def _logger(config: Config, study: str, say: Callable[[str], None]) -> SweepLogger | None:
    if config.tracking.uri is None:
        return None
    from tsgan_pipelines.tracking_sweep import SweepLogger

    return SweepLogger(config, study, say)


def _check(config: Config, train: pd.DataFrame) -> None:
    """Raise if trials could not be compared, or some not be trained."""
    space, data = config.sweep.space.dimensions, config.data
    if not space:
        raise InputError("sweep.space names no parameter; without it the default is searched")
    if config.model.get("validation_fraction") == 0:
        raise InputError("trials compare by windows that are held out: give model.validation_fraction more than 0")
    if "patch_size" in space:
        lengths = train.groupby(data.entities, dropna=False).size().to_numpy() if data.entities else np.array([len(train)])
        window = choose_window(config.model.get("window"), lengths)
        try:
            check_patch_size(int(space["patch_size"].high or 0), window)
        except ParameterError as error:
            raise InputError(f"sweep.space: {error}") from error
