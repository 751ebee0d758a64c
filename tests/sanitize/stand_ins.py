"""A filter and a classifier that do something simple and remember what they were given."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from sklearn_certify.sanitize._base import TrainingSetFilter


class EveryNth(TrainingSetFilter):
    """Drop every n-th row, or all rows of a class; takes any rows and remembers its weights."""

    _parameter_constraints = {"n": [int], "drop_class": "no_validation"}  # noqa: RUF012

    def __init__(self, n=5, drop_class=None):
        self.n = n
        self.drop_class = drop_class

    def fit(self, X, y, sample_weight=None):
        self.weights_ = sample_weight
        return super().fit(X, y)

    def _check_rows(self, X):
        return X

    def _keep_rows(self, X, y):
        keep = np.arange(len(y)) % self.n != 0
        if self.drop_class is not None:
            keep &= self.classes_[y] != self.drop_class
        return keep


class Recorder(ClassifierMixin, BaseEstimator):
    """Remember what it was given."""

    def fit(self, X, y, sample_weight=None, note=None, per_row=None):
        self.classes_ = np.unique(y)
        self.seen_ = {"X": X, "y": y, "weights": sample_weight, "note": note, "per_row": per_row}
        return self

    def predict(self, X, shift=0):
        return np.full(len(X), self.classes_[shift])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
