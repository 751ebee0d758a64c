"""Which metrics there are, and which of them have compiled kernels."""

from numbers import Real

import numpy as np
from sklearn.metrics import DistanceMetric

from ..._compute.distances import CHEBYSHEV, EUCLIDEAN, MANHATTAN
from ...exceptions import InvalidInputError

__all__ = [
    "METRICS",
    "comparable_radius",
    "compiled_metric",
    "compiled_name",
    "make_metric",
]

_COMPILED = {
    "manhattan": MANHATTAN,
    "cityblock": MANHATTAN,
    "l1": MANHATTAN,
    "euclidean": EUCLIDEAN,
    "l2": EUCLIDEAN,
    "chebyshev": CHEBYSHEV,
    "infinity": CHEBYSHEV,
}
_MINKOWSKI = {1: MANHATTAN, 2: EUCLIDEAN, np.inf: CHEBYSHEV}  # by its parameter p
METRICS = (
    *_COMPILED,
    *("braycurtis", "canberra", "dice", "hamming", "haversine", "jaccard", "mahalanobis"),
    *("minkowski", "p", "rogerstanimoto", "russellrao", "seuclidean", "sokalsneath"),
)


def compiled_metric(metric, metric_params):
    """Return the number of a metric that has kernels of its own, None for the others."""
    if not isinstance(metric, str):
        return None
    parameters = metric_params or {}
    if metric in ("minkowski", "p") and parameters.keys() <= {"p"}:
        p = parameters.get("p", 2)
        return _MINKOWSKI.get(p) if isinstance(p, Real) else None
    return None if parameters else _COMPILED.get(metric)


def compiled_name(compiled):
    """Return how scikit-learn calls a metric that has kernels here."""
    return next(name for name, number in _COMPILED.items() if number == compiled)


def make_metric(metric, metric_params, n_features):
    """Return scikit-learn's `DistanceMetric` for rows of `n_features` features.

    Parameters
    ----------
    metric : str or callable
        One of `METRICS`, or a function of two rows.
    metric_params : dict or None
        Further arguments of the metric.
    n_features : int
        Number of features.

    Returns
    -------
    DistanceMetric

    Raises
    ------
    InvalidInputError
        If the metric does not take these parameters or this number of features.
    """
    try:
        distance = DistanceMetric.get_metric(metric, **(metric_params or {}))
        distance.pairwise(np.zeros((1, n_features)))
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            f"metric={metric!r} with metric_params={metric_params!r} cannot compare rows of "
            f"{n_features} features: {error}"
        ) from error
    return distance


def comparable_radius(compiled, radius):
    """Return the radius as the kernels measure: they leave Euclidean distances squared.

    Parameters
    ----------
    compiled : int
        Number of a compiled metric.
    radius : float
        From 0 up, infinity too.

    Returns
    -------
    float
        For Euclidean distances the largest double whose square root is at most `radius`, so that
        squares compare with it as distances do with the radius.
    """
    if compiled != EUCLIDEAN:
        return radius
    with np.errstate(over="ignore"):
        square = np.float64(radius) ** 2
        while np.sqrt(square) > radius:
            square = np.nextafter(square, 0.0)
        while square < np.inf and np.sqrt(np.nextafter(square, np.inf)) <= radius:
            square = np.nextafter(square, np.inf)
    return float(square)
