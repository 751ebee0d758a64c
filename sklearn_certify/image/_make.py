"""The usual steps from images to features, put together."""

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline

from ._color_grid import ColorGrid
from ._contrast import ContrastNormalizer
from ._deskew import Deskew
from ._hog import HOG

__all__ = ["make_hog_pipeline"]


def make_hog_pipeline(
    cell_sizes=8,
    *,
    contrast=None,
    deskew=False,
    color_grid=None,
    image_shape=None,
    dtype=np.float32,
    n_jobs=None,
    **hog_params,
):
    """Put the usual steps from images to features together.

    Parameters
    ----------
    cell_sizes : int, or array-like of int or of (int, int), default=8
        As in `HOG`.
    contrast : {"standardize", "stretch", "local"} or None, default=None
        With which method, if any, `ContrastNormalizer` comes first.
    deskew : bool, default=False
        Whether `Deskew` comes before `HOG`, for written characters: bright strokes on a
        background of 0, so not together with `contrast`.
    color_grid : int, (int, int) or None, default=None
        The `grid` of the `ColorGrid` whose features, of the images as they came, stand beside
        those of `HOG`, if any.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, n_channels) of the images if X has flat rows; None: X
        has images.
    dtype : {numpy.float32, numpy.float64}, default=numpy.float32
        Type of what each step gives.
    n_jobs : int, default=None
        Number of threads, as in joblib.
    **hog_params
        More parameters of `HOG`.

    Returns
    -------
    Pipeline or FeatureUnion
        A pipeline of "contrast", "deskew" and "hog", as far as they are asked for; with a
        `color_grid` the union of "shapes", which is that pipeline, and "colors". All steps are
        stateless: it can be used without ``fit``, and is sound in front of a certified classifier
        and as its `transformer`.

    Examples
    --------
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.image import make_hog_pipeline
    >>> features = make_hog_pipeline((2, 4), deskew=True, image_shape=(8, 8))
    >>> [name for name, _ in features.steps]
    ['deskew', 'hog']
    >>> model = DPAClassifier(transformer=features)
    """
    common = {"image_shape": image_shape, "dtype": dtype, "n_jobs": n_jobs}
    steps = [("hog", HOG(cell_sizes, **common, **hog_params))]
    if deskew:
        steps.insert(0, ("deskew", Deskew(**common)))
    if contrast is not None:
        steps.insert(0, ("contrast", ContrastNormalizer(contrast, **common)))
    shapes = Pipeline(steps)
    if color_grid is None:
        return shapes
    return FeatureUnion([("shapes", shapes), ("colors", ColorGrid(color_grid, **common))])
