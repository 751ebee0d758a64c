"""Distances of two rows as the kernels compute them, which depend on those two rows alone.

A certificate speaks about the same query before and after an attack, so a distance must not move
when other rows do. Every distance here is a sum (or maximum) over the features in their own
order, in double precision, whatever the batch, the threads or the width of the processor's
vectors. A matrix product, which is how Euclidean distances are often computed, does not have
that property; it may only serve where it proves what these distances are compared with.
"""

import numpy as np
from numba import njit

__all__ = [
    "CHEBYSHEV",
    "EUCLIDEAN",
    "MANHATTAN",
    "distances_by_numpy",
    "lane_distances",
    "listed_distances",
    "pair_distance",
]

MANHATTAN, EUCLIDEAN, CHEBYSHEV = 0, 1, 2  # as the kernels know them


@njit(nogil=True, cache=True)
def pair_distance(metric, row, query):
    """The distance of one pair, the same as that of `lane_distances`."""
    total = 0.0
    for feature in range(len(row)):
        total = _add_feature(metric, total, row[feature], query[feature])
    return total


@njit(nogil=True, cache=True)
def _add_feature(metric, total, value, other):
    difference = value - other
    if metric == MANHATTAN:
        return total + abs(difference)
    if metric == EUCLIDEAN:
        return total + difference * difference
    return max(total, abs(difference))


@njit(nogil=True, cache=True)
def listed_distances(metric, rows, positions, listed, query, distances):
    """Write the distances of a query to the rows at some positions, four at a time.

    The additions of one distance wait for each other, those of four do not.
    """
    n_fours = len(listed) // 4 * 4
    for i in range(0, n_fours, 4):
        a, b = rows[positions[listed[i]]], rows[positions[listed[i + 1]]]
        c, d = rows[positions[listed[i + 2]]], rows[positions[listed[i + 3]]]
        to_a, to_b, to_c, to_d = 0.0, 0.0, 0.0, 0.0
        for feature in range(len(query)):
            to_a = _add_feature(metric, to_a, a[feature], query[feature])
            to_b = _add_feature(metric, to_b, b[feature], query[feature])
            to_c = _add_feature(metric, to_c, c[feature], query[feature])
            to_d = _add_feature(metric, to_d, d[feature], query[feature])
        distances[i], distances[i + 1], distances[i + 2], distances[i + 3] = to_a, to_b, to_c, to_d
    for i in range(n_fours, len(listed)):
        distances[i] = pair_distance(metric, rows[positions[listed[i]]], query)


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


def distances_by_numpy(metric, rows, queries):
    """Return the distances of all pairs, each the same to the last bit as `pair_distance`.

    Parameters
    ----------
    metric : int
        Number of a metric.
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    queries : ndarray of float64, of shape (n_queries, n_features)
        Finite numbers.

    Returns
    -------
    ndarray of float64, of shape (n_queries, n_rows)
        Euclidean distances are squared.
    """
    totals = np.zeros((len(queries), len(rows)))
    parts = np.empty_like(totals)
    with np.errstate(over="ignore", under="ignore"):
        # one feature after the other: NumPy's own sums add in an order that depends on the width
        for values, others in zip(rows.T, queries.T, strict=True):
            np.subtract(values, others[:, np.newaxis], out=parts)
            if metric == EUCLIDEAN:
                np.multiply(parts, parts, out=parts)
            else:
                np.abs(parts, out=parts)
            (np.maximum if metric == CHEBYSHEV else np.add)(totals, parts, out=totals)
    return totals
