"""How many rows lie within a radius of each query, for the rows of many voters together.

Distances depend on two rows alone. Most Euclidean ones need not be computed: matrix products tell
on which side of the radius they are, up to a bound on what rounding does to them
(`_count_by_products`).
"""

import numpy as np
from numba import njit

from .._compute.distances import CHEBYSHEV, EUCLIDEAN, MANHATTAN, lane_distances, pair_distance
from .._compute.lanes import lane_blocks

__all__ = ["METRICS", "count_near"]

_CODES = {"manhattan": MANHATTAN, "euclidean": EUCLIDEAN, "chebyshev": CHEBYSHEV}
METRICS = tuple(_CODES)
_LANES = 16
_QUERIES = 64  # that a block of lanes is held for
_QUERIES_IN_PRODUCTS = 256
_LARGEST = 1e37  # of squares in single precision


def count_near(metric, rows, places, queries, radius, counts):
    """Count, for each query, the rows within the radius.

    Parameters
    ----------
    metric : str
        Of `METRICS`.
    rows : ndarray of shape (n_rows, n_features)
        Rows, finite.
    places : ndarray of int64, of shape (n_rows,)
        The column of counts in which each row counts.
    queries : C-contiguous ndarray of float64, of shape (n_samples, n_features)
        Queries, finite.
    radius : float
        From 0 up, infinity too.
    counts : ndarray of int64, of shape (n_samples, n_places)
        Added to.
    """
    if metric == "euclidean":
        _count_by_products(np.require(rows, np.float64, "C"), places, queries, radius, counts)
    else:
        lanes = lane_blocks(rows.astype(np.float64), _LANES)
        _count_in_lanes(_CODES[metric], lanes, places, queries, radius, counts)


def _count_by_products(rows, places, queries, radius, counts):
    """Count by Euclidean distances.

    With N = ||x||^2 + ||z||^2, of rows less any common point and rounded to single precision, the
    square of a distance differs from N - 2 x.z, with the product in single precision, by at most
    (n_features 2^-24 (1 + 2^-6) + 2^-21) N: what the sum of n_features products loses in whatever
    order, and what the rounding of rows does. Twice as much is taken, which leaves room for the
    rounding of all that is computed in double precision. What is in doubt is computed.
    """
    point = rows.mean(axis=0)
    precision = (rows.shape[1] + 16) * 2.0**-23
    with np.errstate(over="ignore", invalid="ignore"):
        near_rows, squares = _single(rows - point)
        for start in range(0, len(queries), _QUERIES_IN_PRODUCTS):
            batch = slice(start, start + _QUERIES_IN_PRODUCTS)
            near_queries, squares_of_queries = _single(queries[batch] - point)
            _count_or_compute(
                near_queries @ near_rows.T,
                squares_of_queries,
                squares,
                precision,
                rows,
                places,
                queries[batch],
                radius,
                counts[batch],
            )


def _single(rows):
    rows = rows.astype(np.float32)
    return rows, np.einsum("rf,rf->r", rows, rows, dtype=np.float64)


@njit(nogil=True, cache=True)
def _count_or_compute(
    products, of_queries, of_rows, precision, rows, places, queries, radius, counts
):
    square = radius * radius
    for sample in range(len(queries)):
        for row in range(len(rows)):
            together = of_queries[sample] + of_rows[row]
            distance = together - 2.0 * products[sample, row]
            doubt = precision * together + 1e-30  # and where numbers are so small that they vanish
            if together < _LARGEST and distance >= square + doubt:
                continue
            if together < _LARGEST and distance <= square - doubt:
                counts[sample, places[row]] += 1
                continue
            if np.sqrt(pair_distance(EUCLIDEAN, rows[row], queries[sample])) <= radius:
                counts[sample, places[row]] += 1


@njit(nogil=True, cache=True)
def _count_in_lanes(metric, lanes, places, queries, radius, counts):
    """Count by distances that are not Euclidean."""
    distances = np.empty(_LANES)
    for first in range(0, len(queries), _QUERIES):
        for number in range(len(lanes)):
            start = number * _LANES
            stop = min(start + _LANES, len(places))
            for sample in range(first, min(first + _QUERIES, len(queries))):
                if lane_distances(metric, lanes, number, queries[sample], radius, distances):
                    for row in range(start, stop):
                        if distances[row - start] <= radius:
                            counts[sample, places[row]] += 1
