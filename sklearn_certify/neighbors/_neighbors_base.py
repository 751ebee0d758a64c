"""What both nearest-neighbour classifiers share: training rows, labels, votes."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_consistent_length

from .._compat import Hidden, StrOptions, _fit_context
from .._rows import check_labels, warn_of_fingerprints
from .._user_warnings import warn_user
from ..base import (
    CertifiedClassifierMixin,
    all_or_nothing,
    resolve_classes,
    shares_of_counts,
)
from ..partition import ExactContent, canonical_order, hash_labels, hash_rows
from ._rows_near import RowsNearMixin
from ._search import TrainingRows

__all__ = ["NeighborsClassifier"]


class NeighborsClassifier(RowsNearMixin, CertifiedClassifierMixin, ClassifierMixin, BaseEstimator):
    """Base class of the classifiers in which the training rows near a query vote.

    A subclass names its parameters, counts the votes (`_count`) and certifies them
    (`_predict_certified`).
    """

    _parameter_constraints: ClassVar[dict] = {
        **RowsNearMixin._parameter_constraints,
        "classes": ["array-like", None],
        "random_state": ["random_state", Hidden(StrOptions({"deprecated"}))],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*CertifiedClassifierMixin._may_change_after_fit, "random_state"}
    )

    @abstractmethod
    def _count(self, queries):
        """Return the votes for each class, int64 of shape (n_samples, n_classes)."""

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Keep the training rows, in an order that follows from their content.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_rows, n_features)
            Training rows: finite numbers. With a `transformer` whatever it makes such rows of:
            images of any shape, texts, tables, sparse rows.
        y : array-like of shape (n_rows,)
            Labels.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If X or y holds what is no finite number or no label.
        TypeError
            If X is sparse, and there is no transformer that takes it.
        InvalidInputError
            If y holds labels that `classes` lacks, the metric cannot compare these rows, or the
            transformer fails on a row.
        UnsoundPipelineError
            If the transformer still has something to learn.
        """
        if self.random_state != "deprecated":
            warn_user(
                f"random_state has no effect on {type(self).__name__}, which draws nothing at "
                "random, and goes in version 0.3; leave it out.",
                FutureWarning,
            )
        with all_or_nothing(self):
            return self._fit(X, y)

    def _fit(self, X, y):
        self._fit_transformer()
        X = self._check_rows(X, reset=True)
        y = check_labels(self, y)
        check_consistent_length(X, y)
        warn_of_fingerprints(X, y, self.threat_model)
        labels = resolve_classes(y, self.classes)  # that a training row may have
        classes = self._resolve_classes(labels)
        order = canonical_order(hash_rows(X), hash_labels(y), ExactContent(X, y))
        self._order = order
        self._training_rows = TrainingRows(
            self._numbers(X)[order],
            np.searchsorted(classes, y[order]).astype(np.int64),
            len(classes),
            self.metric,
            self.metric_params,
        )
        self.classes_ = classes
        self.n_samples_fit_ = len(y)
        # what certificates rest on is what fit did, whatever set_params says since
        self._labels_are_fixed = self.classes is not None
        self._keep_parameters()
        return self

    def _resolve_classes(self, labels):
        """Return the labels that may be predicted, sorted."""
        return labels

    def vote_counts(self, X):
        """Count the votes for every class on every row.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Query rows.

        Returns
        -------
        ndarray of int64, of shape (n_samples, n_classes)
            Training rows of each class that vote on the query.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return self._count(self._queries(X))

    def predict(self, X):
        """Predict the label with most votes; ties go to the first in ``classes_``.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Query rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        counts = self.vote_counts(X)
        return self.classes_[self._winners(counts)]

    def _vote_shares(self, X):
        counts = self.vote_counts(X)
        return shares_of_counts(counts, self._winners(counts))

    def _winners(self, counts):
        """Return the index of the predicted class of each row."""
        return counts.argmax(axis=1)
