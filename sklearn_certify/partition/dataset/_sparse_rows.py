"""Rows of a sparse matrix."""

import numpy as np
import pyarrow as pa
import scipy.sparse
from scipy.sparse import issparse

from ...exceptions import InvalidInputError

__all__ = ["SparseRows"]


class SparseRows:
    """Rows of a CSR matrix: the numbers of their stored columns, and the values.

    Parameters
    ----------
    container : {"csr_array", "csr_matrix"}
        SciPy's class.
    dtype, index_dtype : str
        Types of values and of column numbers.
    n_columns : int
        Length of a row.
    """

    kind = "sparse"

    def __init__(self, container, dtype, index_dtype, n_columns):
        self.container, self.n_columns = container, n_columns
        self.dtype, self.index_dtype = np.dtype(dtype), np.dtype(index_dtype)

    @classmethod
    def of(cls, X):
        """Return the form of rows, or None if they are of another kind."""
        if not issparse(X):
            return None
        if X.dtype.kind not in "biuf" or X.dtype.char == "g":
            raise InvalidInputError(f"X is a sparse matrix of {X.dtype}; pass X.astype('float64').")
        container = "csr_array" if type(X).__name__.endswith("_array") else "csr_matrix"
        return cls(container, X.dtype.str, X.indices.dtype.str, X.shape[1])

    def accept(self, X):
        """Return rows of a later block in this form, or raise if they have another."""
        if not issparse(X) or X.shape[1] != self.n_columns:
            raise InvalidInputError(f"the rows are not {self}.")
        if not np.can_cast(X.dtype, self.dtype, "safe"):
            raise InvalidInputError(f"the rows are of {X.dtype}, not {self}.")
        return self._make(
            X.data.astype(self.dtype, copy=False),
            X.indices.astype(self.index_dtype, copy=False),
            X.indptr,
        )

    def _make(self, data, indices, indptr):
        shape = (len(indptr) - 1, self.n_columns)
        X = getattr(scipy.sparse, self.container)((data, indices, indptr), shape=shape)
        # SciPy may have chosen another type
        X.indices = X.indices.astype(self.index_dtype, copy=False)
        X.indptr = X.indptr.astype(self.index_dtype, copy=False)
        return X

    def encode(self, X):
        """Return the columns of Arrow that hold rows."""
        return [_as_bytes(X.indices, X.indptr), _as_bytes(X.data, X.indptr)]

    def decode(self, columns):
        """Return the rows that such columns hold."""
        indices, starts = _from_bytes(columns[0], self.index_dtype)
        data, _ = _from_bytes(columns[1], self.dtype)
        return self._make(data, indices, starts)

    def empty(self):
        """Return no rows, in this form."""
        return self._make(
            np.empty(0, self.dtype), np.empty(0, self.index_dtype), np.zeros(1, self.index_dtype)
        )

    def to_json(self):
        return {
            "container": self.container,
            "dtype": self.dtype.str,
            "index_dtype": self.index_dtype.str,
            "n_columns": self.n_columns,
        }

    def __str__(self):
        return f"a sparse matrix of {self.dtype} with {self.n_columns} columns"


def _as_bytes(values, starts):
    """Return what lies between the starts, a row each, as a column of bytes."""
    offsets = starts.astype(np.int64) * values.itemsize
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(pa.large_binary(), len(starts) - 1, buffers)


def _from_bytes(column, dtype):
    _, offsets, data = column.buffers()
    offsets = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    if not len(offsets):
        return np.empty(0, dtype), np.zeros(1, np.int64)
    size = int(offsets[-1] - offsets[0]) // dtype.itemsize
    values = np.empty(size, dtype)
    if size:
        values[:] = np.frombuffer(data, dtype, size, int(offsets[0]))
    return values, (offsets - offsets[0]) // dtype.itemsize
