"""Set the strokes of written characters upright."""

from numbers import Real
from typing import ClassVar

import numpy as np

from .._compat import Interval
from ..exceptions import InvalidInputError
from ._base import ImageFilter
from ._deskew_kernel import deskew_images

__all__ = ["Deskew"]


class Deskew(ImageFilter):
    """Shear each image so that its strokes stand upright, centre it, and bring it to one size.

    The slant is that of the line through the image's centre of mass that its mass is nearest to:
    the covariance of rows and columns divided by the variance of the rows. Values between pixels
    are interpolated linearly.

    Parameters
    ----------
    background : float, default=0.0
        The value of empty paper. The mass of a pixel is how far it is from that, summed over
        channels; what comes from outside of the image has this value.
    center : bool, default=True
        Whether the centre of mass moves to the middle of the image.
    spread : float or (float, float), default=None
        Standard deviation of the mass about its centre, down and across, a single number if they
        are equal, in pixels: images are stretched and shrunk so that they all have it (moment
        normalization, [1]_). None leaves their size.
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
    HOG : Features of the strokes.

    Notes
    -----
    The transformer is stateless, and sound in front of a certified classifier and as its
    `transformer`. An image without any mass, or with all of it in one row of pixels, stays as it
    is.

    Where the size of what is drawn tells nothing, fewer training rows do with `spread`: of two
    alike in all but size it makes one. 5.5 and 4 pixels suit the digits of MNIST, 28 x 28.

    References
    ----------
    .. [1] Liu, Nakashima, Sako, Fujisawa: "Handwritten Digit Recognition: Investigation of
       Normalization and Feature Extraction Techniques", Pattern Recognition 37 (2004).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.image import Deskew
    >>> Deskew().transform([np.eye(3)[::-1]])
    array([[[0., 1., 0.],
            [0., 1., 0.],
            [0., 1., 0.]]], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageFilter._parameter_constraints,
        "background": [Interval(Real, None, None, closed="neither")],
        "center": ["boolean"],
        "spread": [Interval(Real, 0, None, closed="neither"), "array-like", None],
    }

    def __init__(
        self,
        background=0.0,
        *,
        center=True,
        spread=None,
        image_shape=None,
        dtype=np.float32,
        n_jobs=None,
    ):
        self.background = background
        self.center = center
        self.spread = spread
        self.image_shape = image_shape
        self.dtype = dtype
        self.n_jobs = n_jobs

    def _shape_of_output(self, image_shape):
        return image_shape

    def _transform_images(self, images):
        upright = np.empty_like(images)
        deskew_images(images, float(self.background), bool(self.center), self._spread(), upright)
        return upright

    def _spread(self):
        spread = np.nan if self.spread is None else self.spread
        try:
            down_across = np.array(np.broadcast_to(np.asarray(spread, dtype=np.float64), 2))
        except (TypeError, ValueError):
            down_across = np.zeros(2)
        if self.spread is not None and not (down_across > 0).all():
            raise InvalidInputError(
                f"spread must be a positive number of pixels, or two, down and across, got "
                f"{self.spread!r}."
            )
        return down_across
