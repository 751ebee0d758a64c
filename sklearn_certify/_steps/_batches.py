"""Rows to try a step on: those that are asked about, altered so that they reach what others may.

A function that divides by the largest value of a batch looks harmless where no query reaches that
value; beside a row that is 1e4 times as large it does not.
"""

import sys
from collections.abc import Callable
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from scipy import sparse

from .._compat import _safe_indexing

__all__ = ["altered_batches", "number_of_cells", "plain_rows", "stack", "take"]

_FAR = 1e4
_LARGEST = 2**53  # up to which float64 tells whole numbers apart
_WIDEST = 1 << 12  # columns of a sparse row in which all cells are filled


class _Alteration(NamedTuple):
    """What is done to the numbers and to the texts of some rows."""

    numbers: Callable | None = None
    texts: Callable | None = None
    gaps: bool = False  # in the numbers, or in the texts, one row a column
    mixed: bool = False  # the cells of a column change places


_ALTERATIONS = (
    _Alteration(numbers=lambda values: values * _FAR),
    _Alteration(numbers=lambda values: values / _FAR),
    _Alteration(numbers=np.negative),
    _Alteration(numbers=np.zeros_like),
    _Alteration(numbers=lambda values: np.full_like(values, _FAR)),
    _Alteration(numbers=lambda values: values, gaps=True),
    _Alteration(texts=lambda text: " ".join([text] * 9)),
    _Alteration(texts=str.upper),
    _Alteration(texts=lambda text: text[::-1]),
    _Alteration(texts=lambda text: ""),
    _Alteration(texts=lambda text: "words that no other row has"),
    _Alteration(texts=lambda text: text, gaps=True),
    _Alteration(mixed=True),
)


def plain_rows(X):
    """Return rows in the container that is tried: lists of numbers as arrays, arrays C-ordered."""
    if isinstance(X, (list, tuple)) and not any(isinstance(row, (str, dict)) for row in X):
        X = np.asarray(X)
    if isinstance(X, np.ndarray):
        return np.ascontiguousarray(X)
    if sparse.issparse(X):
        return X.tocsr()
    return X


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


def stack(parts):
    """Return the rows of several containers of one type in one.

    Parameters
    ----------
    parts : list of arrays, sparse matrices, tables or lists
        At least one.

    Returns
    -------
    The type of the first
    """
    first = parts[0]
    if sparse.issparse(first):
        return sparse.vstack(parts, format="csr")
    if isinstance(first, list):
        return [row for part in parts for row in part]
    if hasattr(first, "iloc"):
        return sys.modules["pandas"].concat(parts, ignore_index=True)
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    return sys.modules[type(first).__module__.split(".")[0]].concat(parts)  # polars


def number_of_cells(X):
    """Return the number of cells of a row, at least 1."""
    return max(int(np.prod(getattr(X, "shape", (1,))[1:])), 1)


def altered_batches(X):
    """Yield batches of rows as other rows may be, together with X itself.

    Parameters
    ----------
    X : array, sparse matrix, table or list of shape (n_rows, ...)
        A few rows.

    Yields
    ------
    The type of X
    """
    for alteration in _ALTERATIONS:
        altered = _alter(X, alteration)
        if altered is not None:
            yield stack([X, altered])
    for dtype in (np.float32, np.float64, np.int64):
        if getattr(getattr(X, "dtype", None), "kind", "") in "biuf" and dtype != X.dtype:
            with np.errstate(invalid="ignore"):
                converted = X.astype(dtype)
            yield stack([converted, _alter(converted, _ALTERATIONS[0])])


def _alter(X, alteration):
    """Return altered rows, or None where there is nothing to alter."""
    if sparse.issparse(X):
        return _alter_sparse(X, alteration)
    if isinstance(X, np.ndarray):
        return _alter_array(X, alteration)
    if isinstance(X, list):
        return _alter_cells(X, 0, alteration)
    return _alter_table(X, alteration)


def _alter_array(X, alteration):
    if alteration.mixed:
        return _mixed(X)
    if X.dtype.kind in "biuf":
        return _alter_numbers(X, alteration)
    columns = X.reshape(len(X), -1).T.tolist()
    altered = [_alter_cells(cells, i, alteration) for i, cells in enumerate(columns)]
    if all(cells is None for cells in altered):
        return None
    result = np.empty((len(X), len(columns)), dtype=object)
    for i, cells in enumerate(altered):
        result[:, i] = columns[i] if cells is None else cells
    return result.reshape(X.shape).astype(X.dtype.kind)


def _mixed(X):
    columns = X.reshape(len(X), -1)
    rows = np.add.outer(np.arange(len(X)), np.arange(columns.shape[1])) % len(X)
    return np.take_along_axis(columns, rows, axis=0).reshape(X.shape)


def _alter_numbers(X, alteration):
    if alteration.numbers is None or (alteration.gaps and X.dtype.kind != "f"):
        return None
    values = alteration.numbers(X.astype(np.float64))
    if alteration.gaps:
        cells = values.reshape(len(X), -1)
        cells[np.arange(cells.shape[1]) % len(X), np.arange(cells.shape[1])] = np.nan
    if X.dtype.kind in "iu":
        limits = np.iinfo(X.dtype)
        values = np.clip(values, max(limits.min, -_LARGEST), min(limits.max, _LARGEST))
    with np.errstate(over="ignore"):
        return values.astype(X.dtype)


def _alter_sparse(X, alteration):
    if alteration.numbers is None or X.nnz == 0 or X.dtype.kind not in "biuf":
        return None
    values = _alter_numbers(X.data, alteration)
    if values is None:
        return None
    altered = X.copy()
    altered.data = values
    # a row without any zero, as long as that takes little room
    if X.shape[1] <= _WIDEST and (values == values[0]).all() and values[0]:
        return type(X)(np.full(X.shape, values[0]))
    return altered


def _alter_table(X, alteration):
    """Alter a table, or a single column, of pandas or polars."""
    if not hasattr(X, "columns"):
        cells = _alter_cells(list(X), 0, alteration)
        return None if cells is None else _column_like(X, cells)
    columns = [X.iloc[:, i] if hasattr(X, "iloc") else X[:, i] for i in range(X.shape[1])]
    altered = [_alter_cells(list(column), i, alteration) for i, column in enumerate(columns)]
    if all(cells is None for cells in altered):
        return None
    columns = [
        column if cells is None else _column_like(column, cells)
        for column, cells in zip(columns, altered, strict=True)
    ]
    return sys.modules["pandas"].concat(columns, axis=1) if hasattr(X, "iloc") else type(X)(columns)


def _column_like(column, cells):
    """Make a column of the type of another, or of one that has room for the cells."""
    if not hasattr(column, "iloc"):  # polars
        return type(column)(column.name, cells, dtype=column.dtype, strict=False)
    try:
        return type(column)(cells, name=column.name, dtype=column.dtype)
    except (TypeError, ValueError, OverflowError):
        return type(column)(cells, name=column.name)


def _alter_cells(cells, column, alteration):
    """Return the cells of a column altered, or None if none is of the kind that is altered."""
    if alteration.mixed:
        shift = column % len(cells)
        return cells[shift:] + cells[:shift] if shift else None
    of_texts = alteration.texts is not None
    if not any(_is_text(cell) if of_texts else _is_number(cell) for cell in cells):
        return None
    altered = [
        _alter_text(cell, alteration) if of_texts else _alter_number(cell, alteration)
        for cell in cells
    ]
    if alteration.gaps:
        altered[column % len(cells)] = None if of_texts else np.nan
    return altered


def _is_text(cell):
    return isinstance(cell, str)


def _is_number(cell):
    return isinstance(cell, Real) and not isinstance(cell, (bool, np.bool_))


def _alter_text(cell, alteration):
    return alteration.texts(cell) if _is_text(cell) else cell


def _alter_number(cell, alteration):
    if not _is_number(cell):
        return cell
    altered = float(alteration.numbers(np.float64(cell)))
    return round(altered) if isinstance(cell, Integral) and abs(altered) < _LARGEST else altered
