"""Random Fourier features."""

from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import validate_data

from .._compat import Interval, Options, StrOptions, _fit_context, check_parameters
from .._compute.blocks import run_on_blocks
from .._compute.seeds import LARGEST_SEED
from ..exceptions import InvalidInputError
from ._fourier_kernel import fill_features

__all__ = ["RandomFourierFeatures"]

_N_TRANSFORMS = 3
_MIN_WIDTH = 64  # of narrower transforms come too few different projections
_ROWS_PER_THREAD = 16


class RandomFourierFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Features whose inner products are close to the kernel ``exp(-gamma * ||x - z||**2)``.

    A linear classifier on them does nearly what one with this kernel does on the rows. But it is
    asked in as many steps as there are features, however many rows it has learned from; and
    features are computed once for all voters, also where several voters share a row.

    Features are the cosines and the sines of random projections [1]_, which are at right angles to
    each other and come from fast Hadamard transforms [2]_. The projections are drawn from
    `random_state` alone and a row's features are computed from the row alone, to the last bit, so
    that the transformer is sound in front of a certified classifier and as its `transformer`.
    (scikit-learn's `RBFSampler` multiplies all rows by one matrix, which rounds a row otherwise
    among other rows.)

    Parameters
    ----------
    gamma : float, default=1.0
        Scale of the kernel. Features of rows of length one, such as those of an image normalised
        as a whole, may start from the default.
    n_components : int, default=1024
        Number of features. Inner products are off by about ``1 / sqrt(n_components)``, less where
        rows are close. If it is odd, the last projection has no sine.
    random_state : int, default=0
        Draws the projections.
    dtype : {numpy.float32, numpy.float64}, default=numpy.float32
        Type of the features. They are computed in double precision.
    n_jobs : int, default=None
        Number of threads, as in joblib.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns of X in ``fit``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, if X was a DataFrame with string names.

    See Also
    --------
    sklearn_certify.learners.StackedRidgeClassifier : The linear classifier to go with them.
    sklearn_certify.learners.StackedKernelRidgeClassifier : The kernel itself.

    Notes
    -----
    The transformer is stateless: it can be used without ``fit``. A row of up to `n_columns`
    columns, a power of two from 64 up, takes about ``n_components * log2(n_columns)`` steps.

    References
    ----------
    .. [1] Rahimi, Recht: "Random Features for Large-Scale Kernel Machines", NIPS 2007.
    .. [2] Yu, Suresh, Choromanski, Holtmann-Rice, Kumar: "Orthogonal Random Features", NIPS 2016,
       Section 4.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.image import HOG
    >>> from sklearn_certify.kernel_approximation import RandomFourierFeatures
    >>> from sklearn_certify.learners import StackedRidgeClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> hog = HOG(2, cells_per_block=4, block_norm="L2", image_shape=(8, 8))
    >>> features = make_pipeline(hog, RandomFourierFeatures())
    >>> dpa = DPAClassifier(StackedRidgeClassifier(alpha=0.01), transformer=features)
    >>> round(dpa.fit(X[:1500], y[:1500]).certified_accuracy(X[1500:], y[1500:], 5), 2)
    0.7...
    """

    _parameter_constraints: ClassVar[dict] = {
        "gamma": [Interval(Real, 0, None, closed="neither")],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "random_state": [Interval(Integral, 0, LARGEST_SEED, closed="both")],
        "dtype": [Options(type, {np.float32, np.float64}), StrOptions({"float32", "float64"})],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self, gamma=1.0, *, n_components=1024, random_state=0, dtype=np.float32, n_jobs=None
    ):
        self.gamma = gamma
        self.n_components = n_components
        self.random_state = random_state
        self.dtype = dtype
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check the parameters and the form of the rows; there is nothing to learn.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_columns)
            Rows.
        y : None
            Ignored.

        Returns
        -------
        self
        """
        validate_data(self, X, dtype=[np.float64, np.float32])
        return self

    def transform(self, X):
        """Return the features of each row.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_columns)
            Rows.

        Returns
        -------
        ndarray of shape (n_rows, n_components)
            Of type `dtype`, and of length one.

        Raises
        ------
        InvalidInputError
            If X holds numbers that are too large.
        """
        check_parameters(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], order="C", reset=False)
        n_projections = -(-int(self.n_components) // 2)
        width = max(1 << (X.shape[1] - 1).bit_length(), _MIN_WIDTH)
        shape = (-(-n_projections // width), _N_TRANSFORMS, width)
        signs = np.random.RandomState(self.random_state).randint(0, 2, shape) * 2.0 - 1
        features = np.empty((len(X), int(self.n_components)), dtype=self.dtype)
        scale = float(np.sqrt(2 * self.gamma))

        def fill(start, stop):
            fill_features(X[start:stop], signs, scale, features[start:stop])

        n_threads = effective_n_jobs(self.n_jobs)
        run_on_blocks(fill, len(X), min_block=_ROWS_PER_THREAD, n_threads=n_threads)
        if not np.isfinite(features).all():
            raise InvalidInputError(
                "X holds numbers too large for RandomFourierFeatures; scale the rows first."
            )
        return features

    @property
    def _n_features_out(self):
        return int(self.n_components)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags
