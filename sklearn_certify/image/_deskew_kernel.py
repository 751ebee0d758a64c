"""Kernel that sets strokes upright, image by image."""

import math

import numpy as np
from numba import njit

__all__ = ["deskew_images"]

_HAIR = 1e-9  # pixels by which a place may lie outside of an image and count as its edge


@njit(nogil=True, cache=True)
def deskew_images(images, background, center, spread, upright):
    """Write every image sheared, and centred and brought to one size if asked for.

    Parameters
    ----------
    images : ndarray of float64, of shape (n_images, height, width, n_channels)
        Images.
    background : float
        What weighs nothing, and fills what comes from outside.
    center : bool
        Whether the centre of mass moves to the middle of the image.
    spread : ndarray of float64, of shape (2,)
        Standard deviation that the mass gets, down and across, in pixels; NaN leaves it.
    upright : ndarray of float64, of shape (n_images, height, width, n_channels)
        Is overwritten.
    """
    height, width = images.shape[1:3]
    mass = np.empty((height, width))
    for number in range(len(images)):
        image = images[number]
        _weigh(image, background, mass)
        row_mean, column_mean, slant, row_variance, column_variance = _moments(mass)
        if math.isnan(slant):
            upright[number] = image
            continue
        row_target, column_target = row_mean, column_mean
        if center:
            row_target, column_target = (height - 1) / 2, (width - 1) / 2
        # pixels of the image per pixel of the output
        row_step = 1.0 if math.isnan(spread[0]) else _deviation(row_variance) / spread[0]
        column_step = 1.0 if math.isnan(spread[1]) else _deviation(column_variance) / spread[1]
        for row in range(height):
            down = row_step * (row - row_target)
            _interpolate_row(
                image,
                row_mean + down,
                column_mean + slant * down - column_step * column_target,
                column_step,
                background,
                upright[number, row],
            )


@njit(nogil=True, cache=True)
def _deviation(variance):
    """Return a standard deviation; mass fills its pixel, so that it is never zero."""
    return math.sqrt(max(variance, 0.0) + 1 / 12)


@njit(nogil=True, cache=True)
def _weigh(image, background, mass):
    """Write how far each pixel is from the background, over all channels."""
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            total = 0.0
            for channel in range(image.shape[2]):
                total += abs(image[row, column, channel] - background)
            mass[row, column] = total


@njit(nogil=True, cache=True)
def _moments(mass):
    """Return the centre, the slant and the variances down and, without the slant, across.

    The slant is in columns per row, and NaN where there is none.
    """
    total, row_mean, column_mean = 0.0, 0.0, 0.0
    for row in range(mass.shape[0]):
        for column in range(mass.shape[1]):
            total += mass[row, column]
            row_mean += row * mass[row, column]
            column_mean += column * mass[row, column]
    if total == 0:
        return 0.0, 0.0, math.nan, 0.0, 0.0
    row_mean /= total
    column_mean /= total
    down, across, both = 0.0, 0.0, 0.0
    for row in range(mass.shape[0]):
        for column in range(mass.shape[1]):
            down += (row - row_mean) * (row - row_mean) * mass[row, column]
            across += (column - column_mean) * (column - column_mean) * mass[row, column]
            both += (row - row_mean) * (column - column_mean) * mass[row, column]
    if down <= 0:
        return row_mean, column_mean, math.nan, 0.0, 0.0
    slant = both / down
    return row_mean, column_mean, slant, down / total, (across - slant * both) / total


@njit(nogil=True, cache=True)
def _interpolate_row(image, row, first_column, column_step, background, pixels):
    """Write a row of pixels whose places lie between those of an image, a step apart."""
    height, width, n_channels = image.shape
    inside = -_HAIR <= row <= height - 1 + _HAIR
    row = min(max(row, 0.0), height - 1.0)
    top = int(row)
    bottom, down = min(top + 1, height - 1), row - top
    for number in range(width):
        column = first_column + column_step * number
        if not (inside and -_HAIR <= column <= width - 1 + _HAIR):
            for channel in range(n_channels):
                pixels[number, channel] = background
            continue
        column = min(max(column, 0.0), width - 1.0)
        left = int(column)
        right, across = min(left + 1, width - 1), column - left
        for channel in range(n_channels):
            upper = (1 - across) * image[top, left, channel] + across * image[top, right, channel]
            lower = (1 - across) * image[bottom, left, channel]
            lower += across * image[bottom, right, channel]
            pixels[number, channel] = (1 - down) * upper + down * lower
