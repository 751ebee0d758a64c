"""Dates and times as people have them, as moments of one type."""

from datetime import date, datetime, timezone

import numpy as np

from ..exceptions import InvalidInputError
from .columns import is_instance
from .missing import is_missing

__all__ = ["no_moment", "read_moments"]

_YEARS = 1, 9999  # those of Python's dates


def read_moments(cells, name):
    """Return dates as moments, and whether they have a time zone.

    Parameters
    ----------
    cells : ndarray of shape (n_rows,)
        Dates of NumPy, Python or pandas, periods of pandas (their first moment), or texts in ISO
        format, in any mixture.
    name : str
        What errors call them.

    Returns
    -------
    moments : ndarray of datetime64[us], of shape (n_rows,)
        In UTC if there is a time zone, as they stand otherwise.
    has_zone : bool

    Raises
    ------
    InvalidInputError
        If a cell is missing or no date, a year is not one of 1 to 9999, some have a time zone and
        others have none, or there are several.
    """
    if cells.dtype.kind == "M":
        missing = np.flatnonzero(np.isnat(cells))
        if len(missing):
            raise no_moment(missing[0], name)
        years = cells.astype("datetime64[Y]").astype(np.int64) + 1970
        wrong = np.flatnonzero((years < _YEARS[0]) | (years > _YEARS[1]))
        if len(wrong):
            raise InvalidInputError(
                f"{name} holds {cells[wrong[0]]} in row {wrong[0]}; years go from 1 to 9999."
            )
        return cells.astype("datetime64[us]"), False
    moments = np.empty(len(cells), dtype="datetime64[us]")
    zones = {}  # the first row of each
    for row, cell in enumerate(cells):
        moments[row], zone = _read(cell, row, name)
        zones.setdefault(zone, row)
    if len(zones) > 1:
        (zone, row), (other, other_row) = list(zones.items())[:2]
        raise InvalidInputError(
            f"{name} mixes time zones: {zone or 'none'} in row {row}, {other or 'none'} in row "
            f"{other_row}; bring all of them to UTC."
        )
    return moments, bool(zones) and None not in zones


def _read(cell, row, name):
    """Return a moment and the name of its time zone, None if it has none."""
    if is_missing(cell):
        raise no_moment(row, name)
    try:
        if isinstance(cell, str):
            cell = datetime.fromisoformat(cell.replace("Z", "+00:00"))
        if is_instance(cell, "pandas", "Period"):
            cell = cell.start_time
        if isinstance(cell, np.datetime64):
            return read_moments(np.array([cell]), name)[0][0], None
        if isinstance(cell, datetime):
            return _read_datetime(cell)
        if isinstance(cell, date):
            return np.datetime64(cell, "us"), None
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(f"{name} holds {cell!r} in row {row}: {error}.") from error
    raise InvalidInputError(
        f"{name} holds {cell!r} in row {row}, which is no date; use dates of NumPy, Python or "
        "pandas, or texts such as '2026-11-27'."
    )


def _read_datetime(cell):
    zone = None if cell.utcoffset() is None else str(cell.tzinfo)
    if zone is not None:
        cell = cell.astimezone(timezone.utc).replace(tzinfo=None)
    if is_instance(cell, "pandas", "Timestamp"):
        cell = cell.to_datetime64()
    return np.datetime64(cell).astype("datetime64[us]"), zone


def no_moment(row, name):
    """Return the error for a row of which nobody knows when it came."""
    return InvalidInputError(
        f"{name} has none for row {row}; leave out rows of which nobody knows when they came."
    )
