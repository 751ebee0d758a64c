"""The values of an image between its pixels and beyond its edge."""

import numpy as np
from numba import njit, uint64

__all__ = ["fill_frame", "sample_between", "with_frame"]


@njit(nogil=True, cache=True)
def with_frame(image):
    """Return room for an image with a frame: one pixel before it and two behind it."""
    height, width, n_channels = image.shape
    return np.empty((height + 3, width + 3, n_channels), dtype=np.float64)


@njit(nogil=True, cache=True)
def fill_frame(image, follow_edge, fill_value, framed):
    """Copy an image into its frame, which has the nearest pixels' values, or `fill_value`."""
    height, width, n_channels = image.shape
    if follow_edge:
        for row in range(height + 3):
            for column in range(width + 3):
                for channel in range(n_channels):
                    framed[row, column, channel] = image[
                        min(max(row - 1, 0), height - 1),
                        min(max(column - 1, 0), width - 1),
                        channel,
                    ]
        return
    framed[:] = fill_value
    for row in range(height):
        for column in range(width):
            for channel in range(n_channels):
                framed[row + 1, column + 1, channel] = image[row, column, channel]


@njit(nogil=True, cache=True, inline="always")
def _inside(place, last):
    return 0.0 if not place > 0.0 else last if place > last else place  # NaN is nowhere: at 0


@njit(nogil=True, cache=True, inline="always")
def sample_between(framed, row, column, values):
    """Write the bilinear mean of the four pixels around a point, for each channel.

    Row and column count in the image, and may be anywhere.
    """
    row = _inside(row + 1.0, framed.shape[0] - 2.0)
    column = _inside(column + 1.0, framed.shape[1] - 2.0)
    top, left = uint64(row), uint64(column)
    below, right_of = top + uint64(1), left + uint64(1)
    down, right = row - np.float64(top), column - np.float64(left)
    for channel in range(len(values)):
        first = framed[top, left, channel]
        second = framed[below, left, channel]
        first += right * (framed[top, right_of, channel] - first)
        second += right * (framed[below, right_of, channel] - second)
        values[channel] = first + down * (second - first)
