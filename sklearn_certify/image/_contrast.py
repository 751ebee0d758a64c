"""Images that do not tell how much light there was."""

from numbers import Real
from typing import ClassVar

import numpy as np
from scipy.ndimage import gaussian_filter

from .._compat import Interval, StrOptions
from ..exceptions import InvalidInputError
from ._base import ImageFilter
from ._contrast_kernels import divide_by_spread, standardize, stretch

__all__ = ["ContrastNormalizer"]


class ContrastNormalizer(ImageFilter):
    """Bring each image onto a scale of its own, so that light and shadow matter less.

    Parameters
    ----------
    method : {"standardize", "stretch", "local"}, default="standardize"
        "standardize": mean 0 and variance 1. "stretch": a linear map by which two percentiles of
        the values become 0 and 1; what is beyond is cut. "local": at each pixel, minus the mean
        and divided by the standard deviation of what surrounds it, weighted by a Gaussian: shadows
        and gradual light vanish.
    per_channel : bool, default=False
        Whether each channel is an image of its own, so that the colour of the light vanishes too.
    percentiles : (float, float), default=(2, 98)
        For "stretch": which percentiles.
    sigma : float, default=4.0
        For "local": the standard deviation of the Gaussian, in pixels.
    epsilon : float, default=0.1
        For "local": local variances are raised by the square of this share of the standard
        deviation of the whole image, so that flat parts stay faint.
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
    HistogramEqualizer : Makes all gray values equally frequent.
    HOG : Has a normalisation of its own, for each block of cells.

    Notes
    -----
    The transformer is stateless, and sound in front of a certified classifier and as its
    `transformer`. The scale of the values that come in does not matter: whole numbers from 0 to
    255 and fractions of 1 come out alike, up to rounding. An image of one value becomes 0.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.image import ContrastNormalizer
    >>> ContrastNormalizer().transform([[[10, 10], [30, 30]], [[7, 7], [7, 7]]])
    array([[[-1., -1.],
            [ 1.,  1.]],
    <BLANKLINE>
           [[ 0.,  0.],
            [ 0.,  0.]]], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageFilter._parameter_constraints,
        "method": [StrOptions({"standardize", "stretch", "local"})],
        "per_channel": ["boolean"],
        "percentiles": ["array-like"],
        "sigma": [Interval(Real, 0, None, closed="neither")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        method="standardize",
        *,
        per_channel=False,
        percentiles=(2, 98),
        sigma=4.0,
        epsilon=0.1,
        image_shape=None,
        dtype=np.float32,
        n_jobs=None,
    ):
        self.method = method
        self.per_channel = per_channel
        self.percentiles = percentiles
        self.sigma = sigma
        self.epsilon = epsilon
        self.image_shape = image_shape
        self.dtype = dtype
        self.n_jobs = n_jobs

    def _shape_of_output(self, image_shape):
        return image_shape

    def _transform_images(self, images):
        if not self.per_channel:
            return self._normalize(images)
        channels = np.moveaxis(images, 3, 1)
        n_images, n_channels, height, width = channels.shape
        channels = np.ascontiguousarray(channels).reshape(-1, height, width, 1)
        channels = self._normalize(channels).reshape(n_images, n_channels, height, width)
        return np.moveaxis(channels, 1, 3)

    def _normalize(self, images):
        flat = images.reshape(len(images), -1)
        if self.method == "local":
            return self._normalize_locally(images)
        if self.method == "stretch":
            stretch(flat, np.sort(flat, axis=1), *self._shares())
        else:
            standardize(flat)
        return images

    def _normalize_locally(self, images):
        n_images, height, width, n_channels = images.shape
        # filters go along one line of one image after the other
        differences = images - self._blur(images)
        squares = differences[..., 0] ** 2
        for channel in range(1, n_channels):
            squares += differences[..., channel] ** 2
        variances = self._blur(squares / n_channels)
        divide_by_spread(
            differences.reshape(n_images, height * width, n_channels),
            variances.reshape(n_images, -1),
            images.reshape(n_images, -1),
            float(self.epsilon),
        )
        return differences

    def _blur(self, images):
        sigmas = [0.0, self.sigma, self.sigma, 0.0][: images.ndim]
        return gaussian_filter(images, sigmas, mode="nearest")

    def _shares(self):
        shares = np.asarray(self.percentiles, dtype=np.float64) / 100
        if shares.shape != (2,) or not 0 <= shares[0] < shares[1] <= 1:
            raise InvalidInputError(
                "percentiles must be two numbers from 0 to 100, the first below the second, got "
                f"{self.percentiles!r}."
            )
        return shares.tolist()
