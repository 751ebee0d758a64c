"""Rows in whatever holds them: arrays, sparse matrices, lists, tables of pandas or polars."""

from contextlib import suppress

import numpy as np
from scipy import sparse

from .._compat import _safe_indexing
from .._rows.tables import canonical_table, is_table

__all__ = [
    "column_like",
    "columns_of",
    "copied",
    "in_usual_order",
    "number_of_cells",
    "plain_rows",
    "table_like",
    "take",
    "types_of",
]


def plain_rows(X):
    """Return rows in the container that is tried: lists of numbers as arrays, arrays C-ordered."""
    if isinstance(X, (list, tuple)) and not any(isinstance(row, (str, dict)) for row in X):
        with suppress(ValueError):  # rows of several lengths stay a list
            X = np.asarray(X)
    if isinstance(X, np.ndarray):
        return np.ascontiguousarray(X)
    if sparse.issparse(X):
        return X.tocsr()
    return X


def in_usual_order(X):
    """Return rows whose cells lie in memory as they usually do: row by row, in tables by column."""
    X = plain_rows(X)
    return canonical_table(X) if is_table(X) else X


def copied(X):
    """Return a copy of rows, which lies in memory as they do."""
    if isinstance(X, np.ndarray):
        return X.copy(order="K")
    return X.copy() if hasattr(X, "copy") else X


def take(X, rows):
    """Return some rows of X, without a trace of where they stood.

    Parameters
    ----------
    X : array, sparse matrix, table or list of shape (n_rows, ...)
        Rows.
    rows : array-like of int
        Row numbers.

    Returns
    -------
    The type of X
    """
    if isinstance(X, tuple):
        X = list(X)
    taken = _safe_indexing(X, np.asarray(rows, dtype=np.intp))
    if isinstance(taken, np.ndarray):
        return np.ascontiguousarray(taken)
    return taken.reset_index(drop=True) if hasattr(taken, "reset_index") else taken


def types_of(X):
    """Return the types of the cells of rows, None if the container has none."""
    if hasattr(X, "columns"):
        return list(X.dtypes)
    return getattr(X, "dtype", None)


def number_of_cells(X):
    """Return the number of cells of a row, at least 1."""
    return max(int(np.prod(getattr(X, "shape", (1,))[1:])), 1)


def columns_of(X):
    """Return the columns of a table."""
    return [X.iloc[:, i] if hasattr(X, "iloc") else X[:, i] for i in range(X.shape[1])]


def table_like(X, columns):
    """Make a table of columns, named as those of another."""
    if not hasattr(X, "iloc"):  # polars
        return type(X)(columns)
    return type(X)(dict(enumerate(columns))).set_axis(X.columns, axis=1)


def column_like(column, cells):
    """Make a column of the type of another, or of one that has room for the cells."""
    if not hasattr(column, "iloc"):  # polars
        return type(column)(column.name, cells, dtype=column.dtype, strict=False)
    try:
        return type(column)(cells, name=column.name, dtype=column.dtype)
    except (TypeError, ValueError, OverflowError):
        return type(column)(cells, name=column.name)
