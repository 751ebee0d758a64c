"""Numbers that are drawn for a copy of a row: they follow from its seed alone."""

import numpy as np
from numba import njit, uint64

from .._rows.mixing import GOLDEN_RATIO, column_keys, hash_cells, mix, mix_all

__all__ = ["copy_seeds", "draw", "draw_uniforms", "seeds_of_part"]

_SMALLEST_STEP = 2.0**-53


def copy_seeds(X, n_copies, random_state):
    """Return a seed for every copy of every row, which follows from the row's content alone.

    Parameters
    ----------
    X : ndarray of shape (n_rows, ...)
        Rows of numbers.
    n_copies : int
        Copies of each row.
    random_state : int
        Other numbers give other copies.

    Returns
    -------
    ndarray of uint64, of shape (n_rows, n_copies)
    """
    cells = np.ascontiguousarray(X.reshape(len(X), -1), dtype=np.float64).view(np.uint64)
    hashes = np.empty(len(X), dtype=np.uint64)
    hash_cells(cells, column_keys(cells.shape[1]), hashes)
    state = mix_all(np.array([random_state], dtype=np.uint64), GOLDEN_RATIO)
    copies = mix_all(np.arange(n_copies, dtype=np.uint64), state[0])
    return mix_all((hashes[:, np.newaxis] ^ copies).ravel(), GOLDEN_RATIO).reshape(-1, n_copies)


def seeds_of_part(seeds, part):
    """Return other seeds, for one of several things that are drawn for the same copies.

    Parameters
    ----------
    seeds : ndarray of uint64, of shape (n_rows,)
        Seeds.
    part : int
        Number of the thing.

    Returns
    -------
    ndarray of uint64, of shape (n_rows,)
    """
    return mix_all(seeds, mix_all(np.array([part], dtype=np.uint64), GOLDEN_RATIO)[0])


@njit(nogil=True, cache=True, inline="always")
def draw(seed, number):
    """Return the draw of a seed that has this number: uniform from 0 up to, without, 1."""
    word = mix(seed + (uint64(number) + uint64(1)) * GOLDEN_RATIO)
    return np.float64(word >> uint64(11)) * _SMALLEST_STEP


@njit(nogil=True, cache=True)
def _fill_uniforms(seeds, uniforms):
    for row in range(len(seeds)):
        for number in range(uniforms.shape[1]):
            uniforms[row, number] = draw(seeds[row], number)


def draw_uniforms(seeds, n_draws):
    """Draw some numbers for each seed, uniform from 0 up to, without, 1.

    Parameters
    ----------
    seeds : ndarray of uint64, of shape (n_rows,)
        Seeds.
    n_draws : int
        How many for each.

    Returns
    -------
    ndarray of float64, of shape (n_rows, n_draws)
    """
    uniforms = np.empty((len(seeds), n_draws))
    _fill_uniforms(seeds, uniforms)
    return uniforms
