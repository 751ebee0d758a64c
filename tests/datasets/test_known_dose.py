"""Tasks of known lethal dose: their distributions are the paper's, and so are the distances."""

import numpy as np
import pytest
from scipy.stats import norm

from sklearn_certify.datasets import (
    make_bijection_uncovering,
    make_instance_memorization,
    make_isotropic_gaussians,
)
from sklearn_certify.exceptions import InvalidInputError

MAKERS = [make_bijection_uncovering, make_instance_memorization, make_isotropic_gaussians]
every_maker = pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)


@every_maker
def test_shapes_and_seeds(make):
    task = make(50, random_state=3)
    assert task.X.shape[0] == len(task.y) == 50
    assert task.X_test.shape[0] == len(task.y_test) == len(task.distance)
    assert task.X.dtype == task.distance.dtype == np.float64 and task.y.dtype == np.int64
    assert ((task.distance > 0) & (task.distance <= 1)).all()
    for again, other in zip(make(50, random_state=3), make(50, random_state=4), strict=True):
        assert again.shape == other.shape
    same = make(50, random_state=np.random.RandomState(3))
    np.testing.assert_array_equal(same.X, task.X)
    assert not np.array_equal(make(50, random_state=4).X, task.X)


def test_bijection():
    task = make_bijection_uncovering(2000, n_classes=7, random_state=0)
    assert sorted(task.y_test) == list(range(7))
    np.testing.assert_array_equal(task.y_test[task.X[:, 0].astype(int)], task.y)
    assert np.bincount(task.y).min() > 200
    # exchange two labels: the mass of two inputs moves
    mass, swapped = np.zeros((7, 7)), np.zeros((7, 7))
    mass[range(7), task.y_test] = 1 / 7
    swap = task.y_test[[1, 0, 2, 3, 4, 5, 6]]
    swapped[range(7), swap] = 1 / 7
    assert task.distance[0] == pytest.approx(np.abs(mass - swapped).sum() / 2)


def test_memorization():
    task = make_instance_memorization(3000, n_inputs=50, n_classes=4, random_state=0)
    np.testing.assert_array_equal(task.y_test[task.X[:, 0].astype(int)], task.y)
    assert set(task.y_test) == {0, 1, 2, 3}
    np.testing.assert_allclose(task.distance, 1 / 50)


def test_gaussians():
    task = make_isotropic_gaussians(20_000, n_classes=3, n_features=2, random_state=1)
    centers = np.array([task.X[task.y == label].mean(axis=0) for label in range(3)])
    for label in range(3):
        np.testing.assert_allclose(np.cov(task.X[task.y == label].T), np.eye(2), atol=0.06)
    far = np.sort(np.linalg.norm(task.X_test[:, None] - centers, axis=2), axis=1)
    # total variation of two normal distributions, by integration over where one density is larger
    gap = far[:, 1] - far[:, 0]
    expected = (norm.cdf(gap / 2) - norm.cdf(-gap / 2)) / 3
    np.testing.assert_allclose(task.distance, expected, atol=0.01)
    points = np.linspace(-9, 12, 20_001)
    for distance in (0.3, 2.0):
        density = np.abs(norm.pdf(points) - norm.pdf(points, loc=distance)) / 2
        integral = density.sum() * (points[1] - points[0])
        assert integral == pytest.approx(norm.cdf(distance / 2) - norm.cdf(-distance / 2), abs=1e-5)


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (make_bijection_uncovering, {"n_samples": 0}, "n_samples must be a whole number from 1"),
        (make_bijection_uncovering, {"n_classes": 1}, "n_classes must be a whole number from 2"),
        (make_instance_memorization, {"n_inputs": 2.0}, "n_inputs must be a whole number"),
        (make_isotropic_gaussians, {"spread": 0}, "spread must be a positive number"),
        (make_isotropic_gaussians, {"n_queries": True}, "n_queries must be a whole number"),
    ],
)
def test_arguments_out_of_range(make, arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        make(**arguments)
