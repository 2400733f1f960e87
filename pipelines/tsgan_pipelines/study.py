"""Trials of parameters: what is proposed, what a training reports, when it is ended, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import torch
from sqlalchemy.exc import DatabaseError

from tsgan import TSGAN
from tsgan.callbacks import Callback
from tsgan.exceptions import ConvergenceError, InputError, TSGANError
from tsgan.training import RECORDS, Record
from tsgan_pipelines.config import Config, read_constraints

try:
    import optuna
    from optuna.trial import FrozenTrial, TrialState
except ImportError as error:
    raise TSGANError("a sweep needs the package optuna: pip install 'tsgan[hpo]'") from error

COMPARED = 5  # whole trials from which on others are measured by them
WARM = RECORDS // 2  # shares of the budget before which nothing is pruned: distances swing until the learning rates fall
PRUNER = optuna.pruners.MedianPruner(n_startup_trials=COMPARED, n_warmup_steps=WARM)
FAILURES = (ConvergenceError, torch.OutOfMemoryError)
ERROR, HISTORY, ID = "error", "history", "id"  # attributes


@contextmanager
def open_study(path: Path, name: str) -> Iterator[optuna.Study]:
    """The study of this name in a database, begun if it is not there; optuna's messages are kept back inside.

    Raises
    ------
    InputError
        If the file is something else.
    """
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
        try:
            study = optuna.create_study(storage=storage, study_name=name, pruner=PRUNER, load_if_exists=True)
            if ID not in study.user_attrs:
                study.set_user_attr(ID, uuid4().hex)
            yield study
        finally:
            storage.remove_session()
            storage.engine.dispose()
    except DatabaseError as error:
        raise InputError(f"{str(path)!r} cannot be used as a study ({error.orig}); moved away, it is begun anew") from error
    finally:
        optuna.logging.set_verbosity(verbosity)


def search(
    config: Config, study: optuna.Study, train: pd.DataFrame, wanted: int, say: Callable[[str], None]
) -> Iterator[list[FrozenTrial]]:
    """Yield the trials, those from before first and then after each new one, until there are as many as wanted."""
    done, space, own = finished(study), config.sweep.space.dimensions, own_parameters(config)

    def objective(trial: optuna.Trial) -> float:
        parameters = {name: dimension.suggest(trial, name) for name, dimension in space.items()}
        say(f"trial {len(done) + 1} of {wanted}: {in_words(parameters)} ...")
        return _distance(config, train, trial, parameters)

    if done:
        say(f"of {wanted} trials {len(done)} are there from before")
        yield done
    while len(done) < wanted:
        # A seed for each number of trials: what is proposed does not depend on where the sweep was interrupted.
        seed = int(np.random.SeedSequence([config.sweep.seed, len(done)]).generate_state(1)[0])
        study.sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=False)
        if not done and all(dimension.holds(own[name]) for name, dimension in space.items()):
            study.enqueue_trial(own)
        study.optimize(objective, n_trials=1, catch=FAILURES)
        done = finished(study)
        say(f"    {_outcome(done[-1])}, {_least(done)}")
        yield done


def own_parameters(config: Config) -> dict[str, Any]:
    """What the config's model has for the parameters that are searched."""
    model = TSGAN(**config.model)
    return {name: getattr(model, name) for name in config.sweep.space.dimensions}


def finished(study: optuna.Study) -> list[FrozenTrial]:
    """Trials that count, in their order: an interrupted one fails too, but of no error of its own."""
    ended = study.get_trials(states=(TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL))
    return [trial for trial in ended if trial.state != TrialState.FAIL or ERROR in trial.user_attrs]


def whole(trials: list[FrozenTrial]) -> list[FrozenTrial]:
    """Those that came to their end, the best first."""
    return sorted((trial for trial in trials if trial.state == TrialState.COMPLETE), key=lambda trial: trial.values[0])


def in_words(parameters: Mapping[str, Any]) -> str:
    """Names and values, real numbers to three digits."""
    texts = {name: f"{value:.3g}" if isinstance(value, float) else str(value) for name, value in parameters.items()}
    return ", ".join(f"{name} {text}" for name, text in texts.items())


def _distance(config: Config, train: pd.DataFrame, trial: optuna.Trial, parameters: dict[str, Any]) -> float:
    """The validation distance of the model that a training ends with; its history becomes an attribute of the trial."""
    reporter = Reporter(trial)
    own = {"verbose": 0, "callbacks": [reporter], "constraints": read_constraints(config.model)}
    settings = config.model | parameters | own
    try:
        TSGAN(entity=config.data.entities or None, time=config.data.time, **settings).fit(train)
        if not np.isfinite(reporter.distance):
            raise ConvergenceError("the validation distance is not finite")
    except FAILURES as error:
        trial.set_user_attr(ERROR, str(error))
        raise
    finally:
        trial.set_user_attr(HISTORY, reporter.records)
    return reporter.distance


class Reporter(Callback):
    """Reports validation distances by the share of the budget that is spent, and ends a trial that the pruner gives up.

    Parameters
    ----------
    trial : optuna.Trial

    Attributes
    ----------
    records : list of dict
        The history.
    """

    def __init__(self, trial: optuna.Trial) -> None:
        self.trial, self.records = trial, list[dict[str, float]]()
        self._share, self._progress = 0, 0.0

    @property
    def distance(self) -> float:
        """The validation distance of the model that comes out: the last, or the least if ``patience`` has returned to it.

        The least of all would be a swing of the first steps in many trials.
        """
        distances = [record["validation_distance"] for record in self.records]
        return distances[-1] if self._progress >= 1.0 else min(distances)

    def on_record(self, model: TSGAN, record: Record, progress: float) -> bool | None:
        """Raise TrialPruned where the trial is given up."""
        self.records.append(asdict(record))
        self._progress = progress
        share = round(RECORDS * progress)  # under a limit of time, records are not one to one with shares
        if share > self._share:
            self._share = share
            self.trial.report(record.validation_distance, share)
            if self.trial.should_prune():
                raise optuna.TrialPruned
        return None


def _outcome(trial: FrozenTrial) -> str:
    if trial.state == TrialState.FAIL:
        return f"failed ({trial.user_attrs[ERROR]})"
    if trial.state == TrialState.PRUNED:
        least = min(trial.intermediate_values.values())
        return f"pruned after {(trial.last_step or 0) / RECORDS:.0%} of the budget at {least:.4f}"
    return f"validation distance {trial.values[0]:.4f}"


def _least(trials: list[FrozenTrial]) -> str:
    ended = whole(trials)
    return f"the least so far {ended[0].values[0]:.4f}" if ended else "none so far came to its end"
