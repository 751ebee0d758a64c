"""Sums over the voters that each partition reaches, and how many of the largest fit a budget."""

from __future__ import annotations

import numpy as np
from numba import njit

from ._arrays import Dtype, Int64s, Integers, Room

__all__ = [
    "count_sums",
    "cyclic_offsets",
    "most_within",
    "room_for_sums",
    "sum_over_voters",
]

_LANES = 2  # rows of a histogram; neighbours use different ones and do not wait for each other
_CHUNK = 8192  # partitions whose sums stay in the fastest cache


def cyclic_offsets(spread: Int64s, n_voters: int) -> Int64s:
    """The offsets R of a spread {(j + r) mod n_voters for r in R}, or none if it is another."""
    if len(spread) != n_voters:
        return np.empty(0, dtype=np.int64)
    offsets = np.sort((spread - np.arange(n_voters)[:, None]) % n_voters, axis=1)
    is_cyclic = (offsets == offsets[0]).all()
    return offsets[0].copy() if is_cyclic else np.empty(0, dtype=np.int64)


@njit(nogil=True, cache=True)
def room_for_sums(n_voters: int, spread: Int64s, most: int, dtype: Dtype) -> Room:
    """Arrays to add up whole numbers from 0 to `most` over the voters of each partition.

    Two copies of a number per voter: shifting a cyclic spread then needs no modulo. The sums, of
    shape (n_partitions,). Their histogram, in lanes that `count_sums` adds up. `dtype` must hold
    every sum, and the smallest such type adds fastest.
    """
    n_partitions, degree = spread.shape
    return (
        np.empty(2 * n_voters, dtype),
        np.empty(n_partitions, dtype),
        np.empty((_LANES, degree * most + 1), np.int32),
    )


@njit(nogil=True, cache=True)
def sum_over_voters(values: Integers, spread: Int64s, offsets: Int64s, sums: Integers) -> None:
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
def count_sums(sums: Integers, lanes: Integers) -> Integers:
    """Count how many partitions have each sum; the counts are a view of `lanes`."""
    lanes[:] = 0
    for partition in range(len(sums)):
        lanes[partition % _LANES, sums[partition]] += 1
    for lane in range(1, _LANES):
        for value in range(lanes.shape[1]):
            lanes[0, value] += lanes[lane, value]
    return lanes[0]


@njit(nogil=True, cache=True)
def most_within(histogram: Integers, budget: int) -> int:
    """The largest r whose r largest sums add up to at most `budget` (0 if it is negative)."""
    if budget < 0:
        return 0
    taken = 0
    for value in range(len(histogram) - 1, 0, -1):
        fitting = budget // value
        if fitting < histogram[value]:
            return taken + fitting
        taken += histogram[value]
        budget -= histogram[value] * value
    return taken + histogram[0]
