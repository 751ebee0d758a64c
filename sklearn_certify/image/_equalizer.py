"""Images whose gray values are equally frequent."""

from numbers import Real
from typing import ClassVar

import numpy as np

from .._compat import Integral, Interval
from ..exceptions import MissingExtraError
from ._base import ImageFilter

__all__ = ["HistogramEqualizer"]


class HistogramEqualizer(ImageFilter):
    """Make the gray values of each image equally frequent, in the whole image or part by part.

    Needs scikit-image (``pip install "sklearn-certify[image]"``), whose `equalize_hist` and
    `equalize_adapthist` do the work, one image at a time.

    Parameters
    ----------
    adaptive : bool, default=True
        Whether values are equalised in the surroundings of each pixel, with limited contrast
        (CLAHE), and not in the whole image.
    clip_limit : float, default=0.01
        For ``adaptive=True``: from 0 to 1, higher values give more contrast.
    tile_size : int, default=None
        For ``adaptive=True``: height and width of the surroundings, in pixels. None: an eighth of
        the image.
    n_bins : int, default=256
        Gray values that are told apart.
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
    ContrastNormalizer : Linear, and much faster.

    Notes
    -----
    The transformer is stateless, and sound in front of a certified classifier and as its
    `transformer`. Each channel is equalised by itself. Values come out from 0 to 1, and their
    scale when they come in does not matter; an image of one value becomes 0.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.image import HistogramEqualizer
    >>> dark = np.array([[1, 2], [3, 40]])
    >>> HistogramEqualizer(adaptive=False).transform([dark]).round(2)
    array([[[0.25, 0.5 ],
            [0.66, 1.  ]]], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageFilter._parameter_constraints,
        "adaptive": ["boolean"],
        "clip_limit": [Interval(Real, 0, 1, closed="both")],
        "tile_size": [Interval(Integral, 1, None, closed="left"), None],
        "n_bins": [Interval(Integral, 2, None, closed="left")],
    }

    def __init__(
        self,
        adaptive=True,
        *,
        clip_limit=0.01,
        tile_size=None,
        n_bins=256,
        image_shape=None,
        dtype=np.float32,
        n_jobs=None,
    ):
        self.adaptive = adaptive
        self.clip_limit = clip_limit
        self.tile_size = tile_size
        self.n_bins = n_bins
        self.image_shape = image_shape
        self.dtype = dtype
        self.n_jobs = n_jobs

    def _shape_of_output(self, image_shape):
        return image_shape

    def _transform_images(self, images):
        try:
            from skimage.exposure import equalize_adapthist, equalize_hist
        except ImportError as error:
            raise MissingExtraError(
                'HistogramEqualizer needs scikit-image: pip install "sklearn-certify[image]"'
            ) from error
        equalized = np.zeros_like(images)
        for image, result in zip(images, equalized, strict=True):
            for channel in range(images.shape[3]):
                values = np.ascontiguousarray(image[..., channel])
                values -= values.min()
                if not values.any():
                    continue
                values /= values.max()
                result[..., channel] = (
                    equalize_adapthist(values, self.tile_size, self.clip_limit, self.n_bins)
                    if self.adaptive
                    else equalize_hist(values, self.n_bins)
                )
        return equalized
