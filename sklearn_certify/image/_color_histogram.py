"""How often each colour occurs in the parts of an image."""

from typing import ClassVar

import numpy as np

from .._compat import Integral, Interval, StrOptions
from ..exceptions import InvalidInputError
from ._base import ImageTransformer
from ._color_grid import check_grid, in_color_space
from ._color_kernels import count_values
from ._pairs import check_pair

__all__ = ["ColorHistogram"]


class ColorHistogram(ImageTransformer):
    """Histograms of the values of each channel, in the cells of a grid over each image.

    Parameters
    ----------
    n_bins : int, default=8
        Bins of the histogram of a channel, equally wide.
    grid : int or (int, int), default=1
        Number of cells down and across; 1 is the whole image.
    color_space : {"opponent"} or None, default="opponent"
        "opponent": the differences of red and green, and of yellow and blue, and the brightness,
        of images with three channels. None: the channels as they are, also of gray images.
    value_range : (float, float), default=(0, 255)
        The values of black and of full brightness in X. Values beyond count as the nearest.
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
    ColorGrid : Mean colours.

    Notes
    -----
    The transformer is stateless, and sound in front of a certified classifier and as its
    `transformer`. Features are shares of the pixels of a cell, ordered by cell, channel and value.
    No type of X stands for a scale: of fractions of 1, ``value_range=(0, 1)`` has to be told.

    Examples
    --------
    >>> from sklearn_certify.image import ColorHistogram
    >>> histogram = ColorHistogram(n_bins=4, color_space=None)
    >>> histogram.transform([[[0, 10, 20, 250], [100, 70, 0, 0]]])
    array([[0.625, 0.25 , 0.   , 0.125]], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageTransformer._parameter_constraints,
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        "grid": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "color_space": [StrOptions({"opponent"}), None],
        "value_range": ["array-like"],
    }

    def __init__(
        self,
        n_bins=8,
        *,
        grid=1,
        color_space="opponent",
        value_range=(0, 255),
        image_shape=None,
        dtype=np.float32,
        n_jobs=None,
    ):
        self.n_bins = n_bins
        self.grid = grid
        self.color_space = color_space
        self.value_range = value_range
        self.image_shape = image_shape
        self.dtype = dtype
        self.n_jobs = n_jobs

    def _shape_of_output(self, image_shape):
        n_rows, n_columns = check_grid(self, image_shape)
        self._edges(1)
        n_channels = image_shape[2] if len(image_shape) == 3 else 1
        return (n_rows * n_columns * n_channels * self.n_bins,)

    def _transform_images(self, images):
        n_rows, n_columns = check_pair(self.grid, "grid")
        edges = self._edges(images.shape[3])
        features = np.empty((len(images), n_rows * n_columns * edges.shape[0] * self.n_bins))
        images = in_color_space(images, self.color_space)
        count_values(images, n_rows, n_columns, edges, features)
        return features

    def _edges(self, n_channels):
        """Return what separates the bins of each channel."""
        value_range = np.asarray(self.value_range)
        if value_range.shape != (2,) or not (
            value_range.dtype.kind in "iuf"
            and np.isfinite(value_range).all()
            and value_range[0] < value_range[1]
        ):
            raise InvalidInputError(
                "value_range must be two finite numbers, the first below the second, got "
                f"{self.value_range!r}."
            )
        low, high = value_range.tolist()
        if self.color_space is None:
            ranges = [(low, high)] * n_channels
        else:
            width = high - low
            ranges = [
                (-width / np.sqrt(2), width / np.sqrt(2)),
                (-2 * width / np.sqrt(6), 2 * width / np.sqrt(6)),
                (low * np.sqrt(3), high * np.sqrt(3)),
            ]
        return np.array([np.linspace(*ends, self.n_bins + 1)[1:-1] for ends in ranges])
