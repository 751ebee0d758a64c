"""Means and variances of columns of floats, of some rows at a time if they are many."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import issparse

from .columns import column_values
from .tables import column_names, column_of, is_float_column, is_table

__all__ = ["ColumnMoments", "columns_of_floats", "moments_of"]

_COLUMNS_AT_A_TIME = 16
_CELLS_AT_A_TIME = 1 << 18  # unless a column has more
_STEPS_FROM_CHANCE = 12  # of a mean of few rows, in standard deviations of such means


@dataclass(frozen=True)
class ColumnMoments:
    """What is known of the cells of some columns, of one type.

    Attributes
    ----------
    itemsize : int
        Bytes of a cell.
    counts : ndarray of float64, of shape (n_columns,)
        Cells that are not missing.
    means, variances : ndarray of float64, of shape (n_columns,)
        Of these; 0 where nothing varies.
    are_whole : ndarray of bool, of shape (n_columns,)
        Whether all are whole numbers, and none is missing.
    """

    itemsize: int
    counts: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    are_whole: np.ndarray

    @classmethod
    def of(cls, cells):
        """Return the moments of cells of shape (n_rows, n_columns)."""
        itemsize, as_they_are = cells.dtype.itemsize, cells
        cells = cells.astype(np.float64, copy=False)
        present = ~np.isnan(cells)
        counts = present.sum(axis=0)
        with np.errstate(all="ignore"):  # infinite cells have no mean, and huge ones no square
            means = np.where(present, cells, 0).sum(axis=0) / np.maximum(counts, 1)
            squares = np.where(present, np.square(cells - means), 0).sum(axis=0)
        variances = _variances(means, squares, counts)
        are_whole = np.zeros(len(means), dtype=bool)
        varies = variances > 0
        are_whole[varies] = (as_they_are[:, varies] == np.rint(as_they_are[:, varies])).all(axis=0)
        return cls(itemsize, counts.astype(np.float64), means, variances, are_whole)

    def __add__(self, other):
        counts = self.counts + other.counts
        with np.errstate(all="ignore"):
            share = other.counts / np.maximum(counts, 1)
            means = self.means * (1 - share) + other.means * share
            between = np.square(other.means - self.means) * self.counts * share
            squares = self.variances * self.counts + other.variances * other.counts + between
        whole = self._may_be_whole() & other._may_be_whole()
        return type(self)(self.itemsize, counts, means, _variances(means, squares, counts), whole)

    @classmethod
    def joined(cls, several):
        """Return the moments of several groups of columns of one type as those of one."""
        several = list(several)
        parts = zip(*((m.counts, m.means, m.variances, m.are_whole) for m in several), strict=True)
        return cls(several[0].itemsize, *map(np.concatenate, parts))

    def _may_be_whole(self):
        return self.are_whole | ((self.variances == 0) & (self.means == np.rint(self.means)))

    def may_be_centred(self):
        """Say whether these cells may be a random part of columns that all have mean 0."""
        steps = np.sqrt(self.variances / np.maximum(self.counts, 1))
        varies = self.variances > 0
        return bool((np.abs(self.means) <= _STEPS_FROM_CHANCE * steps)[varies].all())


def _variances(means, squares, counts):
    with np.errstate(all="ignore"):
        variances = squares / np.maximum(counts, 1)
        spread = np.where(np.isfinite(variances), variances, np.inf)
        return np.where(spread > (1e-12 * means) ** 2, spread, 0.0)


def columns_of_floats(X):
    """Yield the cells of some columns of floats at a time.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.

    Yields
    ------
    int
        Number of the first of them.
    ndarray of shape (n_rows, n_columns)
    """
    if is_table(X):
        for position in range(len(column_names(X))):
            if is_float_column(X, position):  # others need not become arrays once more
                cells = column_values(column_of(X, position))
                if cells.dtype.kind == "f":  # and not objects, some of them missing
                    yield position, cells[:, np.newaxis]
    elif not issparse(X) and X.dtype.kind == "f":
        X = X.reshape(len(X), -1)
        step = min(_COLUMNS_AT_A_TIME, max(_CELLS_AT_A_TIME // len(X), 1))
        for start in range(0, X.shape[1], step):
            yield start, X[:, start : start + step]


def moments_of(X):
    """Return the moments of all columns of floats.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.

    Returns
    -------
    dict of ColumnMoments
        Of each column of a table by its number; those of an array are together.
    """
    moments = {number: ColumnMoments.of(cells) for number, cells in columns_of_floats(X)}
    if is_table(X) or not moments:
        return moments
    return {0: ColumnMoments.joined(moments.values())}
