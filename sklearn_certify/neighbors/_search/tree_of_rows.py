"""A tree in front of the exact distance: with few features it passes over most rows.

The tree computes the same distances up to rounding. It is asked for a little more than is wanted,
and the exact distances of what it returns decide, so votes are those without a tree.
"""

import numpy as np
from numba import njit
from sklearn.neighbors import KDTree

from ..._compute.distances import pair_distance
from .metrics import comparable_radius, compiled_name
from .ranked_rows import RankedRows
from .selection import rank

__all__ = ["TreeOfRows"]

_ROWS_FOR_TWO_FEATURES = 50_000  # from here on, three times as many for each further feature
_MOST_FEATURES = 4
_SMALL_SHARE = 1000  # more than one row in so many are found sooner without a tree
_SAMPLE = 8
_QUERIES_AT_A_TIME = 1024
_CANDIDATES_AT_A_TIME = 2**21
_MARGIN = 1e-9  # far more than a distance of few features can be rounded
_TINY = 1e-150  # where squares vanish, relative margins mean nothing


class TreeOfRows(RankedRows):
    """A tree of the training rows, for the metrics that have kernels.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    labels : ndarray of int64, of shape (n_rows,)
        Class indices.
    compiled : int
        Number of a compiled metric.
    """

    def __init__(self, rows, labels, compiled):
        self._rows, self._labels, self._compiled = rows, labels, compiled
        self._tree = KDTree(rows, metric=compiled_name(compiled))

    @staticmethod
    def helps(n_rows, n_features):
        """Say whether a tree is faster than comparing a query with all rows."""
        return n_features <= _MOST_FEATURES and n_rows >= _ROWS_FOR_TWO_FEATURES * 3 ** max(
            n_features - 2, 0
        )

    def count_within(self, radius, queries, counts):
        """Add the rows of each label within a radius of each query to counts.

        Returns the numbers of the queries that are left to others, since too many rows are near.
        """
        sample = queries[:: -(-len(queries) // _SAMPLE)]
        if not self._are_few(self._tree.query_radius(sample, radius, count_only=True)).any():
            return np.arange(len(queries))
        radii = np.full(len(queries), radius * (1 + _MARGIN) + _TINY)
        limit, left = comparable_radius(self._compiled, radius), []
        for chunk, candidates, starts in self._candidates(queries, radii, left):
            _count_candidates(
                self._compiled,
                self._rows,
                self._labels,
                queries,
                limit,
                chunk,
                candidates,
                starts,
                counts,
            )
        return np.array(left, dtype=np.int64)

    def find_nearest(self, n_nearest, queries, counts, neighbor_labels):
        """Count the labels of the nearest rows, or write them, as `nearest_measured` does.

        Returns the numbers of the queries that are left to others, since too many rows are near.
        """
        if n_nearest * _SMALL_SHARE > len(self._rows):
            return np.arange(len(queries))
        left = []
        for start in range(0, len(queries), _QUERIES_AT_A_TIME):
            numbers = np.arange(start, min(start + _QUERIES_AT_A_TIME, len(queries)))
            farthest = self._tree.query(queries[numbers], k=n_nearest)[0][:, -1]
            radii = np.zeros(len(queries))
            with np.errstate(over="ignore"):
                radii[numbers] = farthest * (1 + _MARGIN) + _TINY
            for chunk, candidates, starts in self._candidates(queries, radii, left, numbers):
                _rank_candidates(
                    self._compiled,
                    self._rows,
                    self._labels,
                    queries,
                    n_nearest,
                    chunk,
                    candidates,
                    starts,
                    counts,
                    neighbor_labels,
                )
        return np.array(left, dtype=np.int64)

    def _are_few(self, n_candidates):
        return n_candidates * _SMALL_SHARE <= 2 * len(self._rows)

    def _candidates(self, queries, radii, left, numbers=None):
        """Yield queries' numbers with the rows that lie about within their radii.

        Appends to `left` the numbers of the queries that have too many of these rows.
        """
        numbers = np.arange(len(queries)) if numbers is None else numbers
        for start in range(0, len(numbers), _QUERIES_AT_A_TIME):
            chunk = numbers[start : start + _QUERIES_AT_A_TIME]
            n_rows = self._tree.query_radius(queries[chunk], radii[chunk], count_only=True)
            few = self._are_few(n_rows)
            left.extend(chunk[~few])
            chunk, n_rows = chunk[few], n_rows[few]
            groups = np.cumsum(n_rows) // _CANDIDATES_AT_A_TIME
            for group in np.unique(groups):
                members = chunk[groups == group]
                found = self._tree.query_radius(queries[members], radii[members])
                starts = np.concatenate([[0], np.cumsum([len(rows) for rows in found])])
                yield members, np.concatenate(found), starts


@njit(nogil=True, cache=True)
def _count_candidates(metric, rows, labels, queries, limit, chunk, candidates, starts, counts):
    """Add to counts the candidates within the limit; those of query chunk[i] start at starts[i]."""
    for i in range(len(chunk)):
        for j in range(starts[i], starts[i + 1]):
            row = candidates[j]
            if pair_distance(metric, rows[row], queries[chunk[i]]) <= limit:
                counts[chunk[i], labels[row]] += 1


@njit(nogil=True, cache=True)
def _rank_candidates(
    metric, rows, labels, queries, n_nearest, chunk, candidates, starts, counts, neighbor_labels
):
    """Count or write the labels of the nearest candidates, as `nearest_measured` does."""
    for i in range(len(chunk)):
        found = candidates[starts[i] : starts[i + 1]]
        distances = np.empty(len(found))
        for j in range(len(found)):
            distances[j] = pair_distance(metric, rows[found[j]], queries[chunk[i]])
        order = rank(distances, found)
        for j in range(n_nearest):
            label = labels[found[order[j]]]
            if neighbor_labels.shape[1] > 0:
                neighbor_labels[chunk[i], j] = label
            else:
                counts[chunk[i], label] += 1
