"""Numbers with noise added."""

from math import cos, log, pi, sqrt
from numbers import Real
from typing import ClassVar

import numpy as np
from numba import njit

from .._compat import Interval
from ._base import Augmentation
from ._draws import draw

__all__ = ["GaussianNoise", "add_noise"]


@njit(nogil=True, cache=True)
def _add_noise(X, out, seeds, scales):
    for row in range(X.shape[0]):
        for column in range(X.shape[1]):
            # the transform of Box and Muller; 1 - u is never 0
            size = sqrt(-2 * log(1 - draw(seeds[row], 2 * column)))
            noise = size * cos(2 * pi * draw(seeds[row], 2 * column + 1))
            out[row, column] = X[row, column] + scales[column] * noise


def add_noise(X, seeds, scales):
    """Return rows with normally distributed noise added.

    Parameters
    ----------
    X : ndarray of shape (n_rows, ...)
        Rows.
    seeds : ndarray of uint64, of shape (n_rows,)
        The seed of each copy.
    scales : ndarray of float64, of shape (n_cells,)
        The standard deviation in each cell of a row.

    Returns
    -------
    ndarray of the shape and type of X
    """
    out = np.empty_like(X)
    _add_noise(X.reshape(len(X), -1), out.reshape(len(X), -1), seeds, scales)
    return out


class GaussianNoise(Augmentation):
    """Add normally distributed noise to every number.

    Parameters
    ----------
    scale : float, default=0.1
        Standard deviation, in the units of the rows.

    See Also
    --------
    ColumnNoise : Noise in the units of each column's spread.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.augmentation import GaussianNoise
    >>> seeds = np.array([3], dtype=np.uint64)
    >>> GaussianNoise(0.1).augment(np.zeros((1, 3)), seeds).round(2)
    array([[-0.02,  0.12, -0.05]])
    """

    _parameter_constraints: ClassVar[dict] = {"scale": [Interval(Real, 0, None, closed="left")]}

    def __init__(self, scale=0.1):
        self.scale = scale

    def _augment(self, X, seeds):
        return add_noise(X, seeds, np.full(X[:1].size, float(self.scale)))
