"""Images mirrored."""

from numbers import Real
from typing import ClassVar

from .._compat import Interval
from ._base import ImageAugmentation
from ._draws import draw_uniforms

__all__ = ["HorizontalFlip"]


class HorizontalFlip(ImageAugmentation):
    """Mirror some images, left to right.

    Parameters
    ----------
    probability : float, default=0.5
        How likely an image is mirrored.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, n_channels) of rows that are flat. None: rows are
        images.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.augmentation import HorizontalFlip
    >>> HorizontalFlip(1.0).augment(np.arange(4.0).reshape(1, 2, 2), np.array([1], dtype=np.uint64))
    array([[[1., 0.],
            [3., 2.]]])
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageAugmentation._parameter_constraints,
        "probability": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(self, probability=0.5, *, image_shape=None):
        self.probability = probability
        self.image_shape = image_shape

    def _augment_images(self, images, seeds):
        is_flipped = draw_uniforms(seeds, 1)[:, 0] < self.probability
        out = images.copy()
        out[is_flipped] = images[is_flipped, :, ::-1]
        return out
