"""A list of rows is numbers or texts, whatever any single row holds."""

from datetime import date, time, timedelta
from decimal import Decimal
from itertools import chain
from numbers import Real

import numpy as np

from ..exceptions import InvalidInputError
from .columns import column_values, is_series
from .missing import is_missing

__all__ = ["read_list", "without_lists"]

_TEXTS = (str, bytes)
_PLAIN_NUMBERS = (int, float, np.integer, np.floating, np.bool_)
_RAGGED = "X is a list whose rows differ in shape; give every row as many cells as the others."


def read_list(rows):
    """Return a list of rows as an array of float64, or of objects if its cells are texts.

    NumPy would choose a type that fits all cells, so that one cell could turn numbers into texts
    and whole numbers into fractions. A missing cell is NaN among numbers; among texts it stays
    as it is.

    Parameters
    ----------
    rows : list or tuple
        Rows: lists or arrays of any depth, or one text each.

    Returns
    -------
    ndarray of float64 or object, of shape (n_rows, ...)

    Raises
    ------
    InvalidInputError
        If cells are neither numbers nor texts, or some are numbers and some are texts; if rows
        differ in shape, or no cell holds anything.

    Examples
    --------
    >>> from sklearn_certify._rows.lists import read_list
    >>> read_list([[1, True], [None, 2]])
    array([[ 1.,  1.],
           [nan,  2.]])
    >>> read_list([["red", None]])
    array([['red', None]], dtype=object)
    """
    rows = [_without_library(row) for row in rows]
    types = _types_of_cells(rows)
    if not types:
        return np.array(rows, dtype=np.float64)  # no cells at all
    if all(issubclass(kind, _PLAIN_NUMBERS) and kind is not np.timedelta64 for kind in types):
        return _as_array(rows, np.float64)
    cells = _as_array(rows, object)
    kinds = {_kind(cell): None for cell in cells.ravel()}
    kinds.pop("missing", None)
    if not kinds:
        raise InvalidInputError(
            "X is a list in which every cell is missing, so that it is neither numbers nor texts; "
            "pass an array or a DataFrame, whose type says what it holds."
        )
    if set(kinds) == {"numbers"}:
        return _numbers(cells)
    if set(kinds) == {"texts"}:
        return cells
    raise InvalidInputError(_message(cells))


def without_lists(X):
    """Return X, read by `read_list` if it is a list of rows.

    Parameters
    ----------
    X : object
        Rows as a user brings them.

    Returns
    -------
    object
    """
    return read_list(X) if isinstance(X, (list, tuple)) and len(X) else X


def _without_library(row):
    if isinstance(row, (list, tuple, range)):
        return row
    if is_series(row):
        return column_values(row)
    is_scalar = isinstance(row, (*_TEXTS, np.generic)) or not hasattr(row, "__array__")
    return row if is_scalar else np.asarray(row)  # a tensor, for one


def _types_of_cells(level):
    """Return the types of all cells; arrays of numbers and texts count by one cell."""
    types = set()
    while level:
        types |= set(map(type, level))
        nested = {kind for kind in types if issubclass(kind, (list, tuple, range, np.ndarray))}
        if not nested:
            break
        types -= nested
        deeper = (row for row in level if type(row) in nested)
        level = list(chain.from_iterable(map(_cells_that_tell, deeper)))
    return types


def _cells_that_tell(row):
    if isinstance(row, np.ndarray) and row.dtype.kind in "biufUS":
        return row.ravel()[:1]
    return row.ravel().tolist() if isinstance(row, np.ndarray) else row


def _kind(cell):
    if isinstance(cell, _TEXTS):
        return "texts"
    if is_missing(cell):
        return "missing"
    # NumPy counts its time spans among the whole numbers
    if isinstance(cell, (Real, Decimal, np.bool_)) and not isinstance(cell, np.timedelta64):
        return "numbers"
    return "others"


def _as_array(rows, dtype):
    try:
        return np.array(rows, dtype=dtype)
    except OverflowError:
        return _numbers(np.array(rows, dtype=object))
    except ValueError as error:
        raise InvalidInputError(_RAGGED) from error


def _numbers(cells):
    numbers = np.empty(cells.shape)
    for place, cell in np.ndenumerate(cells):
        try:
            numbers[place] = np.nan if is_missing(cell) else float(cell)
        except OverflowError as error:
            raise InvalidInputError(
                f"X is a list whose row {place[0]} holds a whole number too large for float64; "
                "pass np.array(rows, dtype=object) to keep such numbers."
            ) from error
    return numbers


def _message(cells):
    first = {}
    for place, cell in np.ndenumerate(cells):
        kind = _kind(cell)
        if kind != "missing":
            first.setdefault(kind, (place[0], cell))
        if len(first) == 2 or kind == "others":
            break
    mend = "pass np.array(rows, dtype=object), or a DataFrame with a type for each column"
    if "others" in first:
        row, cell = first["others"]
        if isinstance(cell, (list, tuple, np.ndarray)):
            return _RAGGED
        holds = f"holds a {type(cell).__name__}"
        if isinstance(cell, (date, time, timedelta, np.datetime64, np.timedelta64)):
            holds += f" ({cell})"
        return f"X is a list whose row {row} {holds}, but a list is numbers or texts; {mend}."
    (a, (row_a, cell_a)), (b, (row_b, cell_b)) = first.items()
    return (
        f"X is a list that mixes {a} ({cell_a!r:.40} in row {row_a}) and {b} ({cell_b!r:.40} in "
        f"row {row_b}), so that NumPy would make texts of all of them; {mend}."
    )
