"""What both nearest-neighbour classifiers share: training rows, labels, votes."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from joblib import effective_n_jobs
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted

from .._compat import HasMethods, Hidden, Integral, StrOptions, _fit_context
from .._rows import (
    check_labels,
    check_number_rows,
    check_rows,
    warn_of_fingerprints,
)
from .._steps import RowTransformerMixin
from .._user_warnings import warn_user
from ..base import (
    CertifiedClassifierMixin,
    all_or_nothing,
    resolve_classes,
    shares_of_counts,
)
from ..exceptions import InvalidInputError
from ..partition import ExactContent, canonical_order, hash_labels, hash_rows
from ..threat import THREAT_MODELS
from ._search import METRICS, TrainingRows

__all__ = ["NeighborsClassifier"]


class NeighborsClassifier(
    RowTransformerMixin, CertifiedClassifierMixin, ClassifierMixin, BaseEstimator
):
    """Base class of the classifiers in which the training rows near a query vote.

    A subclass names its parameters, counts the votes (`_count`) and certifies them
    (`_predict_certified`).
    """

    _parameter_constraints: ClassVar[dict] = {
        "metric": [StrOptions(set(METRICS)), callable],
        "metric_params": [dict, None],
        "transformer": [HasMethods(["fit", "transform"]), None],
        "threat_model": [StrOptions(set(THREAT_MODELS))],
        "classes": ["array-like", None],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
        "random_state": ["random_state", Hidden(StrOptions({"deprecated"}))],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*CertifiedClassifierMixin._may_change_after_fit, "random_state"}
    )

    @abstractmethod
    def _count(self, queries):
        """Return the votes for each class, int64 of shape (n_samples, n_classes)."""

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
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

    def _check_rows(self, X, *, reset):
        """Return rows as they come, checked: without a transformer they must be numbers."""
        fitted = None if reset else self._row_form
        if self._row_transformer is None:
            X, self._row_form = check_number_rows(self, X, fitted)
        else:  # a transformer decides for itself which rows it takes, as a composite does
            X, self._row_form = check_rows(self, X, self, fitted)
        return X

    def _numbers(self, X):
        """Return what distances are computed of: a C-ordered float64 table of finite numbers."""
        if self._row_transformer is None:
            return X
        rows = self._transform_rows(X)
        if issparse(rows):
            rows = rows.toarray()
        elif np.ndim(rows) > 2:
            rows = np.reshape(rows, (len(rows), -1))
        try:
            return check_array(rows, dtype=np.float64, order="C")
        except ValueError as error:
            raise InvalidInputError(
                f"{type(self).__name__} compares rows of finite numbers, which transformer does "
                f"not make of these: {error}"
            ) from error

    def _resolve_classes(self, labels):
        """Return the labels that may be predicted, sorted."""
        return labels

    def _queries(self, X):
        """Return query rows as the kernels take them; set_params may have changed parameters."""
        check_is_fitted(self)
        self._check_parameters()
        X = self._numbers(self._check_rows(X, reset=False))
        return np.require(X, requirements="W")  # each kind of array takes a kernel of its own

    def _n_threads(self):
        """Return how many threads count votes, by joblib's meaning of `n_jobs`."""
        return effective_n_jobs(self.n_jobs)

    def _queries_to_list(self, X):
        """Return query rows, and which training row each of them is if X is None."""
        if X is not None:
            return self._queries(X), None
        check_is_fitted(self)
        self._check_parameters()
        own = np.empty_like(self._order)
        own[self._order] = np.arange(len(own))
        return np.require(self._training_rows.rows[own], requirements="W"), own

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

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = self._input_tags_of_transformer(tags.input_tags)
        return tags
