"""Kernels of histograms of oriented gradients, image by image."""

import math

import numpy as np
from numba import njit

__all__ = ["BLOCK_NORMS", "fill_histograms"]

BLOCK_NORMS = ("L1", "L1-sqrt", "L2", "L2-Hys")
_L1, _L1_SQRT, _L2_HYS = 0, 1, 3
_LARGEST_SHARE = 0.2  # of one direction in a block, before L2-Hys normalises again


@njit(nogil=True, cache=True)
def fill_histograms(
    images,
    cells,
    block,
    n_orientations,
    full_turn,
    interpolate,
    norm,
    center_surround,
    epsilon,
    features,
):
    """Write the histograms of every image.

    Parameters
    ----------
    images : ndarray of float64, of shape (n_images, height, width, n_channels)
        Images.
    cells : ndarray of int64, of shape (n_sizes, 2)
        Heights and widths of cells; the histograms of one size come after those of another.
    block : ndarray of int64, of shape (2,)
        Cells of a block, down and across.
    n_orientations : int
        Directions of a histogram.
    full_turn : float
        180 where opposite directions are one, 360 where they are two.
    interpolate : bool
        Whether a pixel votes for the nearest directions and cells, in proportion.
    norm : int
        Position in `BLOCK_NORMS`.
    center_surround : bool
        Whether each cell stands there once, normalised by the block around it.
    epsilon : float
        What is added to the norm of a block.
    features : ndarray of float64, of shape (n_images, n_features)
        Is overwritten.
    """
    height, width = images.shape[1:3]
    magnitudes, angles = np.empty((height, width)), np.empty((height, width))
    edges = full_turn / n_orientations * np.arange(n_orientations + 1)
    for number in range(len(images)):
        _find_gradients(images[number], full_turn, magnitudes, angles)
        first = 0
        for size in range(len(cells)):
            cell = cells[size]
            histograms = np.zeros((height // cell[0], width // cell[1], n_orientations))
            if interpolate:
                _vote_for_nearest(magnitudes, angles, cell, full_turn, histograms)
            else:
                _vote(magnitudes, angles, cell, edges, histograms)
            histograms /= cell[0] * cell[1]
            if center_surround:
                first = _normalise_cells(histograms, block, norm, epsilon, features[number], first)
            else:
                first = _normalise_blocks(histograms, block, norm, epsilon, features[number], first)


@njit(nogil=True, cache=True)
def _find_gradients(image, full_turn, magnitudes, angles):
    """Write the length and the direction, in degrees, of the steepest channel's gradients."""
    height, width, n_channels = image.shape
    for row in range(height):
        has_rows = 0 < row < height - 1
        for column in range(width):
            has_columns = 0 < column < width - 1
            largest, steepest_down, steepest_across = 0.0, 0.0, 0.0
            for channel in range(n_channels):
                down, across = 0.0, 0.0
                if has_rows:
                    down = image[row + 1, column, channel] - image[row - 1, column, channel]
                if has_columns:
                    across = image[row, column + 1, channel] - image[row, column - 1, channel]
                if down == 0 and across == 0:
                    continue
                magnitude = math.hypot(down, across)
                if magnitude > largest:
                    largest, steepest_down, steepest_across = magnitude, down, across
            magnitudes[row, column] = largest
            if largest == 0:
                angles[row, column] = 0.0
                continue
            angle = math.atan2(steepest_down, steepest_across) * (180.0 / math.pi)
            if angle < 0:
                angle += full_turn  # of a hair less than nothing this makes the full turn
            elif angle == full_turn:
                angle = 0.0
            angles[row, column] = angle


@njit(nogil=True, cache=True)
def _vote(magnitudes, angles, cell, edges, histograms):
    """Add each gradient to the one direction of the one cell that it is in."""
    n_rows, n_columns, n_orientations = histograms.shape
    for row in range(n_rows * cell[0]):
        for column in range(n_columns * cell[1]):
            angle = angles[row, column]
            if magnitudes[row, column] == 0 or angle >= edges[-1]:  # as in scikit-image
                continue
            orientation = min(int(angle / edges[1]), n_orientations - 1)
            # the quotient may have been rounded over an edge
            if angle < edges[orientation]:
                orientation -= 1
            elif angle >= edges[orientation + 1]:
                orientation += 1
            histograms[row // cell[0], column // cell[1], orientation] += magnitudes[row, column]


@njit(nogil=True, cache=True)
def _vote_for_nearest(magnitudes, angles, cell, full_turn, histograms):
    """Share each gradient among the two nearest directions of the four nearest cells."""
    n_rows, n_columns, n_orientations = histograms.shape
    height, width = magnitudes.shape
    for row in range(height):
        row_place = (row + 0.5) / cell[0] - 0.5
        upper = math.floor(row_place)
        for column in range(width):
            if magnitudes[row, column] == 0:
                continue
            column_place = (column + 0.5) / cell[1] - 0.5
            left = math.floor(column_place)
            place = angles[row, column] * n_orientations / full_turn - 0.5
            lower = math.floor(place)
            for i in range(2):
                cell_row = upper + i
                if not 0 <= cell_row < n_rows:
                    continue
                row_share = 1.0 - abs(row_place - cell_row)
                for j in range(2):
                    cell_column = left + j
                    if not 0 <= cell_column < n_columns:
                        continue
                    share = row_share * (1.0 - abs(column_place - cell_column))
                    vote = share * magnitudes[row, column]
                    nearer = place - lower
                    histogram = histograms[cell_row, cell_column]
                    histogram[lower % n_orientations] += vote * (1.0 - nearer)
                    histogram[(lower + 1) % n_orientations] += vote * nearer


@njit(nogil=True, cache=True)
def _normalise_blocks(histograms, block, norm, epsilon, features, first):
    """Write all blocks of cells, normalised, from `first` on; return where they end."""
    n_rows, n_columns, n_orientations = histograms.shape
    length = block[0] * block[1] * n_orientations
    for row in range(n_rows - block[0] + 1):
        for column in range(n_columns - block[1] + 1):
            values = features[first : first + length]
            at = 0
            for i in range(block[0]):
                for j in range(block[1]):
                    for orientation in range(n_orientations):
                        values[at] = histograms[row + i, column + j, orientation]
                        at += 1
            _normalise(values, norm, epsilon)
            first += length
    return first


@njit(nogil=True, cache=True)
def _normalise_cells(histograms, block, norm, epsilon, features, first):
    """Write every cell, divided by the norm of the block around it; return where they end.

    Cells beyond the edge count as much as the mean of the block's others.
    """
    n_rows, n_columns, n_orientations = histograms.shape
    by_sum = norm in (_L1, _L1_SQRT)
    powers = histograms.sum(axis=2) if by_sum else (histograms**2).sum(axis=2)
    least = epsilon if by_sum else epsilon * epsilon
    for row in range(n_rows):
        top, bottom = max(row - block[0] // 2, 0), min(row + block[0] // 2 + 1, n_rows)
        for column in range(n_columns):
            left = max(column - block[1] // 2, 0)
            right = min(column + block[1] // 2 + 1, n_columns)
            total = 0.0
            for i in range(top, bottom):
                for j in range(left, right):
                    total += powers[i, j]
            total *= block[0] * block[1] / ((bottom - top) * (right - left))
            length = total + least if by_sum else math.sqrt(total + least)
            for orientation in range(n_orientations):
                value = histograms[row, column, orientation] / length
                if norm == _L1_SQRT:
                    value = math.sqrt(value)
                elif norm == _L2_HYS:
                    value = min(value, _LARGEST_SHARE)
                features[first] = value
                first += 1
    return first


@njit(nogil=True, cache=True)
def _normalise(values, norm, epsilon):
    if norm in (_L1, _L1_SQRT):
        total = epsilon
        for value in values:
            total += value
        for i in range(len(values)):
            values[i] /= total
            if norm == _L1_SQRT:
                values[i] = math.sqrt(values[i])
        return
    _divide_by_length(values, epsilon)
    if norm == _L2_HYS:
        for i in range(len(values)):
            values[i] = min(values[i], _LARGEST_SHARE)
        _divide_by_length(values, epsilon)


@njit(nogil=True, cache=True)
def _divide_by_length(values, epsilon):
    squares = epsilon * epsilon
    for value in values:
        squares += value * value
    length = math.sqrt(squares)
    for i in range(len(values)):
        values[i] /= length
