"""Distances between two rows that depend on those two rows alone.

A certificate speaks about the same query before and after an attack, so a distance must not move
when other rows do. Every distance here is a sum (or maximum) over the features in their own
order, in double precision, whatever the batch, the threads or the width of the processor's
vectors. A matrix product, which is how Euclidean distances are often computed, does not have
that property.
"""

import numpy as np
from numba import njit
from sklearn.metrics import DistanceMetric

from ...exceptions import InvalidInputError

__all__ = ["METRICS", "compiled_metric", "lane_blocks", "lane_distances", "make_metric"]

MANHATTAN, EUCLIDEAN, CHEBYSHEV = 0, 1, 2

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

_CACHE_LINE = 64  # bytes
_LANES = 64  # rows of a block, which the processor's vectors run over


def compiled_metric(metric):
    """Return the number of a metric that has a kernel of its own, None for the others."""
    return _COMPILED.get(metric) if isinstance(metric, str) else None


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


def lane_blocks(rows):
    """Store rows in blocks, feature by feature, so that a vector holds one feature of many rows.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
        Rows.

    Returns
    -------
    ndarray of shape (n_blocks, n_features, n_lanes)
        The same numbers; the last block is filled up with zeros.
    """
    return to_lanes(rows, _LANES)


def to_lanes(rows, n_lanes):
    """Store rows in blocks of `n_lanes` rows, feature by feature."""
    n_rows, n_features = rows.shape
    n_blocks = -(-n_rows // n_lanes)
    blocks = _aligned_zeros((n_blocks, n_features, n_lanes), rows.dtype)
    for number in range(n_blocks):
        block = rows[number * n_lanes : (number + 1) * n_lanes]
        blocks[number, :, : len(block)] = block.T
    return blocks


def _aligned_zeros(shape, dtype):
    """Return zeros that start at a cache line, so that no vector lies across two."""
    n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.zeros(n_bytes + _CACHE_LINE, dtype=np.uint8)
    start = -room.ctypes.data % _CACHE_LINE
    return room[start : start + n_bytes].view(dtype).reshape(shape)


@njit(nogil=True, cache=True)
def manhattan_distance(row, query):
    """The Manhattan distance of one pair, summed like `lane_distances`."""
    total = 0.0
    for feature in range(len(row)):
        total += abs(row[feature] - query[feature])
    return total


@njit(nogil=True, cache=True)
def pair_distance(metric, row, query):
    """The distance of one pair, the same as that of `lane_distances`."""
    if metric == MANHATTAN:
        return manhattan_distance(row, query)
    total = 0.0
    for feature in range(len(row)):
        difference = row[feature] - query[feature]
        if metric == EUCLIDEAN:
            total += difference * difference
        else:
            total = max(total, abs(difference))
    return total


@njit(nogil=True, cache=True)
def lane_distances(metric, blocks, number, query, radius, distances):
    """Write the distances of a query to the rows of one block.

    Returns False, with only part of each sum done, as soon as no row can lie within the radius.
    Euclidean distances are squared.
    """
    n_features = blocks.shape[1]
    for lane in range(len(distances)):
        distances[lane] = 0.0
    feature = 0
    while feature + 8 <= n_features:
        _add_eight(metric, blocks, number, feature, query, distances)
        feature += 8
        n_within = 0
        for lane in range(len(distances)):
            n_within += distances[lane] <= radius
        if n_within == 0:
            return False
    while feature < n_features:
        _add_one(metric, blocks, number, feature, query[feature], distances)
        feature += 1
    return True


@njit(nogil=True, cache=True)
def _add_eight(metric, blocks, number, first, query, distances):
    """Add eight features at a time: each distance is loaded and stored once for all of them."""
    q0, q1, q2, q3 = query[first], query[first + 1], query[first + 2], query[first + 3]
    q4, q5, q6, q7 = query[first + 4], query[first + 5], query[first + 6], query[first + 7]
    block = blocks[number, first : first + 8]
    if metric == MANHATTAN:
        for lane in range(len(distances)):
            total = distances[lane] + abs(block[0, lane] - q0)
            total += abs(block[1, lane] - q1)
            total += abs(block[2, lane] - q2)
            total += abs(block[3, lane] - q3)
            total += abs(block[4, lane] - q4)
            total += abs(block[5, lane] - q5)
            total += abs(block[6, lane] - q6)
            distances[lane] = total + abs(block[7, lane] - q7)
    elif metric == EUCLIDEAN:
        for lane in range(len(distances)):
            total = distances[lane] + (block[0, lane] - q0) * (block[0, lane] - q0)
            total += (block[1, lane] - q1) * (block[1, lane] - q1)
            total += (block[2, lane] - q2) * (block[2, lane] - q2)
            total += (block[3, lane] - q3) * (block[3, lane] - q3)
            total += (block[4, lane] - q4) * (block[4, lane] - q4)
            total += (block[5, lane] - q5) * (block[5, lane] - q5)
            total += (block[6, lane] - q6) * (block[6, lane] - q6)
            distances[lane] = total + (block[7, lane] - q7) * (block[7, lane] - q7)
    else:
        for lane in range(len(distances)):
            most = max(distances[lane], abs(block[0, lane] - q0))
            most = max(most, abs(block[1, lane] - q1))
            most = max(most, abs(block[2, lane] - q2))
            most = max(most, abs(block[3, lane] - q3))
            most = max(most, abs(block[4, lane] - q4))
            most = max(most, abs(block[5, lane] - q5))
            most = max(most, abs(block[6, lane] - q6))
            distances[lane] = max(most, abs(block[7, lane] - q7))


@njit(nogil=True, cache=True)
def _add_one(metric, blocks, number, feature, value, distances):
    cells = blocks[number, feature]
    if metric == MANHATTAN:
        for lane in range(len(distances)):
            distances[lane] += abs(cells[lane] - value)
    elif metric == EUCLIDEAN:
        for lane in range(len(distances)):
            distances[lane] += (cells[lane] - value) * (cells[lane] - value)
    else:
        for lane in range(len(distances)):
            distances[lane] = max(distances[lane], abs(cells[lane] - value))


def largest_square_within(radius):
    """The largest double whose square root is at most `radius`.

    Comparing squared distances with it is the same as comparing distances with the radius.
    """
    with np.errstate(over="ignore"):
        square = np.float64(radius) ** 2
        while np.sqrt(square) > radius:
            square = np.nextafter(square, 0.0)
        while square < np.inf and np.sqrt(np.nextafter(square, np.inf)) <= radius:
            square = np.nextafter(square, np.inf)
    return float(square)
