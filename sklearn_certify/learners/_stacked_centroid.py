"""The nearest class mean, of many voters at once."""

from numbers import Real
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval
from ._fit_each import FitEachMixin
from ._stacked_linear import StackedLinearClassifier

__all__ = ["StackedNearestCentroid"]


class StackedNearestCentroid(FitEachMixin, StackedLinearClassifier):
    """Nearest centroid: the class whose mean is nearest, by Euclidean distance.

    It predicts what scikit-learn's `NearestCentroid` predicts with uniform priors, whose voters
    ensembles fit and ask one by one; of these they fit and ask thousands at once. It has hardly
    anything to learn, so it suits voters with a handful of rows.

    Parameters
    ----------
    shrink_threshold : float, default=None
        By how many standard errors a feature of a centroid must differ from the mean of all rows
        to count; what is left of the difference is smaller by as much. None: centroids are means.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    centroids_ : ndarray of shape (n_classes, n_features)
        The means of the classes, shrunk if there is a threshold.
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Class scores are linear in a row, because squared distances differ by what is: their
        coefficients; of the second class alone if there are two.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        What is added.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if all are texts.

    See Also
    --------
    sklearn.neighbors.NearestCentroid : The same with priors and with Manhattan distances.

    References
    ----------
    Tibshirani, Hastie, Narasimhan and Chu, "Diagnosis of Multiple Cancer Types by Shrunken
    Centroids of Gene Expression", PNAS 2002, for the threshold.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.learners import StackedNearestCentroid
    >>> X, y = load_digits(return_X_y=True)
    >>> dpa = DPAClassifier(StackedNearestCentroid(), n_partitions=60).fit(X[:1500], y[:1500])
    >>> round(dpa.certified_accuracy(X[1500:], y[1500:], 5), 2)
    0.81
    """

    _parameter_constraints: ClassVar[dict] = {
        "shrink_threshold": [Interval(Real, 0, None, closed="neither"), None],
    }
    _rows_of_fit: ClassVar[dict] = {**FitEachMixin._rows_of_fit, "accept_sparse": "csr"}

    def __init__(self, shrink_threshold=None):
        self.shrink_threshold = shrink_threshold

    def _learn(self, X, codes):
        counts = np.bincount(codes)
        centroids = _sums_of_classes(X, codes, len(counts)) / counts[:, np.newaxis]
        mean = counts @ centroids / len(codes)
        if self.shrink_threshold is not None:
            centroids = self._shrunk(centroids, mean, X, codes, counts)
        # from a point in the middle, so that little is lost where all rows are far from zero
        first = centroids[0] if len(centroids) == 2 else mean
        others = centroids[1:] if len(centroids) == 2 else centroids
        self.coef_ = (others - first).astype(X.dtype)
        levels = np.einsum("cf,cf->c", self.coef_, (others + first) / 2, dtype=np.float64)
        self.intercept_ = (-levels).astype(X.dtype)
        self._first = first.astype(X.dtype)

    @property
    def centroids_(self):
        """The means of the classes, shrunk if there is a threshold."""
        check_is_fitted(self)
        others = self.coef_ + self._first
        return np.vstack([self._first, others]) if len(others) == 1 else others

    def _shrunk(self, centroids, mean, X, codes, counts):
        if issparse(X):
            squares = np.asarray(X.multiply(X).sum(axis=0)).ravel()
            squares = np.maximum(squares - counts @ np.square(centroids), 0)
        else:
            squares = np.square(X - centroids[codes]).sum(axis=0)
        deviation = np.sqrt(squares / max(len(codes) - len(counts), 1))
        deviation += np.median(deviation)
        errors = np.sqrt(1 / counts - 1 / len(codes))[:, np.newaxis] * deviation
        differences = centroids - mean
        left = np.maximum(np.abs(differences) - self.shrink_threshold * errors, 0)
        return mean + np.sign(differences) * left


def _sums_of_classes(X, codes, n_classes):
    """Add up the rows of each class, float64 of shape (n_classes, n_features)."""
    n_rows = len(codes)
    if issparse(X):
        of_class = csr_matrix((np.ones(n_rows), (codes, np.arange(n_rows))), (n_classes, n_rows))
        return (of_class @ X).toarray()
    of_class = np.zeros((n_classes, n_rows), dtype=X.dtype)
    of_class[codes, np.arange(n_rows)] = 1
    return (of_class @ X).astype(np.float64)
