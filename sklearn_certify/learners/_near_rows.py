"""Which rows lie within a radius of a query, for the rows of many voters together.

A distance is a sum, or a maximum, over the features in their order, in double precision: it
depends on two rows alone. Rows lie in lanes, (n_blocks, n_features, LANES), so that distances to
some rows add up side by side, which changes none of them.
"""

import numpy as np
from numba import njit

__all__ = ["METRICS", "count_near", "lanes_of"]

METRICS = {"manhattan": 0, "euclidean": 1, "chebyshev": 2}
LANES = 16
_STEP = 8
_QUERIES = 64  # that a block of lanes is held for


def lanes_of(rows):
    """Return rows in lanes.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
        Rows.

    Returns
    -------
    ndarray of float64, of shape (n_blocks, n_features, LANES)
        The last block is filled up with zeros.
    """
    n_rows, n_features = rows.shape
    n_blocks = -(-n_rows // LANES)
    filled = np.zeros((n_blocks * LANES, n_features))
    filled[:n_rows] = rows
    return np.ascontiguousarray(filled.reshape(n_blocks, LANES, n_features).transpose(0, 2, 1))


@njit(nogil=True, cache=True)
def count_near(metric, lanes, places, queries, radius, counts):
    """Count, for each query, the rows within the radius.

    Parameters
    ----------
    metric : int
        Of `METRICS`.
    lanes : ndarray of float64, of shape (n_blocks, n_features, LANES)
        The rows.
    places : ndarray of int64, of shape (n_rows,)
        The column of counts in which each row counts.
    queries : C-contiguous ndarray of float64, of shape (n_samples, n_features)
        Queries.
    radius : float
        From 0 up, infinity too.
    counts : ndarray of int64, of shape (n_samples, n_places)
        Added to.
    """
    far = radius
    if metric == 1:  # squares are summed; a little more, for what rounding does to them
        far = radius * radius * (1 + 1e-9)
    distances = np.empty(LANES)
    for first in range(0, len(queries), _QUERIES):
        for number in range(len(lanes)):
            start = number * LANES
            stop = min(start + LANES, len(places))
            for sample in range(first, min(first + _QUERIES, len(queries))):
                if _add_up(metric, lanes[number], queries[sample], far, distances):
                    for row in range(start, stop):
                        distance = distances[row - start]
                        if (np.sqrt(distance) if metric == 1 else distance) <= radius:
                            counts[sample, places[row]] += 1


@njit(nogil=True, cache=True)
def _add_up(metric, block, query, far, distances):
    """Write the distances to a block, Euclidean ones squared; False if all rows are too far."""
    distances[:] = 0.0
    feature = 0
    while feature + _STEP <= len(query):
        if metric == 0:
            for lane in range(LANES):
                total = distances[lane]
                for i in range(_STEP):
                    total += abs(block[feature + i, lane] - query[feature + i])
                distances[lane] = total
        elif metric == 1:
            for lane in range(LANES):
                total = distances[lane]
                for i in range(_STEP):
                    difference = block[feature + i, lane] - query[feature + i]
                    total += difference * difference
                distances[lane] = total
        else:
            for lane in range(LANES):
                total = distances[lane]
                for i in range(_STEP):
                    total = max(total, abs(block[feature + i, lane] - query[feature + i]))
                distances[lane] = total
        feature += _STEP
        n_near = 0
        for lane in range(LANES):
            n_near += distances[lane] <= far
        if n_near == 0:
            return False
    for last in range(feature, len(query)):
        for lane in range(LANES):
            difference = abs(block[last, lane] - query[last])
            if metric == 0:
                distances[lane] += difference
            elif metric == 1:
                distances[lane] += difference * difference
            else:
                distances[lane] = max(distances[lane], difference)
    return True
