"""Rows of objects in an array: one text per row, or cells of any kind."""

import struct

import numpy as np
import pyarrow as pa

from ...exceptions import InvalidInputError
from ._cells import cells_from_bytes, cells_to_bytes

__all__ = ["ObjectRows"]


class ObjectRows:
    """Rows of objects.

    Parameters
    ----------
    shape : sequence of int
        Shape of a row; () of one text per row.
    """

    kind = "objects"

    def __init__(self, shape):
        self.shape = tuple(shape)

    @classmethod
    def of(cls, X):
        """Return the form of rows, or None if they are of another kind."""
        if not isinstance(X, np.ndarray) or X.dtype.kind != "O":
            return None
        return cls(X.shape[1:])

    def accept(self, X):
        """Return rows of a later block in this form, or raise if they have another."""
        if self.of(X) is None or X.shape[1:] != self.shape:
            raise InvalidInputError(f"the rows are not {self}.")
        return X

    def encode(self, X):
        """Return the columns of Arrow that hold rows."""
        contents = cells_to_bytes(X.reshape(-1).tolist())
        n_cells = int(np.prod(self.shape))
        if self.shape:
            pieces = (contents[i * n_cells : (i + 1) * n_cells] for i in range(len(X)))
            contents = [b"".join(struct.pack("<Q", len(c)) + c for c in row) for row in pieces]
        return [pa.array(contents, pa.large_binary())]

    def decode(self, columns):
        """Return the rows that such columns hold."""
        contents = columns[0].to_pylist()
        if self.shape:
            contents = [cell for row in contents for cell in _apart(row)]
        return cells_from_bytes(contents).reshape(len(columns[0]), *self.shape)

    def empty(self):
        """Return no rows, in this form."""
        return np.empty((0, *self.shape), dtype=object)

    def to_json(self):
        return {"shape": list(self.shape)}

    def __str__(self):
        return f"objects of shape {self.shape}" if self.shape else "one text per row"


def _apart(row):
    start = 0
    while start < len(row):
        (length,) = struct.unpack_from("<Q", row, start)
        yield row[start + 8 : start + 8 + length]
        start += 8 + length
