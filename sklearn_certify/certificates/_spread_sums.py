"""Sums over the voters that each partition reaches, and how many partitions have which sum."""

import numpy as np
from numba import njit

__all__ = ["count_sums", "cyclic_offsets", "room_for_sums", "sum_over_voters", "type_that_holds"]

_LANES = 2  # rows of a histogram; neighbours use different ones and do not wait for each other
_CHUNK = 8192  # partitions whose sums stay in the fastest cache


def cyclic_offsets(spread, n_voters):
    """The offsets R of a spread {(j + r) mod n_voters for r in R}, or none if it is another."""
    if len(spread) != n_voters:
        return np.empty(0, dtype=np.int64)
    offsets = np.sort((spread - np.arange(n_voters)[:, None]) % n_voters, axis=1)
    is_cyclic = (offsets == offsets[0]).all()
    return offsets[0].copy() if is_cyclic else np.empty(0, dtype=np.int64)


def type_that_holds(largest):
    """An empty array of the smallest unsigned type that holds `largest`; it adds fastest."""
    return np.empty(0, dtype=np.min_scalar_type(largest))


@njit(nogil=True, cache=True)
def room_for_sums(n_voters, spread, most, of_type):
    """Arrays to add up whole numbers from 0 to `most` over the voters of each partition.

    Two copies of a number per voter; the sums, of shape (n_partitions,); their histogram. All
    but the last have the type of the array `of_type`.
    """
    n_partitions, degree = spread.shape
    return (
        np.empty(2 * n_voters, of_type.dtype),
        np.empty(n_partitions, of_type.dtype),
        np.empty((_LANES, degree * most + 1), np.int32),
    )


@njit(nogil=True, cache=True)
def sum_over_voters(values, spread, offsets, sums):
    """Write the sum of `values` over each partition's voters.

    `values` are two copies of one number per voter. `offsets` is empty unless partition j
    reaches exactly the voters (j + offset) mod n_voters.
    """
    n_partitions = len(sums)
    if len(offsets) == 0:
        for partition in range(n_partitions):
            total = 0
            for voter in spread[partition]:
                total += values[voter]
            sums[partition] = total
        return
    sums[:] = 0
    for start in range(0, n_partitions, _CHUNK):
        chunk = sums[start : start + _CHUNK]
        size = len(chunk)
        for pair in range(0, len(offsets) - 1, 2):
            one = values[start + offsets[pair] :][:size]
            other = values[start + offsets[pair + 1] :][:size]
            for partition in range(size):
                chunk[partition] += one[partition] + other[partition]
        if len(offsets) % 2:
            last = values[start + offsets[-1] :][:size]
            for partition in range(size):
                chunk[partition] += last[partition]


@njit(nogil=True, cache=True)
def count_sums(sums, lanes):
    """Count how many partitions have each sum; the counts are a view of `lanes`."""
    lanes[:] = 0
    for partition in range(len(sums)):
        lanes[partition % _LANES, sums[partition]] += 1
    for lane in range(1, _LANES):
        for value in range(lanes.shape[1]):
            lanes[0, value] += lanes[lane, value]
    return lanes[0]
