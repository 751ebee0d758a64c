"""Hash training rows by their content alone.

The hash of a row is the same in any process, on any platform, and whatever holds the row: a dense
array of any number type or memory order, a sparse matrix or a DataFrame. It depends on no other
row, on no index and on no order, which is what the certificates stand on.

The hash is a sum over the cells that are not zero, each mixed with the number of its column, so
that a sparse row costs no more than the cells it stores. It need not resist an attacker: the
certificates already allow poison to fall into whichever partitions hurt most.
"""

import numpy as np
from numba import njit, uint64
from scipy.sparse import issparse

from .._compute.blocks import run_on_blocks
from .._compute.first_work import FirstWork
from .._rows.cell_tokens import MISSING, cell_tokens
from .._rows.labels import column_cells
from .._rows.lists import read_list
from .._rows.mixing import (
    GOLDEN_RATIO,
    column_keys,
    hash_cells,
    hash_cells_by_numpy,
    mix,
    mix_all,
)
from .._rows.tables import column_names, column_of, is_table
from ..exceptions import InvalidInputError

__all__ = ["combine_hashes", "hash_labels", "hash_rows"]

_LABEL_KEY = np.uint64(0x6C6162656C)  # keeps a label apart from a feature with the same value
_EXPONENT_BITS = np.uint64(0x7FF0000000000000)
_FIRST_WORK = FirstWork(2**23)
_CELLS_AT_A_TIME = 1 << 17  # converted to float64 together; small enough to stay in the cache


@njit(nogil=True, cache=True)
def _hash_sparse(cells, columns, row_starts, keys, hashes, start, stop):
    """Hash rows start to stop of a CSR matrix of float64 cells, given by their bits."""
    for row in range(start, stop):
        total = uint64(0)
        for cell in range(row_starts[row], row_starts[row + 1]):
            bits = cells[cell]
            magnitude = bits << uint64(1)
            if magnitude > (_EXPONENT_BITS << uint64(1)):
                bits = MISSING
            if magnitude != uint64(0):
                total += mix(bits + keys[columns[cell]])
        hashes[row] = mix(total)


def hash_rows(X):
    """Hash every row of X by its content.

    Parameters
    ----------
    X : array-like, sparse matrix or table of shape (n_rows, ...)
        Numbers in an array of two or more dimensions, a CSR or CSC matrix, a DataFrame of pandas
        or polars or a table of Arrow with columns of any kind, or a 1-D array or list of strings
        (one text per row). Numbers are compared as float64: integers beyond 2**53 that round
        alike hash alike.

    Returns
    -------
    ndarray of uint64, of shape (n_rows,)

    Raises
    ------
    InvalidInputError
        If a cell holds neither number, string, time nor missing value.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> from sklearn_certify.partition import hash_rows
    >>> X = np.array([[0.0, 1.0], [2.0, 0.0]])
    >>> hash_rows(X)
    array([ 4788795539322730480, 10167350618803617579], dtype=uint64)
    >>> (hash_rows(X) == hash_rows(csr_array(X.astype(int)))).all()
    np.True_
    """
    if issparse(X):
        return _hash_sparse_rows(X)
    if is_table(X):
        return _hash_table_rows(X)
    X = read_list(X) if isinstance(X, (list, tuple)) else np.asarray(X)
    if X.ndim == 0:
        raise InvalidInputError("X must have rows, got a single value.")
    if X.dtype.kind in "biuf":
        return _hash_number_rows(X.reshape(len(X), -1) if len(X) else X.reshape(0, 1))
    if X.ndim == 1:
        X = X[:, np.newaxis]
    X = X.reshape(len(X), -1) if len(X) else X.reshape(0, 1)
    return _hash_columns([X[:, column] for column in range(X.shape[1])], len(X))


def _hash_number_rows(X):
    hashes = np.empty(len(X), dtype=np.uint64)
    keys = column_keys(X.shape[1])
    step = max(_CELLS_AT_A_TIME // max(X.shape[1], 1), 1)
    write_hashes = hash_cells_by_numpy if _FIRST_WORK.takes(X.size) else hash_cells

    def hash_block(start, stop):
        for first in range(start, stop, step):
            last = min(first + step, stop)
            cells = np.ascontiguousarray(X[first:last], dtype=np.float64).view(np.uint64)
            write_hashes(cells, keys, hashes[first:last])

    run_on_blocks(hash_block, len(X), min_block=step)
    return hashes


def _hash_sparse_rows(X):
    X = X.tocsr()
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    hashes = np.empty(X.shape[0], dtype=np.uint64)
    keys = column_keys(X.shape[1])
    cells = X.data.astype(np.float64, copy=False).view(np.uint64)
    run_on_blocks(
        lambda start, stop: _hash_sparse(cells, X.indices, X.indptr, keys, hashes, start, stop),
        X.shape[0],
        min_block=1000,
    )
    return hashes


def _hash_table_rows(X):
    dtypes = list(getattr(X, "dtypes", [None]))  # Arrow has none
    if all(isinstance(dtype, np.dtype) and dtype.kind in "biuf" for dtype in dtypes):
        return _hash_number_rows(X.to_numpy())
    names = column_names(X)
    return _hash_columns([column_of(X, place) for place in range(len(names))], len(X), names)


def _hash_columns(columns, n_rows, names=None):
    totals = np.zeros(n_rows, dtype=np.uint64)
    names = range(len(columns)) if names is None else names
    for column, key, name in zip(columns, column_keys(len(columns)), names, strict=True):
        try:
            tokens = cell_tokens(column)
        except InvalidInputError as error:
            raise InvalidInputError(f"Column {name!r}: {error}") from error
        totals += np.where(tokens == 0, np.uint64(0), mix_all(tokens, key))
    return mix_all(totals, np.uint64(0))


def hash_labels(y):
    """Hash labels, or the names of groups, by value.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Numbers or strings.

    Returns
    -------
    ndarray of uint64, of shape (n_rows,)

    Raises
    ------
    InvalidInputError
        If a label is neither a number nor a string, or if y is not one-dimensional.

    Examples
    --------
    >>> from sklearn_certify.partition import hash_labels
    >>> hash_labels(["cat", "dog"]) == hash_labels(["cat", "cow"])
    array([ True, False])
    """
    if np.ndim(y) != 1:
        raise InvalidInputError(f"labels must be one-dimensional, got shape {np.shape(y)}.")
    y = y if hasattr(y, "dtype") else column_cells(y, "labels")
    return mix_all(cell_tokens(y), _LABEL_KEY)


def combine_hashes(first, second):
    """Hash pairs of hashes, such as those of a row and of its label.

    Parameters
    ----------
    first, second : ndarray of uint64, of shape (n_rows,)
        Hashes; their order matters.

    Returns
    -------
    ndarray of uint64, of shape (n_rows,)

    Examples
    --------
    >>> from sklearn_certify.partition import combine_hashes, hash_labels, hash_rows
    >>> combine_hashes(hash_rows([[1, 2]]), hash_labels([0])).shape
    (1,)
    """
    return mix_all(first + GOLDEN_RATIO * second, np.uint64(0))
