"""Images with a square cut out."""

from numbers import Real
from typing import ClassVar

import numpy as np
from numba import njit

from .._compat import Interval
from ._base import ImageAugmentation
from ._draws import draw

__all__ = ["Cutout"]


@njit(nogil=True, cache=True)
def _cut_out(images, out, seeds, tall, wide, fill_value):
    height, width = images.shape[1:3]
    for i in range(len(images)):
        out[i] = images[i]
        # the middle may be any pixel, so that all are cut out as often but for those at the edge
        top = int(draw(seeds[i], 0) * height) - tall // 2
        left = int(draw(seeds[i], 1) * width) - wide // 2
        for row in range(max(top, 0), min(top + tall, height)):
            for column in range(max(left, 0), min(left + wide, width)):
                out[i, row, column, :] = fill_value


class Cutout(ImageAugmentation):
    """Cut a rectangle out of each image [1]_.

    Parameters
    ----------
    size : float, default=0.25
        Height and width of the rectangle, as a share of those of the image; at least one pixel.
        It may lie partly beyond the edge.
    fill_value : float, default=0.0
        The value that is left there.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, n_channels) of rows that are flat. None: rows are
        images.

    References
    ----------
    .. [1] T. DeVries, G. W. Taylor, "Improved Regularization of Convolutional Neural Networks
       with Cutout", arXiv:1708.04552, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.augmentation import Cutout
    >>> Cutout(0.5).augment(np.ones((1, 4, 4)), np.array([2], dtype=np.uint64))
    array([[[1., 1., 1., 1.],
            [1., 0., 0., 1.],
            [1., 0., 0., 1.],
            [1., 1., 1., 1.]]])
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageAugmentation._parameter_constraints,
        "size": [Interval(Real, 0, 1, closed="right")],
        "fill_value": [Real],
    }

    def __init__(self, size=0.25, *, fill_value=0.0, image_shape=None):
        self.size = size
        self.fill_value = fill_value
        self.image_shape = image_shape

    def _augment_images(self, images, seeds):
        tall, wide = (max(round(self.size * side), 1) for side in images.shape[1:3])
        out = np.empty_like(images)
        _cut_out(images, out, seeds, tall, wide, float(self.fill_value))
        return out
