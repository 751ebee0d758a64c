"""Regression: the lower median of what voters answer, and how far poison can move it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..exceptions import InvalidInputError
from ..threat import check_poison_sizes
from ._arrays import Int64s
from ._interval_search import proven_ends
from ._validation import check_cost, check_spread
from .overlap import overlap_radius
from .plurality import plurality_radius

__all__ = ["lower_median", "median_interval", "median_radius"]

_MOST_EXACT = 2**53  # whole numbers up to here are float64 as they are


def lower_median(values: ArrayLike) -> NDArray[np.float64]:
    """Return the lower median of the answers of each row's voters.

    Parameters
    ----------
    values : array-like of shape (n_samples, n_voters)
        What each voter predicts; NaN where a voter abstains.

    Returns
    -------
    ndarray of float64 of shape (n_samples,)
        The middle one of the answers, the lower of both middle ones if their number is even; NaN
        where all voters abstain. It is one of the answers: nothing is averaged.

    Raises
    ------
    InvalidInputError
        If values are not a 2-D array of numbers that float64 holds exactly.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.certificates import lower_median
    >>> lower_median([[3.0, 1.0, 2.0], [4.0, 1.0, np.nan]])
    array([2., 1.])
    """
    answers = np.sort(check_values(values), axis=1)  # NaN last
    n_answers = _number_of_answers(answers)
    return _order_statistic(answers, n_answers, (n_answers - 1) // 2, np.nan)


def median_interval(
    values: ArrayLike,
    *,
    poison_size: ArrayLike,
    spread: ArrayLike | None = None,
    tighten: bool = False,
    cost: int = 1,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Certified interval of a lower median: no attack of that size moves it out.

    Of a answers in ascending order x_0, x_1, ... the lower median is x_m with
    m = floor((a - 1) / 2). If voters share no training row, r voters that the attacker reaches
    move it as far as x_{m - r} and x_{m + r}, and no farther; where there is no such answer
    nothing bounds it. Voters that abstain may be reached like any other.

    With `spread` the ends are sought by bisection, among the answers, by what `median_radius`
    proves.

    Parameters
    ----------
    values : array-like of shape (n_samples, n_voters)
        What each voter predicts; NaN where a voter abstains.
    poison_size : int or array-like of int of shape (n_sizes,)
        Poison sizes in units.
    spread : array-like of int of shape (n_partitions, spreading_degree), default=None
        The voters that use each partition, see `overlap_radius`. None: each partition has a voter
        of its own.
    tighten : bool, default=False
        As for `overlap_radius`; of use with `spread` alone.
    cost : int, default=1
        Partitions that one unit of poison corrupts.

    Returns
    -------
    low, high : ndarray of float64 of shape (n_samples,) or (n_samples, n_sizes)
        The ends of the intervals, which belong to them; infinite where nothing bounds.

    Raises
    ------
    InvalidInputError
        If an argument is of another form or out of range.

    References
    ----------
    Hammoudeh and Lowd, "Reducing Certified Regression to Certified Classification for General
    Poisoning Attacks", SaTML 2023. Abstentions, even numbers of answers and `tighten` go beyond
    the paper.

    Examples
    --------
    >>> from sklearn_certify.certificates import median_interval
    >>> median_interval([[5.0, 1.0, 3.0, 4.0, 2.0]], poison_size=[0, 1, 3])
    (array([[  3.,   2., -inf]]), array([[ 3.,  4., inf]]))
    """
    values = check_values(values)
    sizes = check_poison_sizes(poison_size)
    cost = check_cost(cost)
    answers = np.sort(values, axis=1)
    n_answers = _number_of_answers(answers)
    middle = (n_answers - 1) // 2
    n_voters = values.shape[1]
    if spread is not None:
        spread = check_spread(spread, n_voters)
        low, high = proven_ends(
            answers,
            n_answers,
            np.maximum(middle, 0),
            np.ravel(sizes),
            lambda rows, end, upper: _side_radius(values[rows], end, upper, spread, tighten, cost),
        )
    else:
        low, high = np.empty((2, len(values), sizes.size))
        for column, size in enumerate(np.ravel(sizes).tolist()):
            reached = min(size * cost, n_voters)
            low[:, column] = _order_statistic(answers, n_answers, middle - reached, -np.inf)
            high[:, column] = _order_statistic(answers, n_answers, middle + reached, np.inf)
    return (low, high) if sizes.ndim else (low[:, 0], high[:, 0])


def median_radius(
    values: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    spread: ArrayLike | None = None,
    tighten: bool = False,
    cost: int = 1,
) -> Int64s:
    """Certified radius of a lower median that is to stay within an interval.

    The lower median is at most `high` as long as no more answers are above it than are not, and
    at least `low` as long as fewer answers are below it than are not. Both are pluralities of two
    classes, of which the upper one loses ties. So their radii are those of `plurality_radius` and
    `overlap_radius`, and the smaller one counts: exact if voters share no training row, else a
    lower bound.

    Parameters
    ----------
    values : array-like of shape (n_samples, n_voters)
        What each voter predicts; NaN where a voter abstains.
    low, high : float or array-like of shape (n_samples,)
        Ends of the interval in which the prediction is to stay, which belong to it; infinite where
        it may be anything on that side.
    spread : array-like of int of shape (n_partitions, spreading_degree), default=None
        The voters that use each partition, see `overlap_radius`. None: each partition has a voter
        of its own.
    tighten : bool, default=False
        As for `overlap_radius`; of use with `spread` alone.
    cost : int, default=1
        Partitions that one unit of poison corrupts.

    Returns
    -------
    radius : ndarray of int64 of shape (n_samples,)
        The largest amount of poison, in units, that provably keeps the prediction between `low`
        and `high`; -1 where it is not there now, as where all voters abstain. Where both ends are
        infinite it is what leaves someone to answer.

    Raises
    ------
    InvalidInputError
        If an argument is of another form or out of range.

    References
    ----------
    Hammoudeh and Lowd, "Reducing Certified Regression to Certified Classification for General
    Poisoning Attacks", SaTML 2023. Abstentions, even numbers of answers and `tighten` go beyond
    the paper.

    Examples
    --------
    Four of five answers are 2 at least, and four are 4 at most. So one voter may be corrupted.

    >>> from sklearn_certify.certificates import median_radius
    >>> median_radius([[5.0, 1.0, 3.0, 4.0, 2.0]], low=2.0, high=4.0)
    array([1])
    """
    values = check_values(values)
    low, high = check_ends(low, high, len(values))
    cost = check_cost(cost)
    if spread is not None:
        spread = check_spread(spread, values.shape[1])
    degree = 1 if spread is None else spread.shape[1]
    unbounded = (low == -np.inf) & (high == np.inf)
    n_answers = _number_of_answers(values)
    # where an end is finite, most of those who now keep to it are left
    radius = np.where(unbounded, (n_answers - 1) // degree // cost, np.iinfo(np.int64).max)
    for end, upper in ((low, False), (high, True)):
        rows = np.flatnonzero(np.isfinite(end))
        side = _side_radius(values[rows], end[rows], upper, spread, tighten, cost)
        radius[rows] = np.minimum(radius[rows], side)
    radius[(n_answers == 0) | (low == np.inf) | (high == -np.inf)] = -1
    return radius


def check_values(values: ArrayLike, name: str = "values") -> NDArray[np.float64]:
    """Return the answers of voters as float64 of shape (n_samples, n_voters)."""
    values = np.asarray(values)
    if values.ndim != 2 or values.shape[1] == 0:
        raise InvalidInputError(
            f"{name} must have shape (n_samples, n_voters), at least one voter; got {values.shape}."
        )
    if values.dtype.kind not in "iuf" or values.dtype.itemsize > 8:
        raise InvalidInputError(f"{name} must be numbers that float64 holds, got {values.dtype}.")
    if values.dtype.kind in "iu" and values.size:
        largest = max(abs(int(values.min())), abs(int(values.max())))
        if largest > _MOST_EXACT:
            raise InvalidInputError(
                f"{name} holds {largest}, but float64 holds whole numbers to 2**53 alone; subtract "
                "an offset from all of them and from low and high."
            )
    return values.astype(np.float64)


def check_ends(
    low: ArrayLike, high: ArrayLike, n_samples: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both ends of each row's interval."""
    ends = []
    for name, given in (("low", low), ("high", high)):
        end = np.asarray(given, dtype=np.float64)
        if end.ndim > 1 or end.size not in (1, n_samples) or np.isnan(end).any():
            raise InvalidInputError(
                f"{name} must be a number or hold one for each of the {n_samples} rows, and none "
                f"may be NaN; got shape {end.shape}."
            )
        ends.append(np.broadcast_to(end, n_samples))
    return ends[0], ends[1]


def _number_of_answers(values: NDArray[np.float64]) -> Int64s:
    n_answers: Int64s = (~np.isnan(values)).sum(axis=1)
    return n_answers


def _order_statistic(
    answers: NDArray[np.float64], n_answers: Int64s, position: Int64s, otherwise: float
) -> NDArray[np.float64]:
    """Return the answers at a position of each row, `otherwise` where there is none.

    `answers` are in ascending order, NaN last.
    """
    exists = (position >= 0) & (position < n_answers)
    places = np.where(exists, position, 0)[:, np.newaxis]
    return np.where(exists, np.take_along_axis(answers, places, axis=1)[:, 0], otherwise)


def _side_radius(
    values: NDArray[np.float64],
    end: NDArray[np.float64],
    upper: bool,
    spread: Int64s | None,
    tighten: bool,
    cost: int,
) -> Int64s:
    """Return how much poison keeps the lower median on the right side of `end`, or -1.

    Class 0 are the answers that lie lower, and class 1 those that lie higher. The lower median is
    of class 0 where both have as many answers, which is how `plurality_radius` breaks ties.
    """
    ends = end[:, np.newaxis]
    votes = (values > ends if upper else values >= ends).astype(np.int8)
    votes[np.isnan(values)] = -1
    if spread is None:
        predicted, radius = plurality_radius(votes, 2, cost=cost, phantom=False)
    else:
        predicted, radius = overlap_radius(
            votes, spread, 2, tighten=tighten, cost=cost, phantom=False
        )
    return np.where(predicted == (0 if upper else 1), radius, -1)
