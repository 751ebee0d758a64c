"""A task trains and asks learners, and says in one sentence what is wrong with them."""

import pickle
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.naive_bayes import GaussianNB, MultinomialNB

from sklearn_certify._training import LearningTask, draw_rows
from sklearn_certify.exceptions import LearnerError

X = np.random.RandomState(0).normal(size=(60, 4))
Y = np.arange(60) % 3


class Recorder(ClassifierMixin, BaseEstimator):
    """Learns nothing and remembers what it saw."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def partial_fit(self, X, y, classes):
        self.epochs_ = [*getattr(self, "epochs_", []), X[:, 0].tolist()]
        self.classes_ = classes
        return self

    def predict_proba(self, X):
        shares = np.full((len(X), len(self.classes_)), 1 / len(self.classes_))
        X[:] = 0  # a learner may write to what it gets
        return shares


@settings(derandomize=True, deadline=None)
@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 5))
def test_draws_are_some_of_the_rows_in_their_order(n_rows, n_drawn, seed):
    rows = 3 * np.arange(n_rows)
    drawn = draw_rows(rows, n_drawn, np.random.RandomState(seed))
    assert len(drawn) == min(n_rows, n_drawn) and np.isin(drawn, rows).all()
    assert (np.diff(drawn) > 0).all()


def test_epochs_visit_the_rows_that_they_may():
    rows = np.arange(100.0)[:, np.newaxis]
    task = LearningTask(Recorder(), rows, np.arange(100) % 2, 2)
    model = task.train(np.arange(10, 50), 3, 7, np.random.RandomState(0))
    assert [len(epoch) for epoch in model.epochs_] == [7] * 3
    assert {row for epoch in model.epochs_ for row in epoch} <= set(range(10, 50))
    assert len(set(map(tuple, model.epochs_))) == 3  # drawn anew each time
    whole = task.train(np.arange(10, 50), 2, 40, np.random.RandomState(0))
    assert whole.epochs_ == [list(range(10, 50))] * 2


def test_models_of_a_task_have_seeds_of_their_own():
    task = LearningTask(Recorder(), X, Y, 3)
    seeds, again = (
        [task.new_model(random_state).random_state for _ in range(5)]
        for random_state in (np.random.RandomState(0), np.random.RandomState(0))
    )
    assert seeds == again and len(set(seeds)) == 5


def test_a_part_has_the_rows_and_labels_that_were_asked_for():
    for held in (X, csr_matrix(X)):
        part = LearningTask(None, held, Y, 3).part(np.array([5, 3]))
        assert part.n_rows == 2 and part.n_classes == 3 and part.y.tolist() == [2, 0]
        rows = part.X.toarray() if held is not X else part.X
        assert rows.tolist() == X[[5, 3]].tolist()


def test_losses_are_those_of_the_labels_and_bounded():
    task = LearningTask(GaussianNB(), X, Y, 3)
    model = task.train(np.arange(60), 1, 60, np.random.RandomState(0))
    shares = GaussianNB().fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(task.probabilities(model), shares)
    np.testing.assert_allclose(task.probabilities(model, np.array([7, 2])), shares[[7, 2]])
    np.testing.assert_allclose(task.log_losses(model), -np.log(shares[np.arange(60), Y]))
    sure = LearningTask(GaussianNB(), X * 1e6, Y, 3).log_losses(model)
    assert np.isfinite(sure).all() and 16.1 < sure.max() <= 16.2
    assert task.probabilities(model, np.arange(0)).shape == (0, 3)


def test_many_rows_are_asked_in_batches_of_their_own(monkeypatch):
    monkeypatch.setattr("sklearn_certify._training._task._BATCH", 7)
    rows = X.copy()
    task = LearningTask(Recorder(), rows, Y, 3)
    model = task.train(np.arange(60), 1, 60, np.random.RandomState(0))
    assert task.probabilities(model).shape == (60, 3)
    assert (rows == X).all()  # what the learner wrote to was its own


class Odd(GaussianNB):
    def __init__(self, answer="short"):
        super().__init__()
        self.answer = answer

    def predict_proba(self, X):
        if self.answer == "error":
            raise RuntimeError("no idea")
        shares = super().predict_proba(X)
        return shares[:, 1:] if self.answer == "short" else shares * np.nan


@pytest.mark.parametrize(
    ("learner", "message"),
    [
        (Odd("short"), r"Odd gave probabilities of shape \(60, 2\) for 60 rows and 3 classes"),
        (Odd("nan"), "Odd gave probabilities that are no numbers"),
        (Odd("error"), r"Odd failed to predict \(RuntimeError: no idea\)"),
        (MultinomialNB(), r"MultinomialNB failed on 60 rows of shape \(4,\) with 3 classes"),
    ],
)
def test_what_is_wrong_with_a_learner_is_one_sentence(learner, message):
    task = LearningTask(learner, X, Y, 3)
    with pytest.raises(LearnerError, match=message):
        task.probabilities(task.train(np.arange(60), 1, 60, np.random.RandomState(0)))


def test_a_block_is_a_function_of_the_seed():
    task = LearningTask(None, X, Y, 3)
    drawn = []
    for seed in (0, 0, 1):
        np.random.uniform()  # what others draw has no say
        with task.reproducible(seed):
            drawn.append(np.random.uniform())
    assert drawn[0] == drawn[1] != drawn[2]


def test_draws_in_a_thread_are_refused():
    task, raised = LearningTask(None, X, Y, 3), []

    def work():
        try:
            with task.reproducible(0):
                np.random.uniform()
        except LearnerError as error:
            raised.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert raised and "draws from a global random generator in threads" in raised[0]


def test_tasks_go_to_other_processes():
    task = pickle.loads(pickle.dumps(LearningTask(GaussianNB(), X, Y, 3)))
    assert (task.X == X).all() and task.n_classes == 3
