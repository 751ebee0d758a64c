"""Which metrics there are, and which of them have compiled kernels."""

import numpy as np
from sklearn.metrics import DistanceMetric

from ...exceptions import InvalidInputError

__all__ = [
    "CHEBYSHEV",
    "EUCLIDEAN",
    "MANHATTAN",
    "METRICS",
    "comparable_radius",
    "compiled_metric",
    "make_metric",
]

MANHATTAN, EUCLIDEAN, CHEBYSHEV = 0, 1, 2  # as the kernels know them

_COMPILED = {
    "manhattan": MANHATTAN,
    "cityblock": MANHATTAN,
    "l1": MANHATTAN,
    "euclidean": EUCLIDEAN,
    "l2": EUCLIDEAN,
    "chebyshev": CHEBYSHEV,
    "infinity": CHEBYSHEV,
}
METRICS = (
    *_COMPILED,
    *("braycurtis", "canberra", "dice", "hamming", "haversine", "jaccard", "mahalanobis"),
    *("minkowski", "p", "rogerstanimoto", "russellrao", "seuclidean", "sokalsneath"),
)


def compiled_metric(metric, metric_params):
    """Return the number of a metric that has kernels of its own, None for the others."""
    return _COMPILED.get(metric) if isinstance(metric, str) and not metric_params else None


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
