"""Boosting Homogeneous Sets: Algorithm 1 and Theorem 4.8."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import check_random_state

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.sanitize import BoostingHomogeneousSets


def mixture(primary_sizes, noise_sizes, seed=0):
    """Components whose label is the first feature (primary) or its contrary (noise)."""
    sizes = [*primary_sizes, *noise_sizes]
    rows = np.random.RandomState(seed).permutation(sum(sizes))
    components = np.split(rows, np.cumsum(sizes)[:-1])
    X = np.zeros((sum(sizes), 1), dtype=int)
    for rows in components:  # untrained learners are right half of the time
        X[rows, 0] = np.arange(len(rows)) % 2
    y = X[:, 0].copy()
    for rows in components[len(primary_sizes) :]:
        y[rows] = 1 - y[rows]
    return X, y, components


sizes = st.lists(st.integers(1, 10).map(lambda half: 2 * half), min_size=1, max_size=5)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(sizes, sizes, st.integers(0, 100))
def test_theorem_4_8(primary_sizes, noise_sizes, seed):
    X, y, components = mixture(primary_sizes, noise_sizes, seed)
    truth = np.arange(len(components)) < len(primary_sizes)
    boosting = BoostingHomogeneousSets(DecisionTreeClassifier(max_depth=1)).fit(X, y, components)
    n_primary, n_noise = sum(primary_sizes), sum(noise_sizes)
    if n_primary > n_noise:
        assert (boosting.primary_ == truth).all()
    elif n_primary < n_noise:  # more than half must be primary
        assert (boosting.primary_ == ~truth).all()
    else:  # nobody has more than half
        assert not boosting.primary_.any()
    for rows, primary in zip(components, boosting.primary_, strict=True):
        assert (boosting.keep_mask_[rows] == primary).all()


class MostlyRight(ClassifierMixin, BaseEstimator):
    """Learns the rule of its rows three times out of four, else the contrary."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.flips_ = (np.mean(X[:, 0] == y) < 0.5) ^ (
            check_random_state(self.random_state).uniform() < 0.25
        )
        return self

    def predict(self, X):
        return X[:, 0] ^ self.flips_


def test_theorem_4_8_for_stochastic_learners():
    X, y, components = mixture([8, 8], [6])
    margin, n_estimates = 0.25, 25
    bound = (1 - 2 * np.exp(-2 * margin**2 * n_estimates)) ** 6  # two primary, three in all
    found = [
        BoostingHomogeneousSets(MostlyRight(), n_estimates=n_estimates, random_state=seed)
        .fit(X, y, components)
        .primary_.tolist()
        == [True, True, False]
        for seed in range(50)
    ]
    alone = [
        BoostingHomogeneousSets(MostlyRight(), random_state=seed)
        .fit(X, y, components)
        .primary_.tolist()
        == [True, True, False]
        for seed in range(50)
    ]
    assert 0.5 < bound <= np.mean(found)
    assert np.mean(alone) < np.mean(found)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_votes_are_those_of_algorithm_1(seed):
    random_state = np.random.RandomState(seed)
    X, y = random_state.normal(size=(30, 2)), random_state.randint(2, size=30)
    y[:2] = 0, 1
    components = np.split(random_state.permutation(30)[:28], [5, 6, 15, 20])
    learner = LogisticRegression()
    boosting = BoostingHomogeneousSets(learner).fit(X, y, components)
    support = np.zeros(5, dtype=int)
    for rows in components:
        one_label = len(set(y[rows])) == 1
        predicted = y[rows][0] if one_label else clone(learner).fit(X[rows], y[rows]).predict(X)
        wrong = predicted != y
        for k, others in enumerate(components):
            if wrong[others].sum() < len(others) / 2:
                support[k] += len(rows)
    assert boosting.support_.tolist() == support.tolist()
    assert boosting.primary_.tolist() == (support > 14).tolist()


@pytest.mark.parametrize(
    "components, message",
    [
        ([], "one or more"),
        ([[0, 1], []], "one or more"),
        ([[0, 1], [1, 2]], "share"),
        ([[0, 9]], "from 0 to 3"),
        ([[0, -1]], "from 0 to 3"),
        ([[0.0, 1.0]], "from 0 to 3"),
    ],
)
def test_bad_components_are_named(components, message):
    X, y = np.arange(4)[:, np.newaxis], [0, 1, 0, 1]
    with pytest.raises(InvalidInputError, match=message):
        BoostingHomogeneousSets(LogisticRegression()).fit(X, y, components)


def test_two_classes_only():
    with pytest.raises(InvalidInputError, match="two classes, but y has 3"):
        BoostingHomogeneousSets(LogisticRegression()).fit(
            np.arange(6)[:, np.newaxis], [0, 1, 2, 0, 1, 2], [range(6)]
        )
