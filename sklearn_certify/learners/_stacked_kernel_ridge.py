"""Kernel ridge on one-hot labels, of many voters at once."""

from copy import copy
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from scipy.linalg.lapack import dposv
from sklearn.base import BaseEstimator, ClassifierMixin

from .._compat import Interval, StrOptions
from ._fit_each import FitEachMixin
from ._flip_costs import FlipCostsMixin
from ._score_errors import Precision, kernel_ridge_error
from ._scored import ScoredMixin, signed_targets
from ._stacked import StackedClassifierMixin

__all__ = ["StackedKernelRidgeClassifier"]

_ROWS = 128  # queries in one product


class StackedKernelRidgeClassifier(
    FitEachMixin,
    FlipCostsMixin,
    ScoredMixin,
    StackedClassifierMixin,
    ClassifierMixin,
    BaseEstimator,
):
    """Kernel ridge regression on one-hot labels, of which ensembles fit thousands at once.

    Where it is known which rows are alike, a kernel makes more of a few rows than what is linear in
    the features. A vote costs as many steps as the voter has rows, where `StackedRidgeClassifier`
    takes as many as there are classes.

    Parameters
    ----------
    alpha : float, default=0.01
        Strength of the regularization: what is added to the kernel of a row with itself, which is
        one for "rbf".
    kernel : {"rbf", "polynomial", "linear"}, default="rbf"
        How alike two rows x and z are: ``exp(-gamma * ||x - z||**2)``,
        ``(gamma * x @ z + coef0)**degree`` or ``x @ z``.
    gamma : float or "scale", default="scale"
        Scale of "rbf" and "polynomial". "scale" is one over the mean of ``||x - z||**2``, or of
        ``x @ x``, among the rows of `fit`.
    degree : int, default=2
        Degree of "polynomial".
    coef0 : float, default=1.0
        Constant in "polynomial".
    fit_intercept : bool, default=True
        Whether scores have a constant term of their own, which is not regularized.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    X_fit_ : ndarray of shape (n_rows, n_features)
        The rows; for "rbf", less their mean.
    dual_coef_ : ndarray of shape (n_rows, 1) or (n_rows, n_classes)
        Weight of each row; in the score of the second class alone if there are two.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        What is added.
    gamma_ : float
        The scale.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if all are texts.

    See Also
    --------
    StackedRidgeClassifier : The linear kernel, where features are few or voters many.
    sklearn.kernel_ridge.KernelRidge : Kernel ridge regression on any targets, without a constant.

    Notes
    -----
    Rows are multiplied in their own type, float32 or float64, and the weights are solved for in
    float64. Rows must be dense.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.learners import StackedKernelRidgeClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> dpa = DPAClassifier(StackedKernelRidgeClassifier(), n_partitions=40)
    >>> round(dpa.fit(X[:1500], y[:1500]).certified_accuracy(X[1500:], y[1500:], 5), 2)
    0.82
    """

    _parameter_constraints: ClassVar[dict] = {
        "alpha": [Interval(Real, 0, None, closed="left")],
        "kernel": [StrOptions({"rbf", "polynomial", "linear"})],
        "gamma": [StrOptions({"scale"}), Interval(Real, 0, None, closed="neither")],
        "degree": [Interval(Integral, 1, None, closed="left")],
        "coef0": [Interval(Real, 0, None, closed="left")],
        "fit_intercept": ["boolean"],
    }
    _form_of_queries: ClassVar[dict] = {"order": "C"}

    def __init__(
        self,
        alpha=0.01,
        *,
        kernel="rbf",
        gamma="scale",
        degree=2,
        coef0=1.0,
        fit_intercept=True,
    ):
        self.alpha = alpha
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.fit_intercept = fit_intercept

    def _learn(self, X, codes):
        n_rows = len(X)
        if self.kernel == "rbf":  # squares of small numbers differ little where X is far from 0
            self._center = np.full(n_rows, 1 / n_rows, dtype=X.dtype) @ X
            X = X - self._center
        self.X_fit_, self._codes = X, codes
        self._squares = squares = np.einsum("rf,rf->r", X, X)
        self.gamma_ = self._scale(squares)
        gram = self._alike(X @ X.T, squares).astype(np.float64)
        precision = n_rows * np.finfo(X.dtype).eps  # of the kernels, relative
        targets = signed_targets(codes, len(self.classes_))
        weights, intercepts = _solve(gram, targets, self.alpha, self.fit_intercept, precision)
        self.dual_coef_, self.intercept_ = weights.astype(X.dtype), intercepts.astype(X.dtype)

    def _scale(self, squares):
        if self.kernel == "linear":
            return 1.0
        if self.gamma != "scale":
            return float(self.gamma)
        # the mean squared distance of two rows is twice the mean square of centred ones
        spread = float(squares.mean(dtype=np.float64)) * (2 if self.kernel == "rbf" else 1)
        return 1 / spread if 0 < spread < np.inf else 1.0

    def _alike(self, products, squares):
        """Turn inner products with the rows into kernels; they are written to.

        `squares` are the others' products with themselves.
        """
        if self.kernel == "linear":
            return products
        if self.kernel == "polynomial":
            products *= products.dtype.type(self.gamma_)
            products += products.dtype.type(self.coef0)
            kernels = products.copy()
            for _ in range(self.degree - 1):
                kernels *= products
            return kernels
        products *= -2
        products += squares[:, np.newaxis]
        products += self._squares
        np.maximum(products, 0, out=products)
        products *= products.dtype.type(-self.gamma_)
        return np.exp(products, out=products)

    def _scores(self, X):
        """Return the scores of the targets, of shape (n_samples, n_targets).

        All products of a voter have one shape, however many queries there are.
        """
        dtype = np.result_type(X.dtype, self.X_fit_.dtype)
        scores = np.empty((len(X), len(self.intercept_)), dtype=dtype)
        block = np.zeros((_ROWS, X.shape[1]), dtype=dtype)
        for start in range(0, len(X), _ROWS):
            rows = X[start : start + _ROWS]
            block[: len(rows)] = rows
            block[len(rows) :] = 0
            if self.kernel == "rbf":
                block -= self._center
            squares = np.einsum("rf,rf->r", block, block)
            kernels = self._alike(block @ self.X_fit_.T, squares)
            scores[start : start + _ROWS] = (kernels @ self.dual_coef_)[: len(rows)]
        return scores + self.intercept_

    def _label_weights(self, n_copies=1):
        n_rows = len(self.X_fit_)
        double = copy(self)  # in double precision, with a target for each label
        double.X_fit_ = rows = self.X_fit_.astype(np.float64)
        double._squares = np.einsum("rf,rf->r", rows, rows)
        if self.kernel == "rbf":
            double._center = self._center.astype(np.float64)
        gram = double._alike(rows @ rows.T, double._squares)
        targets = np.tile(np.eye(n_rows // n_copies), (n_copies, 1))
        double.dual_coef_, double.intercept_ = _solve(
            gram, targets, self.alpha, self.fit_intercept, n_rows * np.finfo(float).eps
        )
        precisions = Precision(self.X_fit_.dtype), Precision(np.float64)
        reach = np.sqrt(double._squares.max())
        errors = []
        for precision in precisions:
            largest, gram_error = double._kernel_bounds(reach, reach, precision)
            errors.append(kernel_ridge_error(gram, self.alpha, largest, gram_error, precision))

        def weigh(X):
            X = X.astype(np.float64)
            lengths = np.linalg.norm(X - double._center if self.kernel == "rbf" else X, axis=1)
            error, error_of_weight = (
                error(*double._kernel_bounds(lengths, reach, precision))
                for error, precision in zip(errors, precisions, strict=True)
            )
            return double._scores(X), np.sqrt(n_rows) * error + n_rows * error_of_weight

        return weigh

    def _kernel_bounds(self, lengths, reach, precision):
        """Return kernels of rows with themselves, and how far off those with others may be.

        `lengths` are the norms of the rows, and those of the others are at most `reach`.
        """
        n_products = self.X_fit_.shape[1]
        if self.kernel == "rbf":
            exponent = self.gamma_ * (n_products + 12) * precision.unit * (lengths + reach) ** 2
            off = np.where(exponent < 0.1, exponent + 16 * precision.unit, np.inf)
            return np.ones_like(lengths), off
        gamma, coef0, degree = self.gamma_, self.coef0, self.degree
        if self.kernel == "linear":
            gamma, coef0, degree = 1.0, 0.0, 1
        relative = degree * (n_products + 8) * precision.unit
        off = (gamma * lengths * reach + coef0) ** degree * (relative if relative < 0.1 else np.inf)
        return (gamma * lengths**2 + coef0) ** degree, off

    def stack_width(self):
        """Return how many voters are asked together: one, as nothing is shared among them.

        Returns
        -------
        int
        """
        return 1

    def score_stack(self, voters, X, classes):
        scores = np.full((len(voters), len(X), len(classes)), -np.inf)
        for voter, own in zip(voters, scores, strict=True):
            if voter is not None:
                known = voter._scores(X)
                known = np.hstack([-known, known]) if known.shape[1] == 1 else known
                own[:, np.searchsorted(classes, voter.classes_)] = known
        return scores


def _solve(gram, targets, alpha, fit_intercept, precision):
    """Return weights of the rows, and constants."""
    largest = gram.diagonal().max()
    if fit_intercept:  # kernels and targets less their means; the weights add up to zero then
        means, level = gram.mean(axis=0), targets.mean(axis=0)
        gram = gram - means - means[:, np.newaxis] + means.mean()
        targets = targets - level
    failed = True
    if alpha > precision * largest:
        gram.flat[:: len(gram) + 1] += alpha
        _, weights, failed = dposv(gram, targets)
    if failed:  # there may be many solutions: the shortest
        weights = np.linalg.lstsq(gram, targets, rcond=precision)[0]
    return weights, level - means @ weights if fit_intercept else np.zeros(weights.shape[1])
