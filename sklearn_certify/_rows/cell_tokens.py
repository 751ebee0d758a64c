"""One 64-bit token per cell: equal values have equal tokens, whatever type holds them."""

from datetime import date, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from numbers import Real
from uuid import UUID

import numpy as np

from ..exceptions import InvalidInputError
from .columns import column_values, is_instance
from .missing import is_missing

__all__ = ["MISSING", "cell_tokens"]

MISSING = np.uint64(0x7FF8000000000000)  # the bits of the NaN that stands for all missing values
_TIME_TAG = np.uint64(0x74696D6500000000)  # keeps times apart from numbers with the same bits


def cell_tokens(column):
    """Return a token for every cell of a column.

    A number's token is the bits of its float64 value, with one zero and one NaN; so ``1``,
    ``1.0``, ``True`` and ``float32(1)`` are alike. A string's token is a digest of its UTF-8
    bytes. ``None``, NaN, NaT and pandas' NA are all the same missing value. Categories count by
    value, not by code, and so do times, whatever their unit and zone, and time spans.

    Parameters
    ----------
    column : array-like of shape (n_rows,)
        A numpy array, or a column of pandas, polars or Arrow, of numbers, strings, times,
        periods, intervals, UUIDs, categories, or a mixture of them.

    Returns
    -------
    ndarray of uint64, of shape (n_rows,)

    Raises
    ------
    InvalidInputError
        If a cell holds something else, or a complex number.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify._rows import cell_tokens
    >>> a = cell_tokens(np.array([0.5, 2.0], dtype=np.float32))
    >>> b = cell_tokens(np.array([0.5, 2], dtype=object))
    >>> (a == b).all()
    np.True_
    """
    dtype = getattr(column, "dtype", None)
    if is_instance(dtype, "pandas", "CategoricalDtype"):
        categorical = getattr(column, "cat", column)  # of a Series, or an Index itself
        return _categorical_tokens(categorical.categories, categorical.codes)
    if hasattr(dtype, "na_value"):  # pandas' own: nullable numbers, strings, zones, Arrow
        return _extension_tokens(column)
    values = column_values(column)
    dtype = values.dtype
    if dtype.kind in "biuf":
        return number_tokens(values)
    if dtype.kind in "mM":
        return _time_tokens(values)
    if dtype.kind in "OUST":
        return _object_tokens(values)
    raise InvalidInputError(f"Cannot hash values of type {dtype}; pass a hash_function.")


def number_tokens(values):
    """Return the bits of real numbers as float64, with one zero and one NaN."""
    values = np.array(values, dtype=np.float64, ndmin=1)
    zero, missing = values == 0, np.isnan(values)
    tokens = values.view(np.uint64)
    tokens[zero] = 0
    tokens[missing] = MISSING
    return tokens


def _categorical_tokens(categories, codes):
    # the code -1 stands for a missing value and finds it at the end
    tokens = np.append(cell_tokens(categories), MISSING)
    return tokens[np.asarray(codes)]


def _extension_tokens(column):
    kind = getattr(column.dtype, "kind", None)
    if kind in "biuf":
        return number_tokens(column.to_numpy(dtype=np.float64, na_value=np.nan))
    if kind in "mM":
        present = ~np.asarray(column.isna())
        tokens = np.full(len(column), MISSING)
        tokens[present] = _time_tokens(column[present].to_numpy(dtype=f"{kind}8[us]"))
        return tokens
    return _object_tokens(column.to_numpy(dtype=object))


def _time_tokens(values):
    # microseconds whatever the unit: the years 1 to 9999 fit
    microseconds = values.astype(f"{values.dtype.kind}8[us]")
    tokens = microseconds.view(np.uint64) ^ _TIME_TAG
    tokens[np.isnat(values)] = MISSING
    return tokens


def _object_tokens(values):
    tokens = np.empty(len(values), dtype=np.uint64)
    known = {}  # strings repeat, and a digest costs more than a look-up
    for row, value in enumerate(values):
        try:
            tokens[row] = known[value]
        except (KeyError, TypeError):
            tokens[row] = token = _cell_token(value)
            if isinstance(value, (str, bytes)):
                known[value] = token
    return tokens


def _cell_token(value):
    if isinstance(value, str):
        # "surrogatepass": a lone surrogate, as os.fsdecode makes them, is content too
        return _digest(b"s", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return _digest(b"b", value)
    if is_missing(value):
        return MISSING
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return _time_tokens(np.array([value]))[0]
    if isinstance(value, (Real, Decimal, np.bool_)):
        try:
            return number_tokens([value])[0]
        except OverflowError:  # an integer beyond the range of float64
            return _digest(b"n", str(value).encode())
    if isinstance(value, date):  # datetime and pandas' Timestamp are dates too
        return _time_tokens(np.array([_as_utc(value)], dtype="M8[us]"))[0]
    if isinstance(value, timedelta):
        return _time_tokens(np.array([value], dtype="m8[us]"))[0]
    return _rare_token(value)


def _rare_token(value):
    if isinstance(value, time):
        return _digest(b"t", value.isoformat().encode())
    if isinstance(value, UUID):
        return _digest(b"u", value.bytes)
    if is_instance(value, "pandas", "Period"):
        return _digest(b"p", str(value).encode())
    if is_instance(value, "pandas", "Interval"):
        ends = np.array([_cell_token(value.left), _cell_token(value.right)])
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
    return np.uint64(
        int.from_bytes(blake2b(content, digest_size=8, person=kind).digest(), "little")
    )
