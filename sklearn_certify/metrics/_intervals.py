"""Scores of certified intervals, which regressors give: arrays in, numbers out."""

import numpy as np
from sklearn.utils.validation import check_consistent_length

from .._rows import read_numbers
from ..exceptions import InvalidInputError

__all__ = ["certified_interval_width", "certified_within_tolerance_score", "interval_around"]


def certified_interval_width(intervals):
    """Return how wide certified intervals are.

    Parameters
    ----------
    intervals : array-like of float of shape (n_samples, 2) or (n_samples, 2, n_sizes)
        Lower and upper ends, as ``predict_interval`` returns them, for one poison size or several.

    Returns
    -------
    ndarray of float64, of shape (n_samples,) or (n_samples, n_sizes)
        Widths in units of y; infinite where nothing bounds a prediction.

    Raises
    ------
    InvalidInputError
        If intervals have another shape, or a lower end above the upper one.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.metrics import certified_interval_width
    >>> certified_interval_width([[3.0, 5.5], [-np.inf, 4.0]])
    array([2.5, inf])
    """
    intervals = _check_intervals(intervals)
    low, high = intervals[:, 0], intervals[:, 1]
    widths = np.zeros(low.shape)
    with np.errstate(over="ignore"):
        np.subtract(high, low, out=widths, where=high != low)  # infinite ends may be equal
    return widths


def certified_within_tolerance_score(y_true, intervals, *, tolerance):
    """Return the share of rows whose certified interval stays within a tolerance of the truth.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True values.
    intervals : array-like of float of shape (n_samples, 2) or (n_samples, 2, n_sizes)
        Lower and upper ends, as ``predict_interval`` returns them, for one poison size or several.
    tolerance : float or array-like of float of shape (n_samples,)
        How far a prediction may be from the truth, in units of y, for all rows or for each.

    Returns
    -------
    float or ndarray of float64 of shape (n_sizes,)

    Raises
    ------
    InvalidInputError
        If there are no rows, an argument has another form, or a tolerance is negative or NaN.

    Examples
    --------
    >>> from sklearn_certify.metrics import certified_within_tolerance_score
    >>> certified_within_tolerance_score([4.0, 4.0], [[3.0, 5.5], [3.5, 4.0]], tolerance=1.0)
    0.5
    """
    intervals = _check_intervals(intervals)
    low, high = interval_around(y_true, tolerance)
    check_consistent_length(intervals, low)
    if len(intervals) == 0:
        raise InvalidInputError("There are no rows, so there is nothing to score.")
    if intervals.ndim == 3:
        low, high = low[:, np.newaxis], high[:, np.newaxis]
    within = (intervals[:, 0] >= low) & (intervals[:, 1] <= high)
    return float(within.mean()) if within.ndim == 1 else within.mean(axis=0)


def interval_around(y, tolerance):
    """Return the numbers that are no farther from y than the tolerance, as two ends.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Finite numbers.
    tolerance : float or array-like of float of shape (n_samples,)
        Numbers from 0 up, which may be infinite.

    Returns
    -------
    low, high : ndarray of float64, of shape (n_samples,)
        ``y - tolerance`` and ``y + tolerance``; where float64 does not hold these, the next numbers
        inwards.

    Raises
    ------
    InvalidInputError
        If y does not hold one finite number per row, or a tolerance is negative or NaN.
    """
    y = read_numbers(y, "y")
    try:
        tolerance = np.asarray(tolerance, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"tolerance must hold numbers: {error}") from error
    if not np.isfinite(y).all():
        row = np.flatnonzero(~np.isfinite(y))[0]
        raise InvalidInputError(f"y must hold finite numbers, but row {row} holds {y[row]}.")
    if tolerance.ndim > 1 or (tolerance.ndim and len(tolerance) != len(y)):
        raise InvalidInputError(
            f"tolerance must be one number or one for each of the {len(y)} rows; "
            f"got shape {tolerance.shape}."
        )
    if not (tolerance >= 0).all():
        raise InvalidInputError("tolerance must hold numbers from 0 up, infinity among them.")
    return -_sum_rounded_down(-y, tolerance), _sum_rounded_down(y, tolerance)


def _sum_rounded_down(a, b):
    """Return the largest float64 that is at most the exact sum of two."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = a + b
        part = total - a
        error = (a - (total - part)) + (b - part)  # exact, unless something overflows
        too_large = (error < 0) | (np.isinf(total) & ~np.isinf(b))
        return np.where(too_large, np.nextafter(total, -np.inf), total)


def _check_intervals(intervals):
    intervals = np.asarray(intervals, dtype=np.float64)
    if intervals.ndim not in (2, 3) or intervals.shape[1] != 2:
        raise InvalidInputError(
            "intervals must have shape (n_samples, 2) or (n_samples, 2, n_sizes), "
            f"got {intervals.shape}."
        )
    if not (intervals[:, 0] <= intervals[:, 1]).all():
        raise InvalidInputError("intervals must have lower ends that are not above the upper ones.")
    return intervals
