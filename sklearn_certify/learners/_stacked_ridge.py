"""Least squares on one-hot labels, of many voters at once."""

from numbers import Real
from typing import ClassVar

import numpy as np
from scipy.linalg.lapack import dposv
from scipy.sparse import issparse
from sklearn.linear_model import Ridge
from sklearn.utils import compute_sample_weight

from .._compat import Interval, StrOptions, _fit_context
from ..exceptions import InvalidInputError
from ._fit_each import FitEachMixin
from ._flip_costs import FlipCostsMixin
from ._score_errors import Precision, ridge_error
from ._scored import signed_targets
from ._stacked_linear import StackedLinearClassifier

__all__ = ["StackedRidgeClassifier"]


class StackedRidgeClassifier(FitEachMixin, FlipCostsMixin, StackedLinearClassifier):
    """Ridge regression on one-hot labels, of which ensembles fit thousands at once.

    It predicts what scikit-learn's `RidgeClassifier` predicts. What differs is that thousands of
    small ones are fitted and asked several times as fast inside the ensembles of this package.

    Parameters
    ----------
    alpha : float, default=1.0
        Strength of the regularization: the squared norm of the coefficients counts this much.
    fit_intercept : bool, default=True
        Whether scores have a constant term; rows and targets are centred on their means for it.
    class_weight : dict or "balanced", default=None
        Weights of the classes, as in scikit-learn.
    store_rows : bool, default=False
        Whether the training rows are kept, for `flip_costs`, which there is if they are and all
        classes weigh the same.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Coefficients; of the second class alone if there are two.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        What is added.
    X_fit_ : ndarray of shape (n_rows, n_features) or None
        The training rows, if `store_rows` and if they were dense and weighed the same.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if all are texts.

    See Also
    --------
    sklearn.linear_model.RidgeClassifier : The same for several targets, and with other solvers.

    Notes
    -----
    With n rows of p features, coefficients follow from the n x n matrix of the rows' inner
    products if n < p, else from the p x p matrix of the features'. float32 rows are multiplied in
    float32 and solved for in float64.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.learners import StackedRidgeClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> dpa = DPAClassifier(StackedRidgeClassifier(alpha=100), n_partitions=40)
    >>> dpa.fit(X[:1500], y[:1500]).certified_accuracy(X[1500:], y[1500:], 5)
    0.7...
    """

    _parameter_constraints: ClassVar[dict] = {
        "alpha": [Interval(Real, 0, None, closed="left")],
        "fit_intercept": ["boolean"],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "store_rows": ["boolean"],
    }
    _rows_of_fit: ClassVar[dict] = {**FitEachMixin._rows_of_fit, "accept_sparse": "csr"}

    def __init__(self, alpha=1.0, *, fit_intercept=True, class_weight=None, store_rows=False):
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.store_rows = store_rows

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Fit the coefficients.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_rows, n_features)
            Training rows.
        y : array-like of shape (n_rows,)
            Labels.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of the rows.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If X holds NaN or infinity, or y a single label.
        """
        return self._fit(*self._check_fit(X, y), sample_weight=sample_weight)

    def _learn(self, X, codes, sample_weight=None):
        targets = signed_targets(codes, len(self.classes_))
        self.X_fit_ = None
        if issparse(X) or sample_weight is not None or self.class_weight is not None:
            weight = compute_sample_weight(self.class_weight, self.classes_[codes])
            if sample_weight is not None:
                weight = weight * sample_weight
            ridge = Ridge(self.alpha, fit_intercept=self.fit_intercept)
            ridge.fit(X, targets, sample_weight=weight)
            self.coef_ = ridge.coef_.reshape(targets.shape[1], -1)
            self.intercept_ = np.broadcast_to(ridge.intercept_, targets.shape[1]).copy()
        else:
            self.coef_, self.intercept_ = solve_ridge(X, targets, self.alpha, self.fit_intercept)
            if self.store_rows:
                self.X_fit_, self._codes = X, codes

    def _tells_flip_costs(self):
        return self.store_rows and self.class_weight is None

    def _label_weights(self, n_copies=1):
        if self.X_fit_ is None:
            raise InvalidInputError(
                "flip_costs needs a classifier fitted with store_rows=True on dense rows without "
                "sample_weight."
            )
        rows = self.X_fit_.astype(np.float64, copy=False)
        n_rows = len(rows)
        weights, constants = _solve_for_labels(rows, self.alpha, self.fit_intercept, n_copies)
        error, error_of_weight = (
            ridge_error(rows, self.alpha, self.fit_intercept, Precision(dtype))
            for dtype in (self.X_fit_.dtype, np.float64)
        )

        def weigh(X):
            doubts = np.sqrt(n_rows) * error(X) + n_rows * error_of_weight(X)
            sums = X.astype(np.float64, copy=False) @ weights.T
            sums += constants
            return sums, doubts

        return weigh


def solve_ridge(X, targets, alpha, fit_intercept):
    """Fit least squares with a penalty on the squared coefficients.

    Parameters
    ----------
    X : C-contiguous ndarray of shape (n_rows, n_features)
        Rows, of float32 or float64.
    targets : ndarray of float64, of shape (n_rows, n_targets)
        What is to be told.
    alpha : float
        Weight of the penalty.
    fit_intercept : bool
        Whether a constant is added.

    Returns
    -------
    coefficients : ndarray of the type of X, of shape (n_targets, n_features)
        Coefficients.
    intercepts : ndarray of the type of X, of shape (n_targets,)
        What is added.
    """
    if fit_intercept:
        # any center near the mean will do, as long as the intercepts are for the same one
        center, level = np.full(len(X), 1 / len(X), dtype=X.dtype) @ X, targets.mean(axis=0)
        X = X - center
        targets = targets - level
    n_rows, n_features = X.shape
    if n_rows <= n_features:
        dual = _solve(X @ X.T, targets, alpha)
        coefficients = dual.T.astype(X.dtype) @ X
    else:
        coefficients = _solve(X.T @ X, X.T @ targets.astype(X.dtype), alpha).T.astype(X.dtype)
    if not fit_intercept:
        return coefficients, np.zeros(len(coefficients), dtype=X.dtype)
    return coefficients, (level - coefficients @ center).astype(X.dtype)


def _solve_for_labels(X, alpha, fit_intercept, n_copies):
    """Return what `solve_ridge` gives for each label if its rows alone have a target: one."""
    n_rows, n_features = X.shape
    n_labels = n_rows // n_copies
    level, center = (1 / n_labels, X.mean(axis=0)) if fit_intercept else (0.0, np.zeros(n_features))
    X = X - center
    if n_rows <= n_features:
        targets = np.tile(np.eye(n_labels), (n_copies, 1)) - level
        coefficients = _solve(X @ X.T, targets, alpha).T @ X
    else:  # less the mean of X, which is zero
        of_labels = X.reshape(n_copies, n_labels, n_features).sum(axis=0)
        coefficients = _solve(X.T @ X, of_labels.T, alpha).T
    return coefficients, level - coefficients @ center


def _solve(gram, right, alpha):
    gram, right = gram.astype(np.float64), right.astype(np.float64)
    gram.flat[:: len(gram) + 1] += alpha
    _, solution, failed = dposv(gram, right)
    # without a penalty there may be many solutions: the shortest, as scikit-learn has it
    return np.linalg.lstsq(gram, right, rcond=None)[0] if failed else solution
