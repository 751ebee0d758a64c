"""The middle of images, in another size."""

from numbers import Real
from typing import ClassVar

import numpy as np

from .._compat import Integral, Interval
from ..exceptions import InvalidInputError
from ._base import ImageFilter
from ._pairs import check_pair
from ._resample_kernel import gaussian_weights, resample

__all__ = ["ResizedCrop"]


class ResizedCrop(ImageFilter):
    """Show the middle of each image, smoothed, in another size.

    What is looked for often fills the middle of an image, and what surrounds it differs from
    image to image: few training rows are better spent on the middle. Each new pixel is the mean
    of the pixels around its centre, weighted by a Gaussian.

    Parameters
    ----------
    size : int or (int, int), default=32
        Height and width of the images that come out.
    crop : float, default=None
        Height and width of the middle part that is shown, in pixels; also a fraction of one may be
        cut off. None: the whole image, also if it is not square.
    sigma : float, default=None
        Standard deviation of the Gaussian, in pixels of the images that come in. None: half a
        pixel, or half of a new pixel where new ones are larger.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, n_channels) of the images if X has flat rows, which then
        come out flat; None: X has images.
    dtype : {numpy.float32, numpy.float64}, default=numpy.float32
        Type of the output. It is computed in double precision.
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
    Deskew : Centres strokes first.
    HOG : Gradients, which are steadier where images are smooth.

    Notes
    -----
    The transformer is stateless, and sound in front of a certified classifier and as its
    `transformer`. Values stay on their scale. Beyond the edge there is nothing: pixels there do
    not count in means.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.image import ResizedCrop
    >>> step = np.repeat([[0, 0, 0, 8, 8, 8]], 6, axis=0)
    >>> ResizedCrop(size=4, crop=4).transform([step])[0, 0].round(1)
    array([0. , 0.9, 7.1, 8. ], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageFilter._parameter_constraints,
        "size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "crop": [Interval(Real, 0, None, closed="neither"), None],
        "sigma": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(
        self,
        size=32,
        *,
        crop=None,
        sigma=None,
        image_shape=None,
        dtype=np.float32,
        n_jobs=None,
    ):
        self.size = size
        self.crop = crop
        self.sigma = sigma
        self.image_shape = image_shape
        self.dtype = dtype
        self.n_jobs = n_jobs

    def _shape_of_output(self, image_shape):
        if self.crop is not None and self.crop > min(image_shape[:2]):
            raise InvalidInputError(
                f"crop={self.crop!r} pixels are more than images of {image_shape[0]} x "
                f"{image_shape[1]} pixels have; choose a smaller crop."
            )
        return (*check_pair(self.size, "size"), *image_shape[2:])

    def _transform_images(self, images):
        n_images, height, width, n_channels = images.shape
        new_height, new_width = check_pair(self.size, "size")
        out = np.empty((n_images, new_height, new_width, n_channels))
        resample(images, *self._weights(height, new_height), *self._weights(width, new_width), out)
        return out

    def _weights(self, n_pixels, size):
        crop = n_pixels if self.crop is None else float(self.crop)
        sigma = max(0.5, 0.5 * crop / size) if self.sigma is None else float(self.sigma)
        return gaussian_weights(n_pixels, crop, size, sigma)
