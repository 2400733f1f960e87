"""The closest pairs of synthetic and real windows, for people to look at."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsgan_evaluation.pair import Pair, Windows
from tsgan_evaluation.privacy.records import closest_windows
from tsgan_evaluation.sequences import IntArray, Sequences

SHOWN = 8


def closest_pairs(pair: Pair) -> pd.DataFrame:
    """The synthetic windows closest to a real one, closest first, no two of them overlapping on either side.

    Returns
    -------
    DataFrame
        ``distance``, root mean square over cells in standard deviations of the real columns; for ``synthetic`` and
        ``real`` windows the ``_series``, the ``_step`` of it where they begin and their first ``_row`` among the pair's
        sequences.

    Raises
    ------
    DataError
        If there are too few windows.
    """
    found, real, synthetic = closest_windows(pair)
    shown: list[int] = []
    for k in np.argsort(found.distance, kind="stable"):
        if len(shown) < SHOWN and all(
            abs(rows[k] - rows[other]) >= pair.window for other in shown for rows in (synthetic.rows, real.rows[found.index])
        ):
            shown.append(int(k))
    chosen = np.array(shown)
    columns = _place(pair.synthetic, synthetic, chosen, "synthetic") | _place(pair.real, real, found.index[chosen], "real")
    return pd.DataFrame({"distance": found.distance[chosen], **columns})


def _place(x: Sequences, windows: Windows, chosen: IntArray, side: str) -> dict[str, object]:
    sequence, row = windows.sequence[chosen], windows.rows[chosen]
    step = x.offsets[sequence] + row - x.starts[sequence]
    return {f"{side}_series": x.names[sequence], f"{side}_step": step, f"{side}_row": row}
