"""Random Fourier features: the kernel that they stand for, rows alone, the contract."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import hadamard
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_certify import DPAClassifier, certified_radius
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.kernel_approximation import RandomFourierFeatures
from sklearn_certify.learners import StackedKernelRidgeClassifier, StackedRidgeClassifier
from sklearn_certify.testing import check_soundness


def make_rows(n_rows=60, n_columns=5, seed=0):
    return np.random.default_rng(seed).normal(size=(n_rows, n_columns))


@parametrize_with_checks([RandomFourierFeatures(n_components=6)])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("n_columns", [1, 2, 5, 33, 64])
@pytest.mark.parametrize("gamma", [0.01, 0.1])
def test_inner_products_are_close_to_the_kernel(n_columns, gamma):
    rows = make_rows(40, n_columns)
    features = RandomFourierFeatures(gamma, n_components=2**14, dtype=np.float64).transform(rows)
    expected = rbf_kernel(rows, gamma=gamma)
    assert np.abs(features @ features.T - expected).max() < 0.05
    np.testing.assert_allclose((features**2).sum(axis=1), 1)


def test_features_are_of_projections_by_hadamard_matrices():
    rows, gamma, width = make_rows(7, 50), 0.03, 64
    features = RandomFourierFeatures(
        gamma, n_components=2 * width, random_state=4, dtype=np.float64
    ).transform(rows)
    signs = np.random.RandomState(4).randint(0, 2, (1, 3, width))[0] * 2 - 1
    weights = np.sqrt(width) * np.eye(width)
    for sign in signs:
        weights = hadamard(width) @ (sign[:, None] * weights) / np.sqrt(width)
    np.testing.assert_allclose(weights @ weights.T, width * np.eye(width), atol=1e-9)
    angles = np.sqrt(2 * gamma) * rows @ weights[:, :50].T
    expected = np.hstack([np.cos(angles), np.sin(angles)]) / np.sqrt(width)
    np.testing.assert_allclose(features, expected, atol=1e-12)
    odd = RandomFourierFeatures(gamma, n_components=5, random_state=4, dtype=np.float64)
    scale = np.sqrt(width / 3)
    expected = expected[:, [0, 1, 2, width, width + 1]] * scale
    np.testing.assert_allclose(odd.fit_transform(rows), expected, atol=1e-12)
    assert list(odd.get_feature_names_out()[-1:]) == ["randomfourierfeatures4"]


@settings(max_examples=30, deadline=None)
@given(
    numbers=st.lists(st.integers(0, 59), min_size=1, max_size=80),
    n_jobs=st.sampled_from([None, 2, -1]),
    order=st.sampled_from(["C", "F"]),
)
def test_a_row_has_its_features_whatever_stands_beside_it(numbers, n_jobs, order):
    rows = make_rows()
    everything = RandomFourierFeatures(n_components=100).transform(rows)
    some = np.asarray(rows[numbers], order=order)
    found = RandomFourierFeatures(n_components=100, n_jobs=n_jobs).transform(some)
    np.testing.assert_array_equal(found, everything[numbers])


def test_the_seed_and_nothing_else_draws():
    rows = make_rows()
    features = RandomFourierFeatures(n_components=50)
    np.random.seed(1)
    first = features.transform(rows)
    state = np.random.get_state()[1]
    np.random.seed(2)
    np.testing.assert_array_equal(features.fit(rows[::-1]).transform(rows), first)
    np.random.seed(1)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    other = RandomFourierFeatures(n_components=50, random_state=1).transform(rows)
    assert np.abs(other - first).max() > 0.1


def test_a_linear_voter_on_them_does_what_a_voter_with_the_kernel_does():
    rows = make_rows(700, 4)
    labels = (np.linalg.norm(rows, axis=1) > 1.8).astype(int)  # no hyperplane tells them apart
    linear = DPAClassifier(
        StackedRidgeClassifier(alpha=0.1),
        n_partitions=5,
        transformer=RandomFourierFeatures(0.2, n_components=2048),
    ).fit(rows[:500], labels[:500])
    kernel = DPAClassifier(StackedKernelRidgeClassifier(alpha=0.1, gamma=0.2), n_partitions=5).fit(
        rows[:500], labels[:500]
    )
    assert (linear.predict(rows[500:]) == kernel.predict(rows[500:])).mean() > 0.95
    assert linear.score(rows[500:], labels[500:]) > 0.85
    plain = DPAClassifier(n_partitions=5).fit(rows[:500], labels[:500])
    assert plain.score(rows[500:], labels[500:]) < 0.75


def test_attacks_find_nothing():
    rows = make_rows(120, 3)
    labels = (rows[:, 0] > 0).astype(int)
    ensemble = DPAClassifier(
        n_partitions=8, transformer=RandomFourierFeatures(n_components=32), classes=[0, 1]
    )
    check_soundness(ensemble, rows, labels, n_attacks=30, random_state=0)


def test_they_may_stand_in_front_of_a_certified_classifier():
    rows = make_rows(300, 3)
    labels = (rows[:, 0] > 0).astype(int)
    steps = make_pipeline(RandomFourierFeatures(0.1), DPAClassifier(n_partitions=5))
    assert certified_radius(steps.fit(rows, labels), rows).max() > 0


def test_errors_say_what_is_wrong():
    with pytest.raises(InvalidInputError, match="too large"):
        RandomFourierFeatures().transform([[1e308, 1e308]])
    with pytest.raises(ValueError, match="gamma"):
        RandomFourierFeatures(gamma=0).transform(make_rows())
    with pytest.raises(ValueError, match="features"):
        RandomFourierFeatures().fit(make_rows()).transform(make_rows(n_columns=4))
