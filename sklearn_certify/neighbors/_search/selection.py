"""Select the nearest rows without sorting all of them."""

import numpy as np
from numba import njit

from ..._compute.sorting import stable_order

__all__ = ["N_COUNTERS", "kth_smallest", "order_by_bits", "rank", "sort_columns"]

_DIGIT_BITS = 12
_LEADING_BITS = 24  # which tell most distances apart
_FEW = 64  # numbers that are ordered sooner than counters are set to zero
N_COUNTERS = 2**_DIGIT_BITS  # one a bucket; they stay in the first-level cache


@njit(nogil=True, cache=True)
def kth_smallest(values, k, members, counters):
    """Return the k-th smallest of `values` (k from 1), by counting their leading bits.

    Each pass counts the values by their first bits that differ and goes on with those of one
    bucket, so that the time hardly depends on k or on how the values are spread.

    Parameters
    ----------
    values : ndarray of int32 or int64, of shape (n_values,)
        Numbers from 0 up.
    k : int
        From 1 to n_values.
    members : ndarray of the type of `values`, of shape (n_values,)
        Room to work in.
    counters : ndarray of int64, of shape (N_COUNTERS,)
        Room to work in.
    """
    current = values
    n_values = len(values)
    while True:
        low, high = current[0], current[0]
        for i in range(n_values):
            low = min(low, current[i])
            high = max(high, current[i])
        if low == high:
            return low
        shift = 0
        while ((low ^ high) >> shift) >> _DIGIT_BITS != 0:
            shift += 1
        first = low >> shift
        for bucket in range(len(counters)):
            counters[bucket] = 0
        for i in range(n_values):
            counters[(current[i] >> shift) - first] += 1
        bucket = 0
        while counters[bucket] < k:
            k -= counters[bucket]
            bucket += 1
        n_members = 0
        for i in range(n_values):  # in place from the second pass on: it writes behind its reading
            value = current[i]
            members[n_members] = value
            n_members += (value >> shift) - first == bucket
        current, n_values = members, n_members


@njit(nogil=True, cache=True)
def sort_columns(columns, codes, other, counters):
    """Return columns in the order of their codes, digit after digit.

    Parameters
    ----------
    columns : ndarray of int64, of shape (n_columns,)
        Indices into `codes`; they are mixed up.
    codes : ndarray of int32
        Numbers from 0 up.
    other : ndarray of int64, of shape (n_columns,)
        Room to work in.
    counters : ndarray of int64, of shape (N_COUNTERS,)
        Room to work in.

    Returns
    -------
    ndarray of int64, of shape (n_columns,)
        Either `columns` or `other`.
    """
    low, high = codes[columns[0]], codes[columns[0]]
    for i in range(len(columns)):
        low = min(low, codes[columns[i]])
        high = max(high, codes[columns[i]])
    shift = 0
    while (np.int64(high) - low) >> shift != 0:
        counters[:] = 0
        for i in range(len(columns)):
            counters[((np.int64(codes[columns[i]]) - low) >> shift) & (N_COUNTERS - 1)] += 1
        start = 0
        for digit in range(N_COUNTERS):
            start, counters[digit] = start + counters[digit], start
        for i in range(len(columns)):
            digit = ((np.int64(codes[columns[i]]) - low) >> shift) & (N_COUNTERS - 1)
            other[counters[digit]] = columns[i]
            counters[digit] += 1
        columns, other = other, columns
        shift += _DIGIT_BITS
    return columns


@njit(nogil=True, cache=True)
def order_by_bits(bits, counters):
    """Return the indices that sort whole numbers from 0 up; equal ones keep their order.

    The same as `stable_order`. Digits of the leading bits come first, and only numbers in which
    these are equal are compared.

    Parameters
    ----------
    bits : ndarray of int64, of shape (n_values,)
        Numbers from 0 up.
    counters : ndarray of int64, of shape (N_COUNTERS,)
        Room to work in.

    Returns
    -------
    ndarray of int64, of shape (n_values,)
    """
    n_values = len(bits)
    if n_values <= _FEW:
        return stable_order(bits)
    low, high = bits[0], bits[0]
    for i in range(n_values):
        low = min(low, bits[i])
        high = max(high, bits[i])
    shift = 0
    while (high - low) >> shift >> _LEADING_BITS != 0:
        shift += 1
    leading = np.empty(n_values, np.int32)
    for i in range(n_values):
        leading[i] = (bits[i] - low) >> shift
    order = sort_columns(np.arange(n_values), leading, np.empty(n_values, np.int64), counters)
    start = 0
    for stop in range(1, n_values + 1):
        if stop == n_values or leading[order[stop]] != leading[order[start]]:
            if stop - start > 1 and shift > 0:
                alike = order[start:stop].copy()
                order[start:stop] = alike[stable_order(bits[alike])]
            start = stop
    return order


@njit(nogil=True, cache=True)
def rank(distances, positions):
    """Return the order of rows by distance, then by position, as indices into both arrays."""
    order = stable_order(distances)
    start = 0
    n_rows = len(order)
    for stop in range(1, n_rows + 1):
        if stop == n_rows or distances[order[stop]] != distances[order[start]]:
            if stop - start > 1:
                tied = order[start:stop].copy()
                by_position = stable_order(positions[tied])
                for i in range(stop - start):
                    order[start + i] = tied[by_position[i]]
            start = stop
    return order
