"""Words of 64 bits, mixed: what hashes of rows, and draws that follow from a row, are made of."""

import numpy as np
from numba import njit, uint64

from .cell_tokens import MISSING

__all__ = ["GOLDEN_RATIO", "column_keys", "hash_cells", "hash_cells_by_numpy", "mix", "mix_all"]

GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)
_EXPONENT_BITS = np.uint64(0x7FF0000000000000)


@njit(nogil=True, cache=True, inline="always")
def mix(value):
    """Mix a word: the finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), a bijection."""
    value = (value ^ (value >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> uint64(27))) * uint64(0x94D049BB133111EB)
    return value ^ (value >> uint64(31))


@njit(nogil=True, cache=True)
def hash_cells(cells, keys, hashes):
    """Hash rows of float64 cells, given by their bits, with a key for each column."""
    for row in range(cells.shape[0]):
        total = uint64(0)
        for column in range(cells.shape[1]):
            bits = cells[row, column]
            magnitude = bits << uint64(1)  # without the sign: zero for both zeros
            if magnitude > (_EXPONENT_BITS << uint64(1)):
                bits = MISSING
            if magnitude != uint64(0):
                total += mix(bits + keys[column])
        hashes[row] = mix(total)


def hash_cells_by_numpy(cells, keys, hashes):
    """Write what `hash_cells` writes, for so few cells that no kernel need be compiled."""
    magnitudes = cells << np.uint64(1)
    bits = np.where(magnitudes > (_EXPONENT_BITS << np.uint64(1)), MISSING, cells)
    words = np.where(magnitudes == 0, np.uint64(0), mix.py_func(bits + keys))
    hashes[:] = mix.py_func(words.sum(axis=1, dtype=np.uint64))


def mix_all(values, key):
    """Mix every word, with a key added to it."""
    return mix.py_func(values + key)


def column_keys(n_columns):
    """Return the key of each column."""
    return mix_all(np.arange(1, n_columns + 1, dtype=np.uint64) * GOLDEN_RATIO, np.uint64(0))
