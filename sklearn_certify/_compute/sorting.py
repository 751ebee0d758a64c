"""Sort and search inside compiled kernels.

Kernels must not call numpy's sorts and searches. Numba implements these by closures, one for each
option (``side="left"`` or ``"right"``, ``sort`` or ``argsort``), whose names differ in nothing but
a number that every process counts anew. Kernels that different processes compiled and cached can
therefore end up with each other's closures, and silently compute something else.
"""

import numpy as np
from numba import njit

__all__ = ["n_at_most", "stable_order"]

_RUN = 16  # rows that are sorted by insertion before runs are merged


@njit(nogil=True, cache=True)
def stable_order(keys):
    """Return the indices that sort the keys; equal ones keep their order.

    Parameters
    ----------
    keys : ndarray of shape (n_keys,)
        Numbers, no NaN.

    Returns
    -------
    ndarray of int64 of shape (n_keys,)
    """
    n_keys = len(keys)
    order, merged = np.empty(n_keys, np.int64), np.empty(n_keys, np.int64)
    for start in range(0, n_keys, _RUN):
        for index in range(start, min(start + _RUN, n_keys)):
            key, place = keys[index], index
            while place > start and keys[order[place - 1]] > key:
                order[place] = order[place - 1]
                place -= 1
            order[place] = index
    width = _RUN
    while width < n_keys:
        for start in range(0, n_keys, 2 * width):
            _merge(keys, order, merged, start, width)
        order, merged = merged, order
        width *= 2
    return order


@njit(nogil=True, cache=True)
def _merge(keys, order, merged, start, width):
    """Merge two runs of `width` indices, the second perhaps shorter or missing."""
    middle = min(start + width, len(order))
    stop = min(middle + width, len(order))
    first, second = start, middle
    for place in range(start, stop):
        if second == stop or (first < middle and keys[order[first]] <= keys[order[second]]):
            merged[place] = order[first]
            first += 1
        else:
            merged[place] = order[second]
            second += 1


@njit(nogil=True, cache=True)
def n_at_most(keys, start, stop, limit):
    """Return how many of the sorted ``keys[start:stop]`` are at most `limit`."""
    low, high = start, stop
    while low < high:
        middle = (low + high) // 2
        if keys[middle] <= limit:
            low = middle + 1
        else:
            high = middle
    return low - start
