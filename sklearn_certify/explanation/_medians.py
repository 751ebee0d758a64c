"""What regressors say of one row: the answers, their median, and how poison moves it."""

from numbers import Real

import numpy as np

from ..certificates import lower_median
from ..exceptions import InvalidInputError
from ..metrics._intervals import interval_around
from ._contributors import contributors_of

__all__ = ["explain_median_of_neighbors", "explain_median_of_voters"]

_MOST_SIZES = 2**10  # of poison that are looked at


def explain_median_of_voters(regressor, X, tolerance, groups):
    """Explain a row on which voters on partitions have answered.

    Parameters
    ----------
    regressor : PartitionEnsembleRegressor
        Fitted.
    X : array-like of shape (1, ...)
        The row.
    tolerance : float or None
        How far the prediction may move.
    groups : array-like of shape (n_rows,) or None
        The contributor of each training row, as ``fit`` got them.

    Returns
    -------
    dict
        Fields of a `RegressionExplanation`.

    Raises
    ------
    InvalidInputError
        If `groups` are not those of ``fit``, or the tolerance is not valid.
    """
    tolerance = _check_tolerance(tolerance)
    contributors = contributors_of(regressor, groups)
    election = regressor._open_election()
    ballots = regressor._collect(election, np.asarray, X)
    spread, n_rows = regressor.spread_, regressor._rows_per_partition
    has_own = spread.shape[1] == 1
    carriers = []
    for voter in range(regressor.n_voters_):
        partitions = np.flatnonzero((spread == voter).any(axis=1))
        carrier = {
            "partition" if has_own else "voter": voter,
            "n_rows": int(n_rows[partitions].sum()),
        }
        if contributors is not None:
            carrier["contributors"] = sorted(
                set().union(*(contributors[partition] for partition in partitions))
            )
        carriers.append(carrier)
    prediction = float(election.predictions(ballots)[0])
    return {
        **_around_median(
            prediction,
            ballots[0],
            carriers,
            tolerance,
            lambda sizes: election.intervals(ballots, sizes),
            lambda low, high: election.radii(ballots, low, high),
        ),
        "regressor": type(regressor).__name__,
        "threat_model": regressor.threat_model,
        "unit": regressor.poison_unit_,
        "n_without_model": sum(fitted is None for fitted in regressor.estimators_),
        "carriers_are": "partitions" if has_own else "voters",
        "partitions_per_unit": regressor._partitions_per_unit(),
    }


def explain_median_of_neighbors(regressor, X, tolerance):
    """Explain a row by the targets of the training rows near it.

    Parameters
    ----------
    regressor : CertifiedKNNRegressor
        Fitted.
    X : array-like of shape (1, ...)
        The row.
    tolerance : float or None
        How far the prediction may move.

    Returns
    -------
    dict
        Fields of a `RegressionExplanation`.

    Raises
    ------
    InvalidInputError
        If the tolerance is not valid.
    """
    tolerance = _check_tolerance(tolerance)
    (distances,), (rows,) = regressor.kneighbors(X)
    targets = np.empty(regressor.n_samples_fit_)
    targets[regressor._order] = regressor._targets
    carriers = [
        {"row": int(row), "distance": float(distance)}
        for row, distance in zip(rows, distances, strict=True)
    ]
    return {
        **_around_median(
            float(lower_median(targets[np.newaxis, rows])[0]),
            targets[rows],
            carriers,
            tolerance,
            lambda sizes: regressor._predict_intervals(X, sizes),
            lambda low, high: regressor._radii_within(X, low, high),
        ),
        "regressor": type(regressor).__name__,
        "threat_model": regressor.threat_model,
        "unit": "row",
        "carriers_are": "neighbors",
        "place": "nearest to it",
    }


def _check_tolerance(tolerance):
    if tolerance is None:
        return None
    if not (isinstance(tolerance, Real) and 0 <= tolerance < np.inf):
        raise InvalidInputError(
            f"tolerance must be a finite number from 0 up, in units of y; got {tolerance!r}."
        )
    return float(tolerance)


def _around_median(prediction, values, carriers, tolerance, intervals_at, radius_within):
    """Return what is told of answers and of the intervals of their median."""
    intervals = _growth(intervals_at)
    order = np.argsort(values, kind="stable")  # NaN last
    n_answers = int(np.count_nonzero(~np.isnan(values)))
    middle = (n_answers - 1) // 2
    answers = []
    for place, index in enumerate(order.tolist()):
        is_answer = place < n_answers
        value = float(values[index]) if is_answer else None
        first, *others = carriers[index].items()
        answers.append(
            {
                first[0]: first[1],
                "value": value,
                "from_median": place - middle if is_answer else None,
                "reached_by": _reached_by(value, intervals) if is_answer else None,
                **dict(others),
            }
        )
    radius = None
    if tolerance is not None:
        radius = -1
        if n_answers:
            radius = int(radius_within(*interval_around([prediction], tolerance))[0])
    return {
        "prediction": prediction,
        "intervals": intervals,
        "tolerance": tolerance,
        "radius": radius,
        "n_voters": len(values),
        "n_abstaining": len(values) - n_answers,
        "carriers": answers,
    }


def _growth(intervals_at):
    """Return the interval without poison, and each size at which it is wider than before."""
    n_sizes = 16
    while True:
        low, high = (ends[0] for ends in intervals_at(np.arange(n_sizes)))
        if (np.isinf(low[-1]) and np.isinf(high[-1])) or n_sizes >= _MOST_SIZES:
            break
        n_sizes *= 2
    moves = np.append(True, (low[1:] < low[:-1]) | (high[1:] > high[:-1]))
    return [
        {"poison_size": size, "low": float(low[size]), "high": float(high[size])}
        for size in np.flatnonzero(moves).tolist()
    ]


def _reached_by(value, intervals):
    """Return the smallest poison size under which the prediction may be as far as a value."""
    for interval in intervals:
        if interval["low"] <= value <= interval["high"]:
            return interval["poison_size"]
    return None
