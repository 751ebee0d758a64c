"""Kernels that bring the values of an image onto a scale of their own, image by image."""

import math

from numba import njit

__all__ = ["divide_by_spread", "standardize", "stretch"]

_ROUNDING = 1e-12  # a spread below this share of the values is that of rounding errors


@njit(nogil=True, cache=True)
def standardize(values):
    """Give each row mean 0 and variance 1; rows without a spread become 0.

    Parameters
    ----------
    values : ndarray of float64, of shape (n_images, n_values)
        Images, flat. Is overwritten.
    """
    for number in range(len(values)):
        mean, spread = _mean_and_spread(values[number])
        for i in range(values.shape[1]):
            values[number, i] = (values[number, i] - mean) / spread if spread > 0 else 0.0


@njit(nogil=True, cache=True)
def stretch(values, ordered, low, high):
    """Map each row so that two quantiles become 0 and 1, and cut what is beyond.

    Parameters
    ----------
    values : ndarray of float64, of shape (n_images, n_values)
        Images, flat. Is overwritten. Rows in which the quantiles are equal become 0.
    ordered : ndarray of float64, of shape (n_images, n_values)
        The same, each row in order.
    low, high : float
        Shares of the values, from 0 to 1.
    """
    for number in range(len(values)):
        least, most = _quantile(ordered[number], low), _quantile(ordered[number], high)
        for i in range(values.shape[1]):
            if most > least:
                share = (values[number, i] - least) / (most - least)
                values[number, i] = min(max(share, 0.0), 1.0)
            else:
                values[number, i] = 0.0


@njit(nogil=True, cache=True)
def divide_by_spread(differences, variances, images, epsilon):
    """Divide what differs from the surroundings by how much the surroundings vary.

    Parameters
    ----------
    differences : ndarray of float64, of shape (n_images, n_pixels, n_channels)
        Is overwritten. Images without a spread become 0.
    variances : ndarray of float64, of shape (n_images, n_pixels)
        Variances around each pixel.
    images : ndarray of float64, of shape (n_images, n_values)
        Images, flat.
    epsilon : float
        What the variances are raised by: the square of this share of the spread of the image.
    """
    _, n_pixels, n_channels = differences.shape
    for number in range(len(images)):
        _, spread = _mean_and_spread(images[number])
        least = (epsilon * spread) ** 2
        for pixel in range(n_pixels):
            scale = math.sqrt(max(variances[number, pixel], 0.0) + least)
            for channel in range(n_channels):
                if spread > 0 and scale > 0:
                    differences[number, pixel, channel] /= scale
                else:
                    differences[number, pixel, channel] = 0.0


@njit(nogil=True, cache=True)
def _mean_and_spread(values):
    """Return the mean and the standard deviation, 0 if that is one of rounding."""
    total, largest = 0.0, 0.0
    for value in values:
        total += value
        largest = max(largest, abs(value))
    mean = total / len(values)
    squares = 0.0
    for value in values:
        squares += (value - mean) * (value - mean)
    spread = math.sqrt(squares / len(values))
    return mean, spread if spread > _ROUNDING * largest else 0.0


@njit(nogil=True, cache=True)
def _quantile(ordered, share):
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
