"""Rows to try a step on: those that are asked about, altered so that they reach what others may.

A function that divides by the largest value of a batch looks harmless where no query reaches that
value; beside a row that is 1e4 times as large it does not.
"""

import operator
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from scipy import sparse

from ._containers import column_like, columns_of, table_like, take

__all__ = ["altered_rows", "of_other_types"]

_FAR = 1e4
_LARGEST = 2**53  # up to which float64 tells whole numbers apart
_NO_GAP = object()
_NUMBERS = tuple("iuf")
_WIDEST = 1 << 12  # columns of a sparse row in which all cells are filled


class _Alteration(NamedTuple):
    """What is done to the cells of a kind in some rows."""

    kind: str
    change: Callable
    gap: object = _NO_GAP  # what a cell of each column becomes, in another row each


def _unchanged(cell):
    return cell


_ALTERATIONS = (
    _Alteration("number", lambda cells: cells * _FAR),
    _Alteration("number", lambda cells: cells / _FAR),
    _Alteration("number", np.negative),
    _Alteration("number", np.zeros_like),
    _Alteration("number", lambda cells: np.full_like(cells, _FAR)),
    _Alteration("number", lambda cells: np.full_like(cells, _FAR), gap=np.nan),
    _Alteration("number", _unchanged, gap=np.nan),
    _Alteration("number", _unchanged, gap=None),
    _Alteration("text", lambda text: " ".join([text] * 9)),
    _Alteration("text", str.upper),
    _Alteration("text", lambda text: text[::-1]),
    _Alteration("text", lambda text: ""),
    _Alteration("text", lambda text: "words that no other row has"),
    _Alteration("text", _unchanged, gap=None),
    _Alteration("text", _unchanged, gap=np.nan),
    _Alteration("time", lambda time: time + timedelta(days=5000)),
    _Alteration("time", lambda time: time - timedelta(days=5000)),
    _Alteration("time", _unchanged, gap=None),
    _Alteration("truth", operator.not_),
    _Alteration("truth", lambda cell: False),
    _Alteration("truth", lambda cell: True),
)


def altered_rows(X):
    """Yield rows as other rows may be, each time as many as X has.

    Parameters
    ----------
    X : array, sparse matrix, table or list of shape (n_rows, ...)
        A few rows.

    Yields
    ------
    The type of X
    """
    for altered in (*map(partial(_alter, X), _ALTERATIONS), _mixed(X), _other_categories(X)):
        if altered is not None:
            yield altered


def of_other_types(X):
    """Yield X with its numbers in other types.

    Parameters
    ----------
    X : array, sparse matrix, table or list of shape (n_rows, ...)
        Rows.

    Yields
    ------
    The type of X
    """
    if getattr(getattr(X, "dtype", None), "kind", "") in _NUMBERS:
        for dtype in (np.float32, np.float64, np.int64):
            if dtype != X.dtype:
                yield X.astype(dtype)


def _alter(X, alteration):
    """Return altered rows, or None where there is nothing to alter."""
    if sparse.issparse(X):
        return _alter_sparse(X, alteration)
    if isinstance(X, np.ndarray):
        return (
            _alter_numbers(X, alteration) if X.dtype.kind in "iuf" else _alter_array(X, alteration)
        )
    if isinstance(X, list):
        return _alter_cells(X, 0, alteration)
    return _alter_table(X, alteration)


def _alter_numbers(X, alteration):
    has_gap = alteration.gap is not _NO_GAP
    if alteration.kind != "number" or (has_gap and X.dtype.kind != "f"):
        return None
    numbers = alteration.change(X.astype(np.float64))
    if has_gap:
        cells = numbers.reshape(len(X), -1)
        cells[np.arange(cells.shape[1]) % len(X), np.arange(cells.shape[1])] = np.nan
    if X.dtype.kind in "iu":
        limits = np.iinfo(X.dtype)
        numbers = np.clip(numbers, max(limits.min, -_LARGEST), min(limits.max, _LARGEST))
    with np.errstate(over="ignore"):
        return numbers.astype(X.dtype)


def _alter_array(X, alteration):
    columns = X.reshape(len(X), -1).T
    altered = [_alter_cells(list(cells), i, alteration) for i, cells in enumerate(columns)]
    if all(cells is None for cells in altered):
        return None
    result = np.empty(columns.T.shape, dtype=object)
    for i, cells in enumerate(altered):
        result[:, i] = columns[i] if cells is None else cells
    return result.reshape(X.shape).astype(X.dtype if X.dtype.kind in "bmM" else X.dtype.kind)


def _alter_sparse(X, alteration):
    if X.nnz == 0 or X.dtype.kind not in _NUMBERS:
        return None
    numbers = _alter_numbers(X.data, alteration)
    if numbers is None:
        return None
    # a row without any zero, as long as that takes little room
    if X.shape[1] <= _WIDEST and (numbers == numbers[0]).all() and numbers[0]:
        return type(X)(np.full(X.shape, numbers[0]))
    altered = X.copy()
    altered.data = numbers
    return altered


def _alter_table(X, alteration):
    """Alter a table, or a single column, of pandas or polars."""
    if not hasattr(X, "columns"):
        cells = _alter_cells(list(X), 0, alteration)
        return None if cells is None else column_like(X, cells)
    columns = columns_of(X)
    altered = [_alter_cells(list(column), i, alteration) for i, column in enumerate(columns)]
    if all(cells is None for cells in altered):
        return None
    return table_like(
        X,
        [
            column if cells is None else column_like(column, cells)
            for column, cells in zip(columns, altered, strict=True)
        ],
    )


def _alter_cells(cells, column, alteration):
    """Return the cells of a column altered, or None if none is of the kind that is altered."""
    kinds = list(map(_kind_of_cell, cells))
    if alteration.kind not in kinds:
        return None
    altered = [
        _alter_cell(cell, alteration) if kind == alteration.kind else cell
        for cell, kind in zip(cells, kinds, strict=True)
    ]
    if alteration.gap is not _NO_GAP:
        altered[column % len(cells)] = alteration.gap
    return altered


def _kind_of_cell(cell):
    if isinstance(cell, (bool, np.bool_)):
        return "truth"
    if isinstance(cell, str):
        return "text"
    if isinstance(cell, (date, np.datetime64)):  # datetime and pandas' Timestamp are dates too
        return "time"
    return "number" if isinstance(cell, Real) else "other"


def _alter_cell(cell, alteration):
    if alteration.kind != "number":
        return alteration.change(cell)
    altered = float(alteration.change(np.float64(cell)))
    return round(altered) if isinstance(cell, Integral) and abs(altered) < _LARGEST else altered


def _mixed(X):
    """Return rows in which the cells of a column have changed places, other ones in each column."""
    if isinstance(X, np.ndarray):
        columns = X.reshape(len(X), -1)
        rows = np.add.outer(np.arange(len(X)), np.arange(columns.shape[1])) % len(X)
        return np.take_along_axis(columns, rows, axis=0).reshape(X.shape)
    if not hasattr(X, "columns"):
        return None
    n_rows = len(X)
    return table_like(
        X,
        [take(column, (np.arange(n_rows) + i) % n_rows) for i, column in enumerate(columns_of(X))],
    )


def _other_categories(X):
    """Return rows in which each cell of a categorical column has become the next category."""
    if not hasattr(X, "iloc") or not hasattr(X, "columns"):
        return None
    columns = columns_of(X)
    if not any(hasattr(column, "cat") and len(column.cat.categories) for column in columns):
        return None
    return table_like(X, list(map(_next_category, columns)))


def _next_category(column):
    categories = column.cat.categories if hasattr(column, "cat") else ()
    if len(categories) == 0:
        return column
    codes = (column.cat.codes.to_numpy() + 1) % len(categories)
    return type(column)(categories.take(codes), name=column.name, dtype=column.dtype)
