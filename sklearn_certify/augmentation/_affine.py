"""Images turned, sheared, scaled and moved."""

from math import cos, pi, sin, tan
from numbers import Real
from typing import ClassVar

import numpy as np
from numba import njit

from .._compat import Interval, StrOptions
from ..exceptions import InvalidInputError
from ._base import ImageAugmentation
from ._draws import draw
from ._sampling import fill_frame, sample_between, with_frame

__all__ = ["RandomAffine"]


@njit(nogil=True, cache=True)
def _warp(images, out, seeds, rotation, shear, low, high, translation, follow_edge, fill_value):
    n_images, height, width, _ = images.shape
    framed = with_frame(images[0])
    middle_row, middle_column = (height - 1) / 2, (width - 1) / 2
    for i in range(n_images):
        fill_frame(images[i], follow_edge, fill_value, framed)
        copy = out[i]
        angle = (2 * draw(seeds[i], 0) - 1) * rotation
        slope = tan((2 * draw(seeds[i], 1) - 1) * shear)
        shrink = 1 / (low + draw(seeds[i], 2) * (high - low))
        move_rows = (2 * draw(seeds[i], 3) - 1) * translation * height
        move_columns = (2 * draw(seeds[i], 4) - 1) * translation * width
        # where a pixel of the copy lies in the image: the way back
        rows_per_row = shrink * cos(angle)
        rows_per_column = shrink * sin(angle)
        columns_per_row = shrink * (slope * cos(angle) - sin(angle))
        columns_per_column = shrink * (slope * sin(angle) + cos(angle))
        for row in range(height):
            down = row - middle_row - move_rows
            for column in range(width):
                right = column - middle_column - move_columns
                sample_between(
                    framed,
                    middle_row + rows_per_row * down + rows_per_column * right,
                    middle_column + columns_per_row * down + columns_per_column * right,
                    copy[row, column],
                )


class RandomAffine(ImageAugmentation):
    """Turn, shear, scale and move images, each by amounts drawn from ranges.

    Values between pixels are bilinear.

    Parameters
    ----------
    rotation : float, default=10.0
        The largest angle, in degrees, in either direction.
    shear : float, default=0.0
        The largest angle, in degrees, by which upright lines lean, in either direction.
    scale : tuple of float (lowest, highest), default=(0.9, 1.1)
        Between which factors the size of what is seen changes.
    translation : float, default=0.05
        The largest shift, as a share of the height and of the width, in all directions.
    mode : {"constant", "edge"}, default="constant"
        What lies beyond the edge: `fill_value`, or the nearest pixel on the edge.
    fill_value : float, default=0.0
        The value beyond the edge.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, n_channels) of rows that are flat. None: rows are
        images already, of such a shape.

    See Also
    --------
    AugmentedCopies : Rows with altered copies, made once for all voters.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.augmentation import RandomAffine
    >>> image = np.zeros((1, 5, 5))
    >>> image[0, 2] = 1
    >>> turned = RandomAffine(rotation=45).augment(image, np.array([3], dtype=np.uint64))
    >>> turned.shape
    (1, 5, 5)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageAugmentation._parameter_constraints,
        "rotation": [Interval(Real, 0, 180, closed="both")],
        "shear": [Interval(Real, 0, 90, closed="left")],
        "scale": [tuple, list],
        "translation": [Interval(Real, 0, 1, closed="both")],
        "mode": [StrOptions({"constant", "edge"})],
        "fill_value": [Real],
    }

    def __init__(
        self,
        rotation=10.0,
        *,
        shear=0.0,
        scale=(0.9, 1.1),
        translation=0.05,
        mode="constant",
        fill_value=0.0,
        image_shape=None,
    ):
        self.rotation = rotation
        self.shear = shear
        self.scale = scale
        self.translation = translation
        self.mode = mode
        self.fill_value = fill_value
        self.image_shape = image_shape

    def _augment_images(self, images, seeds):
        if len(self.scale) != 2 or not 0 < self.scale[0] <= self.scale[1] < np.inf:
            raise InvalidInputError(
                f"scale must be two factors, the lower and the higher one, got {self.scale}."
            )
        low, high = self.scale
        out = np.empty_like(images)
        _warp(
            images,
            out,
            seeds,
            float(self.rotation) * pi / 180,
            float(self.shear) * pi / 180,
            float(low),
            float(high),
            float(self.translation),
            self.mode == "edge",
            float(self.fill_value),
        )
        return out
