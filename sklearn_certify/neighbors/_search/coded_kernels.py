"""Kernels over the codes of `CodedRows`: distances of codes, and rows within a radius."""

import numpy as np
from numba import int32, njit, uint16

from .filter_kernels import count_lanes

__all__ = ["FEATURES_ADDED_TOGETHER", "code_all", "count_coded"]

FEATURES_ADDED_TOGETHER = 8  # `_add_eight` is written out for them: no number to tune


@njit(nogil=True, cache=True)
def _add_eight(blocks, number, first, query, sums, totals):
    """Add the smaller codes of eight features, in 16 bits, which cannot overflow.

    A loop of its own adds these sums to the totals: together they would run at half the speed,
    with vectors as short as those of the wider type.
    """
    q0, q1, q2, q3 = query[first], query[first + 1], query[first + 2], query[first + 3]
    q4, q5, q6, q7 = query[first + 4], query[first + 5], query[first + 6], query[first + 7]
    for lane in range(len(sums)):
        total = min(blocks[number, first, lane], q0)
        total = uint16(total + min(blocks[number, first + 1, lane], q1))
        total = uint16(total + min(blocks[number, first + 2, lane], q2))
        total = uint16(total + min(blocks[number, first + 3, lane], q3))
        total = uint16(total + min(blocks[number, first + 4, lane], q4))
        total = uint16(total + min(blocks[number, first + 5, lane], q5))
        total = uint16(total + min(blocks[number, first + 6, lane], q6))
        total = uint16(total + min(blocks[number, first + 7, lane], q7))
        sums[lane] = total
    for lane in range(len(sums)):
        totals[lane] += int32(sums[lane])


@njit(nogil=True, cache=True)
def _code_distances(blocks, number, sums, query, query_sum, work, distances):
    """Write the distances between the codes of a query and of the rows of one block."""
    n_lanes = len(distances)
    first = number * n_lanes
    for lane in range(n_lanes):
        distances[lane] = 0
    for feature in range(0, blocks.shape[1], FEATURES_ADDED_TOGETHER):
        _add_eight(blocks, number, feature, query, work, distances)
    total = int32(query_sum)
    for lane in range(n_lanes):
        distances[lane] = int32(sums[first + lane] + total - 2 * distances[lane])


@njit(nogil=True, cache=True)
def count_coded(
    columns, blocks, sums, codes, code_sums, certain, possible, queries, radius, counts
):
    """Add the coded rows within the radius of each query to counts (n_queries, n_classes)."""
    n_lanes, n_coded = blocks.shape[2], columns.label_starts[-1]
    distances, work = np.empty(n_lanes, np.int32), np.empty(n_lanes, np.uint16)
    room = np.empty(n_lanes + 1, np.int64), np.empty(n_lanes)
    for number in range(len(blocks)):
        first = number * n_lanes
        n_rows = min(n_lanes, n_coded - first)
        for sample in range(len(queries)):
            _code_distances(blocks, number, sums, codes[sample], code_sums[sample], work, distances)
            count_lanes(
                columns,
                first,
                distances[:n_rows],
                int32(certain[sample]),
                int32(possible[sample]),
                queries[sample],
                radius,
                room,
                counts[sample],
            )


@njit(nogil=True, cache=True)
def code_all(blocks, sums, codes, code_sums, table):
    """Write the distances between the codes of each query and of all coded rows."""
    n_lanes = blocks.shape[2]
    work = np.empty(n_lanes, np.uint16)
    for number in range(len(blocks)):
        for sample in range(len(codes)):
            lanes = table[sample, number * n_lanes : (number + 1) * n_lanes]
            _code_distances(blocks, number, sums, codes[sample], code_sums[sample], work, lanes)
