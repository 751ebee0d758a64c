"""Rows of numbers of one type, in an array."""

import numpy as np
import pyarrow as pa

from ...exceptions import InvalidInputError

__all__ = ["NumberRows"]


class NumberRows:
    """Rows of numbers or times, each of them as the bytes that it is.

    Parameters
    ----------
    dtype : str
        Type of a cell, as NumPy writes it.
    shape : sequence of int
        Shape of a row.
    """

    kind = "numbers"

    def __init__(self, dtype, shape):
        self.dtype, self.shape = np.dtype(dtype), tuple(shape)

    @classmethod
    def of(cls, X):
        """Return the form of rows, or None if they are of another kind."""
        if not isinstance(X, np.ndarray) or X.dtype.kind not in "biufmM":
            return None
        if X.dtype.char == "g":
            raise InvalidInputError(
                "X holds extended floats (longdouble), which differ between machines; pass "
                "X.astype('float64')."
            )
        return cls(X.dtype.str, X.shape[1:])

    def accept(self, X):
        """Return rows of a later block in this form, or raise if they have another."""
        if not isinstance(X, np.ndarray) or X.shape[1:] != self.shape:
            raise InvalidInputError(f"the rows are {_in_words(X)}, not {self}.")
        if X.dtype != self.dtype and not np.can_cast(X.dtype, self.dtype, "safe"):
            raise InvalidInputError(f"the rows are of {X.dtype}, not {self}.")
        return np.ascontiguousarray(X, dtype=self.dtype)

    def encode(self, X):
        """Return the columns of Arrow that hold rows."""
        cells = np.ascontiguousarray(X)
        width = cells.itemsize * int(np.prod(self.shape))
        buffers = [None, pa.py_buffer(cells.reshape(-1).view(np.uint8))]
        return [pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(cells), buffers)]

    def decode(self, columns):
        """Return the rows that such columns hold."""
        (column,) = columns
        width, (_, data) = column.type.byte_width, column.buffers()
        cells = np.empty((len(column), *self.shape), dtype=self.dtype)
        if len(column):
            start = column.offset * width
            flat = np.frombuffer(data, np.uint8, len(column) * width, start)
            cells.reshape(-1).view(np.uint8)[:] = flat
        return cells

    def empty(self):
        """Return no rows, in this form."""
        return np.empty((0, *self.shape), dtype=self.dtype)

    def to_json(self):
        return {"dtype": self.dtype.str, "shape": list(self.shape)}

    def __str__(self):
        return f"{self.dtype} of shape {self.shape}"


def _in_words(X):
    shape = f" of shape {X.shape[1:]}" if hasattr(X, "shape") else ""
    return f"a {type(X).__name__}{shape}"
