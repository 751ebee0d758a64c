"""Images moved by whole pixels."""

from numbers import Real
from typing import ClassVar

import numpy as np
from numba import njit

from .._compat import Integral, Interval, StrOptions
from ._base import ImageAugmentation
from ._draws import draw

__all__ = ["RandomShift"]


@njit(nogil=True, cache=True)
def _shift(images, out, seeds, farthest, follow_edge, fill_value):
    height, width = images.shape[1:3]
    for i in range(len(images)):
        down = int(draw(seeds[i], 0) * (2 * farthest + 1)) - farthest
        right = int(draw(seeds[i], 1) * (2 * farthest + 1)) - farthest
        for row in range(height):
            source_row = min(max(row - down, 0), height - 1)
            for column in range(width):
                source_column = min(max(column - right, 0), width - 1)
                is_inside = source_row == row - down and source_column == column - right
                for channel in range(images.shape[3]):
                    out[i, row, column, channel] = (
                        images[i, source_row, source_column, channel]
                        if is_inside or follow_edge
                        else fill_value
                    )


class RandomShift(ImageAugmentation):
    """Move images by whole pixels, so that no value is changed.

    Parameters
    ----------
    max_shift : int, default=1
        The most pixels, in all directions; every number of pixels is as likely.
    mode : {"constant", "edge"}, default="constant"
        What lies beyond the edge: `fill_value`, or the nearest pixel on the edge.
    fill_value : float, default=0.0
        The value beyond the edge.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, n_channels) of rows that are flat. None: rows are
        images.

    See Also
    --------
    RandomAffine : Moves by parts of pixels, turns and scales.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.augmentation import RandomShift
    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> RandomShift(1).augment(image, np.array([1], dtype=np.uint64))
    array([[[0., 0., 1.],
            [0., 3., 4.],
            [0., 6., 7.]]])
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageAugmentation._parameter_constraints,
        "max_shift": [Interval(Integral, 0, None, closed="left")],
        "mode": [StrOptions({"constant", "edge"})],
        "fill_value": [Real],
    }

    def __init__(self, max_shift=1, *, mode="constant", fill_value=0.0, image_shape=None):
        self.max_shift = max_shift
        self.mode = mode
        self.fill_value = fill_value
        self.image_shape = image_shape

    def _augment_images(self, images, seeds):
        follow_edge, fill_value = self.mode == "edge", images.dtype.type(self.fill_value)
        out = np.empty_like(images)
        _shift(images, out, seeds, int(self.max_shift), follow_edge, fill_value)
        return out
