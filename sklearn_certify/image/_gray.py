"""Gray images of coloured ones."""

from typing import ClassVar

import numpy as np

from ..exceptions import InvalidInputError
from ._base import ImageFilter

__all__ = ["GrayImages"]

_LUMINANCE = (0.2125, 0.7154, 0.0721)  # of red, green and blue, as screens of today show them


class GrayImages(ImageFilter):
    """Turn coloured images into gray ones.

    Parameters
    ----------
    weights : array-like of float of shape (n_channels,), default=None
        What each channel adds to the gray. None: the luminance of red, green and blue, 0.2125,
        0.7154 and 0.0721, as scikit-image's `rgb2gray` has it; one channel stays as it is.
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
    ContrastNormalizer : Gray values that do not tell how much light there was.
    HOG : Takes coloured images too: the steepest channel counts at each pixel.

    Notes
    -----
    The transformer is stateless, and sound in front of a certified classifier and as its
    `transformer`. Images come out without an axis of channels, on the scale on which they came.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.image import GrayImages
    >>> red_and_green = np.array([[[255, 0, 0], [0, 255, 0]]])
    >>> GrayImages().transform([red_and_green]).round(1)
    array([[[ 54.2, 182.4]]], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageFilter._parameter_constraints,
        "weights": ["array-like", None],
    }

    def __init__(self, weights=None, *, image_shape=None, dtype=np.float32, n_jobs=None):
        self.weights = weights
        self.image_shape = image_shape
        self.dtype = dtype
        self.n_jobs = n_jobs

    def _shape_of_output(self, image_shape):
        self._resolve_weights(image_shape[2] if len(image_shape) == 3 else 1)
        return image_shape[:2]

    def _transform_images(self, images):
        weights = self._resolve_weights(images.shape[3])
        # channel by channel, in one order, however many images there are
        gray = weights[0] * images[..., 0]
        for channel in range(1, len(weights)):
            gray += weights[channel] * images[..., channel]
        return gray

    def _resolve_weights(self, n_channels):
        if self.weights is None:
            if n_channels not in (1, 3):
                raise InvalidInputError(
                    f"GrayImages knows the weights of red, green and blue, but images have "
                    f"{n_channels} channels; pass weights, one for each of them."
                )
            return np.array(_LUMINANCE if n_channels == 3 else (1.0,))
        weights = np.asarray(self.weights, dtype=np.float64)
        if weights.shape != (n_channels,) or not np.isfinite(weights).all():
            raise InvalidInputError(
                f"weights must be {n_channels} finite numbers, one for each channel of the images, "
                f"got {self.weights!r}."
            )
        return weights
