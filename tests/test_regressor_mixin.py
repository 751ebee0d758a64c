"""What the mixin gives a regressor that brings no more than it must."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import NotFittedError

from sklearn_certify.base_regression import CertifiedRegressorMixin
from sklearn_certify.exceptions import InvalidInputError


class AlwaysTheSame(CertifiedRegressorMixin, RegressorMixin, BaseEstimator):
    """Predicts the same number whatever the rows are; each unit of poison moves it by one."""

    def __init__(self, number=0.0, threat_model="insert_delete"):
        self.number = number
        self.threat_model = threat_model

    def fit(self, X, y):
        self.number_ = self.number
        self._keep_parameters()
        return self

    def predict(self, X):
        return np.full(len(X), self.number_)

    def _predict_intervals(self, X, poison_sizes):
        self._check_parameters()
        low = self.number_ - np.tile(poison_sizes.astype(float), (len(X), 1))
        return low, 2 * self.number_ - low

    def _radii_within(self, X, low, high):
        self._check_parameters()
        room = np.floor(np.minimum(self.number_ - low, high - self.number_))
        return np.maximum(np.minimum(room, 1000), -1).astype(np.int64)


X = np.zeros((3, 1))


@pytest.fixture
def fitted():
    return AlwaysTheSame(2.0).fit(X, [0, 0, 0])


def test_intervals_have_the_shape_of_the_poison_sizes(fitted):
    assert fitted.predict_interval(X, 1).tolist() == [[1, 3]] * 3
    assert fitted.predict_interval(X, [0, 2]).tolist() == [[[2, 0], [2, 4]]] * 3
    assert fitted.predict_interval(X, [2]).shape == (3, 2, 1)
    assert fitted.certified_interval_width(X, 1).tolist() == [2] * 3
    assert fitted.certified_interval_width(X, [0, 1]).tolist() == [[0, 2]] * 3


def test_radii_within_a_tolerance_of_the_truth(fitted):
    y = [2.0, 1.0, 9.0]
    assert fitted.certified_radius(X, y, 1).tolist() == [1, 0, -1]
    assert fitted.certified_radius(X, y, [2.5, 0.5, np.inf]).tolist() == [2, -1, 1000]
    assert fitted.certify(X, y, 1, 1).tolist() == [True, False, False]
    assert fitted.certify(X, y, [0, 1], 1).tolist() == [[True, True], [True, False], [False] * 2]
    assert fitted.certified_accuracy(X, y, 1, tolerance=1) == pytest.approx(1 / 3)
    accuracy = fitted.certified_accuracy(X, y, [0, 1, 2], tolerance=1)
    np.testing.assert_allclose(accuracy, [2 / 3, 1 / 3, 0])


@pytest.mark.parametrize(
    "use",
    [
        lambda r: r.predict_interval(X, 1),
        lambda r: r.certified_interval_width(X, 1),
        lambda r: r.certified_radius(X, [0, 0, 0], 1),
        lambda r: r.certify(X, [0, 0, 0], 1, 1),
        lambda r: r.certified_accuracy(X, [0, 0, 0], 1, tolerance=1),
    ],
)
def test_unfitted_use_is_refused(use):
    with pytest.raises(NotFittedError):
        use(AlwaysTheSame())


def test_parameters_of_fit_are_fixed(fitted):
    assert fitted.set_params(threat_model="modify").predict_interval(X, 0).shape == (3, 2)
    with pytest.raises(InvalidInputError, match=r"number is 1 but was 2\.0 in fit"):
        fitted.set_params(number=1).predict_interval(X, 0)


def test_what_makes_no_sense_is_refused(fitted):
    with pytest.raises(InvalidInputError, match="poison_size"):
        fitted.predict_interval(X, -1)
    with pytest.raises(InvalidInputError, match="poison_size"):
        fitted.certify(X, [0, 0, 0], 0.5, 1)
    for tolerance in (-1, np.nan, "much", [1, 2], [[1, 2, 3]]):
        with pytest.raises(InvalidInputError, match="tolerance"):
            fitted.certified_radius(X, [0, 0, 0], tolerance)
    for y in ([0, np.nan, 0], [0, 0, np.inf], ["a", "b", "c"], [[0, 0], [0, 0], [0, 0]]):
        with pytest.raises(InvalidInputError, match="y "):
            fitted.certified_radius(X, y, 1)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        fitted.certified_radius(X, [0, 0], 1)
