"""Voters whose estimator takes labels 0, 1, 2, ... only."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils.metaestimators import available_if

from ._abstentions import abstention_labels, abstention_parameters

__all__ = ["EncodedLabelsClassifier", "knows_labels"]


def _estimator_has(method):
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class EncodedLabelsClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """A classifier that learns the positions of its labels, and tells the labels.

    Parameters
    ----------
    estimator : classifier
        Left as it is. A label with which it says "none of them" is -1 to it, unless it is one of
        the labels of its rows.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels of its rows, sorted.
    estimator_ : fitted classifier
        Its labels are positions in ``classes_``.
    abstention_label_ : label or None
        What is predicted where none of the labels is right; None if that is never said.
    """

    def __init__(self, estimator):
        self.estimator = estimator

    def fit(self, X, y):
        """Fit a clone of the estimator on the positions of the labels."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        positions = {label: position for position, label in enumerate(self.classes_.tolist())}
        nobody = abstention_parameters(self.estimator)
        estimator = clone(self.estimator)
        if nobody:
            settings = {name: positions.get(label, -1) for name, label in nobody.items()}
            estimator.set_params(**settings)
        self.estimator_ = estimator.fit(X, codes)
        self._nobody = list(set(abstention_labels(self.estimator_)) - set(positions.values()))
        strangers = [label for label in nobody.values() if label not in positions]
        self.abstention_label_ = next(iter(strangers + self._nobody), None)
        return self

    def predict(self, X):
        """Predict labels."""
        codes = np.asarray(self.estimator_.predict(X))
        codes = codes.reshape(len(codes))
        abstains = np.isin(codes, self._nobody)
        codes = np.where(abstains, 0, codes).astype(np.intp)
        if (codes < 0).any():  # what stands for no label in some libraries
            raise ValueError(f"it predicted {codes.min()}, which is no position of a label")
        beyond = codes >= len(self.classes_)
        if beyond.any():  # an output that no row has trained
            codes[beyond] = self.predict_proba(X)[beyond].argmax(axis=1)
        labels = self.classes_[codes]
        return (
            np.where(abstains, self.abstention_label_, labels.astype(object))
            if abstains.any()
            else labels
        )

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Return the probability of each label; zeros where none is right."""
        values = self._of_own_labels(self.estimator_.predict_proba(X), 0.0)
        return values[:, : len(self.classes_)]

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X):
        """Return the decision values of the labels."""
        return self._of_own_labels(self.estimator_.decision_function(X), -np.inf)

    def _of_own_labels(self, values, silence):
        """Leave out the column of a class that stands for "none of them"."""
        values = np.asarray(values)
        stands_for_none = np.isin(getattr(self.estimator_, "classes_", ()), self._nobody)
        if not stands_for_none.any() or values.shape[1:] != stands_for_none.shape:
            return values
        abstains = stands_for_none[values.argmax(axis=1)]
        return np.where(abstains[:, np.newaxis], silence, values[:, ~stands_for_none])


def knows_labels(fitted, labels):
    """Say whether a classifier speaks of labels as they are, as far as its ``classes_`` tell.

    Parameters
    ----------
    fitted : fitted classifier
        Some turn truth values into texts.
    labels : ndarray of shape (n_labels,)
        The labels of its rows, once or several times.

    Returns
    -------
    bool
    """
    try:
        return set(labels.tolist()) <= set(np.asarray(fitted.classes_).tolist())
    except (AttributeError, TypeError, ValueError):  # no list of labels
        return True
