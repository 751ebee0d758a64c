"""What both nearest-neighbour classifiers share: training rows, labels, votes."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import Integral, StrOptions, _fit_context
from ..base import CertifiedClassifierMixin, all_or_nothing, resolve_classes
from ..exceptions import InvalidInputError
from ..partition import canonical_order, hash_labels, hash_rows
from ..threat import THREAT_MODELS
from ._distances import METRICS
from ._training_rows import TrainingRows

__all__ = ["NeighborsClassifier"]


class NeighborsClassifier(CertifiedClassifierMixin, ClassifierMixin, BaseEstimator):
    """Base class of the classifiers in which the training rows near a query vote.

    A subclass names its parameters, counts the votes (`_count`) and certifies them
    (`_predict_certified`).
    """

    _parameter_constraints: ClassVar[dict] = {
        "metric": [StrOptions(set(METRICS)), callable],
        "metric_params": [dict, None],
        "threat_model": [StrOptions(set(THREAT_MODELS))],
        "classes": ["array-like", None],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    @abstractmethod
    def _count(self, queries):
        """Return the votes for each class, int64 of shape (n_samples, n_classes)."""

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Keep the training rows, in an order that follows from their content.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_rows, n_features)
            Training rows: finite numbers.
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
            If X is sparse.
        InvalidInputError
            If y holds labels that `classes` lacks, or the metric cannot compare these rows.
        """
        with all_or_nothing(self):
            return self._fit(X, y)

    def _fit(self, X, y):
        X, y = validate_data(self, X, y, dtype=np.float64, order="C")
        check_classification_targets(y)
        labels = resolve_classes(y, self.classes)  # that a training row may have
        classes = self._resolve_classes(labels)
        order = canonical_order(hash_rows(X), hash_labels(y))
        self._training_rows = TrainingRows(
            X[order],
            np.searchsorted(classes, y[order]).astype(np.int64),
            len(classes),
            self.metric,
            self.metric_params,
        )
        self.classes_ = classes
        self.n_samples_fit_ = len(X)
        # what certificates rest on is what fit did, whatever set_params says since
        self._labels_are_fixed = self.classes is not None
        return self

    def _resolve_classes(self, labels):
        """Return the labels that may be predicted, sorted."""
        return labels

    def _fixed_by_fit(self):
        """Return the parameters that must not change after ``fit``, with their values then."""
        rows = self._training_rows
        return {"metric": rows.metric, "metric_params": rows.metric_params}

    def _queries(self, X):
        """Return query rows as the kernels take them; set_params may have changed parameters."""
        check_is_fitted(self)
        self._validate_params()
        for name, fitted in self._fixed_by_fit().items():
            value = getattr(self, name)
            if value is not fitted and (isinstance(value, dict) or value != fitted):
                raise InvalidInputError(
                    f"{name} is {value!r} but was {fitted!r} in fit, on which all votes rest; "
                    "call fit again."
                )
        X = validate_data(self, X, dtype=np.float64, order="C", reset=False)
        return np.require(X, requirements="W")  # each kind of array takes a kernel of its own

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

    def _winners(self, counts):
        """Return the index of the predicted class of each row."""
        return counts.argmax(axis=1)
