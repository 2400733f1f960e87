"""TSGAN: learns from tables of time series and samples tables like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_feature_names, check_is_fitted

from tsgan.conditions import Positions, draw_spans, step_conditions
from tsgan.exceptions import InputError
from tsgan.parameters import (
    DEFAULT_STEPS,
    check_count,
    check_parameters,
    check_patch_size,
    choose_hidden_size,
    choose_window,
)
from tsgan.preparation import prepare
from tsgan.reading import Table, read
from tsgan.writing import write

if TYPE_CHECKING:
    from tsgan.callbacks import Callback
    from tsgan.constraints import Constraint
    from tsgan.sequences import Sequences
    from tsgan.training import Record

MANY = 20  # sequences from which on their beginnings can be learned
SHORT = 5  # windows up to which a sequence's position is a condition


class TSGAN(BaseEstimator):
    """Conditional LSTM GAN for tables of time series (WGAN-GP on levels and innovations).

    Parameters
    ----------
    entity : hashable, optional
        Column that tells the series of a panel apart.
    time : hashable, optional
        Column of times; a DatetimeIndex is recognised by itself. Without either, rows are steps.
    schema : dict, optional
        What columns are, where they are not to be taken for what they seem (``tsgan.inspect`` shows it): names to
        ``"categorical"`` (codes that are numbers), ``"numeric"`` (no levels, though few; not interpolated), ``"static"``,
        ``"identifier"``; or the scaling of numbers: ``"quantile"``, ``"standard"``, ``"minmax"``, ``"robust"``, ``"power"``,
        ``"log"``.
    constraints : sequence of Constraint, optional
        What holds in every row, and is to hold in every row sampled: see :mod:`tsgan.constraints`.
    min_entities : int, default=5
        Series in which a category must occur to be learned, where there are at least twice as many; the cells of rarer ones
        count as the commonest category, with a warning.
    window : int, optional
        Steps that the critic sees at once. By default whole sequences where all have one length of at most 48, else 24.
    hidden_size : int, optional
        Units of the LSTMs and their heads. By default 64, 96 or 128 for up to 5, up to 20 and more columns.
    patch_size : int, default=3
        Consecutive steps that make one recurrent step; fewer than a window's.
    penalty_weight : float, default=10
        Of the gradient penalty.
    moment_weight : float, default=1
        Of the matching of population moments.
    n_critic : int, default=1
        Critic steps for each generator step.
    batch_size : int, default=64
    critic_rate, generator_rate : float, default=2e-3, 1e-3
        Of Adam; constant, then falling linearly to 2 % over the second half of the budget.
    max_steps : int, optional
        Training steps. By default 5,000 where ``max_time`` is not given either.
    max_time : float, optional
        Seconds of training. A run that time has ended cannot be repeated exactly.
    validation_fraction : float, default=0.05
        Of the rows (of the series, where there are at least 20) on which no training is done, for the validation distance.
    patience : int, optional
        Rows of the history without a new best validation distance after which training ends with the best weights.
    device : str, default="auto"
        CUDA, else MPS, else CPU; or the name of a torch device.
    random_state : int, RandomState or None
        An int makes fits of the same data with ``max_steps`` repeat exactly on the same machine.
    verbose : int, default=0
        1 shows progress with losses and the time left.
    callbacks : sequence of Callback, optional

    Attributes
    ----------
    schema_ : Schema
        What each column is.
    history_ : DataFrame
        A row about every fiftieth of the budget: step, losses, penalty, Wasserstein estimate, validation distance, seconds.
    generator_ : Generator
        The averaged generator.
    encoder_ : TableEncoder
    rules_ : Reparameterisation
    window_ : int
    n_features_in_ : int
        Learned, constant and copied columns; entity and time are not counted.
    feature_names_in_ : ndarray of str
        Where the columns' names are all strings.

    References
    ----------
    Gulrajani, Ahmed, Arjovsky, Dumoulin, Courville (2017), Improved training of Wasserstein GANs.
    Mogren (2016), C-RNN-GAN. Esteban, Hyland, Ratsch (2017), Real-valued (medical) time series generation with recurrent
    conditional GANs. Adler, Lunz (2018), Banach Wasserstein GAN.

    Examples
    --------
    >>> from tsgan import TSGAN
    >>> from tsgan.datasets import make_seasonal
    >>> model = TSGAN(max_steps=2, random_state=0).fit(make_seasonal(random_state=0))
    >>> model.sample(1).shape
    (1344, 1)
    """

    def __init__(
        self,
        *,
        entity: Any = None,
        time: Any = None,
        schema: dict[Any, str] | None = None,
        constraints: Sequence[Constraint] | None = None,
        min_entities: int = 5,
        window: int | None = None,
        hidden_size: int | None = None,
        patch_size: int = 3,
        penalty_weight: float = 10.0,
        moment_weight: float = 1.0,
        n_critic: int = 1,
        batch_size: int = 64,
        critic_rate: float = 2e-3,
        generator_rate: float = 1e-3,
        max_steps: int | None = None,
        max_time: float | None = None,
        validation_fraction: float = 0.05,
        patience: int | None = None,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
        callbacks: Sequence[Callback] | None = None,
    ) -> None:
        self.entity = entity
        self.time = time
        self.schema = schema
        self.constraints = constraints
        self.min_entities = min_entities
        self.window = window
        self.hidden_size = hidden_size
        self.patch_size = patch_size
        self.penalty_weight = penalty_weight
        self.moment_weight = moment_weight
        self.n_critic = n_critic
        self.batch_size = batch_size
        self.critic_rate = critic_rate
        self.generator_rate = generator_rate
        self.max_steps = max_steps
        self.max_time = max_time
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        self.callbacks = callbacks

    def __sklearn_tags__(self) -> Any:
        """Missing cells are welcome, and so are panels as 3-D arrays."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags

    def fit(self, X: Any, y: object = None) -> Self:
        """Learn from sequences; ``X`` is not changed.

        Parameters
        ----------
        X : DataFrame, list of DataFrame, ndarray of shape (B, T, C) or (rows, C)
            A frame is one long series, or a panel with ``entity=``: numbers, dates, durations, categories, texts of few
            kinds and booleans, missing cells allowed. Arrays hold numbers.
        y : None
            Ignored.

        Returns
        -------
        TSGAN
            Itself.

        Raises
        ------
        ValueError, TypeError
            Of the classes of :mod:`tsgan.exceptions`, before any training: what was found where, and what to do.
        """
        check_parameters(self)
        table = read(X, self.entity, self.time)
        window = choose_window(self.window, table.lengths)
        check_patch_size(self.patch_size, window)
        seeds = check_random_state(self.random_state).randint(2**31 - 1, size=3)
        prepared = prepare(table, self.constraints or (), self.min_entities, int(seeds[0]), self.schema)
        self.schema_, self.rules_, self.encoder_ = prepared
        self.window_ = window
        self.from_beginning_ = len(table.lengths) >= MANY and table.lengths.max() <= SHORT * window
        self.n_features_in_ = table.frame.shape[1]
        named = X if isinstance(X, pd.DataFrame) else table.frame
        if len({isinstance(name, str) for name in named.columns}) == 1:  # scikit-learn has no word for names of mixed types
            _check_feature_names(self, named, reset=True)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self._stream = np.random.default_rng(seeds[1])
        self._train(self._encode(table), int(seeds[2]))
        return self

    def sample(self, n: int = 1, length: int | None = None, random_state: int | None = None) -> Any:
        """Make synthetic sequences.

        Parameters
        ----------
        n : int, default=1
            Number of sequences.
        length : int, optional
            Steps of each. By default as long as those given to ``fit``. Shorter ones of a long series begin anywhere in
            its span.
        random_state : int, optional
            The same sample each time; by default samples go on along the stream that ``fit`` seeded.

        Returns
        -------
        DataFrame, list of DataFrame or ndarray
            In the form of ``X``, rows of each sequence in their order of time. Where ``X`` was one series, ``n=1`` gives
            one like it, and other ``n`` an outer index level ``sequence`` (a leading axis for arrays).

        Raises
        ------
        NotFittedError, ParameterError
        """
        check_is_fitted(self, "generator_")
        n = check_count("n", n, 0)
        if length is not None:
            length = check_count("length", length, 1)
        seed = int(self._stream.integers(2**31)) if random_state is None else check_count("random_state", random_state, 0)
        from tsgan.sampling import sample_channels

        spans = draw_spans(self.schema_, n, length, self.from_beginning_, seed)
        channels = sample_channels(self.generator_, self.schema_.axis, spans, self._positions, seed)
        timeline = spans.timeline(self.schema_.axis)
        names = [self.schema_.names[k] for k in self.schema_.encoded]
        encoded = self.rules_.undo(self.encoder_.inverse_transform(*channels, timeline), timeline.begins, names)
        return write(self.schema_, encoded, spans.lengths, spans.starts, seed)

    def score(self, X: Any, y: object = None) -> float:
        """Minus the sliced Wasserstein distance, in the critic's space, between windows of ``X`` and synthetic ones.

        Parameters
        ----------
        X : as for ``fit``
            At most 1,000 of its windows are used, evenly spaced.
        y : None
            Ignored.

        Returns
        -------
        float
            At most 0; closer to 0 is better. A given model and ``X`` always score the same.

        Raises
        ------
        NotFittedError, InputError
        """
        check_is_fitted(self, "generator_")
        from tsgan.fitting import window_distance

        table = self._read_alike(X)
        choose_window(self.window_, table.lengths)
        return -window_distance(self.generator_, self._encode(table), self.window_, self.from_beginning_)

    def save(self, path: str | Path) -> None:
        """Write the model to one safetensors file: weights, quantile knots, schema; no row of the data, no pickle."""
        check_is_fitted(self, "generator_")
        from tsgan.persistence import save_model

        save_model(self, path)

    def _train(self, sequences: Sequences, seed: int) -> None:
        """Train the generator, with the callbacks."""
        from tsgan.callbacks import Progress
        from tsgan.device import choose_device
        from tsgan.fitting import fit_generator
        from tsgan.training import Options

        options = Options(
            window=self.window_,
            batch_size=self.batch_size,
            max_steps=DEFAULT_STEPS if self.max_steps is None and self.max_time is None else self.max_steps,
            max_time=self.max_time,
            critic_rate=self.critic_rate,
            generator_rate=self.generator_rate,
            n_critic=self.n_critic,
            penalty_weight=self.penalty_weight,
            moment_weight=self.moment_weight,
            from_beginning=self.from_beginning_,
            patience=self.patience,
        )
        hidden_size = choose_hidden_size(self.hidden_size, self.encoder_.layout_.n_learned)
        callbacks = [*(self.callbacks or ()), *([Progress()] if self.verbose else [])]

        def on_record(record: Record, progress: float) -> bool:
            answers = [callback.on_record(self, record, progress) for callback in callbacks]
            return any(answers)

        for callback in callbacks:
            callback.on_fit_begin(self)
        self.generator_, records = fit_generator(
            sequences,
            options,
            hidden_size,
            self.patch_size,
            self.validation_fraction,
            choose_device(self.device),
            seed,
            on_record,
        )
        self.history_ = pd.DataFrame([asdict(record) for record in records])
        for callback in callbacks:
            callback.on_fit_end(self)

    def _read_alike(self, X: Any) -> Table:
        """A table with the columns that were learned."""
        table = read(X, self.entity, self.time)
        if table.frame.shape[1] != self.n_features_in_:
            raise InputError(
                f"X has {table.frame.shape[1]} features, but TSGAN is expecting {self.n_features_in_} features as input"
            )
        if list(table.frame.columns) != self.schema_.names:
            raise InputError(f"X has the columns {list(table.frame.columns)}; the model has learned {self.schema_.names}")
        table.learn_schema()
        return table

    def _encode(self, table: Table) -> Sequences:
        """Channels, flags and conditions of a table."""
        import torch

        from tsgan.sequences import Sequences, padded

        timeline = table.timeline(self.schema_.axis)
        learned = self.rules_.apply(table.frame.iloc[:, self.schema_.encoded], timeline.begins)
        values, flags = self.encoder_.transform(learned, timeline)
        conditions = step_conditions(self.schema_.axis, table.times, table.lengths, self._positions)
        sequences = Sequences(
            torch.as_tensor(values),
            torch.as_tensor(flags),
            torch.as_tensor(conditions),
            torch.ones(len(values), dtype=torch.bool),
            torch.as_tensor(table.starts),
            torch.as_tensor(table.lengths),
            self.encoder_.layout_,
        )
        return padded(sequences, self.window_)

    @property
    def _positions(self) -> Positions | None:
        """Positions as conditions, where sequences have beginnings."""
        lengths = self.schema_.lengths
        return Positions(max(lengths), varied=min(lengths) < max(lengths)) if self.from_beginning_ else None
