"""What classifiers share whose estimator learns from rows and copies of them."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import HasMethods, _fit_context
from ._delegated_stack import DelegatedStackMixin
from ._flip_costs import FlipCostsMixin, offers_flip_costs
from ._mean_scores import (
    estimator_has,
    labels_of_scores,
    mean_scores,
    score_method,
)
from ._stacked_linear import StackedLinearClassifier
from ._stacked_ridge import StackedRidgeClassifier

__all__ = ["TrainedOnCopiesClassifier", "mean_of_copies"]


class TrainedOnCopiesClassifier(
    DelegatedStackMixin, ClassifierMixin, MetaEstimatorMixin, BaseEstimator
):
    """Base class: a subclass says what the copies of rows are (`_fit_copies`, `_copies`)."""

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "keep_original": ["boolean"],
        "test_time_augmentation": ["boolean"],
    }

    @abstractmethod
    def _fit_copies(self, X):
        """Learn what copies depend on, and return them, of shape (n_rows, 1 + n_copies, ...)."""

    @abstractmethod
    def _copies(self, X):
        """Return queries and their copies, of shape (n_samples, 1 + n_copies, ...)."""

    @abstractmethod
    def _originals(self, X):
        """Return queries without copies, as the estimator gets them."""

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Fit the estimator on rows and copies.

        Parameters
        ----------
        X : array-like of shape (n_rows, ...)
            Rows.
        y : array-like of shape (n_rows,)
            Labels; a copy has that of its row.

        Returns
        -------
        self : object

        Raises
        ------
        InvalidInputError
            If scores are to be averaged (`test_time_augmentation`) and `estimator` has none.
        """
        X, y = validate_data(self, X, y, dtype="numeric", allow_nd=True, ensure_all_finite=False)
        check_classification_targets(y)
        self._set_parts([clone(self._get_estimator()).fit(*self._training_rows(X, y))])
        if self.test_time_augmentation:
            score_method(self)
        return self

    def _training_rows(self, X, y):
        """Return all rows, then the first copy of each, then the second, and their labels."""
        copies = self._fit_copies(X)
        if not self.keep_original and copies.shape[1] > 1:
            copies = copies[:, 1:]
        self._rows_per_label = copies.shape[1]
        rows = np.ascontiguousarray(np.swapaxes(copies, 0, 1)).reshape(-1, *copies.shape[2:])
        return rows, np.tile(y, self._rows_per_label)

    def _get_estimator(self):
        return StackedRidgeClassifier() if self.estimator is None else self.estimator

    def _samples_of_parts(self, X, y, seed):
        return [(*self._training_rows(X, y), seed)]

    def _set_parts(self, parts):
        (self.estimator_,) = parts
        self.classes_ = self.estimator_.classes_

    def _parts(self):
        return [self.estimator_]

    def _rows_of_parts(self, X):
        return self._originals(X)

    def predict(self, X):
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
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
        X = self._check_queries(X)
        forms = self._forms_of_queries(X)
        if len(forms) == 1:
            return self.estimator_.predict(forms[0])
        scores = self._mean_scores(score_method(self), forms)
        return labels_of_scores(scores, self.estimator_, self._originals(X))

    @available_if(estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Return the probability of every class.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Queries.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            With `test_time_augmentation` the mean over a query and its copies.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return self._scores("predict_proba", X)

    @available_if(estimator_has("decision_function"))
    def decision_function(self, X):
        """Return the decision values.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Queries.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            With `test_time_augmentation` the mean over a query and its copies.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return self._scores("decision_function", X)

    def _tells_flip_costs(self):
        """Say whether scores are linear in the labels, each of a row and its copies together."""
        estimator = self._get_estimator()
        return (
            isinstance(estimator, FlipCostsMixin)
            and offers_flip_costs(estimator)
            and (not self.test_time_augmentation or self._scores_the_mean())
        )

    @available_if(offers_flip_costs)
    def flip_costs(self, X, classes=None):
        """Return how many training labels must change before a class may be predicted.

        A changed label is that of the row and of all its copies. No change of fewer labels, each
        to one of `classes`, lets the classifier that ``fit`` makes predict the class.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Queries.
        classes : array-like of shape (n_classes,), default=None
            All labels that there can be, sorted. None: those of ``classes_``.

        Returns
        -------
        ndarray of int32, of shape (n_samples, n_classes)
            0 for the class that is predicted now, and for those that are too close to it to tell.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        ValueError
            If `classes` lacks some of ``classes_``.
        """
        (form,) = self._forms_of_queries(self._check_queries(X))
        return self.estimator_._flip_costs(form, classes, self._rows_per_label)

    def _scores(self, method, X):
        forms = self._forms_of_queries(self._check_queries(X))
        if len(forms) == 1:
            return getattr(self.estimator_, method)(forms[0])
        return self._mean_scores(method, forms)

    def _mean_scores(self, method, forms):
        return mean_scores(getattr(self.estimator_, method)(form) for form in forms)

    def _forms_of_queries(self, X):
        """Return the forms of the queries that the estimator scores, to take the mean."""
        if not self.test_time_augmentation:
            return [self._originals(X)]
        copies = self._copies(X)
        if self._scores_the_mean():
            return [mean_of_copies(copies)]
        return [np.ascontiguousarray(copies[:, copy]) for copy in range(copies.shape[1])]

    def _scores_the_mean(self):
        """Say whether the mean of scores is the score of the mean, for all copies at once."""
        is_linear = isinstance(self._get_estimator(), StackedLinearClassifier)
        return self.test_time_augmentation and is_linear

    def _check_queries(self, X):
        check_is_fitted(self)
        return validate_data(
            self, X, reset=False, dtype="numeric", allow_nd=True, ensure_all_finite=False
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = get_tags(self._get_estimator()).input_tags.allow_nan
        tags.input_tags.three_d_array = True
        return tags


def mean_of_copies(copies):
    """Return the mean of each row and its copies.

    Parameters
    ----------
    copies : ndarray of shape (n_rows, 1 + n_copies, ...)
        Rows with copies.

    Returns
    -------
    ndarray of shape (n_rows, ...)
    """
    dtype = copies.dtype if copies.dtype.kind == "f" else np.float64
    return copies.mean(axis=1, dtype=np.float64).astype(dtype)
