"""Kernel of random Fourier features, row by row."""

import math

import numpy as np
from numba import njit

__all__ = ["fill_features"]


@njit(nogil=True, cache=True)
def fill_features(rows, signs, scale, features):
    """Write the cosines and the sines of random projections of every row.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_columns)
        Rows.
    signs : ndarray of float64, of shape (n_blocks, 3, width)
        What flips the signs of a row before each of three Hadamard transforms, for as many
        projections as the width at a time. The width is a power of two and at least `n_columns`.
    scale : float
        What projections, whose weights are of mean square one, are multiplied by.
    features : ndarray of shape (n_rows, n_features)
        Is overwritten, the cosines first; if `n_features` is odd, one sine fewer.
    """
    n_blocks, n_times, width = signs.shape
    n_projections = (features.shape[1] + 1) // 2
    # a Hadamard transform makes a vector as many times longer as the root of the width
    scale = scale / width
    size = math.sqrt(1 / n_projections)
    mixed = np.empty(width)
    for row in range(len(rows)):
        for block in range(n_blocks):
            mixed[:] = 0
            mixed[: rows.shape[1]] = rows[row]
            for time in range(n_times):
                mixed *= signs[block, time]
                _transform_hadamard(mixed)
            first = block * width
            for place in range(min(width, n_projections - first)):
                angle = scale * mixed[place]
                number = first + place
                features[row, number] = size * math.cos(angle)
                if n_projections + number < features.shape[1]:
                    features[row, n_projections + number] = size * math.sin(angle)


@njit(nogil=True, cache=True)
def _transform_hadamard(values):
    """Transform in place, without a factor; the number of values is a power of two."""
    half = 1
    while half < len(values):
        for start in range(0, len(values), 2 * half):
            for place in range(start, start + half):
                left, right = values[place], values[place + half]
                values[place] = left + right
                values[place + half] = left - right
        half *= 2
