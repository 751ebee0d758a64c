"""Kernels that sum up the colours of cells of a grid, image by image."""

import math

from numba import njit

__all__ = ["COLOR_SPACES", "average_cells", "convert_colors", "count_values"]

COLOR_SPACES = ("opponent", "normalized_opponent")


@njit(nogil=True, cache=True)
def convert_colors(images, normalize, epsilon, converted):
    """Write red, green and blue as opponent colours: red-green, yellow-blue and brightness.

    Parameters
    ----------
    images : ndarray of float64, of shape (n_images, height, width, 3)
        Images.
    normalize : bool
        Whether the first two are divided by the brightness.
    epsilon : float
        What is added to it, as a share of the mean brightness of the image.
    converted : ndarray of float64, of shape (n_images, height, width, 3)
        Is overwritten.
    """
    _, height, width, _ = images.shape
    for number in range(len(images)):
        total = 0.0
        for row in range(height):
            for column in range(width):
                red = images[number, row, column, 0]
                green = images[number, row, column, 1]
                blue = images[number, row, column, 2]
                converted[number, row, column, 0] = (red - green) / math.sqrt(2.0)
                converted[number, row, column, 1] = (red + green - 2 * blue) / math.sqrt(6.0)
                brightness = (red + green + blue) / math.sqrt(3.0)
                converted[number, row, column, 2] = brightness
                total += abs(brightness)
        if not normalize or total == 0:
            continue
        least = epsilon * total / (height * width)
        for row in range(height):
            for column in range(width):
                scale = abs(converted[number, row, column, 2]) + least
                if scale > 0:
                    converted[number, row, column, 0] /= scale
                    converted[number, row, column, 1] /= scale


@njit(nogil=True, cache=True)
def average_cells(images, n_rows, n_columns, with_std, features):
    """Write the mean of each channel in each cell, then, if asked for, standard deviations.

    Parameters
    ----------
    images : ndarray of float64, of shape (n_images, height, width, n_channels)
        Images.
    n_rows, n_columns : int
        Cells of the grid, down and across.
    with_std : bool
        Whether standard deviations follow the means.
    features : ndarray of float64, of shape (n_images, n_features)
        Is overwritten.
    """
    n_images, height, width, n_channels = images.shape
    for number in range(n_images):
        at = 0
        for row in range(n_rows):
            top, bottom = height * row // n_rows, height * (row + 1) // n_rows
            for column in range(n_columns):
                left, right = width * column // n_columns, width * (column + 1) // n_columns
                n_pixels = (bottom - top) * (right - left)
                for channel in range(n_channels):
                    total = 0.0
                    for i in range(top, bottom):
                        for j in range(left, right):
                            total += images[number, i, j, channel]
                    mean = total / n_pixels
                    features[number, at] = mean
                    if with_std:
                        squares = 0.0
                        for i in range(top, bottom):
                            for j in range(left, right):
                                difference = images[number, i, j, channel] - mean
                                squares += difference * difference
                        half = features.shape[1] // 2
                        features[number, at + half] = math.sqrt(squares / n_pixels)
                    at += 1


@njit(nogil=True, cache=True)
def count_values(images, n_rows, n_columns, edges, features):
    """Write the share of each cell's pixels that have a value between two edges.

    Parameters
    ----------
    images : ndarray of float64, of shape (n_images, height, width, n_channels)
        Images.
    n_rows, n_columns : int
        Cells of the grid, down and across.
    edges : ndarray of float64, of shape (n_channels, n_bins - 1)
        What separates the bins of each channel, ascending; a value on an edge is above it.
    features : ndarray of float64, of shape (n_images, n_features)
        Is overwritten.
    """
    n_images, height, width, n_channels = images.shape
    n_bins = edges.shape[1] + 1
    features[:] = 0.0
    for number in range(n_images):
        first = 0
        for row in range(n_rows):
            top, bottom = height * row // n_rows, height * (row + 1) // n_rows
            for column in range(n_columns):
                left, right = width * column // n_columns, width * (column + 1) // n_columns
                share = 1.0 / ((bottom - top) * (right - left))
                for channel in range(n_channels):
                    for i in range(top, bottom):
                        for j in range(left, right):
                            value = images[number, i, j, channel]
                            place = first
                            for edge in edges[channel]:  # they are few
                                place += edge <= value
                            features[number, place] += share
                    first += n_bins
