"""The token of one cell of any kind: what `object_tokens` must say of it, however it is asked."""

from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Real
from uuid import UUID

import numpy as np

from ..exceptions import InvalidInputError
from .columns import is_instance
from .missing import is_missing
from .token_parts import MISSING, digest_tokens, number_tokens, time_tokens

__all__ = ["one_cell_token"]


def one_cell_token(value):
    """Return the token of a cell, as `cell_tokens` says.

    Parameters
    ----------
    value : object
        A cell.

    Returns
    -------
    uint64

    Raises
    ------
    InvalidInputError
        If the cell has none.
    """
    if isinstance(value, str):
        # "surrogatepass": a lone surrogate, as os.fsdecode makes them, is content too
        return _digest(b"s", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return _digest(b"b", value)
    if is_missing(value):
        return MISSING
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return time_tokens(np.array([value]))[0]
    if isinstance(value, (Real, Decimal, np.bool_)):
        try:
            return number_tokens([value])[0]
        except OverflowError:  # an integer beyond the range of float64
            return _digest(b"n", str(value).encode())
    if isinstance(value, date):  # datetime and pandas' Timestamp are dates too
        return time_tokens(np.array([_as_utc(value)], dtype="M8[us]"))[0]
    if isinstance(value, timedelta):
        return time_tokens(np.array([value], dtype="m8[us]"))[0]
    return _rare_token(value)


def _rare_token(value):
    if isinstance(value, time):
        return _digest(b"t", value.isoformat().encode())
    if isinstance(value, UUID):
        return _digest(b"u", value.bytes)
    if is_instance(value, "pandas", "Period"):
        return _digest(b"p", str(value).encode())
    if is_instance(value, "pandas", "Interval"):
        ends = np.array([one_cell_token(value.left), one_cell_token(value.right)])
        return _digest(b"i", value.closed.encode() + ends.astype("<u8").tobytes())
    raise InvalidInputError(
        f"A cell's argument must be a string or a number, got {type(value).__name__}; "
        "pass a hash_function to partition such rows."
    )


def _as_utc(value):
    if getattr(value, "tzinfo", None) is None:
        return value
    return value.replace(tzinfo=None) - value.utcoffset()


def _digest(kind, content):
    return digest_tokens(kind, [content])[0]
