"""Voters whose estimator takes labels 0, 1, 2, ... only."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils.metaestimators import available_if

__all__ = ["EncodedLabelsClassifier", "knows_labels"]


def _estimator_has(method):
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class EncodedLabelsClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """A classifier that learns the positions of its labels, and tells the labels.

    Parameters
    ----------
    estimator : classifier
        Left as it is.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels of its rows, sorted.
    estimator_ : fitted classifier
        Its labels are positions in ``classes_``.
    """

    def __init__(self, estimator):
        self.estimator = estimator

    def fit(self, X, y):
        """Fit a clone of the estimator on the positions of the labels."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.estimator_ = clone(self.estimator).fit(X, codes)
        return self

    def predict(self, X):
        """Predict labels."""
        codes = np.asarray(self.estimator_.predict(X))
        codes = codes.reshape(len(codes)).astype(np.intp)
        if (codes < 0).any():  # what stands for no label in some libraries
            raise ValueError(f"it predicted {codes.min()}, which is no position of a label")
        if (codes >= len(self.classes_)).any():  # an output that no row has trained
            codes = self.predict_proba(X).argmax(axis=1)
        return self.classes_[codes]

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Return the probability of each label."""
        return np.asarray(self.estimator_.predict_proba(X))[:, : len(self.classes_)]

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X):
        """Return the decision values of the labels."""
        return np.asarray(self.estimator_.decision_function(X))


def knows_labels(fitted, labels):
    """Say whether a classifier speaks of labels as they are, as far as its ``classes_`` tell.

    Parameters
    ----------
    fitted : fitted classifier
        Some turn truth values into texts.
    labels : ndarray of shape (n_classes,)
        The labels of its rows.

    Returns
    -------
    bool
    """
    try:
        return set(labels.tolist()) <= set(np.asarray(fitted.classes_).tolist())
    except (AttributeError, TypeError, ValueError):  # no list of labels
        return True
