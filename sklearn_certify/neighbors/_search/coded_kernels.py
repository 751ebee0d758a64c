"""Kernels over the codes of `CodedRows`: count rows within a radius, find the nearest rows."""

import numpy as np
from numba import int32, njit, uint16

from .distances import manhattan_distance
from .selection import N_COUNTERS, kth_smallest, rank

__all__ = ["FEATURES_ADDED_TOGETHER", "count_coded", "count_listed", "nearest_coded"]

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
    blocks, sums, positions, label_starts, rows, codes, code_sums, certain, possible, queries,
    radius, counts,
):  # fmt: skip
    """Add the coded rows within the radius of each query to counts (n_queries, n_classes)."""
    n_lanes = blocks.shape[2]
    distances, work = np.empty(n_lanes, np.int32), np.empty(n_lanes, np.uint16)
    first_label = 0
    for number in range(len(blocks)):
        first = number * n_lanes
        n_rows = min(n_lanes, len(positions) - first)
        while label_starts[first_label + 1] <= first:
            first_label += 1
        for sample in range(len(queries)):
            _code_distances(blocks, number, sums, codes[sample], code_sums[sample], work, distances)
            low, high = int32(certain[sample]), int32(possible[sample])
            label, start = first_label, 0
            while start < n_rows:
                stop = min(label_starts[label + 1] - first, n_rows)
                n_within, n_possible = int32(0), int32(0)
                for lane in range(start, stop):  # in the type of the distances: long vectors
                    n_within = int32(n_within + (distances[lane] <= low))
                    n_possible = int32(n_possible + (distances[lane] <= high))
                counts[sample, label] += n_within
                if n_possible > n_within:
                    counts[sample, label] += _count_exactly(
                        distances[start:stop],
                        low,
                        high,
                        rows,
                        positions[first + start : first + stop],
                        queries[sample],
                        radius,
                    )
                start = stop
                label += 1


@njit(nogil=True, cache=True)
def _count_exactly(distances, low, high, rows, positions, query, radius):
    """Count the rows within the radius among those whose codes do not decide it."""
    n_within = 0
    for start in range(0, len(distances), 32):
        stop = min(start + 32, len(distances))
        n_unsure = int32(0)
        for lane in range(start, stop):
            n_unsure = int32(n_unsure + ((distances[lane] > low) & (distances[lane] <= high)))
        if n_unsure > 0:
            for lane in range(start, stop):
                if low < distances[lane] <= high:
                    n_within += manhattan_distance(rows[positions[lane]], query) <= radius
    return n_within


@njit(nogil=True, cache=True)
def count_listed(listed, rows, labels, queries, radius, counts):
    """Add those of the listed rows that lie within the radius of each query to counts."""
    for sample in range(len(queries)):
        for i in range(len(listed)):
            if manhattan_distance(rows[listed[i]], queries[sample]) <= radius:
                counts[sample, labels[listed[i]]] += 1


@njit(nogil=True, cache=True)
def nearest_coded(
    blocks, sums, positions, label_starts, outliers, step, rows, labels, codes, code_sums, margins,
    queries, n_nearest, queries_at_a_time, counts, neighbor_labels,
):  # fmt: skip
    """Count the labels of the nearest rows, or write them nearest first.

    Writes `neighbor_labels` (n_queries, n_nearest), unless it has no columns, and else adds to
    `counts` (n_queries, n_classes).
    """
    n_lanes = blocks.shape[2]
    n_coded, n_rows = len(positions), len(rows)
    distances = np.empty((min(queries_at_a_time, len(queries)), len(blocks) * n_lanes), np.int32)
    work = np.empty(n_lanes, np.uint16)
    members, counters = np.empty(n_coded, np.int32), np.empty(N_COUNTERS, np.int64)
    candidates, exact = np.empty(n_rows, np.int64), np.empty(n_rows)
    for start in range(0, len(queries), queries_at_a_time):
        stop = min(start + queries_at_a_time, len(queries))
        for number in range(len(blocks)):
            for sample in range(start, stop):
                lanes = distances[sample - start, number * n_lanes : (number + 1) * n_lanes]
                _code_distances(blocks, number, sums, codes[sample], code_sums[sample], work, lanes)
        for sample in range(start, stop):
            of_codes = distances[sample - start, :n_coded]
            low, high = _bounds(
                of_codes, n_nearest, len(outliers), margins[sample], members, counters
            )
            n_needed = n_nearest
            if neighbor_labels.shape[1] > 0:
                low = -1
            else:
                n_needed -= _count_below(of_codes, low, label_starts, counts[sample])
            n_candidates = 0
            for i in range(n_coded):
                candidates[n_candidates] = i
                n_candidates += low <= of_codes[i] <= high
            for i in range(n_candidates):
                coded = candidates[i]
                candidates[i] = positions[coded]
                if margins[sample] == 0:
                    exact[i] = step * of_codes[coded]
                else:
                    exact[i] = manhattan_distance(rows[candidates[i]], queries[sample])
            for i in range(len(outliers)):
                candidates[n_candidates] = outliers[i]
                exact[n_candidates] = manhattan_distance(rows[outliers[i]], queries[sample])
                n_candidates += 1
            order = rank(exact[:n_candidates], candidates[:n_candidates])
            for i in range(n_needed):
                label = labels[candidates[order[i]]]
                if neighbor_labels.shape[1] > 0:
                    neighbor_labels[sample, i] = label
                else:
                    counts[sample, label] += 1


@njit(nogil=True, cache=True)
def _bounds(of_codes, n_nearest, n_outliers, margin, members, counters):
    """Distances of codes below which a row is among the nearest, and above which it is not.

    All outliers may be nearer than any coded row, or farther than all.
    """
    n_coded = len(of_codes)
    high = np.int64(2**62)
    kth = high
    if n_nearest <= n_coded:
        kth = np.int64(kth_smallest(of_codes, n_nearest, members, counters))
        high = kth + margin
    n_sure = min(n_nearest - n_outliers, n_coded)
    if n_sure < 1:
        return np.int64(0), high
    if n_sure != n_nearest:
        kth = np.int64(kth_smallest(of_codes, n_sure, members, counters))
    return kth - margin, high


@njit(nogil=True, cache=True)
def _count_below(of_codes, limit, label_starts, counts):
    """Add the coded rows below the limit to their labels' counts; return how many there are."""
    total = 0
    limit = int32(limit)
    for label in range(len(counts)):
        n_below = int32(0)
        for i in range(label_starts[label], label_starts[label + 1]):
            n_below = int32(n_below + (of_codes[i] < limit))
        counts[label] += n_below
        total += n_below
    return total
