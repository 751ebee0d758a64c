"""Kernels of `ProductRows`: codes of squared Euclidean distances, by products of matrices.

Products are summed in the type of the placed rows over a few features, and these sums in doubles.
`ProductRows` proves how far they are off, whatever the order of additions, and whether or not a
multiplication and an addition are rounded together. So the compiler may do the latter.
"""

from typing import NamedTuple

import numpy as np
from numba import int32, njit

from .filter_kernels import count_lanes

__all__ = [
    "FEATURES_OF_A_SUM",
    "LARGEST_PRODUCT_CODE",
    "QUERIES_OF_A_PASS",
    "QUERIES_OF_A_TILE",
    "PlacedQueries",
    "code_products",
    "count_products",
]

FEATURES_OF_A_SUM = 128
LARGEST_PRODUCT_CODE = 2**30
_CUT = 1.25 * LARGEST_PRODUCT_CODE  # rounding cannot carry a code beyond it
QUERIES_OF_A_TILE = 4  # `_sum_products` is written out for them: no number to tune
QUERIES_OF_A_PASS = 64  # which share a part of a block, that stays in the second-level cache


class PlacedQueries(NamedTuple):
    """Queries whose code with a row of square s and product p is base + scale * (s - 2 p)."""

    rows: np.ndarray  # as placed, (n_queries or a few more, n_padded_features)
    bases: np.ndarray  # float64 (n_queries,)
    scales: np.ndarray  # float64 (n_queries,)


@njit(nogil=True, cache=True)
def count_products(
    columns, blocks, squares, placed, certain, possible, queries, radius, sums, totals, counts
):
    """Add the placed rows within the radius of each query to counts (n_queries, n_classes)."""
    n_lanes, n_placed = blocks.shape[2], columns.label_starts[-1]
    codes = np.empty(n_lanes, np.int32)
    room = np.empty(n_lanes + 1, np.int64), np.empty(n_lanes)
    for number in range(len(blocks)):
        first = number * n_lanes
        n_rows = min(n_lanes, n_placed - first)
        for start in range(0, len(queries), QUERIES_OF_A_PASS):
            stop = min(start + QUERIES_OF_A_PASS, len(queries))
            _multiply(blocks[number], placed.rows, start, stop, sums, totals)
            for sample in range(start, stop):
                _write_codes(placed, sample, squares[first:], totals[sample - start], codes)
                count_lanes(
                    columns,
                    first,
                    codes[:n_rows],
                    int32(certain[sample]),
                    int32(possible[sample]),
                    queries[sample],
                    radius,
                    room,
                    counts[sample],
                )


@njit(nogil=True, cache=True)
def code_products(blocks, squares, placed, sums, totals, table):
    """Write the codes of all pairs of queries and placed rows."""
    n_lanes = blocks.shape[2]
    for number in range(len(blocks)):
        first = number * n_lanes
        for start in range(0, len(table), QUERIES_OF_A_PASS):
            stop = min(start + QUERIES_OF_A_PASS, len(table))
            _multiply(blocks[number], placed.rows, start, stop, sums, totals)
            for sample in range(start, stop):
                lanes = table[sample, first : first + n_lanes]
                _write_codes(placed, sample, squares[first:], totals[sample - start], lanes)


@njit(nogil=True, cache=True)
def _write_codes(placed, sample, squares, products, codes):
    """Write whole numbers, rounded down; none is below zero, which no distance is."""
    base, scale = placed.bases[sample], placed.scales[sample]
    for lane in range(len(codes)):
        code = base + scale * (squares[lane] - 2.0 * products[lane])
        code = code if code > 0.0 else 0.0
        codes[lane] = int32(code if code < _CUT else _CUT)


@njit(nogil=True, cache=True)
def _multiply(block, queries, start, stop, sums, totals):
    """Write the products of some queries, from `start` to `stop`, with the rows of a block."""
    n_features = len(block)
    totals[: stop - start] = 0.0
    for first in range(0, n_features, FEATURES_OF_A_SUM):
        last = min(first + FEATURES_OF_A_SUM, n_features)
        for tile in range(start, stop, QUERIES_OF_A_TILE):
            of_tile = queries[tile : tile + QUERIES_OF_A_TILE]
            _sum_products(block, of_tile, first, last, sums)
            for sample in range(tile, min(tile + QUERIES_OF_A_TILE, stop)):
                total, part = totals[sample - start], sums[sample - tile]
                for lane in range(len(part)):
                    total[lane] += part[lane]


@njit(nogil=True, cache=True, fastmath={"contract"})
def _sum_products(block, queries, first, last, sums):
    """Write the products of four queries with the rows of a block over some features."""
    sums[:] = 0
    for feature in range(first, last, 4):
        rows = block[feature : feature + 4]
        of_first, of_second = _four(queries[0], feature), _four(queries[1], feature)
        of_third, of_fourth = _four(queries[2], feature), _four(queries[3], feature)
        for lane in range(sums.shape[1]):
            row = rows[0, lane], rows[1, lane], rows[2, lane], rows[3, lane]
            sums[0, lane] = _add_four(sums[0, lane], row, of_first)
            sums[1, lane] = _add_four(sums[1, lane], row, of_second)
            sums[2, lane] = _add_four(sums[2, lane], row, of_third)
            sums[3, lane] = _add_four(sums[3, lane], row, of_fourth)


@njit(nogil=True, cache=True)
def _four(values, first):
    return values[first], values[first + 1], values[first + 2], values[first + 3]


@njit(nogil=True, cache=True, fastmath={"contract"})
def _add_four(total, row, query):
    total += row[0] * query[0]
    total += row[1] * query[1]
    total += row[2] * query[2]
    return total + row[3] * query[3]
