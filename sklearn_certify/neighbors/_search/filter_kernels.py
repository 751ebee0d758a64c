"""Kernels that count, and certify, by whole numbers, and by exact distances where these fail.

A pair's code is a whole number. How codes bound distances is up to `Bounds`; how they are made, to
the kernels of each kind of rows.
"""

from typing import NamedTuple

import numpy as np
from numba import int32, njit

from ..._compute.distances import listed_distances, pair_distance
from .selection import N_COUNTERS, kth_smallest, order_by_bits, rank

__all__ = [
    "Columns",
    "code_far",
    "count_far",
    "count_lanes",
    "count_nearest",
    "keep_nearest",
    "list_between",
    "measure_codes",
    "write_nearest",
]

_LARGEST_CODE = 2**31 - 1


class Columns(NamedTuple):
    """Training rows in the order of their codes' columns: grouped by label, then the far rows."""

    metric: int
    rows: np.ndarray  # float64 (n_rows, n_features), in the order of the training set
    positions: np.ndarray  # int64 (n_rows,): where the row of a column stands in it
    labels: np.ndarray  # int64 (n_rows,): the label of the row of a column
    label_starts: np.ndarray  # int64 (n_classes + 1,): the far rows come behind the last


@njit(nogil=True, cache=True)
def count_lanes(columns, first, codes, low, high, query, radius, room, counts):
    """Add the rows within the radius to counts (n_classes,), of columns from `first` on.

    Codes up to `low` are within, those above `high` are not.
    """
    label_starts = columns.label_starts
    label, start, n_unsure = 0, 0, 0
    while start < len(codes):
        while label_starts[label + 1] <= first + start:
            label += 1
        stop = min(label_starts[label + 1] - first, len(codes))
        n_within, n_possible = int32(0), int32(0)
        for lane in range(start, stop):  # in the type of the codes: long vectors
            n_within = int32(n_within + (codes[lane] <= low))
            n_possible = int32(n_possible + (codes[lane] <= high))
        counts[label] += n_within
        n_unsure += n_possible - n_within
        start = stop
    if n_unsure > 0:
        _count_unsure(columns, first, codes, low, high, query, radius, room, counts)


@njit(nogil=True, cache=True)
def _count_unsure(columns, first, codes, low, high, query, radius, room, counts):
    """Add the rows within the radius among those whose codes do not decide it."""
    listed, distances = room
    n_listed = 0
    for start in range(0, len(codes), 32):
        stop = min(start + 32, len(codes))
        n_unsure = int32(0)
        for lane in range(start, stop):
            n_unsure = int32(n_unsure + ((codes[lane] > low) & (codes[lane] <= high)))
        if n_unsure > 0:
            for lane in range(start, stop):
                listed[n_listed] = first + lane
                n_listed += low < codes[lane] <= high
    _measure(columns, listed[:n_listed], query, distances)
    for i in range(n_listed):
        if distances[i] <= radius:
            counts[columns.labels[listed[i]]] += 1


@njit(nogil=True, cache=True)
def _measure(columns, listed, query, distances):
    """Write the exact distances of the rows of the listed columns."""
    listed_distances(columns.metric, columns.rows, columns.positions, listed, query, distances)


@njit(nogil=True, cache=True)
def count_far(columns, queries, radius, counts):
    """Add the far rows within the radius of each query to counts (n_queries, n_classes)."""
    for sample in range(len(queries)):
        for column in range(columns.label_starts[-1], len(columns.positions)):
            row = columns.rows[columns.positions[column]]
            if pair_distance(columns.metric, row, queries[sample]) <= radius:
                counts[sample, columns.labels[column]] += 1


@njit(nogil=True, cache=True)
def code_far(columns, queries, offsets, steps, table):
    """Write the codes of the far rows: their exact distances, rounded down.

    Below zero and above the largest code they are cut off, which changes no order.
    """
    for sample in range(len(queries)):
        for column in range(columns.label_starts[-1], len(columns.positions)):
            row = columns.rows[columns.positions[column]]
            distance = pair_distance(columns.metric, row, queries[sample])
            code = np.floor((distance - offsets[sample]) / steps[sample])
            code = code if code > 0 else 0.0  # which is also what no number becomes
            table[sample, column] = int32(code if code < _LARGEST_CODE else _LARGEST_CODE)


@njit(nogil=True, cache=True)
def count_nearest(columns, table, margins, steps, queries, n_nearest, counts):
    """Add the labels of the nearest rows to counts (n_queries, n_classes), by a table of codes.

    A row whose code is less than that of the k-th by more than the margin is among the nearest,
    and one whose code is more by that is not. Exact distances are in the order of codes where
    there is no margin.
    """
    n_rows = len(columns.positions)
    members, counters = np.empty(n_rows, np.int32), np.empty(N_COUNTERS, np.int64)
    listed, distances = np.empty(n_rows + 1, np.int64), np.empty(n_rows)
    for sample in range(len(queries)):
        codes, margin = table[sample, :n_rows], margins[sample]
        kth = np.int64(kth_smallest(codes, n_nearest, members, counters))
        n_needed = n_nearest - _count_below(columns, codes, kth - margin, counts[sample])
        n_listed = list_between(codes, kth - margin, kth + margin, listed)
        if n_needed < n_listed:
            found = listed[:n_listed]
            measure_codes(columns, codes, found, margin, steps[sample], queries[sample], distances)
            keep_nearest(columns, found, distances, n_needed)
        for i in range(n_needed):
            counts[sample, columns.labels[listed[i]]] += 1


@njit(nogil=True, cache=True)
def write_nearest(columns, column_of, table, margins, steps, queries, n_nearest, labels):
    """Write the labels of the nearest rows (n_queries, n_nearest), nearest first.

    Column ``column_of[i]`` is that of row i. Codes leave out what cannot be among the nearest.
    """
    n_rows = len(column_of)
    members, counters = np.empty(n_rows, np.int32), np.empty(N_COUNTERS, np.int64)
    listed, distances = np.empty(n_rows + 1, np.int64), np.empty(n_rows)
    for sample in range(len(queries)):
        codes, margin = table[sample, :n_rows], margins[sample]
        last = np.int64(kth_smallest(codes, n_nearest, members, counters)) + margin
        n_listed = 0
        for row in range(n_rows):  # in the order in which equal distances are ranked
            listed[n_listed] = column_of[row]
            n_listed += codes[column_of[row]] <= last
        found, measured = listed[:n_listed], distances[:n_listed]
        measure_codes(columns, codes, found, margin, steps[sample], queries[sample], measured)
        # doubles from zero up are in the order of their bits
        order = order_by_bits(measured.view(np.int64), counters)
        for i in range(n_nearest):
            labels[sample, i] = columns.labels[found[order[i]]]


@njit(nogil=True, cache=True)
def _count_below(columns, codes, limit, counts):
    """Add the columns whose codes are below the limit to counts; return how many there are."""
    total = 0
    limit = int32(max(limit, 0))  # in the type of the codes: long vectors
    for label in range(len(counts)):
        n_below = int32(0)
        for column in range(columns.label_starts[label], columns.label_starts[label + 1]):
            n_below = int32(n_below + (codes[column] < limit))
        counts[label] += n_below
        total += n_below
    for column in range(columns.label_starts[-1], len(codes)):
        counts[columns.labels[column]] += codes[column] < limit
        total += codes[column] < limit
    return total


@njit(nogil=True, cache=True)
def list_between(codes, low, high, listed):
    """Write the columns with codes from low to high; return how many there are.

    There must be room for one more.
    """
    low, high = int32(max(low, 0)), int32(min(high, _LARGEST_CODE))
    n_listed = 0
    for column in range(len(codes)):
        listed[n_listed] = column
        n_listed += low <= codes[column] <= high
    return n_listed


@njit(nogil=True, cache=True)
def measure_codes(columns, codes, listed, margin, step, query, distances):
    """Write the exact distances of the listed columns, by their codes where these are exact."""
    if margin > 0:
        _measure(columns, listed, query, distances)
        return
    for i in range(len(listed)):
        column = listed[i]
        if column < columns.label_starts[-1]:
            distances[i] = step * codes[column]
        else:
            row = columns.rows[columns.positions[column]]
            distances[i] = pair_distance(columns.metric, row, query)


@njit(nogil=True, cache=True)
def keep_nearest(columns, listed, distances, n_nearest):
    """Move the nearest of the listed columns to the front."""
    order = rank(distances[: len(listed)], columns.positions[listed])
    listed[:n_nearest] = listed[order[:n_nearest]]
