"""Images bent as if on rubber."""

from math import ceil
from numbers import Real
from typing import ClassVar

import numpy as np
from numba import njit

from .._compat import Interval, StrOptions
from ._base import ImageAugmentation
from ._draws import draw
from ._sampling import fill_frame, sample_between, with_frame

__all__ = ["ElasticDeformation"]

_DEVIATIONS = 3  # beyond which the weights of a Gaussian count for nothing


@njit(nogil=True, cache=True)
def _draw_field(seed, first, weights, raw, smoothed):
    """Write uniform draws, smoothed along both axes; beyond the edge there is nothing."""
    height, width = raw.shape
    reach = len(weights) // 2
    for row in range(height):
        for column in range(width):
            raw[row, column] = 2 * draw(seed, first + row * width + column) - 1
    for row in range(height):
        for column in range(width):
            total = 0.0
            for place in range(max(column - reach, 0), min(column + reach + 1, width)):
                total += weights[place - column + reach] * raw[row, place]
            smoothed[row, column] = total
    for row in range(height):
        raw[row, :] = 0.0
        for place in range(max(row - reach, 0), min(row + reach + 1, height)):
            weight = weights[place - row + reach]
            for column in range(width):
                raw[row, column] += weight * smoothed[place, column]


@njit(nogil=True, cache=True)
def _bend(images, out, seeds, strength, weights, follow_edge, fill_value):
    n_images, height, width, _ = images.shape
    framed = with_frame(images[0])
    down, right = np.empty((height, width)), np.empty((height, width))
    room = np.empty((height, width))
    for i in range(n_images):
        fill_frame(images[i], follow_edge, fill_value, framed)
        _draw_field(seeds[i], 0, weights, down, room)
        _draw_field(seeds[i], height * width, weights, right, room)
        copy = out[i]
        for row in range(height):
            for column in range(width):
                sample_between(
                    framed,
                    row + strength * down[row, column],
                    column + strength * right[row, column],
                    copy[row, column],
                )


class ElasticDeformation(ImageAugmentation):
    """Bend images by a smooth field of displacements, drawn for each [1]_.

    Displacements are drawn uniformly for each pixel, smoothed by a Gaussian, and scaled.

    Parameters
    ----------
    alpha : float, default=8.0
        What smoothed draws from -1 to 1 are multiplied by, in pixels. The larger `sigma`, the
        smaller they are before.
    sigma : float, default=4.0
        Standard deviation of the Gaussian, in pixels.
    mode : {"constant", "edge"}, default="constant"
        What lies beyond the edge: `fill_value`, or the nearest pixel on the edge.
    fill_value : float, default=0.0
        The value beyond the edge.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, n_channels) of rows that are flat. None: rows are
        images.

    References
    ----------
    .. [1] P. Y. Simard, D. Steinkraus, J. C. Platt, "Best Practices for Convolutional Neural
       Networks Applied to Visual Document Analysis", ICDAR 2003.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.augmentation import AugmentedCopies, ElasticDeformation
    >>> images = load_digits().images
    >>> bend = ElasticDeformation(alpha=4, sigma=2)
    >>> AugmentedCopies(bend, n_copies=2).fit_transform(images).shape
    (1797, 3, 8, 8)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageAugmentation._parameter_constraints,
        "alpha": [Interval(Real, 0, None, closed="left")],
        "sigma": [Interval(Real, 0, None, closed="neither")],
        "mode": [StrOptions({"constant", "edge"})],
        "fill_value": [Real],
    }

    def __init__(self, alpha=8.0, sigma=4.0, *, mode="constant", fill_value=0.0, image_shape=None):
        self.alpha = alpha
        self.sigma = sigma
        self.mode = mode
        self.fill_value = fill_value
        self.image_shape = image_shape

    def _augment_images(self, images, seeds):
        reach = min(ceil(_DEVIATIONS * self.sigma), max(images.shape[1:3]))
        weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / self.sigma) ** 2)
        out = np.empty_like(images)
        _bend(
            images,
            out,
            seeds,
            float(self.alpha),
            weights / weights.sum(),
            self.mode == "edge",
            float(self.fill_value),
        )
        return out
