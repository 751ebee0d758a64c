"""Images as rows of numbers."""

from numbers import Real
from typing import ClassVar

import numpy as np

from .._compat import Interval
from ._base import ImageTransformer

__all__ = ["FlatPixels"]


class FlatPixels(ImageTransformer):
    """Lay the pixels of each image into one row of numbers, and scale them.

    Parameters
    ----------
    scale : float, default=1.0
        What each value is multiplied by: ``1 / 255`` turns whole numbers up to 255 into fractions
        of 1.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, n_channels) of the images if X has flat rows; None: X
        has images.
    dtype : {numpy.float32, numpy.float64}, default=numpy.float32
        Type of the features.
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
    ColorGrid : Means of cells, also of gray images: smaller images.

    Notes
    -----
    The transformer is stateless, and sound in front of a certified classifier and as its
    `transformer`.

    Examples
    --------
    >>> from sklearn_certify.image import FlatPixels
    >>> FlatPixels(scale=1 / 255).transform([[[0, 51], [255, 204]]])
    array([[0. , 0.2, 1. , 0.8]], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageTransformer._parameter_constraints,
        "scale": [Interval(Real, None, None, closed="neither")],
    }

    def __init__(self, scale=1.0, *, image_shape=None, dtype=np.float32, n_jobs=None):
        self.scale = scale
        self.image_shape = image_shape
        self.dtype = dtype
        self.n_jobs = n_jobs

    def _shape_of_output(self, image_shape):
        return (int(np.prod(image_shape)),)

    def _transform_images(self, images):
        return images.reshape(len(images), -1) * float(self.scale)
