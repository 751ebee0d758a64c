"""What the mixin gives a classifier that brings no more than it must."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from sklearn_certify.base import CertifiedClassifierMixin, all_or_nothing
from sklearn_certify.exceptions import InvalidInputError


class AlwaysTheFirst(CertifiedClassifierMixin, ClassifierMixin, BaseEstimator):
    """Predicts one label whatever the rows are, and is right to say that nothing changes that."""

    def __init__(self, label=0, threat_model="insert_delete"):
        self.label = label
        self.threat_model = threat_model

    def fit(self, X, y):
        with all_or_nothing(self):
            self.classes_ = np.array([self.label])
            self._keep_parameters()
        return self

    def predict(self, X):
        return self.classes_[self._predict_certified(X)[0]]

    def _predict_certified(self, X):
        self._check_parameters()
        return np.zeros(len(X), dtype=np.int64), np.full(len(X), 7)


def test_parameters_need_no_constraints():
    classifier = AlwaysTheFirst().fit(np.zeros((3, 1)), [0, 0, 0])
    assert classifier.certified_radius(np.zeros((2, 1))).tolist() == [7, 7]
    assert classifier.set_params(threat_model="modify").certify(np.zeros((1, 1)), 7).all()
    with pytest.raises(InvalidInputError, match="label is 1 but was 0 in fit"):
        classifier.set_params(label=1).predict(np.zeros((1, 1)))


def test_whoever_gets_the_target_changes_the_prediction():
    classifier = AlwaysTheFirst().fit(np.zeros((3, 1)), [0, 0, 0])
    assert classifier.certified_radius(np.zeros((2, 1)), target=0).tolist() == [-1, -1]
    assert classifier.certified_radius(np.zeros((2, 1)), target=5).tolist() == [7, 7]
    assert classifier.certify(np.zeros((1, 1)), [7, 8], target=5).tolist() == [[True, False]]
