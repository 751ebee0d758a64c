"""Noise in the units of each column's spread."""

from numbers import Real
from typing import ClassVar

import numpy as np

from .._compat import Interval
from ._base import Augmentation
from ._noise import add_noise

__all__ = ["ColumnNoise"]


class ColumnNoise(Augmentation):
    """Add normally distributed noise to every number, as large as its column's values differ.

    It learns each column's standard deviation: inside a voter that of the voter's own rows, so
    that the voter stays a function of them. No `AugmentedCopies` can be made with it, because a
    copy does not follow from its row alone.

    Parameters
    ----------
    scale : float, default=0.1
        Standard deviation of the noise, in standard deviations of the column.

    Attributes
    ----------
    scales_ : ndarray of shape (n_cells,)
        Standard deviation of the noise in each column.

    See Also
    --------
    GaussianNoise : The same noise in all columns.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.augmentation import ColumnNoise
    >>> X = np.array([[0.0, 5.0], [200.0, 5.0]])
    >>> ColumnNoise(0.1).fit(X).scales_
    array([10.,  0.])
    """

    _parameter_constraints: ClassVar[dict] = {"scale": [Interval(Real, 0, None, closed="left")]}

    def __init__(self, scale=0.1):
        self.scale = scale

    def fit(self, X):
        """Learn the spread of each column.

        Parameters
        ----------
        X : ndarray of shape (n_rows, ...)
            Rows; missing values are left out.

        Returns
        -------
        self : object
        """
        cells = np.asarray(X, dtype=np.float64).reshape(len(X), -1)
        present = ~np.isnan(cells)
        counts = np.maximum(present.sum(axis=0), 1)
        with np.errstate(over="ignore", invalid="ignore"):  # infinite cells differ infinitely
            means = np.where(present, cells, 0).sum(axis=0) / counts
            squares = np.where(present, np.square(cells - means), 0)
            self.scales_ = self.scale * np.sqrt(squares.sum(axis=0) / counts)
        return self

    def _augment(self, X, seeds):
        return add_noise(X, seeds, self.scales_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = True
        return tags
