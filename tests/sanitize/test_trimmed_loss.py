"""Iterative trimmed loss minimisation: rounds by hand, counts, learners of every kind."""

import math
import pickle
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.exceptions import InvalidInputError, LearnerError
from sklearn_certify.sanitize import TrimmedLossFilter


class Recorder(ClassifierMixin, BaseEstimator):
    """Thinks a row of class 1 the likelier the larger its only feature, and tells what it saw."""

    log = ()

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        raise AssertionError("is trained by partial_fit only")

    def partial_fit(self, X, y, classes=None):
        Recorder.log += ((self, self.random_state, X[:, 0].tolist(), y.tolist(), classes.tolist()),)
        return self

    def predict_proba(self, X):
        of_one = 1 / (1 + np.exp(-X[:, 0]))
        return np.column_stack([1 - of_one, of_one])


@pytest.fixture
def flipped(digits):
    """Digits, some of which have the label of the next class."""
    X, y, _, _ = digits
    wrong = np.random.RandomState(0).rand(len(y)) < 0.05
    return X, np.where(wrong, (y + 1) % 10, y), wrong


def test_rounds_by_hand():
    X = np.array([-3.0, -1.0, 2.0, 5.0, 4.0, 1.0, -2.0, 0.5])[:, np.newaxis]
    y = np.array(["no", "no", "no", "yes", "yes", "yes", "yes", "no"])
    Recorder.log = ()
    trimmed = TrimmedLossFilter(
        Recorder(), keep_share=0.7, n_rounds=3, first_epochs=3, epochs=2, random_state=7
    ).fit(X, y)
    margins = np.where(y == "yes", X[:, 0], -X[:, 0])
    np.testing.assert_allclose(trimmed.suspicion_, np.log1p(np.exp(-margins)))
    assert trimmed.keep_mask_.tolist() == [True, True, False, True, True, True, False, True]
    assert trimmed.classes_.tolist() == ["no", "yes"]
    assert [len(rows) for _, _, rows, _, _ in Recorder.log] == [8] * 3 + [6] * 4
    _, _, rows, labels, classes = Recorder.log[-1]
    assert (rows, labels, classes) == ([-3, -1, 5, 4, 1, 0.5], [0, 0, 1, 1, 1, 0], [0, 1])
    learners = [id(learner) for learner, *_ in Recorder.log]
    assert [learners.count(learner) for learner in dict.fromkeys(learners)] == [3, 2, 2]
    assert len({seed for _, seed, *_ in Recorder.log}) == 3


def test_flipped_labels_are_found(flipped):
    X, y, wrong = flipped
    trimmed = TrimmedLossFilter(keep_share=1 - wrong.mean()).fit(X, y)
    dropped = ~trimmed.keep_mask_
    assert np.count_nonzero(dropped) == np.count_nonzero(wrong)
    assert dropped[wrong].mean() > 0.8
    assert trimmed.suspicion_[dropped].min() >= trimmed.suspicion_[~dropped].max()


@pytest.mark.filterwarnings("ignore:TrimmedLossFilter keeps no row")
@settings(max_examples=30, deadline=None, derandomize=True)
@example(percent=28, n_rows=25)  # 0.28 * 25 comes out above 7
@given(percent=st.integers(1, 100), n_rows=st.integers(2, 120))
def test_the_documented_number_is_kept(percent, n_rows):
    X = np.random.RandomState(0).normal(size=(n_rows, 2))
    y = np.arange(n_rows) % 2
    trimmed = TrimmedLossFilter(GaussianNB(), keep_share=percent / 100, n_rounds=1, first_epochs=1)
    keep = trimmed.fit(X, y).keep_mask_
    assert np.count_nonzero(keep) == math.ceil(Fraction(percent, 100) * n_rows)


def test_everything_may_be_kept(flipped):
    X, y, _ = flipped
    trimmed = TrimmedLossFilter(GaussianNB(), keep_share=1.0, n_rounds=2).fit(X, y)
    assert trimmed.keep_mask_.all()
    assert trimmed.suspicion_.shape == y.shape


def test_a_class_that_is_lost_is_warned_of(flipped):
    X, y, _ = flipped
    with pytest.warns(UserWarning, match="TrimmedLossFilter keeps no row of"):
        trimmed = TrimmedLossFilter(keep_share=0.001, n_rounds=2).fit(X, y)
    assert np.count_nonzero(trimmed.keep_mask_) == 2


def test_kinds_of_rows_and_learners(flipped):
    X, y, _ = flipped
    X, y = X[:400], y[:400]
    expected = TrimmedLossFilter(random_state=2).fit(X, y)
    for rows, labels in (
        (X.reshape(-1, 8, 8), y),
        (pd.DataFrame(X), pd.Series(y)),
        (X, np.array(list("abcdefghij"))[y]),
    ):
        other = TrimmedLossFilter(random_state=2).fit(rows, labels)
        np.testing.assert_allclose(other.suspicion_, expected.suspicion_)
    kept, _ = TrimmedLossFilter(random_state=2).fit_resample(X.reshape(-1, 8, 8), y)
    np.testing.assert_array_equal(kept, X[expected.keep_mask_].reshape(-1, 8, 8))
    scattered = TrimmedLossFilter(MultinomialNB()).fit(csr_matrix(X), y)
    dense = TrimmedLossFilter(MultinomialNB()).fit(X, y)
    np.testing.assert_allclose(scattered.suspicion_, dense.suspicion_)
    for learner in (
        SGDClassifier(loss="log_loss"),
        lambda seed: MLPClassifier((8,), random_state=seed),
    ):
        trimmed = TrimmedLossFilter(learner, n_rounds=2).fit(X / 16, y)
        assert np.count_nonzero(~trimmed.keep_mask_) == 8


def test_clones_pickles_and_repeats(flipped):
    X, y, _ = flipped
    first = TrimmedLossFilter(MLPClassifier((8,)), n_rounds=2, random_state=1).fit(X, y)
    state = np.random.get_state()[1].copy()
    second = clone(first).fit(X, y)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    np.testing.assert_array_equal(second.suspicion_, first.suspicion_)
    again = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(again.keep_mask_, first.keep_mask_)
    other = clone(first).set_params(random_state=3).fit(X, y)
    assert not np.array_equal(other.suspicion_, first.suspicion_)
    assert first.learner.random_state is None


def test_progress(flipped, capsys):
    X, y, _ = flipped
    TrimmedLossFilter(GaussianNB(), n_rounds=2, verbose=1).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "TrimmedLossFilter: round 1 of 2, 31 rows changed sides"
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("learner", "error", "message"),
    [
        (KNeighborsClassifier(), InvalidInputError, "KNeighborsClassifier has no partial_fit"),
        (SGDClassifier(), InvalidInputError, "SGDClassifier has no predict_proba"),
        (GaussianNB, InvalidInputError, "an instance of GaussianNB"),
        (MultinomialNB(), LearnerError, "MultinomialNB failed on"),
        (3, InvalidParameterError, "learner"),
    ],
)
def test_learners_that_will_not_do(learner, error, message, flipped):
    X, y, _ = flipped
    with pytest.raises(error, match=message):
        TrimmedLossFilter(learner).fit(X - 9, y)


def test_misuse(flipped):
    X, y, _ = flipped
    with pytest.raises(InvalidInputError, match="one class only"):
        TrimmedLossFilter().fit(X, np.zeros(len(y)))
    with pytest.raises(ValueError, match="NaN"):
        TrimmedLossFilter().fit(np.where(X > 15, np.nan, X), y)
    for params in (
        {"keep_share": 0.0},
        {"keep_share": 1.1},
        {"n_rounds": 0},
        {"epochs": 0},
        {"first_epochs": 1.5},
    ):
        with pytest.raises(InvalidParameterError):
            TrimmedLossFilter(**params).fit(X, y)


def test_networks_of_torch(flipped):
    torch = pytest.importorskip("torch")
    pytest.importorskip("skorch")
    X, y, wrong = flipped
    module = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)
    )
    images = X.reshape(-1, 1, 8, 8) / 16
    trimmed = TrimmedLossFilter(module, keep_share=0.95, n_rounds=2).fit(images, y)
    torch.rand(1)
    again = clone(trimmed).fit(images, y)
    np.testing.assert_array_equal(again.suspicion_, trimmed.suspicion_)
    assert (~trimmed.keep_mask_)[wrong].mean() > 0.6
