"""Cells as bytes: the same for cells that nothing can tell apart, and for no others."""

from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import joblib
import numpy as np

from .columns import column_values

__all__ = ["bits_of", "cell_as_bytes", "cells_as_bytes", "joined"]

_LONG_DOUBLE_BYTES = 10 if np.finfo(np.longdouble).nmant == 63 else np.dtype("g").itemsize
_SAYS_ALL = (int, complex, date, time, timedelta, Decimal, Fraction, UUID, type(None))


def bits_of(X):
    """Return the cells of an array as bytes that tell nothing but their values.

    Parameters
    ----------
    X : ndarray of shape (n_rows, ...)
        Numbers, truth values, times or texts.

    Returns
    -------
    ndarray of uint8, of shape (n_rows, n_bytes)
    """
    X = np.ascontiguousarray(X).reshape(len(X), int(np.prod(X.shape[1:])))
    bits = X.view(np.uint8).reshape(len(X), X.shape[1] * X.dtype.itemsize)
    if X.dtype.kind == "f" and X.dtype.itemsize == np.dtype("g").itemsize > 8:
        # what fills up an extended float is whatever was in memory
        cells = bits.reshape(len(X), X.shape[1], X.dtype.itemsize)[..., :_LONG_DOUBLE_BYTES]
        return cells.reshape(len(X), X.shape[1] * _LONG_DOUBLE_BYTES)
    return bits


def cells_as_bytes(cells):
    """Return bytes for every cell of a column.

    Parameters
    ----------
    cells : ndarray, or a column of pandas, polars or Arrow, of shape (n_rows,)
        Cells of any kind.

    Returns
    -------
    list of bytes
    """
    cells = column_values(cells)
    if cells.dtype.kind in "biufmM":
        return [row.tobytes() for row in bits_of(cells[:, np.newaxis])]
    return [cell_as_bytes(cell) for cell in cells]


def cell_as_bytes(cell):
    """Return bytes that tell the type of an object and its value.

    Parameters
    ----------
    cell : object
        Anything; what cannot be pickled counts by its ``repr``.

    Returns
    -------
    bytes
    """
    kind = type(cell)
    if isinstance(cell, str):
        content = str.__str__(cell).encode("utf-8", "surrogatepass")
    elif isinstance(cell, bytes):
        content = bytes(cell)
    elif isinstance(cell, float):
        content = np.float64(cell).tobytes()
    elif isinstance(cell, np.generic):
        content = repr(cell.dtype).encode() + bits_of(np.array([cell])).tobytes()
    elif isinstance(cell, _SAYS_ALL):
        content = repr(cell).encode("utf-8", "surrogatepass")
    else:
        content = _content_of(cell)
    return joined((f"{kind.__module__}.{kind.__qualname__}".encode(), content))


def _content_of(cell):
    try:  # the repr of an array leaves cells out, and that of other things tells where they are
        return joblib.hash(cell, hash_name="sha1").encode()
    except Exception:  # joblib raises what the cell's own methods raise
        return repr(cell).encode("utf-8", "surrogatepass")


def joined(parts):
    """Join bytes so that other parts never give the same whole.

    Parameters
    ----------
    parts : iterable of bytes-like
        Any number of them.

    Returns
    -------
    bytes
    """
    parts = [bytes(part) for part in parts]
    return b"".join(len(part).to_bytes(8, "little") + part for part in parts)
