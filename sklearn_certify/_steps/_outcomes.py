"""What steps make of rows, in a form in which it can be compared to the last bit."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from ._containers import columns_of

__all__ = ["Outcome", "outcome"]


class Outcome(NamedTuple):
    """Rows that a step has made.

    NaN is like NaN, and -0.0 is not like 0.0. The order in which a sparse row stores its cells,
    and the width of an array of texts, do not count.
    """

    n_rows: int
    form: tuple  # what a single row tells of its container, its width and its types
    arrays: list  # the cells, with the rows along the first axis

    def take(self, rows):
        """Return some of the rows."""
        return Outcome(len(rows), self.form, [array[rows] for array in self.arrays])

    def is_like(self, other):
        """Say whether these are the same rows in the same form."""
        return self.form == other.form and self.has_cells_of(other)

    def has_cells_of(self, other):
        """Say whether these are the same rows, but for the types of their cells."""
        return (
            self.n_rows == other.n_rows
            and len(self.arrays) == len(other.arrays)
            and all(map(_alike, self.arrays, other.arrays))
        )


def outcome(made):
    """Take apart what a step has made.

    Parameters
    ----------
    made : array, sparse matrix, table or list of shape (n_rows, ...)
        What ``transform`` returned.

    Returns
    -------
    Outcome
    """
    if sparse.issparse(made):
        cells = _canonical(made)
        return Outcome(made.shape[0], ("sparse", cells.dtype, made.shape[1]), [cells])
    if hasattr(made, "columns"):
        # a column's categories belong to its type
        form = ("table", tuple(made.columns), tuple(made.dtypes))
        return Outcome(len(made), form, list(map(np.asarray, columns_of(made))))
    cells = _objects(made) if isinstance(made, list) else np.asarray(made)
    dtype = cells.dtype.kind if cells.dtype.kind in "US" else cells.dtype
    return Outcome(len(cells), (type(made).__name__, dtype, cells.shape[1:]), [cells])


def _canonical(X):
    X = X.tocsr(copy=True)
    X.sum_duplicates()
    X.eliminate_zeros()
    return X


def _objects(rows):
    """Return a list of rows as an array of objects, whatever the rows hold."""
    cells = np.empty(len(rows), dtype=object)
    cells[:] = [row if isinstance(row, (str, bytes)) else repr(row) for row in rows]
    return cells


def _alike(first, second):
    if sparse.issparse(first):
        return (
            np.array_equal(first.indptr, second.indptr)
            and np.array_equal(first.indices, second.indices)
            and _alike(first.data, second.data)
        )
    if first.shape != second.shape:
        return False
    if not {first.dtype.kind, second.dtype.kind}.isdisjoint("OUS"):
        pairs = zip(first.ravel().tolist(), second.ravel().tolist(), strict=True)
        return all(_cells_alike(*pair) for pair in pairs)
    same = first == second
    if first.dtype.kind == "f":
        same &= np.signbit(first) == np.signbit(second)
    return bool((same | ((first != first) & (second != second))).all())


def _cells_alike(first, second):
    if first is second:
        return True
    if type(first) is not type(second):
        return False
    try:
        return bool(first == second) or bool(first != first and second != second)
    except (TypeError, ValueError):  # what has no single answer, such as arrays
        return repr(first) == repr(second)
