"""Periods of rows: whole numbers, or what pandas calls periods."""

from numbers import Integral, Real

import numpy as np

from ..exceptions import InvalidInputError
from .columns import is_instance
from .labels import column_cells
from .missing import is_missing
from .moments import no_moment

__all__ = ["check_periods"]

_FARTHEST = 2**53  # up to here every whole number is a float


def check_periods(periods, name="periods"):
    """Validate the periods of rows and return them as numbers.

    Parameters
    ----------
    periods : array-like of shape (n_rows,)
        Whole numbers, or periods of pandas of one frequency, in an array, a list, or a column or
        index of pandas, polars or Arrow.
    name : str, default="periods"
        What errors call it.

    Returns
    -------
    numbers : ndarray of int64, of shape (n_rows,)
        A period of pandas has the number that is its ``ordinal``.
    frequency : str or None
        The frequency of pandas' periods; None for numbers.

    Raises
    ------
    InvalidInputError
        If a row has no period, or one that is no whole number; if there are several frequencies.

    Examples
    --------
    >>> from sklearn_certify._rows import check_periods
    >>> check_periods([3, 4.0, 4])
    (array([3, 4, 4]), None)
    """
    cells = column_cells(periods, name)
    if cells.dtype.kind in "iu":
        _refuse(~_is_near(cells), cells, name)
        return cells.astype(np.int64), None
    frequencies = dict.fromkeys(map(_frequency, cells)) if cells.dtype.kind == "O" else {}
    if frequencies.keys() - {None}:
        _refuse_mixtures(cells, frequencies, name)
        return np.array([cell.ordinal for cell in cells], dtype=np.int64), next(iter(frequencies))
    _refuse([not _is_whole(cell) for cell in cells], cells, name)
    return np.array([int(cell) for cell in cells], dtype=np.int64), None


def _is_near(number):
    return (number >= -_FARTHEST) & (number <= _FARTHEST)


def _is_number(cell):
    return isinstance(cell, Real) and not isinstance(cell, (bool, np.bool_, np.timedelta64))


def _is_whole(cell):
    if not _is_number(cell) or not _is_near(cell):
        return False
    return isinstance(cell, Integral) or float(cell).is_integer()


def _frequency(cell):
    return cell.freqstr if is_instance(cell, "pandas", "Period") else None


def _refuse_mixtures(cells, frequencies, name):
    missing = [row for row, cell in enumerate(cells) if is_missing(cell)]
    if missing:
        raise no_moment(missing[0], name)
    if len(frequencies) > 1:
        kinds = " and ".join("numbers" if kind is None else repr(kind) for kind in frequencies)
        raise InvalidInputError(f"{name} mixes {kinds}; give all rows periods of one frequency.")


def _refuse(wrong, cells, name):
    """Raise if some cells are no periods, with a word on the first of them."""
    wrong = np.flatnonzero(wrong)
    if not len(wrong):
        return
    row, cell = wrong[0], cells[wrong[0]]
    if is_missing(cell):
        raise no_moment(row, name)
    what = f"{name} holds {cell!r} in row {row}, which is "
    if _is_number(cell):
        raise InvalidInputError(f"{what}no whole number between -2**53 and 2**53.")
    raise InvalidInputError(
        f"{what}no whole number; make numbers of dates with "
        "sklearn_certify.partition.periods_from_dates(dates, every='week')."
    )
