"""TSGAN: learns from tables of time series and samples tables like them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_feature_names, check_is_fitted

from tsgan.alike import read_alike
from tsgan.classification import Said
from tsgan.conditions import Positions
from tsgan.exceptions import ParameterError
from tsgan.given import Given, read_given
from tsgan.parameters import check_count, check_parameters, check_patch_size, choose_window
from tsgan.preparation import prepare
from tsgan.reading import Table, read
from tsgan.replacing import check_place
from tsgan.spans import Spans, draw_spans, read_span
from tsgan.stream import Stream, check_streamable

if TYPE_CHECKING:
    from tsgan.callbacks import Callback
    from tsgan.checkpoint import Checkpoint
    from tsgan.constraints import Constraint
    from tsgan.fitted import Fitted
    from tsgan.preprocessing import TableEncoder
    from tsgan.sequences import Sequences

MANY = 20  # sequences from which on their beginnings can be learned
SHORT = 5  # windows up to which a sequence's position is a condition


class TSGAN(BaseEstimator):
    """Conditional recurrent GAN for tables of time series, on levels and innovations: an LSTM with WGAN-GP by default.

    Parameters
    ----------
    entity : hashable, or list or tuple of hashable, optional
        Column or index level that tells the series of a panel apart; or several, whose combinations do (a site and a
        device). Each series sampled has a new identifier in every one of them, so that series of one site do not share it
        in a sample. By default the levels of a MultiIndex but the time.
    time : hashable, optional
        Column or index level of times; a DatetimeIndex is recognised by itself, a level of dates too. Without either, rows
        are steps.
    conditions : sequence of hashable, optional
        Columns that ``sample`` may be asked for: constant within each series or not, without missing cells. The others are
        learned given them, and they by themselves: where they vary in time, in a quarter of the steps (a fifth of the time)
        besides.
    static : sequence of hashable, optional
        Columns that are constant within each series. They are recognised by themselves; what is named here is checked, and
        never taken for a part of the time. Real numbers and dates of them do not come out again, unless said to be
        ``"categorical"`` or on a grid with no more cells than there are series.
    calendar : {"auto"} or sequence of {"day", "week", "year", "holidays:REGION"}, default="auto"
        Phases of local time that are conditions by themselves. By default those of which the data has three (years: nearly
        one) and four steps in each. A single year tells season and chance apart badly: leave ``"year"`` out where
        futures are wanted. Public holidays of a country or a part of it (``"holidays:US-NY"``) need ``tsgan[holidays]``.
    schema : dict, optional
        What columns are, where they are not to be taken for what they seem (``tsgan.inspect`` shows it): names to
        ``"categorical"`` (codes that are numbers), ``"numeric"`` (no levels, though few; not interpolated),
        ``"identifier"`` (texts, whole numbers); or the scaling of numbers that vary: ``"quantile"``, ``"standard"``,
        ``"minmax"``, ``"robust"``, ``"power"``, ``"log"``.
    constraints : sequence of Constraint, optional
        What holds in every row, and is to hold in every row sampled: see :mod:`tsgan.constraints`.
    min_entities : int, default=5
        Series in which a category must occur to be learned, where there are at least twice as many; the cells of rarer ones
        count as the commonest category, with a warning.
    window : int, optional
        Steps that the critic sees at once. By default whole sequences where all have one length of at most 48, else 24.
    hidden_size : int, optional
        Units of the recurrent networks and their heads. By default 64, 96 or 128 for up to 5, up to 20 and more columns.
    patch_size : int, default=3
        Consecutive steps that make one recurrent step; fewer than a window's.
    cell : {"lstm", "gru"}, default="lstm"
        Of generator and critic.
    loss : {"wgan-gp", "wgan", "minimax", "non-saturating", "least-squares", "hinge", "relativistic"}, default="wgan-gp"
        The adversarial loss, see :mod:`tsgan.losses`; ``"wgan"`` clips the critic's weights to [-.05, .05].
    penalty : {"auto", "two-sided", "one-sided", "r1r2"} or None, default="auto"
        On the critic's slope: to be 1, to be at most 1, or to be 0 at real and at generated sequences (R1 and R2), see
        :mod:`tsgan.penalties`. By default ``"two-sided"`` for ``"wgan-gp"``, ``"r1r2"`` for ``"relativistic"`` and none for
        other losses.
    penalty_weight : float, default=10
        Of the penalty.
    minibatch_discrimination : bool or int, default=False
        Whether the critic also sees how near a sequence is to the others of its batch, by 16 kernels or so many (Salimans et
        al. 2016); with losses that have no penalty.
    spectral_norm : bool, default=False
        Whether the critic's linear layers are divided by their largest singular value (Miyato et al. 2018).
    moment_weight : float, default=1
        Of the matching of population moments.
    n_critic : int, default=1
        Critic steps for each generator step.
    batch_size : int, default=64
    optimizer : {"adam", "sgd", "rmsprop"} or callable, default="adam"
        Of both networks; a callable takes ``(params, lr)`` and gives back a ``torch.optim.Optimizer`` with one group:
        ``torch.optim.AdamW``, or ``lambda params, lr: torch.optim.SGD(params, lr, momentum=0.5)``. It is not saved.
    critic_rate, generator_rate : float, default=2e-3, 1e-3
        Of the optimiser; constant, then falling linearly to 2 % over the second half of the budget.
    max_grad_norm : float, optional
        Longer gradients, each of the two networks', are shortened to this norm.
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
    checkpoint : str or Path, optional
        File that a fit keeps while it trains, at most every 30 seconds and when it is interrupted. The same fit (data,
        parameters, device, version) finds it and goes on, to the same model on the same machine if ``max_steps`` ends it; at
        its end the file is removed. Callbacks hear of new records only. It holds no row of the data, but the critic, which
        has seen them: do not give it away.

    Attributes
    ----------
    schema_ : Schema
        What each column is.
    history_ : DataFrame
        A row about every fiftieth of the budget: ``step``; ``critic_loss``, ``generator_loss``, ``penalty``,
        ``wasserstein`` (the critic's estimate) and ``moments``, means since the last row; ``validation_distance`` of the
        averaged generator; ``seconds`` from the beginning; ``critic_gradient`` and ``generator_gradient``, norms of the
        gradients of all weights at this step; ``steps_per_second`` since the last row.
    generator_ : Generator
        The averaged generator.
    encoder_ : TableEncoder
    rules_ : Reparameterisation
    law_ : ConditionLaw or None
        Of the conditions.
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
        conditions: Sequence[Any] | None = None,
        static: Sequence[Any] | None = None,
        calendar: str | Sequence[str] = "auto",
        schema: dict[Any, str] | None = None,
        constraints: Sequence[Constraint] | None = None,
        min_entities: int = 5,
        window: int | None = None,
        hidden_size: int | None = None,
        patch_size: int = 3,
        cell: str = "lstm",
        loss: str = "wgan-gp",
        penalty: str | None = "auto",
        penalty_weight: float = 10.0,
        minibatch_discrimination: bool | int = False,
        spectral_norm: bool = False,
        moment_weight: float = 1.0,
        n_critic: int = 1,
        batch_size: int = 64,
        optimizer: str | Callable[..., Any] = "adam",
        critic_rate: float = 2e-3,
        generator_rate: float = 1e-3,
        max_grad_norm: float | None = None,
        max_steps: int | None = None,
        max_time: float | None = None,
        validation_fraction: float = 0.05,
        patience: int | None = None,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
        callbacks: Sequence[Callback] | None = None,
        checkpoint: str | Path | None = None,
    ) -> None:
        self.entity = entity
        self.time = time
        self.conditions = conditions
        self.static = static
        self.calendar = calendar
        self.schema = schema
        self.constraints = constraints
        self.min_entities = min_entities
        self.window = window
        self.hidden_size = hidden_size
        self.patch_size = patch_size
        self.cell = cell
        self.loss = loss
        self.penalty = penalty
        self.penalty_weight = penalty_weight
        self.minibatch_discrimination = minibatch_discrimination
        self.spectral_norm = spectral_norm
        self.moment_weight = moment_weight
        self.n_critic = n_critic
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.critic_rate = critic_rate
        self.generator_rate = generator_rate
        self.max_grad_norm = max_grad_norm
        self.max_steps = max_steps
        self.max_time = max_time
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        self.callbacks = callbacks
        self.checkpoint = checkpoint

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
            A frame is one long series, or a panel with ``entity=`` or a MultiIndex: numbers, dates, durations, categories,
            texts of few kinds and booleans, missing cells allowed. Arrays hold numbers.
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
        ConvergenceError
            If the training collapses again and again. It goes back three times, with a ``ConvergenceWarning`` of
            scikit-learn's and half the learning rates.
        TrainingInterrupted
            A KeyboardInterrupt, where there is a ``checkpoint``.
        """
        check_parameters(self)
        if self.checkpoint is not None:
            check_place(Path(self.checkpoint), "checkpoint ")
        table = read(X, self.entity, self.time)
        window = choose_window(self.window, table.lengths)
        check_patch_size(self.patch_size, window)
        seeds, checkpoint = check_random_state(self.random_state).randint(2**31 - 1, size=3), None
        if self.checkpoint is not None:
            from tsgan.checkpoint import Checkpoint
            from tsgan.device import choose_device

            checkpoint = Checkpoint.of(self, X, choose_device(self.device), seeds)
            seeds = checkpoint.seeds
        prepared = prepare(
            table,
            self.constraints or (),
            self.min_entities,
            int(seeds[0]),
            Said(self.schema, self.static, self.conditions, self.calendar),
        )
        self.schema_, self.rules_, self.encoder_, conditions = prepared
        self.window_ = window
        self.from_beginning_ = len(table.lengths) >= MANY and table.lengths.max() <= SHORT * window
        self.n_features_in_ = table.frame.shape[1]
        named = X if isinstance(X, pd.DataFrame) else table.frame
        if len({isinstance(name, str) for name in named.columns}) == 1:  # scikit-learn has no word for names of mixed types
            _check_feature_names(self, named, reset=True)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self._stream = np.random.default_rng(seeds[1])
        with nullcontext() if checkpoint is None else checkpoint.kept():
            self._train(table, conditions, int(seeds[2]), checkpoint)
        return self

    def sample(
        self,
        n: int | None = None,
        length: int | None = None,
        random_state: int | None = None,
        *,
        conditions: pd.DataFrame | Mapping[Any, Any] | None = None,
        extrapolate: bool = False,
        start: Any = None,
        index: Any = None,
        given: Any = None,
    ) -> Any:
        """Make synthetic sequences.

        Parameters
        ----------
        n : int, optional
            Number of sequences; by default 1, or as many as there are conditions. Of futures, for each history.
        length : int, optional
            Steps of each. By default as long as those given to ``fit``. Shorter ones of a long series begin anywhere in
            its span.
        random_state : int, optional
            The same sample each time; by default samples go on along the stream that ``fit`` seeded.
        conditions : DataFrame or mapping, optional
            Columns named by ``TSGAN(conditions=...)``; they come back as they are given. All of them, or some that are
            constant within each sequence: the others are then drawn given these. A mapping of names to single values holds
            for all sequences. A frame has a row for each sequence where all conditions are constant within
            one; where some vary, or rows share a sequence, a row for each step, with the entity columns or a column or index
            level ``sequence`` where there are several, and perhaps with times. By default conditions are drawn as they were
            seen.
        extrapolate : bool, default=False
            Whether conditions may be numbers outside the range seen.
        start : timestamp or number, optional
            First time of all sequences; on a calendar (month ends) the next time of it. By default drawn from those seen.
            Text without an offset is local time where the times seen have a zone.
        index : DatetimeIndex, Index or Series, optional
            Times of each sequence, in place of ``start`` and ``length``; they must follow the grid seen.
        given : as for ``fit``, optional
            Histories of one row or more to go on from, each for ``length`` steps in ``n`` ways; the last 240 rows are
            read. Of conditions that vary, the futures are to be said, history by history; constant ones are known.
            Sequences with beginnings are given from theirs on.

        Returns
        -------
        DataFrame, list of DataFrame or ndarray
            In the form of ``X``, rows of each sequence in their order of time. Where ``X`` was one series, ``n=1`` gives
            one like it, and other ``n`` an outer index level ``sequence`` (a leading axis for arrays). Futures are without
            their pasts, under their identifiers, with an outer index level ``path``; arrays have the shape
            (n, length, C) or (B, n, length, C).

        Raises
        ------
        NotFittedError, ParameterError, InputError
        """
        check_is_fitted(self, "generator_")
        if given is None:
            spans, asked, seed = self._wanted(n, length, random_state, conditions, extrapolate, start, index, at_once=True)
            from tsgan.generation import sample_sequences

            return sample_sequences(self._fitted, spans, asked, seed)
        if start is not None or index is not None:
            raise ParameterError("given= goes on where the histories end; leave start= and index= out")
        n = 1 if n is None else check_count("n", n, 1)
        if length is None:
            raise ParameterError("given= needs length=: how many steps to go on")
        length = check_count("length", length, 1)
        from tsgan.generation import sample_futures

        seed, table = self._seed(random_state), self._read_alike(given)
        return sample_futures(self._fitted, table, n, length, conditions, extrapolate, seed)

    def stream(
        self,
        n: int | None = None,
        length: int | None = None,
        random_state: int | None = None,
        *,
        chunk: int = 100_000,
        conditions: pd.DataFrame | Mapping[Any, Any] | None = None,
        extrapolate: bool = False,
        start: Any = None,
        index: Any = None,
    ) -> Stream:
        """Make a sample that need not fit into memory: frame by frame, in the order of its rows.

        What is asked for is checked at once, rows are made when they are iterated over, as often as one likes. One below the
        other the frames are what :meth:`sample` gives for the same ``random_state``, cell by cell. Futures are not streamed.

        Parameters
        ----------
        n, length, random_state, conditions, extrapolate, start, index
            As for :meth:`sample`.
        chunk : int, default=100_000
            Rows of a frame, the last one has the rest; some more or fewer where a column is interpolated.

        Returns
        -------
        Stream
            Iterable of DataFrame; ``rows`` is the number of all rows. Where ``X`` was a list or arrays (their columns are
            named "0", "1", ...), an outer index level ``sequence`` tells sequences apart, but for one 2-D array.

        Raises
        ------
        NotFittedError, ParameterError, InputError

        Examples
        --------
        >>> from tsgan import TSGAN
        >>> from tsgan.datasets import make_seasonal
        >>> model = TSGAN(max_steps=2, random_state=0).fit(make_seasonal(random_state=0))
        >>> [len(frame) for frame in model.stream(length=2500, chunk=1000)]
        [1000, 1000, 500]
        """
        check_is_fitted(self, "generator_")
        chunk = check_count("chunk", chunk, 1)
        spans, asked, seed = self._wanted(n, length, random_state, conditions, extrapolate, start, index, at_once=False)
        rows = int(spans.lengths.sum())
        if rows > chunk:
            check_streamable(self.schema_)
        from tsgan.generation import stream_sequences

        return Stream(rows, partial(stream_sequences, self._fitted, spans, asked, seed, chunk))

    def impute(self, X: Any, n: int | None = None, random_state: int | None = None) -> Any:
        """Fill missing cells with draws given what is there, on both sides of a gap and beside it.

        Parameters
        ----------
        X : as for ``fit``
            With the columns that were learned; it need not be what was learned from.
        n : int, optional
            Number of completed tables, for multiple imputation: what differs between them is how little is known.
        random_state : int, optional
            The same draws each time.

        Returns
        -------
        As ``X``, or a list of ``n`` such
            Cells that are there stay as they are. Of copies, columns that are constant within a series and columns read off
            the clock the missing cells are those that the others tell.

        Raises
        ------
        NotFittedError, ParameterError
        InputError
            If a series has no cell of a column that had none missing in ``fit``, or what is missing cannot be made:
            conditions, identifiers, columns under ``Increasing``, single columns of another rule.

        Examples
        --------
        >>> import numpy as np
        >>> from tsgan import TSGAN
        >>> from tsgan.datasets import make_seasonal
        >>> X = make_seasonal(random_state=0)
        >>> model = TSGAN(max_steps=2, random_state=0).fit(X)
        >>> X.iloc[100:120, 0] = np.nan
        >>> int(model.impute(X, random_state=0).isna().sum().sum())
        0
        """
        check_is_fitted(self, "generator_")
        from tsgan.imputation import as_given, completed

        draws = 1 if n is None else check_count("n", n, 1)
        seed, table = self._seed(random_state), self._read_alike(X)
        tables = [as_given(X, table, frame) for frame in completed(self._fitted, table, draws, seed)]
        return tables[0] if n is None else tables

    def _wanted(
        self,
        n: int | None,
        length: int | None,
        random_state: int | None,
        conditions: pd.DataFrame | Mapping[Any, Any] | None,
        extrapolate: bool,
        start: Any,
        index: Any,
        at_once: bool,
    ) -> tuple[Spans, Given | None, int]:
        """Where the sequences lie, their conditions where these are given, and the seed."""
        n = None if n is None else check_count("n", n, 0)
        length = None if length is None else check_count("length", length, 1)
        wanted, asked = read_span(self.schema_.axis, length, start, index), None
        if conditions is not None:
            asked = read_given(self.schema_, self.law_, conditions, n, wanted.length, extrapolate, in_part=True)
            n = asked.n
        seed = self._seed(random_state)
        n = 1 if n is None else n
        return draw_spans(self.schema_, n, wanted, asked, self.from_beginning_, seed, at_once), asked, seed

    def _seed(self, random_state: int | None) -> int:
        """The user's, or the next of the model's stream."""
        return int(self._stream.integers(2**31)) if random_state is None else check_count("random_state", random_state, 0)

    @property
    def _fitted(self) -> Fitted:
        from tsgan.fitted import Fitted

        return Fitted(self.schema_, self.rules_, self.encoder_, self.law_, self._positions, self.generator_)

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
        from tsgan.continuation import filled
        from tsgan.fitting import window_distance

        table = filled(self._read_alike(X), self.schema_)
        choose_window(self.window_, table.lengths)
        return -window_distance(self.generator_, self._encode(table), self.window_, self.from_beginning_)

    def save(self, path: str | Path) -> None:
        """Write the model to one file: weights, quantile knots, schema; no row of the data, no pickle.

        Parameters
        ----------
        path : str or Path
            It must end in ``.safetensors``; what stands there is replaced once all is written.

        Raises
        ------
        NotFittedError
        InputError
            If it ends otherwise, or a column's name is neither text nor a number.
        OSError
            If it cannot be written.
        """
        check_is_fitted(self, "generator_")
        from tsgan.persistence import save_model

        save_model(self, path)

    def _train(self, table: Table, conditions: TableEncoder | None, seed: int, checkpoint: Checkpoint | None) -> None:
        """Train the generator, after the law of the conditions if any."""
        from tsgan.trainer import train

        train(self, table, conditions, seed, checkpoint)

    def _read_alike(self, X: Any) -> Table:
        return read_alike(self.schema_, X, self.entity, self.time)

    def _encode(self, table: Table) -> Sequences:
        """What is trained on."""
        from tsgan.encoding import encode

        return encode(table, self.schema_, self.rules_, self.encoder_, self.law_, self._positions, self.window_)

    @property
    def _positions(self) -> Positions | None:
        """Positions as conditions, where sequences have beginnings."""
        lengths = self.schema_.lengths
        return Positions(max(lengths), varied=min(lengths) < max(lengths)) if self.from_beginning_ else None
