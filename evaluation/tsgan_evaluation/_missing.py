"""Missing cells for judges that cannot leave them out."""

from __future__ import annotations

import numpy as np

from tsgan_evaluation._validation import FloatArray


def fill_and_mask(real: FloatArray, synthetic: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Replace missing cells by the real column's mean and add their masks, so that missingness is judged as well.

    Parameters
    ----------
    real, synthetic : ndarray of shape (B, T, C)
        NaN is a missing cell.

    Returns
    -------
    ndarray of shape (B, T, C + M), ndarray of shape (B', T, C + M)
        M is the number of columns with a missing cell on either side; a mask is 1 where the cell is missing.
    """
    masked = (np.isnan(real).any((0, 1))) | (np.isnan(synthetic).any((0, 1)))
    mean = np.nanmean(real, (0, 1))

    def filled(x: FloatArray) -> FloatArray:
        missing = np.isnan(x)
        return np.concatenate([np.where(missing, mean, x), missing[..., masked]], 2)

    return filled(real), filled(synthetic)
