"""Tokens of cells that are Python objects: those of one type are taken together."""

import sys
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from operator import attrgetter
from uuid import UUID

import numpy as np

from .one_cell_token import one_cell_token
from .token_parts import (
    MISSING,
    digest_tokens,
    microsecond_tokens,
    number_tokens,
    time_tokens,
)

__all__ = ["object_tokens"]

_MICROSECONDS_PER_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1)


def object_tokens(values):
    """Return a token for every cell, the same whatever the other cells are.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        Objects or texts.

    Returns
    -------
    ndarray of uint64, of shape (n_rows,)

    Raises
    ------
    InvalidInputError
        If a cell has no token.
    """
    cells = values.tolist()
    functions = {kind: _function_for(kind) for kind in set(map(type, cells))}
    distinct = list(set(functions.values()))
    if len(distinct) == 1:
        return _apply(distinct[0], cells)
    tokens = np.empty(len(cells), dtype=np.uint64)
    codes = {kind: distinct.index(function) for kind, function in functions.items()}
    codes = np.fromiter(map(codes.__getitem__, map(type, cells)), np.int8, len(cells))
    for code, function in enumerate(distinct):
        rows = np.flatnonzero(codes == code)
        tokens[rows] = _apply(function, values[rows].tolist())
    return tokens


def _apply(function, cells):
    with suppress(Exception):  # as where one of the cells is out of range
        return function(cells)
    return _one_by_one(cells)


def _function_for(kind):
    """Return what finds the tokens of a list of cells of exactly this type."""
    if kind in _FUNCTIONS:
        return _FUNCTIONS[kind]
    if str in kind.__mro__:
        return _tokens_of_text_subclasses
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return _one_by_one
    if kind is pandas.Timestamp:
        return _tokens_of_timestamps
    if kind is pandas.Timedelta:
        return _tokens_of_timedeltas
    return _missing if kind in (type(pandas.NaT), type(pandas.NA)) else _one_by_one


def _one_by_one(cells):
    return np.fromiter(map(one_cell_token, cells), np.uint64, len(cells))


def _missing(cells):
    return np.full(len(cells), MISSING)


def _tokens_of_other_numbers(cells):
    # an array of them, made at once, takes twice as long
    return number_tokens(np.fromiter(map(float, cells), np.float64, len(cells)))


def _tokens_of_texts(cells):
    return _of_unique(cells, lambda unique: digest_tokens(b"s", _encoded(unique)))


def _tokens_of_text_subclasses(cells):
    # which of them are equal is not for them to say
    return _of_unique(_encoded(cells), partial(digest_tokens, b"s"))


def _tokens_of_bytes(cells):
    return _of_unique(cells, partial(digest_tokens, b"b"))


def _encoded(texts):
    return [text.encode("utf-8", "surrogatepass") for text in texts]


def _of_unique(cells, function):
    """Ask a function once for cells that repeat: a digest costs more than a look-up."""
    unique = set(cells)
    if len(unique) == len(cells):
        return function(cells)
    known = dict(zip(unique, function(unique).tolist(), strict=True))
    return np.fromiter(map(known.__getitem__, cells), np.uint64, len(cells))


def _tokens_of_dates(cells):
    return microsecond_tokens(_days(cells) * _MICROSECONDS_PER_DAY)


def _tokens_of_datetimes(cells):
    hours, minutes, seconds, microseconds = _fields(
        cells, "hour", "minute", "second", "microsecond"
    )
    seconds += ((_days(cells) * 24 + hours) * 60 + minutes) * 60
    microseconds += seconds * 1_000_000
    offsets = list(map(datetime.utcoffset, cells))
    if any(offsets):  # of cells without a zone it is None
        microseconds -= _microseconds([offset or timedelta(0) for offset in offsets])
    return microsecond_tokens(microseconds)


def _tokens_of_timedeltas(cells):
    return microsecond_tokens(_microseconds(cells))


def _days(dates):
    return np.fromiter(map(date.toordinal, dates), np.int64, len(dates)) - _EPOCH.toordinal()


def _microseconds(spans):
    days, seconds, microseconds = _fields(spans, "days", "seconds", "microseconds")
    return days * _MICROSECONDS_PER_DAY + seconds * 1_000_000 + microseconds


def _fields(cells, *names):
    """Return an array for each of some attributes, which are integers."""
    return [np.fromiter(map(attrgetter(name), cells), np.int64, len(cells)) for name in names]


def _tokens_of_timestamps(cells):
    # each is rounded from its own unit: without a type, numpy would look for one that fits all
    return time_tokens(np.array([cell.to_datetime64() for cell in cells], dtype="M8[us]"))


def _tokens_of_numpy_times(cells):
    units = {cell.dtype for cell in cells}
    return time_tokens(np.array(cells, units.pop())) if len(units) == 1 else _one_by_one(cells)


def _tokens_of_times_of_day(cells):
    return digest_tokens(b"t", [cell.isoformat().encode() for cell in cells])


def _tokens_of_identifiers(cells):
    return digest_tokens(b"u", [cell.bytes for cell in cells])


_FUNCTIONS = {
    type(None): _missing,
    **dict.fromkeys((int, float, bool, np.float64), number_tokens),
    # of numpy's kinds all but those that can be out of float64's range
    **{np.dtype(code).type: _tokens_of_other_numbers for code in "?bBhHiIlLqQef"},
    Decimal: _tokens_of_other_numbers,
    Fraction: _tokens_of_other_numbers,
    str: _tokens_of_texts,
    bytes: _tokens_of_bytes,
    date: _tokens_of_dates,
    datetime: _tokens_of_datetimes,
    timedelta: _tokens_of_timedeltas,
    np.datetime64: _tokens_of_numpy_times,
    np.timedelta64: _tokens_of_numpy_times,
    time: _tokens_of_times_of_day,
    UUID: _tokens_of_identifiers,
}
