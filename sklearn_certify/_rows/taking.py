"""Take rows in a form that tells nothing of the rows that were left behind, and stack them."""

import sys

import numpy as np
from scipy.sparse import csr_array, issparse
from scipy.sparse import vstack as stack_sparse

from .columns import is_instance
from .tables import copy_table, is_table, slice_table, take_from_table

__all__ = ["all_rows", "c_ordered", "protected", "slice_rows", "stack_rows", "take_rows"]


def take_rows(X, rows):
    """Return some rows of X, without a trace of where they stood.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.
    rows : ndarray of int
        Row numbers.

    Returns
    -------
    The type of X, of shape (len(rows), ...)
    """
    if is_table(X):
        return take_from_table(X, rows)
    return X[rows] if issparse(X) else np.take(X, rows, axis=0)  # C-ordered whatever X is


def slice_rows(X, rows):
    """Return consecutive rows of X.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.
    rows : slice
        Which rows, by their numbers.

    Returns
    -------
    The type of X
    """
    return slice_table(X, rows) if is_table(X) else X[rows]


def stack_rows(parts):
    """Put rows, or one value per row, of one container one after the other.

    Parameters
    ----------
    parts : sequence of array-like
        At least one, all of one type: arrays, sparse matrices, lists, or tables and columns of
        pandas, polars or Arrow.

    Returns
    -------
    The type of the parts
    """
    first = parts[0]
    if isinstance(first, list):
        return [row for part in parts for row in part]
    if issparse(first):
        stacked = stack_sparse(parts, format="csr")
        # old releases of SciPy make a matrix of sparse arrays
        return csr_array(stacked) if type(first).__name__.endswith("_array") else stacked
    if is_instance(first, "pandas", "Index"):
        return first.append(list(parts[1:]))
    if hasattr(first, "iloc"):
        return sys.modules["pandas"].concat(parts, ignore_index=True)
    if is_instance(first, "polars", "DataFrame", "Series"):
        return sys.modules["polars"].concat(parts)
    if is_instance(first, "pyarrow", "Table"):
        return sys.modules["pyarrow"].concat_tables(parts)
    if is_instance(first, "pyarrow", "Array", "ChunkedArray"):
        chunks = [chunk for part in parts for chunk in getattr(part, "chunks", [part])]
        return sys.modules["pyarrow"].chunked_array(chunks)
    return np.concatenate(parts)


def all_rows(X):
    """Return a copy of X that may be written to.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.

    Returns
    -------
    The type of X
    """
    return take_rows(X, np.arange(X.shape[0]))


def protected(X):
    """Return X in a form that can be read without being changed for anyone else.

    A step such as ``StandardScaler(copy=False)`` in one voter would otherwise change the queries
    of the voters after it, and a poisoned voter would reach them all.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows.

    Returns
    -------
    The type of X: a copy of a table, else a view that cannot be written to.
    """
    if is_table(X):
        return copy_table(X)
    if issparse(X):
        arrays = [array.view() for array in (X.data, X.indices, X.indptr)]
        for array in arrays:
            array.flags.writeable = False
        return type(X)(tuple(arrays), shape=X.shape)
    X = X.view()
    X.flags.writeable = False
    return X


def c_ordered(X):
    """Return X with its cells one after the other, row by row.

    The last digit of a sum may differ with the order in memory, and voters could see it.

    Parameters
    ----------
    X : ndarray
        Cells in any order.

    Returns
    -------
    ndarray
        X itself, without its subclass, if it is in order.
    """
    X = np.asarray(X)
    in_order = X.itemsize * np.cumprod((1, *X.shape[:0:-1]))[::-1]
    return X if X.flags.aligned and X.strides == tuple(in_order) else X.copy(order="C")
