"""Inverse self-paced learning: Algorithm 2 and Proposition 5.1."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify._training import LearningTask
from sklearn_certify.sanitize._bag import shares_of_round
from sklearn_certify.sanitize._self_paced_learning import (
    SelfPacedSchedule,
    inverse_self_paced_learning,
)

EVERYTHING = 10**9


class ExactMinimizer:
    """The empirical risk minimiser over all functions of one discrete feature."""

    def __init__(self):
        self.seen = []

    def partial_fit(self, X, y, classes):
        self.seen.append(len(y))
        counts = np.zeros((X.max(initial=0) + 1, len(classes)))
        np.add.at(counts, (X[:, 0], y), 1)
        totals = counts.sum(axis=1, keepdims=True)
        self.shares = np.where(totals > 0, counts / np.maximum(totals, 1), 1 / len(classes))

    def predict_proba(self, X):
        known = np.minimum(X[:, 0], len(self.shares) - 1)
        uniform = np.full(self.shares.shape[1], 1 / self.shares.shape[1])
        return np.where((X[:, :1] < len(self.shares)), self.shares[known], uniform)


def schedule(**changes):
    settings_of_theory = {
        "expansion_factor": 1.0,
        "momentum": 0.0,
        "min_class_share": 0.0,
        "warm_up_epochs": 1,
        "epochs_per_iteration": 1,
        "max_epoch_size": EVERYTHING,
    }
    return SelfPacedSchedule(**{**settings_of_theory, **changes})


rows_and_shares = st.tuples(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=3, max_size=40),
    st.lists(st.floats(0.1, 1.0), min_size=1, max_size=8),
)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(rows_and_shares)
def test_proposition_5_1(drawn):
    rows, shares = drawn
    X, y = np.array([[cell] for cell, _ in rows]), np.array([label for _, label in rows])
    shares = sorted(shares, reverse=True)
    shares += [shares[-1]] * 30
    selected, objectives = inverse_self_paced_learning(
        LearningTask(None, X, y, 3),
        ExactMinimizer(),
        shares,
        schedule(),
        np.random.RandomState(0),
    )
    assert len(selected) == max(1, round(shares[-1] * len(y)))
    assert (np.diff(objectives) <= 1e-9).all()
    assert abs(objectives[-1] - objectives[-2]) <= 1e-9  # differences vanish


def test_the_objective_may_rise_without_the_assumptions():
    random_state = np.random.RandomState(0)
    X, y = random_state.randint(5, size=(40, 1)), random_state.randint(2, size=40)
    objectives = inverse_self_paced_learning(
        LearningTask(None, X, y, 2),
        ExactMinimizer(),
        [0.5] * 20,
        schedule(expansion_factor=0.2),
        random_state,
    )[1]
    assert np.diff(objectives).max() > 0


def test_the_selected_rows_have_the_lowest_average_losses():
    class Fixed:
        def __init__(self, answers):
            self.answers = iter(answers)

        def partial_fit(self, X, y, classes):
            pass

        def predict_proba(self, X):
            own = np.exp(-np.array(next(self.answers)))
            return np.column_stack([own, 1 - own])

    # averages with momentum 0.75 from zero: 0.1875 * first + 0.25 * second
    losses = [[0.1, 4.0, 1.0, 2.0], [3.0, 0.1, 1.0, 3.0]]
    average = 0.1875 * np.array(losses[0]) + 0.25 * np.array(losses[1])
    selected = inverse_self_paced_learning(
        LearningTask(None, np.zeros((4, 1)), np.zeros(4, dtype=int), 2),
        Fixed(losses),
        [0.5, 0.5],
        schedule(momentum=0.75),
        np.random.RandomState(0),
    )[0]
    assert selected.tolist() == sorted(np.argsort(average)[:2].tolist()) == [0, 2]


def test_no_class_dies():
    X = np.array([[0]] * 30 + [[1]] * 20)
    y = np.array([0] * 30 + [0] * 10 + [1] * 10)  # the second cell is a toss-up
    arguments = (LearningTask(None, X, y, 2), ExactMinimizer(), [0.4])
    selected = inverse_self_paced_learning(*arguments, schedule(), np.random.RandomState(0))[0]
    assert not np.isin(selected, np.flatnonzero(y == 1)).any()
    selected = inverse_self_paced_learning(
        *arguments, schedule(min_class_share=0.5), np.random.RandomState(0)
    )[0]
    assert np.bincount(y[selected]).tolist() == [20, 2]


def test_the_learner_sees_samples_of_the_selected_rows():
    X, y = np.arange(100)[:, np.newaxis] % 5, np.arange(100) % 2
    minimizer = ExactMinimizer()
    inverse_self_paced_learning(
        LearningTask(None, X, y, 2),
        minimizer,
        [0.6, 0.4, 0.4],
        schedule(
            expansion_factor=0.25, warm_up_epochs=2, epochs_per_iteration=3, max_epoch_size=20
        ),
        np.random.RandomState(0),
    )
    assert minimizer.seen == [20, 20, 15, 15, 15, 10, 10, 10]


@pytest.mark.parametrize(
    "n_rounds_left, expected",
    [
        (8, [3 / 8, 2 / 8, 1 / 8, 1 / 8, 1 / 8]),
        (3, [1, 2 / 3, 1 / 3, 1 / 3, 1 / 3]),
        (2, [1, 3 / 4, 1 / 2, 1 / 2]),
    ],
)
def test_shares_are_those_of_the_paper(n_rounds_left, expected):
    assert shares_of_round(n_rounds_left, 3.0) == pytest.approx(expected)
