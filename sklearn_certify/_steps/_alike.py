"""Compare what a step makes of rows, to the last bit."""

import numpy as np
from scipy import sparse

__all__ = ["alike"]


def alike(first, second):
    """Say whether two batches hold the same rows in the same form.

    NaN is like NaN, and -0.0 is not like 0.0. The order in which a sparse row stores its cells,
    and the width of an array of texts, do not count.

    Parameters
    ----------
    first, second : array, sparse matrix, table or list of shape (n_rows, ...)
        What a step returned.

    Returns
    -------
    bool
    """
    if sparse.issparse(first) or sparse.issparse(second):
        return sparse.issparse(first) and sparse.issparse(second) and _sparse_alike(first, second)
    if hasattr(first, "columns") or hasattr(second, "columns"):
        return type(first) is type(second) and _tables_alike(first, second)
    if not isinstance(first, list):
        return type(first) is type(second) and _arrays_alike(np.asarray(first), np.asarray(second))
    return _arrays_alike(_as_objects(first), _as_objects(second))


def _sparse_alike(first, second):
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    first, second = _canonical(first), _canonical(second)
    return (
        np.array_equal(first.indptr, second.indptr)
        and np.array_equal(first.indices, second.indices)
        and _arrays_alike(first.data, second.data)
    )


def _canonical(X):
    X = X.tocsr(copy=True)
    X.sum_duplicates()
    X.eliminate_zeros()
    return X


def _tables_alike(first, second):
    if list(first.columns) != list(second.columns) or len(first) != len(second):
        return False
    if list(first.dtypes) != list(second.dtypes):
        return False  # a column's categories belong to its type
    columns = zip(_columns(first), _columns(second), strict=True)
    return all(_arrays_alike(*pair) for pair in columns)


def _columns(table):
    for i in range(table.shape[1]):
        yield np.asarray(table.iloc[:, i] if hasattr(table, "iloc") else table[:, i])


def _arrays_alike(first, second):
    if first.shape != second.shape:
        return False
    kinds = {first.dtype.kind, second.dtype.kind}
    if kinds <= {"U"} or kinds <= {"S"}:
        return bool((first == second).all())
    if first.dtype != second.dtype:
        return False
    if first.dtype.kind == "O":
        return all(map(_cells_alike, first.ravel(), second.ravel()))
    same = first == second
    if first.dtype.kind == "f":
        same &= np.signbit(first) == np.signbit(second)
    return bool((same | ((first != first) & (second != second))).all())


def _as_objects(rows):
    """Return a list of rows as an array of objects, whatever the rows hold."""
    array = np.empty(len(rows), dtype=object)
    array[:] = [row if isinstance(row, (str, bytes)) else repr(row) for row in rows]
    return array


def _cells_alike(first, second):
    if first is second:
        return True
    if type(first) is not type(second):
        return False
    try:
        return bool(first == second) or bool(first != first and second != second)
    except (TypeError, ValueError):  # what has no single answer, such as arrays
        return repr(first) == repr(second)
