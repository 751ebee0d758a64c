"""Periods from dates, by a rule that looks at each date alone."""

from datetime import timedelta

import numpy as np

from .._rows import column_cells, read_moments
from .._rows.columns import is_series
from ..exceptions import InvalidInputError

__all__ = ["periods_from_dates"]

_LENGTHS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_VAGUE = ("M", "Y", "generic")  # units of which nobody knows how long they are
_EPOCH = {"week": "1970-01-05"}  # a Monday


def periods_from_dates(dates, every, *, origin=None):
    """Number the periods that dates lie in: what `TemporalAggregationClassifier` learns from.

    The number of a date depends on that date alone, and so on no row that an attacker may add.

    Parameters
    ----------
    dates : date or array-like of dates of shape (n_rows,)
        When rows were collected, by the collector's clock: dates of NumPy, Python, pandas, polars
        or Arrow, or texts in ISO format. Periods of pandas count by their first moment. Dates with
        a time zone count in UTC.
    every : {"hour", "day", "week", "month", "quarter", "year"} or timedelta
        How long a period is. Weeks begin on Mondays.
    origin : date, default=None
        Where period 0 begins; dates before it have negative numbers. For months, quarters and years
        the first moment of a month. None: 1970-01-01, and 1970-01-05 for weeks.

    Returns
    -------
    ndarray of int64, of shape (n_rows,), or int
        The number of each date's period; one number for one date.

    Raises
    ------
    InvalidInputError
        If a date is missing or none, its year is not one of 1 to 9999, some have a time zone and
        others have none, or there are several; or if `every` or `origin` is no such thing.

    Examples
    --------
    >>> from sklearn_certify.partition import periods_from_dates
    >>> periods_from_dates(["2026-01-31", "2026-02-01", "2026-11-27"], "month", origin="2026-01-01")
    array([ 0,  1, 10])
    >>> periods_from_dates("2026-11-27", every="week")
    2968
    """
    if isinstance(dates, str) or not (np.ndim(dates) or is_series(dates)):
        return int(periods_from_dates([dates], every, origin=origin)[0])
    moments, has_zone = read_moments(column_cells(dates, "dates"), "dates")
    start, start_has_zone = read_moments(
        np.array([_EPOCH.get(_named(every), "1970-01-01") if origin is None else origin], object),
        "origin",
    )
    if origin is not None and len(moments) and start_has_zone != has_zone:
        raise InvalidInputError(
            f"dates and origin must both have a time zone, or none of them; origin is {origin!r}."
        )
    if _named(every) in _MONTHS:
        months = start.astype("datetime64[M]")
        if (months != start).any():
            raise InvalidInputError(
                f"origin must be the first moment of a month if every={every!r}, got {origin!r}."
            )
        passed = (moments.astype("datetime64[M]") - months).astype(np.int64)
        return passed // _MONTHS[every]
    return (moments - start).astype(np.int64) // _microseconds(every)


def _named(every):
    return every if isinstance(every, str) else None


def _microseconds(every):
    """Return how long a period is."""
    length = _LENGTHS.get(every) if isinstance(every, str) else every
    number = 0
    if isinstance(length, timedelta):
        number = length // timedelta(microseconds=1)
    elif isinstance(length, np.timedelta64) and np.datetime_data(length)[0] not in _VAGUE:
        number = int(length.astype("timedelta64[us]").astype(np.int64))  # NaT is negative
    if number > 0:
        return number
    names = ", ".join(map(repr, [*_LENGTHS, *_MONTHS]))
    raise InvalidInputError(
        f"every must be one of {names}, or a timedelta of a microsecond or more, got {every!r}."
    )
