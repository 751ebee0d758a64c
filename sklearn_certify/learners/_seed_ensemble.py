"""Several seeds of one estimator, which answer together."""

from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import check_random_state, column_or_1d, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._compat import HasMethods, Integral, Interval, _fit_context
from .._compute.seeds import LARGEST_SEED, fit_seeded_clone
from ._delegated_stack import DelegatedStackMixin
from ._mean_scores import (
    estimator_has,
    labels_of_scores,
    mean_scores,
    score_method,
)
from ._stacked_ridge import StackedRidgeClassifier

__all__ = ["SeedEnsembleClassifier"]


class SeedEnsembleClassifier(
    DelegatedStackMixin, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Fit an estimator with several seeds, and add up what the fits say.

    A `DPAClassifier` of such voters is what experiments with run-off elections call DPA* [1]_: the
    poison in one part of the training rows still reaches a single voter, and each voter is better.

    Parameters
    ----------
    estimator : classifier, default=None
        One that draws random numbers, with `predict_proba` or `decision_function`; without random
        numbers all fits are the same. None: `StackedRidgeClassifier`, which has none.
    n_seeds : int, default=5
        Number of fits.
    random_state : int, RandomState instance or None, default=None
        What their seeds are drawn from. An ensemble gives each voter a number of its own.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels.
    estimators_ : list of fitted classifier
        The fits.
    n_features_in_ : int
        Number of columns of X, if the estimator tells.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, if X is a table and the estimator tells.

    See Also
    --------
    sklearn.ensemble.VotingClassifier : Several different estimators.

    References
    ----------
    .. [1] K. Rezaei, K. Banihashem, A. Chegini, S. Feizi, "Run-Off Election: Improved Provable
       Defense against Data Poisoning Attacks", ICML 2023.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.learners import SeedEnsembleClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> tree = DecisionTreeClassifier(max_features=5)
    >>> for voter in (tree, SeedEnsembleClassifier(tree, n_seeds=10)):
    ...     dpa = DPAClassifier(voter, n_partitions=20).fit(X[:1000], y[:1000])
    ...     print(round(dpa.certified_accuracy(X[1000:], y[1000:], 2), 2))
    0.55
    0.76
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "n_seeds": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(self, estimator=None, *, n_seeds=5, random_state=None):
        self.estimator = estimator
        self.n_seeds = n_seeds
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Fit the estimator with each seed.

        Parameters
        ----------
        X : {array-like, sparse matrix, table} of shape (n_rows, ...)
            Rows, whatever `estimator` takes.
        y : array-like of shape (n_rows,)
            Labels.

        Returns
        -------
        self : object

        Raises
        ------
        InvalidInputError
            If `estimator` does not score classes.
        """
        y = column_or_1d(y, warn=True)
        estimator = self._get_estimator()
        self._set_parts([fit_seeded_clone(estimator, X, y, seed) for seed in self._draw_seeds()])
        score_method(self)
        for name in ("n_features_in_", "feature_names_in_"):
            vars(self).pop(name, None)
            if hasattr(self.estimators_[0], name):
                setattr(self, name, getattr(self.estimators_[0], name))
        return self

    def _draw_seeds(self):
        draws = check_random_state(self.random_state)
        return draws.randint(LARGEST_SEED, size=self.n_seeds).tolist()

    def _get_estimator(self):
        return StackedRidgeClassifier() if self.estimator is None else self.estimator

    def predict(self, X):
        """Predict the label of the highest mean score.

        Parameters
        ----------
        X : {array-like, sparse matrix, table} of shape (n_samples, ...)
            Queries.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        check_is_fitted(self)
        scores = self._mean_scores(score_method(self), X)
        return labels_of_scores(scores, self.estimators_[0], X)

    @available_if(estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Return the mean probability of every class.

        Parameters
        ----------
        X : {array-like, sparse matrix, table} of shape (n_samples, ...)
            Queries.

        Returns
        -------
        ndarray of float64, of shape (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return self._mean_scores("predict_proba", X)

    @available_if(estimator_has("decision_function"))
    def decision_function(self, X):
        """Return the mean decision values.

        Parameters
        ----------
        X : {array-like, sparse matrix, table} of shape (n_samples, ...)
            Queries.

        Returns
        -------
        ndarray of float64, of shape (n_samples,) or (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return self._mean_scores("decision_function", X)

    def _mean_scores(self, method, X):
        check_is_fitted(self)
        return mean_scores(getattr(fitted, method)(X) for fitted in self.estimators_)

    def _samples_of_parts(self, X, y, seed):
        return [(X, y, drawn) for drawn in self._draw_seeds()]

    def _set_parts(self, parts):
        self.estimators_ = parts
        self.classes_ = np.asarray(parts[0].classes_)

    def _parts(self):
        return self.estimators_

    def _questions(self, X):
        return [self._get_estimator().rows_for_stack(X)]

    def _rows_of_parts(self, X):
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        base = get_tags(self._get_estimator()).input_tags
        tags.input_tags.sparse = base.sparse
        tags.input_tags.allow_nan = base.allow_nan
        tags.input_tags.string = base.string
        tags.input_tags.three_d_array = base.three_d_array
        return tags
