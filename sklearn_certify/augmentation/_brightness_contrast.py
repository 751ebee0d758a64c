"""Images made lighter or darker, and flatter or harder."""

from numbers import Real
from typing import ClassVar

import numpy as np
from numba import njit

from .._compat import Interval
from ._base import ImageAugmentation
from ._draws import draw

__all__ = ["BrightnessContrast"]


@njit(nogil=True, cache=True)
def _change_light(images, out, seeds, brightness, contrast):
    for i in range(len(images)):
        image, copy = images[i].ravel(), out[i].ravel()  # both are C-ordered: views
        mean = 0.0
        for cell in range(len(image)):
            mean += image[cell]
        mean /= len(image)
        light = 1 + (2 * draw(seeds[i], 0) - 1) * brightness
        spread = 1 + (2 * draw(seeds[i], 1) - 1) * contrast
        for cell in range(len(image)):
            copy[cell] = light * (mean + spread * (image[cell] - mean))


class BrightnessContrast(ImageAugmentation):
    """Make images lighter or darker, and their contrast smaller or larger.

    The distance of all values from the image's mean is multiplied by one factor, then all values
    by another. Values are not cut off.

    Parameters
    ----------
    brightness : float, default=0.2
        By how much the factor of all values may differ from 1.
    contrast : float, default=0.2
        By how much the factor of the distances from the mean may differ from 1.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, n_channels) of rows that are flat. None: rows are
        images.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.augmentation import BrightnessContrast
    >>> image = np.array([[[0.0, 1.0], [2.0, 3.0]]])
    >>> copy = BrightnessContrast(0, 0.5).augment(image, np.array([1], dtype=np.uint64))
    >>> round(float(copy.mean()), 6)
    1.5
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageAugmentation._parameter_constraints,
        "brightness": [Interval(Real, 0, 1, closed="both")],
        "contrast": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(self, brightness=0.2, contrast=0.2, *, image_shape=None):
        self.brightness = brightness
        self.contrast = contrast
        self.image_shape = image_shape

    def _augment_images(self, images, seeds):
        out = np.empty_like(images)
        _change_light(images, out, seeds, float(self.brightness), float(self.contrast))
        return out
