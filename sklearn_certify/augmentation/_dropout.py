"""Rows with some of their numbers left out."""

from numbers import Real
from typing import ClassVar

import numpy as np

from .._compat import Interval
from ._base import Augmentation
from ._draws import draw_uniforms

__all__ = ["FeatureDropout"]


class FeatureDropout(Augmentation):
    """Replace some of the numbers of each row by one that says nothing.

    Parameters
    ----------
    probability : float, default=0.1
        How likely each number is replaced.
    fill_value : float, default=0.0
        What stands there then. NaN, where the estimator fills in missing values.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.augmentation import FeatureDropout
    >>> FeatureDropout(0.4).augment(np.ones((1, 6)), np.array([1], dtype=np.uint64))
    array([[1., 1., 1., 1., 1., 1.]])
    """

    _parameter_constraints: ClassVar[dict] = {
        "probability": [Interval(Real, 0, 1, closed="both")],
        "fill_value": [Real],
    }

    def __init__(self, probability=0.1, *, fill_value=0.0):
        self.probability = probability
        self.fill_value = fill_value

    def _augment(self, X, seeds):
        is_dropped = draw_uniforms(seeds, X[:1].size).reshape(X.shape) < self.probability
        return np.where(is_dropped, X.dtype.type(self.fill_value), X)
