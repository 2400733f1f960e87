"""What a picture is before anyone draws it: numbers and words, the same for the page and for static figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tsgan_evaluation._validation import FloatArray

Side = Literal["real", "synthetic", "holdout", "halves", "figure"]
Style = Literal["line", "steps", "points", "bars", "band"]
# Okabe & Ito's: told apart with any colour vision, with a contrast of 3 : 1 and more on white and on nearly black.
COLOURS: dict[Side, str] = {
    "real": "#0072B2",
    "synthetic": "#D55E00",
    "holdout": "#009E73",
    "halves": "#8A8F98",
    "figure": "#8A8F98",
}
NAMES: dict[Side, str] = {
    "real": "Real",
    "synthetic": "Synthetic",
    "holdout": "Holdout",
    "halves": "Between halves of the real data",
    "figure": "",
}
TITLES = {
    "sequences": "Side by side",
    "marginals": "Distributions",
    "autocorrelations": "Autocorrelation",
    "spectra": "Spectra",
    "profiles": "Day and week",
    "correlations": "Correlations",
    "map": "Map of the windows",
    "evidence": "What the judge goes by",
    "extremes": "Most and least real",
    "closest": "Closest pairs",
}
Ticks = tuple[list[float], list[str]]


@dataclass(frozen=True, eq=False)
class Mark:
    """One line, cloud, band or row of bars.

    Attributes
    ----------
    side : {"real", "synthetic", "holdout", "halves", "figure"}
        What it shows; ``figure`` is a figure about both sides.
    style : {"line", "steps", "points", "bars", "band"}
        Steps have an x more than y, their edges; a band lies between ``y`` and ``top``; bars of figures lie on their side,
        from ``base`` to ``x`` at the height ``y``.
    x, y, top : ndarray of shape (n,)
        NaN is a gap.
    """

    side: Side
    style: Style
    x: FloatArray
    y: FloatArray
    top: FloatArray | None = None
    base: float = 0.0


@dataclass(frozen=True, eq=False)
class Panel:
    """Marks on one pair of axes.

    Attributes
    ----------
    title, x_label, y_label : str
    marks : list of Mark
    x_ticks, y_ticks : pair of lists of float and str, optional
        Where the axes are labelled, and with what.
    y_range : pair of float, optional
        So that panels can share one.
    log : bool
        Whether y is logarithmic.
    note : str
        A line below the title: figure, floor and verdict.
    says : str
        What is to be seen, for those who do not see it.
    reason : str
        Why there is nothing to see.
    """

    title: str
    marks: list[Mark]
    x_label: str = ""
    y_label: str = ""
    x_ticks: Ticks | None = None
    y_ticks: Ticks | None = None
    y_range: tuple[float, float] | None = None
    log: bool = False
    note: str = ""
    says: str = ""
    reason: str = ""

    @property
    def plain(self) -> bool:
        """Whether there is but one side, so that dashes would tell nothing apart."""
        return len({mark.side for mark in self.marks}) < 2


@dataclass(frozen=True, eq=False)
class Matrix:
    """A map of figures between -``limit`` and ``limit``, ``values`` of shape (columns, columns); 0 is pale."""

    title: str
    values: FloatArray
    labels: list[str]
    limit: float = 1.0
    note: str = ""
    says: str = ""


@dataclass(frozen=True, eq=False)
class Picture:
    """Panels that belong together.

    Attributes
    ----------
    name : str
        One of ``TITLES``.
    caption : str
    panels : sequence of Panel or Matrix
    across : int
        Panels in a row, where there is room.
    shows_rows : bool
        Whether it shows individual real sequences.
    reason : str
        Why there are no panels.
    """

    name: str
    caption: str
    panels: Sequence[Panel | Matrix]
    across: int = 3
    shows_rows: bool = False
    reason: str = ""

    @property
    def title(self) -> str:
        """What people call it."""
        return TITLES[self.name]

    @property
    def plain(self) -> bool:
        """Whether none of its lines is dashed."""
        return all(panel.plain for panel in self.panels if isinstance(panel, Panel))

    @property
    def scattered(self) -> bool:
        """Whether its marks are points."""
        return any(mark.style == "points" for panel in self.panels if isinstance(panel, Panel) for mark in panel.marks)

    @property
    def sides(self) -> list[Side]:
        """What its marks show, for a legend; empty where nothing needs one."""
        marks = [mark for panel in self.panels if isinstance(panel, Panel) for mark in panel.marks]
        return [side for side in NAMES if NAMES[side] and any(mark.side == side for mark in marks)]


def short(x: float) -> str:
    """A figure for people: three digits that count."""
    if not np.isfinite(x):
        return "none"
    x = 0.0 if abs(x) < 1e-9 else x
    if x == 0 or 1e-3 <= abs(x) < 1e5:
        return f"{x:.3g}" if abs(x) < 1000 else f"{x:,.0f}"
    return f"{x:.1e}"
