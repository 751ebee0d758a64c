"""Names of contributors count as texts, so that no name changes the others."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Integral, Real
from uuid import UUID

import numpy as np

from ..exceptions import InvalidInputError
from .columns import is_instance
from .labels import column_cells
from .missing import is_missing

__all__ = ["check_groups"]

_FLOAT = re.compile(r"-?\d+(\.\d+)?(e\+?\d+)?")  # as Python and NumPy write large and whole floats
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?")


def check_groups(groups):
    """Validate the names of the rows' groups and return each as the text that stands for it.

    ``np.append(numbers, "mallory")`` makes texts of all names, so a name must be the same
    contributor before and after: 17, 17.0, "17" and "17.0" are one name.

    Parameters
    ----------
    groups : array-like of shape (n_rows,) or None
        The contributor of each row: numbers, texts, dates, UUIDs, or tuples of them, in an array,
        a list, or a column or index of pandas, polars or Arrow.

    Returns
    -------
    ndarray of str objects, of shape (n_rows,), or None

    Raises
    ------
    InvalidInputError
        If a row has no group, or a name is none of these.

    Examples
    --------
    >>> from sklearn_certify._rows import check_groups
    >>> check_groups([17, 17.0, "17", 2**60 + 1, 0.5, True]).tolist()
    ['17', '17', '17', '1152921504606846977', '0.5', 'True']
    """
    if groups is None:
        return None
    cells = column_cells(groups, "groups")
    if cells.dtype.kind in "iu":
        texts = [str(name) for name in cells.tolist()]
    else:
        texts = [_text(name, row) for row, name in enumerate(cells)]
    missing = [row for row, text in enumerate(texts) if text is None]
    if missing:
        raise InvalidInputError(
            f"groups has no name for {len(missing)} of the rows, the first is row {missing[0]}; "
            "name a contributor for each, one of its own for a row whose contributor is unknown."
        )
    return np.array(texts, dtype=object)


def _text(name, row):
    """Return the text that stands for a name, None for a missing one."""
    if isinstance(name, str):
        return _plain_text(str.__str__(name))
    if isinstance(name, float) and name == name:  # the common ones come first
        return _plain_text(str(name))
    if isinstance(name, (tuple, np.void)):
        parts = [_text(part, row) for part in name]
        return None if None in parts else f"({', '.join(map(repr, parts))})"
    if is_missing(name):
        return None
    if isinstance(name, bytes):
        return _plain_text(name.decode("utf-8", "surrogateescape"))
    if isinstance(name, (bool, np.bool_)):
        return str(bool(name))
    if isinstance(name, (np.datetime64, np.timedelta64)):
        return _plain_text(str(name))
    if isinstance(name, Integral):
        return str(int(name))
    if isinstance(name, (date, time)):
        return _plain_text(name.isoformat())
    if isinstance(name, (Real, Decimal, UUID, timedelta)) or is_instance(
        name, "pandas", "Period", "Interval"
    ):
        return _plain_text(str(name))
    raise InvalidInputError(
        f"groups holds a {type(name).__name__} in row {row}, which is no name; use numbers, texts, "
        "dates, UUIDs, or tuples of them."
    )


def _plain_text(text):
    """Write a whole number, or a moment, in the one way, whoever wrote it before."""
    if text.isdigit() or not (text[:1].isdigit() or text[:1] == "-"):
        return text
    if _FLOAT.fullmatch(text) and ("." in text or "e" in text):
        return _whole_number(text)
    return _moment(text) if _MOMENT.fullmatch(text) else text


def _whole_number(text):
    """Return the digits of a whole number that is written as a float, else the text."""
    number = float(text)
    if repr(number) != text:
        number = _small_float(text)
    return str(int(number)) if number is not None and number.is_integer() else text


def _small_float(text):
    with np.errstate(over="ignore"):
        candidates = [kind(text) for kind in (np.float32, np.float16)]
    return next((number for number in candidates if str(number) == text), None)


def _moment(text):
    try:
        return str(np.datetime_as_string(np.datetime64(text), unit="auto"))
    except ValueError:  # the 31st of February
        return text
