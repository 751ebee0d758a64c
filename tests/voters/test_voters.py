"""A voter is a function of its rows and its seed: fitted, asked, refitted in whatever company."""

import pickle
import random
from contextlib import nullcontext

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import Perceptron
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_certify.exceptions import UnsoundVoterError, VoterError, VoterWarning
from sklearn_certify.voters import Voters, fit_voters, voter_seeds

HOW = {"n_jobs": None, "verbose": 0, "on_voter_error": "raise"}
ABSTAIN = {**HOW, "on_voter_error": "abstain"}


@njit
def numba_draw():
    return np.random.normal(), random.gauss(0.0, 1.0)


class Dice(ClassifierMixin, BaseEstimator):
    """Draws from every global generator, an odd number of times, and leaves a mess behind."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def _draw(self):
        drawn = [random.gauss(0, 1), random.random(), np.random.normal(), *numba_draw()]
        np.random.normal(size=2 * self.n_rows_)
        if self.n_rows_ % 2:
            random.seed(9), np.random.seed(9)
        return drawn

    def fit(self, X, y):
        self.n_rows_, self.classes_ = len(y), np.unique(y)
        self.drawn_ = [*self._draw(), self.random_state, X.sum()]
        return self

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X):
        noise = np.random.RandomState(int(1e6 * abs(sum(self.drawn_[:5]) + sum(self._draw()))))
        return noise.rand(len(X), len(self.classes_))


class Texts(Perceptron):
    """Takes positions of labels alone."""

    def fit(self, X, y):
        if y.dtype.kind not in "iu":
            raise TypeError("no numbers")
        return super().fit(X, y)


def problem(n_voters=9, labels=(0, 1, 2), seed=0):
    """Rows, labels and two assignments of rows to voters, that differ for some of them."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(120, 4)), np.array(labels)[rng.integers(len(labels), size=120)]
    rows_of_voters = [rng.choice(120, rng.integers(8, 20)) for _ in range(n_voters)]
    rows_of_voters[2] = np.flatnonzero(y == labels[0])[:5]  # one label
    rows_of_voters[4] = np.array([], dtype=int)
    changed = [0, 2, 4, n_voters - 1]
    others = list(rows_of_voters)
    for voter in changed[:-1]:
        others[voter] = rng.choice(120, rng.integers(8, 20))
    others[changed[-1]] = np.array([], dtype=int)
    queries, seeds = rng.normal(size=(30, 4)), voter_seeds(n_voters, np.random.RandomState(seed))
    return X, y, queries, seeds, rows_of_voters, others, changed


def fit(estimator, X, y, rows_of_voters, seeds, how=HOW):
    return fit_voters(estimator, X, y, rows_of_voters, seeds, np.unique(y), **how)


def assert_equal_voters(found, expected, queries):
    assert [type(voter) for voter in found.estimators] == [
        type(voter) for voter in expected.estimators
    ]
    for voter, other in zip(found.estimators, expected.estimators, strict=True):
        assert getattr(voter, "drawn_", None) == getattr(other, "drawn_", None)
    for ask in ("votes", "scores"):
        if ask == "votes" or expected.has_scores:
            answers, failures = getattr(found, ask)(queries, **HOW)
            np.testing.assert_array_equal(answers, getattr(expected, ask)(queries, **HOW)[0])
            assert failures == []


ESTIMATORS = [
    Dice(),
    make_pipeline(StandardScaler(), Dice()),
    ExtraTreesClassifier(3),
    GaussianNB(),
    Texts(),
]


# ---- company


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(9)), st.integers(1, 9))
def test_a_voter_draws_the_same_in_any_company(order, n_kept):
    X, y, queries, seeds, rows_of_voters, _, _ = problem()
    everybody = fit(Dice(), X, y, rows_of_voters, seeds)
    votes, scores = (ask(queries, **HOW)[0] for ask in (everybody.votes, everybody.scores))
    kept = [*order[:n_kept], 0]  # one that is there
    some = fit(Dice(), X, y, [rows_of_voters[i] for i in kept], [seeds[i] for i in kept])
    some.classes = everybody.classes
    for voter, fitted in zip(kept, some.estimators, strict=True):
        expected = everybody.estimators[voter]
        assert getattr(fitted, "drawn_", None) == getattr(expected, "drawn_", None)
    np.testing.assert_array_equal(some.votes(queries, **HOW)[0], votes[:, kept])
    np.testing.assert_array_equal(some.scores(queries, **HOW)[0], scores[:, kept])


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("backend", ["multiprocessing", "threading"])
def test_workers_make_the_same_voters(backend, estimator):
    X, y, queries, seeds, rows_of_voters, _, _ = problem(labels=("a", "b", "c"))
    expected = fit(estimator, X, y, rows_of_voters, seeds)
    refused = backend == "threading" and "Dice" in repr(estimator)
    with (
        pytest.raises(UnsoundVoterError) if refused else nullcontext(),
        joblib.parallel_config(backend=backend, n_jobs=2),
    ):
        found = fit(estimator, X, y, rows_of_voters, seeds)
    if not refused:
        assert_equal_voters(found, expected, queries)


def test_torch_draws_the_same_in_any_company():
    torch = pytest.importorskip("torch")

    class TorchDice(Dice):
        def _draw(self):
            return [*super()._draw()[:-2], torch.randn(1).item(), torch.rand(3).sum().item()]

    X, y, queries, seeds, rows_of_voters, _, _ = problem()
    everybody = fit(TorchDice(), X, y, rows_of_voters, seeds)
    state = torch.get_rng_state()
    for order in (range(8, -1, -1), [5, 1, 5, 0], [3]):
        some = fit(TorchDice(), X, y, [rows_of_voters[i] for i in order], [seeds[i] for i in order])
        for voter, fitted in zip(order, some.estimators, strict=True):
            expected = everybody.estimators[voter]
            assert getattr(fitted, "drawn_", None) == getattr(expected, "drawn_", None)
    np.testing.assert_array_equal(
        everybody.votes(queries, **HOW)[0], everybody.votes(queries, **HOW)[0]
    )
    assert torch.get_rng_state().equal(state)


def test_queries_that_a_voter_writes_to_are_its_own():
    class Writes(GaussianNB):
        def predict(self, X):
            found = super().predict(X)
            X[:] = 0
            return found

    X, y, queries, seeds, rows_of_voters, _, _ = problem()
    before = queries.copy()
    votes, _ = fit(Writes(), X, y, rows_of_voters, seeds).votes(queries, **HOW)
    expected, _ = fit(GaussianNB(), X, y, rows_of_voters, seeds).votes(queries, **HOW)
    np.testing.assert_array_equal(votes, expected)
    np.testing.assert_array_equal(queries, before)


def test_rows_that_a_fit_writes_to_are_its_own():
    """A second fit, on positions of labels, sees nothing of what the first one wrote."""

    class Writes(Texts):
        def fit(self, X, y):
            try:
                return super().fit(X.copy(), y.copy())
            finally:
                X[:], y[:] = 0, y[0]

    X, y, queries, seeds, rows_of_voters, _, _ = problem(labels=("a", "b", "c"))
    before = X.copy(), y.copy()
    votes, _ = fit(Writes(), X, y, rows_of_voters, seeds).votes(queries, **HOW)
    expected, _ = fit(Texts(), X, y, rows_of_voters, seeds).votes(queries, **HOW)
    np.testing.assert_array_equal(votes, expected)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


# ---- what they are


def test_voters_without_rows_or_with_one_label():
    X, y, queries, seeds, rows_of_voters, _, _ = problem()
    voters = fit(GaussianNB(), X, y, rows_of_voters, seeds)
    assert len(voters) == 9 and isinstance(voters, Voters)
    assert voters.seeds == seeds and voters.classes.tolist() == [0, 1, 2]
    assert voters.estimators[4] is None and isinstance(voters.estimators[2], DummyClassifier)
    votes, _ = voters.votes(queries, **HOW)
    assert votes.dtype == np.int8 and votes.shape == (30, 9)
    assert (votes[:, 4] == -1).all() and (votes[:, 2] == 0).all()
    scores, _ = voters.scores(queries, **HOW)
    assert scores.dtype == np.float64 and scores.shape == (30, 9, 3)
    assert (scores[:, 4] == -np.inf).all()
    np.testing.assert_array_equal(scores[:, 0].argmax(axis=1), votes[:, 0])


def test_scores_are_those_of_any_voter_that_has_some():
    class Mute(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            return self

    X, y, _, seeds, rows_of_voters, _, _ = problem()
    mixed = fit(Mute(), X, y, rows_of_voters, seeds)
    assert mixed.has_scores  # one has a single label
    assert fit(GaussianNB(), X, y, rows_of_voters, seeds).has_scores
    assert not fit(Mute(), X, y, rows_of_voters[:2], seeds[:2]).has_scores


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_voters_can_be_kept(estimator):
    X, y, queries, seeds, rows_of_voters, others, changed = problem()
    voters = fit(estimator, X, y, rows_of_voters, seeds)
    copy = pickle.loads(pickle.dumps(voters))
    assert_equal_voters(copy, voters, queries)
    rows = [others[voter] for voter in changed]
    assert_equal_voters(
        copy.refit(changed, X, y, rows, **HOW), fit(estimator, X, y, others, seeds), queries
    )


# ---- others in their place


@pytest.mark.parametrize("labels", [(0, 1, 2), ("a", "b", "c")], ids=["numbers", "texts"])
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_refitted_voters_are_those_of_a_fit_of_all(estimator, labels):
    X, y, queries, seeds, rows_of_voters, others, changed = problem(labels=labels)
    voters = fit(estimator, X, y, rows_of_voters, seeds)
    before = list(voters.estimators)
    rows = [others[voter] for voter in changed]
    after = voters.refit(changed, X, y, rows, **HOW)
    assert_equal_voters(after, fit(estimator, X, y, others, seeds), queries)
    for voter in range(len(voters)):
        assert voter in changed or after.estimators[voter] is before[voter]
        assert voters.estimators[voter] is before[voter]
    assert_equal_voters(voters, fit(estimator, X, y, rows_of_voters, seeds), queries)
    again = after.refit(changed[::-1], X, y, [rows_of_voters[i] for i in changed[::-1]], **HOW)
    assert_equal_voters(again, voters, queries)


def test_nobody_need_be_refitted():
    X, y, queries, seeds, rows_of_voters, _, _ = problem()
    voters = fit(GaussianNB(), X, y, rows_of_voters, seeds)
    same = voters.refit([], X, y, [], **HOW)
    assert same is not voters and same.estimators == voters.estimators
    with pytest.raises(ValueError, match="argument"):
        voters.refit([1, 2], X, y, rows_of_voters[:1], **HOW)


class Touchy(GaussianNB):
    """Fails on rows that hold a large number."""

    def fit(self, X, y):
        if X.max() > 100:
            raise ArithmeticError("too large")
        return super().fit(X, y)


def test_voters_that_fail_when_they_are_refitted():
    X, y, queries, seeds, rows_of_voters, _, _ = problem()
    voters = fit(Touchy(), X, y, rows_of_voters, seeds)
    bad = X.copy()
    bad[rows_of_voters[3][0]] = 101
    with pytest.raises(VoterError, match=r"failed to fit voter 3 on its \d+ rows"):
        voters.refit([3], bad, y, rows_of_voters[3:4], **HOW)
    with pytest.warns(VoterWarning, match="1 of 9 voters failed and abstains where it did"):
        after = voters.refit([3], bad, y, rows_of_voters[3:4], **ABSTAIN)
    assert after.estimators[3] is None and voters.estimators[3] is not None
    assert (after.votes(queries, **HOW)[0][:, 3] == -1).all()
    bad[:] = 101
    two = fit(Touchy(), X, y, rows_of_voters[:2], seeds[:2])
    with pytest.raises(VoterError, match="All 2 voters failed; the first: .* voter 0"):
        two.refit([0, 1], bad, y, rows_of_voters[:2], **ABSTAIN)
    with pytest.warns(VoterWarning, match="1 of 2 voters"):
        two = two.refit([0], bad, y, rows_of_voters[:1], **ABSTAIN)
    with pytest.raises(VoterError, match="The only voter failed; the first: .* voter 1"):
        two.refit([1], bad, y, rows_of_voters[1:2], **ABSTAIN)


def test_the_estimator_stays_as_it_is():
    X, y, queries, seeds, rows_of_voters, _, _ = problem()
    estimator = ExtraTreesClassifier(3, random_state=np.random.RandomState(1))
    expected = clone(estimator).fit(X, y).predict(queries)
    fit(estimator, X, y, rows_of_voters, seeds)
    np.testing.assert_array_equal(clone(estimator).fit(X, y).predict(queries), expected)
    assert not hasattr(estimator, "estimators_")
