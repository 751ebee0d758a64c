"""Colours of the parts of an image."""

from numbers import Real
from typing import ClassVar

import numpy as np

from .._compat import Integral, Interval, StrOptions
from ..exceptions import InvalidInputError
from ._base import ImageTransformer
from ._color_kernels import COLOR_SPACES, average_cells, convert_colors
from ._pairs import check_pair

__all__ = ["ColorGrid"]


class ColorGrid(ImageTransformer):
    """Mean colours of the cells of a grid over each image.

    Parameters
    ----------
    grid : int or (int, int), default=4
        Number of cells down and across. Cells differ by a pixel where the sides of the image are
        no multiples.
    color_space : {"opponent", "normalized_opponent"} or None, default="opponent"
        "opponent": the differences of red and green, and of yellow and blue, and the brightness, of
        images with three channels. "normalized_opponent": the differences divided by the
        brightness, so that they do not tell how much light there was. None: the channels as they
        are, also of gray images.
    with_brightness : bool, default=True
        Whether the brightness stands beside the two differences of a `color_space`. In
        "normalized_opponent" it alone is on the scale of the images, and tells how much light
        there was.
    with_std : bool, default=False
        Whether the standard deviations in each cell follow the means.
    epsilon : float, default=0.1
        For "normalized_opponent": what is added to the brightness before the division, as a share
        of the mean brightness of the image, so that dark pixels count less.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, n_channels) of the images if X has flat rows; None: X
        has images.
    dtype : {numpy.float32, numpy.float64}, default=numpy.float32
        Type of the features. They are computed in double precision.
    n_jobs : int, default=None
        Number of threads, as in joblib.

    Attributes
    ----------
    image_shape_ : tuple of int
        Shape of the images of ``fit``.
    n_features_in_ : int
        Length of the second axis of X in ``fit``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, if X was a DataFrame with string names.

    See Also
    --------
    ColorHistogram : How often each colour occurs.
    HOG : Shapes.

    Notes
    -----
    The transformer is stateless, and sound in front of a certified classifier and as its
    `transformer`. Values are taken as they are, whatever their type: features of whole numbers
    from 0 to 255 are 255 times those of fractions of 1, except for the first two channels of
    "normalized_opponent", which are the same. The features are ordered by cell, then channel.

    References
    ----------
    van de Sande, Gevers, Snoek: "Evaluating Color Descriptors for Object and Scene Recognition",
    IEEE Transactions on Pattern Analysis and Machine Intelligence 32(9), 2010.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.image import ColorGrid
    >>> red_above_blue = np.array([[[1.0, 0, 0]] * 2, [[0, 0, 1.0]] * 2])
    >>> ColorGrid(grid=(2, 1), color_space=None).transform([red_above_blue])
    array([[1., 0., 0., 0., 0., 1.]], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageTransformer._parameter_constraints,
        "grid": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "color_space": [StrOptions(set(COLOR_SPACES)), None],
        "with_brightness": ["boolean"],
        "with_std": ["boolean"],
        "epsilon": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        grid=4,
        *,
        color_space="opponent",
        with_brightness=True,
        with_std=False,
        epsilon=0.1,
        image_shape=None,
        dtype=np.float32,
        n_jobs=None,
    ):
        self.grid = grid
        self.color_space = color_space
        self.with_brightness = with_brightness
        self.with_std = with_std
        self.epsilon = epsilon
        self.image_shape = image_shape
        self.dtype = dtype
        self.n_jobs = n_jobs

    def _shape_of_output(self, image_shape):
        n_rows, n_columns = check_grid(self, image_shape)
        n_channels = image_shape[2] if len(image_shape) == 3 else 1
        n_channels -= self._leaves_out_brightness()
        return (n_rows * n_columns * n_channels * (2 if self.with_std else 1),)

    def _transform_images(self, images):
        n_rows, n_columns = check_pair(self.grid, "grid")
        features = np.empty((len(images), *self._shape_of_output(images.shape[1:])))
        images = in_color_space(images, self.color_space, self.epsilon)
        if self._leaves_out_brightness():
            images = np.ascontiguousarray(images[..., :2])
        average_cells(images, n_rows, n_columns, bool(self.with_std), features)
        return features

    def _leaves_out_brightness(self):
        return self.color_space is not None and not self.with_brightness


def check_grid(transformer, image_shape):
    """Return the number of cells down and across, or raise if images are too small or gray."""
    n_rows, n_columns = check_pair(transformer.grid, "grid")
    if n_rows > image_shape[0] or n_columns > image_shape[1]:
        raise InvalidInputError(
            f"A grid of {n_rows} x {n_columns} cells has more cells than images of "
            f"{image_shape[0]} x {image_shape[1]} pixels have pixels; choose a coarser grid."
        )
    if transformer.color_space is not None and image_shape[2:] != (3,):
        raise InvalidInputError(
            f"color_space={transformer.color_space!r} needs images with three channels, red, green "
            f"and blue, but these have the shape {image_shape}; set color_space=None."
        )
    return n_rows, n_columns


def in_color_space(images, color_space, epsilon=0.0):
    """Return images with the channels of a colour space."""
    if color_space is None:
        return images
    converted = np.empty_like(images)
    convert_colors(images, color_space == "normalized_opponent", float(epsilon), converted)
    return converted
