"""Kernels over distances in double precision: count rows within a radius, find the nearest.

`count_dense` and `nearest_dense` compute the distances from blocks of lanes, `count_measured` and
`nearest_measured` are given them.
"""

import numpy as np
from numba import njit

from ..._compute.distances import lane_distances
from .selection import N_COUNTERS, kth_smallest, order_by_bits

__all__ = ["count_dense", "count_measured", "nearest_dense", "nearest_measured"]


@njit(nogil=True, cache=True)
def count_dense(metric, blocks, labels, queries, radius, counts):
    """Add the rows within the radius of each query to counts (n_queries, n_classes)."""
    n_lanes = blocks.shape[2]
    distances = np.empty(n_lanes)
    for number in range(len(blocks)):
        first = number * n_lanes
        n_rows = min(n_lanes, len(labels) - first)
        for sample in range(len(queries)):
            if lane_distances(metric, blocks, number, queries[sample], radius, distances):
                for lane in range(n_rows):
                    if distances[lane] <= radius:
                        counts[sample, labels[first + lane]] += 1


@njit(nogil=True, cache=True)
def count_measured(distances, labels, radius, counts):
    """Add the rows within the radius to counts, from distances (n_queries, n_rows)."""
    for sample in range(len(distances)):
        for row in range(len(labels)):
            if distances[sample, row] <= radius:
                counts[sample, labels[row]] += 1


@njit(nogil=True, cache=True)
def nearest_dense(
    metric, blocks, labels, queries, n_nearest, queries_at_a_time, counts, neighbor_labels
):
    """Count the labels of the nearest rows, or write them, as `nearest_measured` does."""
    n_lanes = blocks.shape[2]
    distances = np.empty((min(queries_at_a_time, len(queries)), len(blocks) * n_lanes))
    for start in range(0, len(queries), queries_at_a_time):
        stop = min(start + queries_at_a_time, len(queries))
        for number in range(len(blocks)):
            for sample in range(start, stop):
                lanes = distances[sample - start, number * n_lanes : (number + 1) * n_lanes]
                lane_distances(metric, blocks, number, queries[sample], np.inf, lanes)
        nearest_measured(
            distances[: stop - start, : len(labels)],
            labels,
            n_nearest,
            counts[start:stop],
            neighbor_labels[start:stop],
        )


@njit(nogil=True, cache=True)
def nearest_measured(distances, labels, n_nearest, counts, neighbor_labels):
    """Count the labels of the nearest rows, or write them nearest first.

    Distances (n_queries, n_rows) are no NaN and not negative; of equal ones the first come first.
    Writes `neighbor_labels` (n_queries, n_nearest), unless it has no columns, and else adds to
    `counts` (n_queries, n_classes).
    """
    n_rows = len(labels)
    members, counters = np.empty(n_rows, np.int64), np.empty(N_COUNTERS, np.int64)
    chosen = np.empty(n_rows, np.int64)
    for sample in range(len(distances)):
        # doubles from zero up are in the order of their bits
        bits = distances[sample].view(np.int64)
        kth = kth_smallest(bits, n_nearest, members, counters)
        n_below = 0
        for row in range(n_rows):
            n_below += bits[row] < kth
        n_tied = n_nearest - n_below
        n_chosen = 0
        for row in range(n_rows):
            take = bits[row] < kth or (bits[row] == kth and n_tied > 0)
            n_tied -= bits[row] == kth
            if take:
                chosen[n_chosen] = row
                n_chosen += 1
        if neighbor_labels.shape[1] == 0:
            for i in range(n_nearest):
                counts[sample, labels[chosen[i]]] += 1
        else:
            order = order_by_bits(bits[chosen[:n_nearest]], counters)
            for i in range(n_nearest):
                neighbor_labels[sample, i] = labels[chosen[order[i]]]
