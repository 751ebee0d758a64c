"""Cells of any kind as bytes, from which they come back as they were."""

import struct
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np

from ..._rows.columns import is_instance
from ...exceptions import InvalidInputError

__all__ = ["cells_from_bytes", "cells_to_bytes"]

_SCALARS = "?bhilqBHILQefdFDmM"  # extended floats differ between machines
_MOMENTS = {datetime: b"m", time: b"c"}


def cells_to_bytes(cells):
    """Return bytes for each cell: the first names its kind.

    Parameters
    ----------
    cells : iterable of object
        Texts, bytes, numbers, truth values, dates and times without a time zone, decimals, UUIDs
        and missing values.

    Returns
    -------
    list of bytes

    Raises
    ------
    InvalidInputError
        If a cell is of another type.
    """
    return [
        b"s" + cell.encode("utf-8", "surrogatepass") if type(cell) is str else _to_bytes(cell)
        for cell in cells
    ]


def _to_bytes(cell):
    kind = type(cell)
    if kind in _PLAIN:
        tag, encode = _PLAIN[kind]
        return tag + encode(cell)
    if kind in _MOMENTS and cell.tzinfo is None and not cell.fold:
        return _MOMENTS[kind] + cell.isoformat().encode()
    if kind is np.str_:
        return b"S" + str(cell).encode("utf-8", "surrogatepass")
    if kind is np.bytes_:
        return b"B" + bytes(cell)
    if isinstance(cell, np.generic) and cell.dtype.char in _SCALARS:
        return b"g" + cell.dtype.str.encode() + b"\0" + cell.tobytes()
    pandas = sys.modules.get("pandas")
    if pandas is not None and cell is pandas.NA:
        return b"A"
    if pandas is not None and cell is pandas.NaT:
        return b"T"
    hint = "" if not is_instance(cell, "pandas", "Timestamp") else ", such as datetime64 for times"
    raise InvalidInputError(
        f"a cell is a {kind.__name__}, which a partitioned data set cannot keep as it is; give the "
        f"column a type of its own{hint}, or make texts of its cells."
    )


_PLAIN = {
    bytes: (b"b", bytes),
    float: (b"f", lambda cell: struct.pack("<d", cell)),
    int: (b"i", lambda cell: str(cell).encode()),
    bool: (b"t", lambda cell: bytes([cell])),
    type(None): (b"n", lambda cell: b""),
    date: (b"d", lambda cell: cell.isoformat().encode()),
    timedelta: (
        b"l",
        lambda cell: f"{cell.days} {cell.seconds} {cell.microseconds}".encode(),
    ),
    Decimal: (b"D", lambda cell: str(cell).encode()),
    UUID: (b"u", lambda cell: cell.bytes),
}


def cells_from_bytes(contents):
    """Return the cells that `cells_to_bytes` was given.

    Parameters
    ----------
    contents : iterable of bytes
        What it returned.

    Returns
    -------
    ndarray of object, of shape (n_cells,)
    """
    contents = list(contents)
    cells = np.empty(len(contents), dtype=object)
    for place, content in enumerate(contents):
        cells[place] = _FROM_BYTES[content[:1]](content[1:])
    return cells


def _numpy_scalar(content):
    kind, _, value = content.partition(b"\0")
    return np.frombuffer(value, dtype=kind.decode())[0]


def _of_pandas(name):
    def value(content):
        import pandas

        return getattr(pandas, name)

    return value


def _text(content):
    return content.decode("utf-8", "surrogatepass")


_FROM_BYTES = {
    b"s": _text,
    b"b": bytes,
    b"f": lambda content: struct.unpack("<d", content)[0],
    b"i": lambda content: int(content.decode()),
    b"t": lambda content: bool(content[0]),
    b"n": lambda content: None,
    b"d": lambda content: date.fromisoformat(content.decode()),
    b"l": lambda content: timedelta(*map(int, content.split())),
    b"D": lambda content: Decimal(content.decode()),
    b"u": lambda content: UUID(bytes=content),
    b"m": lambda content: datetime.fromisoformat(content.decode()),
    b"c": lambda content: time.fromisoformat(content.decode()),
    b"S": lambda content: np.str_(_text(content)),
    b"B": np.bytes_,
    b"g": _numpy_scalar,
    b"A": _of_pandas("NA"),
    b"T": _of_pandas("NaT"),
}
