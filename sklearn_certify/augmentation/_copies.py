"""Rows turned into themselves and altered copies, once for all voters."""

from typing import ClassVar

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import HasMethods, Integral, Interval, _fit_context
from .._compute.native_threads import one_native_thread
from .._compute.seeds import LARGEST_SEED
from ..exceptions import InvalidInputError
from ._make import learns_from_rows, make_copies, own_augmentation

__all__ = ["AugmentedCopies"]

_BLOCK_BYTES = 2**24  # of copies that are made at a time, by each worker


class AugmentedCopies(TransformerMixin, BaseEstimator):
    """Turn each row into itself and altered copies, and describe all of them by features.

    A copy follows from its row alone, so copies and their features can be made once, before any
    row is given to a voter: an ensemble with many voters, or one in which several voters share a
    row, does not make them again. What comes out is learned from by a `CopiesClassifier`.

    Parameters
    ----------
    augmentation : augmentation or callable
        What makes a copy, such as a `RandomAffine`; or a function of yours, as
        `FunctionAugmentation` takes it. It must have nothing to learn.
    transformer : transformer, default=None
        What describes rows and copies by features; it has nothing to learn, as the HOG of an
        image. None: they stay as they are.
    n_copies : int, default=4
        Copies of each row.
    random_state : int, default=0
        Other numbers give other copies.
    n_jobs : int, default=None
        Number of threads that work on rows; as in joblib.

    Attributes
    ----------
    augmentation_ : augmentation
        What makes a copy.
    transformer_ : fitted transformer or None
        What describes rows and copies.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, if X is a table.

    See Also
    --------
    sklearn_certify.learners.CopiesClassifier : Learns from what comes out.
    sklearn_certify.learners.AugmentedClassifier : Makes copies inside each voter.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.augmentation import AugmentedCopies, RandomAffine
    >>> X, y = load_digits(return_X_y=True)
    >>> copies = AugmentedCopies(RandomAffine(image_shape=(8, 8)), n_copies=3).fit_transform(X)
    >>> copies.shape
    (1797, 4, 64)
    >>> (copies[:, 0] == X).all()
    np.True_
    """

    _parameter_constraints: ClassVar[dict] = {
        "augmentation": [HasMethods("augment"), callable],
        "transformer": [HasMethods(["fit", "transform"]), None],
        "n_copies": [Interval(Integral, 0, None, closed="left")],
        "random_state": [Interval(Integral, 0, LARGEST_SEED, closed="both")],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self, augmentation=None, transformer=None, *, n_copies=4, random_state=0, n_jobs=None
    ):
        self.augmentation = augmentation
        self.transformer = transformer
        self.n_copies = n_copies
        self.random_state = random_state
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None):
        """Look at the form of the rows, and fit the transformer on it if there is one.

        Parameters
        ----------
        X : array-like of shape (n_rows, ...)
            Rows of numbers: images, or one vector each.
        y : object, default=None
            Handed on to the transformer.

        Returns
        -------
        self : object

        Raises
        ------
        InvalidInputError
            If the augmentation learns from all rows, so that copies would not follow from their
            rows alone.
        """
        X = self._check_rows(X, reset=True)
        if learns_from_rows(self.augmentation):
            raise InvalidInputError(
                f"{type(self.augmentation).__name__} learns from all rows, so that a copy does not "
                "follow from its row alone; use it in an AugmentedClassifier, inside each voter."
            )
        self.augmentation_ = own_augmentation(self.augmentation)
        self.transformer_ = None if self.transformer is None else clone(self.transformer).fit(X, y)
        return self

    def transform(self, X):
        """Return rows and their copies.

        Parameters
        ----------
        X : array-like of shape (n_rows, ...)
            Rows of numbers.

        Returns
        -------
        ndarray of shape (n_rows, 1 + n_copies, ...)
            Each row first, then its copies.

        Raises
        ------
        NotFittedError
            If `fit` was not called and `transformer` has something to learn.
        InvalidInputError
            If `transformer` makes sparse rows, or does not make one row of each.
        """
        check_is_fitted(self)
        if not hasattr(self, "augmentation_"):  # there is nothing to learn
            return clone(self).fit(X).transform(X)
        X = self._check_rows(X, reset=False)
        bytes_per_row = 8 * (1 + self.n_copies) * max(X[:1].size, 1)
        size = max(_BLOCK_BYTES // bytes_per_row, 1)
        starts = range(0, max(len(X), 1), size)
        n_jobs = min(effective_n_jobs(self.n_jobs), len(starts))
        if n_jobs == 1:
            blocks = [self._transform_block(X[start : start + size]) for start in starts]
        else:
            with one_native_thread():
                blocks = Parallel(n_jobs, prefer="threads")(
                    delayed(self._transform_block)(X[start : start + size]) for start in starts
                )
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def _transform_block(self, X):
        copies = make_copies(self.augmentation_, X, self.n_copies, self.random_state)
        if self.transformer_ is None:
            return copies
        shape = copies.shape[:2]
        out = self.transformer_.transform(copies.reshape(-1, *copies.shape[2:]))
        if issparse(out) or np.shape(out)[:1] != (shape[0] * shape[1],):
            raise InvalidInputError(
                f"transformer must make one row of numbers of each row, but "
                f"{type(self.transformer_).__name__} made {type(out).__name__} of shape "
                f"{np.shape(out)} of {shape[0] * shape[1]} rows; sparse rows are not taken."
            )
        out = np.asarray(out)
        return out.reshape(*shape, *out.shape[1:])

    def _check_rows(self, X, *, reset):
        return validate_data(
            self,
            X,
            reset=reset,
            dtype="numeric",
            allow_nd=True,
            ensure_all_finite=False,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = _has_to_learn(self.transformer) or learns_from_rows(self.augmentation)
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags


def _has_to_learn(step):
    """Say whether a fit of a step learns something from rows, as far as it tells."""
    if step is None or isinstance(step, (str, FrozenEstimator)):
        return False
    if isinstance(step, Pipeline):
        return any(_has_to_learn(part) for _, part in step.steps)
    if isinstance(step, FeatureUnion):
        return any(_has_to_learn(part) for _, part in step.transformer_list)
    return get_tags(step).requires_fit
