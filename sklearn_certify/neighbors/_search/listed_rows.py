"""Which training rows vote on a query, one by one, with their distances.

Counting votes needs no list of the rows that cast them, so what counts is quicker. Lists are made
of the same distances, and of equal ones the first rows come first, as where votes are counted.
"""

import numpy as np
from numba import njit

from ..._compute.blocks import run_on_blocks
from ..._compute.distances import EUCLIDEAN, pair_distance
from .batches import queries_of_a_table, queries_of_a_thread
from .dense_kernels import nearest_measured
from .metrics import comparable_radius

__all__ = ["list_nearest", "list_within"]


def list_nearest(training_rows, queries, n_nearest, n_threads=None, own=None):
    """List the nearest rows of each query, nearest first.

    Parameters
    ----------
    training_rows : TrainingRows
        Whose rows are listed.
    queries : ndarray of float64, of shape (n_queries, n_features)
        Finite numbers, C-ordered.
    n_nearest : int
        How many rows, at most all that may be listed.
    n_threads : int, default=None
        The most threads to work on, see `run_on_blocks`.
    own : ndarray of int64, of shape (n_queries,), default=None
        The row that each query is, which is not listed; None: queries are no training rows.

    Returns
    -------
    distances : ndarray of float64, of shape (n_queries, n_nearest)
        Distances.
    positions : ndarray of int64, of shape (n_queries, n_nearest)
        Numbers of the rows.
    """
    distances = np.empty((len(queries), n_nearest))
    positions = np.empty((len(queries), n_nearest), dtype=np.int64)
    numbers = np.arange(len(training_rows.rows))
    for chunk, table in _tables(training_rows, queries, n_threads):
        order = np.empty((len(table), n_nearest + (own is not None)), dtype=np.int64)
        no_counts = np.empty((len(table), 0), dtype=np.int64)
        nearest_measured(table, numbers, order.shape[1], no_counts, order)
        if own is not None:
            is_own = order == own[chunk, np.newaxis]  # unless as many rows are no farther
            others = np.argsort(is_own, axis=1, kind="stable")
            order = np.take_along_axis(order, others, axis=1)
        positions[chunk] = order[:, :n_nearest]
        distances[chunk] = np.take_along_axis(table, positions[chunk], axis=1)
    return _as_users_measure(training_rows, distances), positions


def list_within(training_rows, queries, radius, n_threads=None, own=None):
    """List the rows within a radius of each query, in their own order.

    Parameters
    ----------
    training_rows, queries, n_threads, own
        As for `list_nearest`.
    radius : float
        The largest distance that counts.

    Returns
    -------
    distances : list of ndarray of float64, of shape (n_within,)
        Distances, one array per query.
    positions : list of ndarray of int64, of shape (n_within,)
        Numbers of the rows, one array per query.
    """
    limit = float(radius)
    if training_rows.compiled is not None:
        limit = comparable_radius(training_rows.compiled, limit)
    distances, positions = [], []
    for chunk, table in _tables(training_rows, queries, n_threads):
        for number, row in zip(range(chunk.start, chunk.stop), table, strict=True):
            within = row <= limit
            if own is not None:
                within[own[number]] = False
            positions.append(np.flatnonzero(within))
            distances.append(_as_users_measure(training_rows, row[within]))
    return distances, positions


def _as_users_measure(training_rows, distances):
    """Take the square root of Euclidean distances, which the kernels leave squared."""
    return np.sqrt(distances) if training_rows.compiled == EUCLIDEAN else distances


def _tables(training_rows, queries, n_threads):
    """Yield slices of the queries with the distances of all rows, as votes are counted by them."""
    size = queries_of_a_table(len(training_rows.rows))
    for start in range(0, len(queries), size):
        chunk = slice(start, min(start + size, len(queries)))
        yield chunk, _table(training_rows, queries[chunk], n_threads)


def _table(training_rows, queries, n_threads):
    if training_rows.compiled is None:
        return training_rows.measure(queries)
    table = np.empty((len(queries), len(training_rows.rows)))
    run_on_blocks(
        lambda start, stop: _write_distances(
            training_rows.compiled, training_rows.rows, queries[start:stop], table[start:stop]
        ),
        len(queries),
        min_block=queries_of_a_thread(training_rows.rows.size),
        n_threads=n_threads,
    )
    return table


@njit(nogil=True, cache=True)
def _write_distances(metric, rows, queries, table):
    for sample in range(len(queries)):
        for row in range(len(rows)):
            table[sample, row] = pair_distance(metric, rows[row], queries[sample])
