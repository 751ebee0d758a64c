"""Windows of consecutive periods: which there are, whose rows they hold, and their seeds."""

import numpy as np

from .._compute.seeds import LARGEST_SEED
from ..exceptions import InvalidInputError

__all__ = ["rows_of_windows", "seeds_of_periods", "starts_of_windows"]

_MOST_WINDOWS = 2**15  # that rows alone may ask for


def starts_of_windows(periods, window, *, first_period=None, last_period=None):
    """Return the first and the last period, and where the windows between them start.

    Within declared ends windows lie whole. Beyond an end that only the rows tell there is each
    window that reaches a row. So whether a window is there follows from its own rows and from what
    was declared, and one without rows, whose voter abstains, may as well not be there.

    Parameters
    ----------
    periods : ndarray of int64, of shape (n_rows,)
        The period of each row.
    window : int
        Number of periods in a window.
    first_period, last_period : int, default=None
        Declared ends.

    Returns
    -------
    first_period, last_period : int
    starts : ndarray of int64, of shape (n_windows,)
        Consecutive numbers.

    Raises
    ------
    InvalidInputError
        If a row came in none of the declared periods, these hold no whole window, or there are
        too many windows that nobody has declared.
    """
    first, last = int(periods.min()), int(periods.max())
    if first_period is not None and first < first_period:
        raise _outside(periods, first, f"before first_period={first_period}")
    if last_period is not None and last > last_period:
        raise _outside(periods, last, f"after last_period={last_period}")
    start = first - window + 1 if first_period is None else first_period
    stop = last + 1 if last_period is None else last_period - window + 2
    if stop <= start:
        raise InvalidInputError(
            f"window={window} is longer than the {last_period - first_period + 1} periods from "
            f"first_period={first_period} to last_period={last_period}."
        )
    if None in (first_period, last_period) and stop - start > _MOST_WINDOWS:
        raise InvalidInputError(
            f"periods go from {first} to {last}, which makes {stop - start} voters. Make longer "
            "periods, such as weeks, with sklearn_certify.partition.periods_from_dates, or declare "
            "first_period and last_period."
        )
    first = first if first_period is None else first_period
    last = last if last_period is None else last_period
    return first, last, np.arange(start, stop)


def _outside(periods, period, where):
    row = int(np.flatnonzero(periods == period)[0])
    return InvalidInputError(
        f"Row {row} came in period {period}, {where}: leave such rows out, or declare other "
        "periods."
    )


def rows_of_windows(periods, starts, window, order):
    """Return the rows that came in each window, in canonical order.

    Parameters
    ----------
    periods : ndarray of int64, of shape (n_rows,)
        The period of each row.
    starts : ndarray of int64, of shape (n_windows,)
        The first period of each window.
    window : int
        Number of periods in a window.
    order : ndarray of int64, of shape (n_rows,)
        Row numbers in canonical order.

    Returns
    -------
    list of ndarray of int64
        Row numbers for each window.
    """
    # positions in canonical order, by period; the sort is stable, so those of a period ascend
    positions = np.argsort(periods[order], kind="stable")
    ascending = periods[order][positions]
    begins = np.searchsorted(ascending, starts)
    ends = np.searchsorted(ascending, starts + window)
    return [order[np.sort(positions[begin:end])] for begin, end in zip(begins, ends, strict=True)]


def seeds_of_periods(starts, random_state):
    """Return a seed for each voter that follows from its first period, wherever the others start.

    Parameters
    ----------
    starts : ndarray of int64, of shape (n_voters,)
        The first period of each voter.
    random_state : RandomState
        What all seeds follow from besides.

    Returns
    -------
    list of int
    """
    shared = int(random_state.randint(LARGEST_SEED))
    sequences = (np.random.SeedSequence([shared, int(start) % 2**64]) for start in starts)
    return [int(sequence.generate_state(1)[0]) % LARGEST_SEED for sequence in sequences]
