"""What a metric is, as data beside its function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, SupportsFloat

from numpy.typing import ArrayLike

from tsgan_evaluation.pair import Pair

Arguments = tuple[Any, ...]
# What a metric's function is given, once for each column that it can be asked of ("" for the table as a whole).
View = Callable[[Pair], Iterator[tuple[str, Arguments]]]


@dataclass(frozen=True)
class Metric:
    """A metric and how to read it: the nearer to ``best``, the better.

    Attributes
    ----------
    name, family : str
    function : callable
        ``function(real, synthetic)``, or ``function(real, synthetic, seed=...)`` if ``seeded``, to a float or to something
        that knows more and has one.
    view : callable
        ``view(pair)`` yields column and arguments for the function, for each column that it can be asked of.
    best : float
        The value of a perfect generator, but for the noise floor.
    range : tuple of float
        Smallest and largest possible value.
    sees, ignores : str
        The faults that it shows, and those that it cannot.
    source : str
        Where it was defined.
    worse : {"above", "below", "both"}
        Where the faults lie: above ``best``, below it or on both sides.
    seeded : bool
        Whether the value depends on a seed.
    repeats : int
        Splits of the real data for its noise floor by default; few where it takes seconds, none where the value says by
        itself how likely chance is.
    margin : float
        Distances from the best up to this are as real whatever the floor: halves that have seen a rare event once or
        never do not say how rare it is.
    """

    name: str
    family: str
    function: Callable[..., SupportsFloat]
    view: View
    best: float
    range: tuple[float, float]
    sees: str
    ignores: str
    source: str
    worse: Literal["above", "below", "both"] = "above"
    seeded: bool = False
    repeats: int = 20
    margin: float = 0.0

    def __call__(self, real: ArrayLike, synthetic: ArrayLike, *more: Any, seed: int = 0) -> SupportsFloat:
        """The metric's value; ``seed`` matters to seeded metrics only."""
        return self.function(real, synthetic, *more, **({"seed": seed} if self.seeded else {}))

    def distance(self, value: float) -> float:
        """How far a value is from the best, on the side where the faults lie; 0 on the other."""
        distance = value - self.best
        return abs(distance) if self.worse == "both" else max(0.0, distance if self.worse == "above" else -distance)

    @property
    def lower_is_better(self) -> bool:
        """Whether the best value is the lowest."""
        return self.best == self.range[0]
