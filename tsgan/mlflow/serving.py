"""A model as a function of MLflow's: what ``mlflow.pyfunc.load_model`` and ``mlflow models serve`` call."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from mlflow.environment_variables import _MLFLOW_IS_IN_SERVING_ENVIRONMENT
from mlflow.exceptions import MlflowException

from tsgan.exceptions import ParameterError, TSGANError
from tsgan.mlflow.signature import SEQUENCE
from tsgan.mlflow.tables import flat, jsonable
from tsgan.parameters import check_count
from tsgan.persistence import load

if TYPE_CHECKING:
    from tsgan.estimator import TSGAN

LIMIT = "TSGAN_MAX_ROWS"
MOST = 100_000


class Sampler:
    """The model behind ``predict``.

    Parameters
    ----------
    model : TSGAN
    most : int
        Rows that one call may ask for.
    """

    def __init__(self, model: TSGAN, most: int) -> None:
        self.model, self.most = model, most
        self._one_at_a_time = threading.Lock()  # else requests together would take as many times the memory

    def get_raw_model(self) -> TSGAN:
        """The estimator."""
        return self.model

    def predict(self, model_input: Any = None, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Sample sequences, as one flat table.

        Parameters
        ----------
        model_input : DataFrame, optional
            Conditions: a row for each sequence, or, where one varies, a row for each step with a column ``sequence``.
            Without rows they are drawn.
        params : dict, optional
            ``n``, ``length`` and ``random_state`` of :meth:`tsgan.TSGAN.sample`.

        Returns
        -------
        DataFrame
            Where the table that was learned had times and identifiers in its index, or series without identifiers, these are
            the first columns. In a scoring server cells are as JSON has them.

        Raises
        ------
        MlflowException
            INVALID_PARAMETER_VALUE (400 over HTTP) for whatever cannot be sampled, before any work is done.
        """
        n, length, random_state = ((params or {}).get(name) for name in ("n", "length", "random_state"))
        try:
            rows = None if _is_nothing(model_input) else model_input
            self._check_size(rows, n, length)
            conditions = self._conditions(rows, length)
            with self._one_at_a_time:
                sample = self.model.sample(n, length, random_state, conditions=conditions)
        except TSGANError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from error
        table = flat(self.model, sample)
        return jsonable(table) if _MLFLOW_IS_IN_SERVING_ENVIRONMENT.get() else table

    def _check_size(self, rows: Any, n: Any, length: Any) -> None:
        """Raise where more would be sampled than one call may ask for."""
        n = None if n is None else check_count("n", n, 1)
        steps = max(self.model.schema_.lengths) if length is None else check_count("length", length, 1)
        count = max(n or 1, len(rows) if isinstance(rows, pd.DataFrame) else 1)
        if self._has_steps(rows):
            count, steps = len(rows), 1
        if count * steps > self.most:
            raise ParameterError(
                f"{count * steps:,} rows are asked for, and at most {self.most:,} are given at once ({LIMIT}); ask for "
                "fewer sequences (n), or for shorter ones (length)"
            )

    def _conditions(self, rows: Any, length: int | None) -> Any:
        """Conditions under their own names; where they vary, each row that says no sequence holds for all of its steps."""
        law = self.model.law_
        if law is None or not isinstance(rows, pd.DataFrame):
            return rows
        rows = rows.rename(columns={str(name): name for name in law.names})
        if not law.varying or self._has_steps(rows):
            return rows
        if length is None:
            raise ParameterError(
                f"a row is a whole sequence here: say its length, or give a row for each step and tell sequences apart in a "
                f"column {SEQUENCE!r}"
            )
        owner = np.repeat(np.arange(len(rows)), length)
        return rows.iloc[owner].set_axis(pd.Index(owner, name=SEQUENCE))

    def _has_steps(self, rows: Any) -> bool:
        """Whether rows are single steps, told apart by a column that is none of the table's."""
        return isinstance(rows, pd.DataFrame) and SEQUENCE in rows and SEQUENCE not in self.model.schema_.names


def _is_nothing(model_input: Any) -> bool:
    """Whether there are no conditions: no input, no rows, or none that has a column."""
    if isinstance(model_input, list | dict):
        return not model_input
    return model_input is None or getattr(model_input, "size", 1) == 0


def _load_pyfunc(path: str) -> Sampler:
    """Called by MLflow with the path of the model's file."""
    return Sampler(load(path), read_limit())


def read_limit() -> int:
    """Rows that one call may ask for: ``TSGAN_MAX_ROWS``, by default 100,000.

    Raises
    ------
    ParameterError
        If the variable holds no whole number of at least 1.
    """
    text = os.environ.get(LIMIT, str(MOST))
    if not text.isdecimal() or int(text) < 1:
        raise ParameterError(
            f"the environment variable {LIMIT}={text!r} must be a whole number of at least 1, such as {MOST}"
        )
    return int(text)
