"""The kernel that takes images at other places than their pixels, image by image."""

import numpy as np
from numba import njit

__all__ = ["gaussian_weights", "resample"]

_REACH = 4.0  # standard deviations beyond which pixels weigh nothing
_LEAST = 1e-3  # a standard deviation that leaves the nearest pixel alone


def gaussian_weights(n_pixels, crop, size, sigma):
    """Return how much each pixel along a side weighs in the new pixels.

    Parameters
    ----------
    n_pixels : int
        Pixels along the side of the image.
    crop : float
        Length of its middle part that is shown, in pixels.
    size : int
        Pixels along the side of the result.
    sigma : float
        Standard deviation of the Gaussian weights around a new pixel's centre, in pixels.

    Returns
    -------
    firsts : ndarray of int64, of shape (size,)
        The first pixel that weighs something.
    weights : ndarray of float64, of shape (size, n_weights)
        Weights of it and of those that follow; they sum to one.
    """
    sigma = max(sigma, _LEAST)
    centers = (np.arange(size) + 0.5) * crop / size + (n_pixels - crop) / 2 - 0.5
    firsts = np.clip(np.ceil(centers - _REACH * sigma), 0, n_pixels - 1)
    firsts = np.minimum(firsts, np.clip(np.rint(centers), 0, n_pixels - 1))
    n_weights = min(int(2 * max(_REACH * sigma, 0.5)) + 2, n_pixels)
    firsts = np.minimum(firsts, n_pixels - n_weights)
    distances = (firsts[:, np.newaxis] + np.arange(n_weights) - centers[:, np.newaxis]) / sigma
    squares = distances**2
    # relative to the nearest pixel, so that one weighs something however small sigma is
    weights = np.exp((squares.min(axis=1, keepdims=True) - squares) / 2)
    weights /= weights.sum(axis=1, keepdims=True)
    return firsts.astype(np.int64), weights


@njit(nogil=True, cache=True)
def resample(images, row_firsts, row_weights, column_firsts, column_weights, out):
    """Write weighted means of pixels: along rows, then along columns.

    Parameters
    ----------
    images : ndarray of float64, of shape (n_images, height, width, n_channels)
        Images.
    row_firsts, row_weights, column_firsts, column_weights : ndarray
        As `gaussian_weights` returns them, down and across.
    out : ndarray of float64, of shape (n_images, new_height, new_width, n_channels)
        Is overwritten.
    """
    n_images, height, _, n_channels = images.shape
    new_height, new_width = out.shape[1:3]
    across = np.empty((height, new_width, n_channels))
    used = np.zeros(height, dtype=np.bool_)
    for row in range(new_height):
        used[row_firsts[row] : row_firsts[row] + row_weights.shape[1]] = True
    for number in range(n_images):
        for row in range(height):
            if not used[row]:
                continue
            for column in range(new_width):
                first = column_firsts[column]
                for channel in range(n_channels):
                    total = 0.0
                    for i in range(column_weights.shape[1]):
                        total += column_weights[column, i] * images[number, row, first + i, channel]
                    across[row, column, channel] = total
        for row in range(new_height):
            first = row_firsts[row]
            for column in range(new_width):
                for channel in range(n_channels):
                    total = 0.0
                    for i in range(row_weights.shape[1]):
                        total += row_weights[row, i] * across[first + i, column, channel]
                    out[number, row, column, channel] = total
