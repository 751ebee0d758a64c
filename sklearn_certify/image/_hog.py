"""Histograms of oriented gradients."""

from numbers import Real
from typing import ClassVar

import numpy as np

from .._compat import Integral, Interval, StrOptions
from ..exceptions import InvalidInputError
from ._base import ImageTransformer
from ._hog_kernels import BLOCK_NORMS, fill_histograms
from ._pairs import check_pair

__all__ = ["HOG"]


class HOG(ImageTransformer):
    """Histograms of oriented gradients of each image, in cells of one or several sizes.

    How steep the gray of an image is, and in which direction, is summed up in small cells;
    neighbouring cells are normalised together as a block. Linear learners and nearest
    neighbours get along with far fewer training rows on such features than on pixels, and so
    with more partitions. Values are those of scikit-image's `hog`, computed image by image
    by compiled code.

    Parameters
    ----------
    cell_sizes : int, or array-like of int or of (int, int), default=8
        Height and width of cells in pixels, a single number if they are equal. Of several sizes
        all features stand side by side: ``(4, 7)`` are cells of 4 x 4 and of 7 x 7 pixels, and
        ``[(4, 7)]`` are cells of height 4 and width 7. Pixels at the right and at the bottom that
        fill no cell are left out.
    orientations : int, default=9
        Directions that a histogram tells apart.
    cells_per_block : int or (int, int), default=2
        Cells that are normalised together, down and across. Blocks overlap, so that a cell stands
        in the features once for each block that it is in.
    block_norm : {"L2-Hys", "L2", "L1", "L1-sqrt"}, default="L2-Hys"
        How a block is normalised: by its length; "L2-Hys" then cuts what is above 0.2 and
        normalises again. "L1" divides by the sum, and "L1-sqrt" takes the roots of that.
    center_surround : bool, default=False
        Whether each cell stands in the features only once, divided by the norm of the block around
        it (the centre-surround normalisation of [1]_): about ``1 / cells_per_block**2`` as many
        features, which tell nearly as much. `cells_per_block` must be odd then; what of a block is
        beyond the edge counts like the mean of the rest, and "L2-Hys" cuts without normalising
        again.
    transform_sqrt : bool, default=False
        Whether gradients are those of the square root of the values, which must not be negative.
    signed : bool, default=False
        Whether opposite directions differ: from dark to bright and from bright to dark.
    interpolate : bool, default=False
        Whether a pixel votes for the two nearest directions in the four nearest cells, in
        proportion, as in the paper, and not for one direction in one cell, as in scikit-image.
    epsilon : float, default=1e-5
        What is added to the norm of a block, in units of the values of a pixel: gradients well
        below are left as faint as they are.
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
    Deskew : Sets strokes upright beforehand.
    ColorGrid : Colours, which gradients do not tell.
    make_hog_pipeline : All of it.

    Notes
    -----
    The transformer is stateless: it can be used without ``fit``, and is sound in front of a
    certified classifier and as its `transformer`. Of several channels, the steepest counts, at
    each pixel.

    Values are taken as they are, whatever their type. The same picture as whole numbers from 0 to
    255 and as fractions of 1 has the same features up to the effect of `epsilon`, which is small
    but for blocks that are nearly flat; with `transform_sqrt` too.

    References
    ----------
    .. [1] Dalal, Triggs: "Histograms of Oriented Gradients for Human Detection", CVPR 2005.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.image import HOG
    >>> X, y = load_digits(return_X_y=True)
    >>> HOG(cell_sizes=(2, 4), image_shape=(8, 8)).transform(X).shape
    (1797, 360)
    """

    _parameter_constraints: ClassVar[dict] = {
        **ImageTransformer._parameter_constraints,
        "cell_sizes": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "orientations": [Interval(Integral, 1, None, closed="left")],
        "cells_per_block": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "block_norm": [StrOptions(set(BLOCK_NORMS))],
        "center_surround": ["boolean"],
        "transform_sqrt": ["boolean"],
        "signed": ["boolean"],
        "interpolate": ["boolean"],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        cell_sizes=8,
        *,
        orientations=9,
        cells_per_block=2,
        block_norm="L2-Hys",
        center_surround=False,
        transform_sqrt=False,
        signed=False,
        interpolate=False,
        epsilon=1e-5,
        image_shape=None,
        dtype=np.float32,
        n_jobs=None,
    ):
        self.cell_sizes = cell_sizes
        self.orientations = orientations
        self.cells_per_block = cells_per_block
        self.block_norm = block_norm
        self.center_surround = center_surround
        self.transform_sqrt = transform_sqrt
        self.signed = signed
        self.interpolate = interpolate
        self.epsilon = epsilon
        self.image_shape = image_shape
        self.dtype = dtype
        self.n_jobs = n_jobs

    def _shape_of_output(self, image_shape):
        cells, block = self._cells(), self._block()
        if self.center_surround:
            if not (block % 2).all():
                raise InvalidInputError(
                    f"center_surround=True needs an odd number of cells_per_block, a cell and as "
                    f"many on either side of it, got {self.cells_per_block!r}; choose 3, say."
                )
            block = np.ones_like(block)
        n_blocks = np.array(image_shape[:2]) // cells - block + 1
        if n_blocks.min() < 1:
            cell = cells[n_blocks.min(axis=1).argmin()]
            height, width = (cell * block).tolist()
            raise InvalidInputError(
                f"A block of {block[0]} x {block[1]} cells of {cell[0]} x {cell[1]} pixels needs "
                f"images of at least {height} x {width} pixels, but these have "
                f"{image_shape[0]} x {image_shape[1]}; choose smaller cell_sizes or "
                "cells_per_block."
            )
        return (int(n_blocks.prod(axis=1).sum() * block.prod() * self.orientations),)

    def _transform_images(self, images):
        if self.transform_sqrt:
            if images.min() < 0:
                raise InvalidInputError(
                    "transform_sqrt=True takes square roots, but X holds negative values."
                )
            images = np.sqrt(images)
        features = np.empty((len(images), *self._shape_of_output(images.shape[1:])))
        fill_histograms(
            images,
            self._cells(),
            self._block(),
            int(self.orientations),
            360.0 if self.signed else 180.0,
            bool(self.interpolate),
            BLOCK_NORMS.index(self.block_norm),
            bool(self.center_surround),
            float(self.epsilon),
            features,
        )
        return features

    def _cells(self):
        sizes = [self.cell_sizes] if np.isscalar(self.cell_sizes) else list(self.cell_sizes)
        if not sizes:
            raise InvalidInputError("cell_sizes holds no size; name one, such as cell_sizes=8.")
        return np.array([check_pair(size, "cell_sizes") for size in sizes])

    def _block(self):
        return check_pair(self.cells_per_block, "cells_per_block")
