"""Nearest neighbours, regression: the lower median of the targets of the k nearest rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..exceptions import InvalidInputError
from ..threat import check_poison_sizes, find_threat_model
from ._arrays import Int64s
from ._interval_search import proven_ends
from ._validation import check_whole
from .median import check_ends, check_values, lower_median, median_interval, median_radius
from .neighbors import knn_radius

__all__ = ["knn_median_interval", "knn_median_radius"]


def knn_median_interval(
    neighbor_targets: ArrayLike,
    n_neighbors: int,
    *,
    poison_size: ArrayLike,
    threat_model: str = "insert_delete",
    n_rows: int | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Certified interval of the median of the k nearest rows, exact for each threat model.

    The ends are the lowest and the highest target that `knn_median_radius` proves to hold.

    Parameters
    ----------
    neighbor_targets : array-like of float of shape (n_samples, n_columns)
        Targets of the training rows, nearest first: the `n_neighbors` nearest at least (fewer only
        where there are no more), and further ones where rows may be deleted.
    n_neighbors : int
        Number of neighbours whose median is predicted. If there are fewer rows, that of all.
    poison_size : int or array-like of int of shape (n_sizes,)
        Poison sizes in rows.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`; a target is a label.
    n_rows : int, default=None
        Number of training rows, see `knn_radius`.

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
    Poisoning Attacks", SaTML 2023. That insertions and deletions move the window of neighbours
    is told from changes goes beyond the paper.

    Examples
    --------
    The three nearest have the targets 3, 5 and 1. If one row is deleted, 4 moves up.

    >>> from sklearn_certify.certificates import knn_median_interval
    >>> knn_median_interval([[3.0, 5.0, 1.0, 4.0, 2.0]], 3, poison_size=1, threat_model="delete")
    (array([3.]), array([4.]))
    """
    targets, n_neighbors, relabels = _read(neighbor_targets, n_neighbors, threat_model)
    sizes = check_poison_sizes(poison_size)
    nearest = targets[:, :n_neighbors]
    if relabels:
        return median_interval(nearest, poison_size=sizes)
    answers = np.sort(targets, axis=1)
    predicted = (answers < lower_median(nearest)[:, np.newaxis]).sum(axis=1)
    low, high = proven_ends(
        answers,
        np.full(len(targets), targets.shape[1]),
        predicted,
        np.ravel(sizes),
        lambda rows, end, upper: _side_radius(
            targets[rows], end, upper, n_neighbors, threat_model, n_rows
        ),
    )
    return (low, high) if sizes.ndim else (low[:, 0], high[:, 0])


def knn_median_radius(
    neighbor_targets: ArrayLike,
    n_neighbors: int,
    low: ArrayLike,
    high: ArrayLike,
    *,
    threat_model: str = "insert_delete",
    n_rows: int | None = None,
) -> Int64s:
    """Certified radius of the median of the k nearest rows, which is to stay within an interval.

    The lower median of neighbours is at most `high` as long as no more of them have targets above
    it than have not, and at least `low` as long as fewer have targets below it than have not. Both
    are votes of two classes, of which the upper one loses ties, and have the radii of `knn_radius`;
    the smaller one counts. So the radius is exact for each threat model, as that is.

    Parameters
    ----------
    neighbor_targets : array-like of float of shape (n_samples, n_columns)
        Targets of the training rows, nearest first: the `n_neighbors` nearest at least (fewer only
        where there are no more), and further ones where rows may be deleted.
    n_neighbors : int
        Number of neighbours whose median is predicted. If there are fewer rows, that of all.
    low, high : float or array-like of shape (n_samples,)
        Ends of the interval in which the prediction is to stay, which belong to it; infinite where
        it may be anything on that side.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`; a target is a label.
    n_rows : int, default=None
        Number of training rows, see `knn_radius`.

    Returns
    -------
    radius : ndarray of int64 of shape (n_samples,)
        The largest amount of poison that provably keeps the prediction between `low` and `high`;
        -1 where it is not there now. Not all rows may be deleted. Where both ends are infinite
        insertions count up to the number of neighbours.

    Raises
    ------
    InvalidInputError
        If an argument is of another form or out of range.

    References
    ----------
    Hammoudeh and Lowd, "Reducing Certified Regression to Certified Classification for General
    Poisoning Attacks", SaTML 2023, whose kNN-CR is the radius where rows are changed.

    Examples
    --------
    The five nearest have the median 3. It stays between 2 and 4 if one row is deleted, and not if
    two are.

    >>> from sklearn_certify.certificates import knn_median_radius
    >>> targets = [[3.0, 5.0, 1.0, 4.0, 2.0, 6.0, 7.0]]
    >>> knn_median_radius(targets, 5, 2.0, 4.0, threat_model="delete")
    array([1])
    """
    targets, n_neighbors, relabels = _read(neighbor_targets, n_neighbors, threat_model)
    if relabels:
        return median_radius(targets[:, :n_neighbors], low, high)
    low, high = check_ends(low, high, len(targets))
    all_alike = np.zeros(targets.shape, dtype=np.int8)  # how far the neighbours at hand tell
    _, radius = knn_radius(
        all_alike, n_neighbors, 1, threat_model=threat_model, phantom=False, n_rows=n_rows
    )
    for end, upper in ((low, False), (high, True)):
        rows = np.flatnonzero(np.isfinite(end))
        side = _side_radius(targets[rows], end[rows], upper, n_neighbors, threat_model, n_rows)
        radius[rows] = np.minimum(radius[rows], side)
    radius[(low == np.inf) | (high == -np.inf)] = -1
    return radius


def _read(
    neighbor_targets: ArrayLike, n_neighbors: int, threat_model: str
) -> tuple[NDArray[np.float64], int, bool]:
    """Return targets, the number of neighbours, and whether a unit changes one target at most."""
    model = find_threat_model(threat_model)
    targets = check_values(neighbor_targets, "neighbor_targets")
    if np.isnan(targets).any():
        raise InvalidInputError("neighbor_targets must hold no NaN.")
    return targets, check_whole("n_neighbors", n_neighbors), model.relabels


def _side_radius(
    targets: NDArray[np.float64],
    end: NDArray[np.float64],
    upper: bool,
    n_neighbors: int,
    threat_model: str,
    n_rows: int | None,
) -> Int64s:
    """Return how much poison keeps the median on the right side of `end`, or -1."""
    ends = end[:, np.newaxis]
    labels = (targets > ends if upper else targets >= ends).astype(np.int8)
    predicted, radius = knn_radius(
        labels, n_neighbors, 2, threat_model=threat_model, phantom=False, n_rows=n_rows
    )
    return np.where(predicted == (0 if upper else 1), radius, -1)
