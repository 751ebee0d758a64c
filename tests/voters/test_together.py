"""Voters that are fitted and asked together are those that are fitted and asked alone."""

import pickle
import random

import joblib
import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.exceptions import VoterError, VoterWarning
from sklearn_certify.learners import StackedClassifierMixin, StackedRidgeClassifier
from sklearn_certify.testing import check_soundness
from sklearn_certify.voters import fit_voters

HOW = {"n_jobs": None, "verbose": 0, "on_voter_error": "raise"}
ENSEMBLES = [
    DPAClassifier(n_partitions=70),
    FiniteAggregationClassifier(n_partitions=12, spreading_degree=3),
    BaggingCertifiedClassifier(n_estimators=70, max_samples=20, random_state=0),
]
every_ensemble = pytest.mark.parametrize("ensemble", ENSEMBLES, ids=lambda e: type(e).__name__)


class Counted(StackedRidgeClassifier):
    """Counts how often many are fitted, or asked, in one call."""

    calls: list = []  # noqa: RUF012

    def fit_stack(self, samples):
        self.calls.append(("fit", len(samples)))
        return super().fit_stack(samples)

    def vote_stack(self, voters, X, classes):
        self.calls.append(("vote", len(voters)))
        return super().vote_stack(voters, X, classes)

    def score_stack(self, voters, X, classes):
        self.calls.append(("score", len(voters)))
        return super().score_stack(voters, X, classes)


@pytest.fixture
def calls():
    Counted.calls.clear()
    return Counted.calls


def blobs(n_rows=900, n_features=6, n_classes=4, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, size=n_rows)
    X = rng.normal(size=(n_rows, n_features))
    X[np.arange(n_rows), y] += 2
    return X, y


@every_ensemble
def test_ensembles_fit_and_ask_voters_together(ensemble, calls):
    X, y = blobs()
    ensemble = clone(ensemble).set_params(estimator=Counted()).fit(X, y)
    n_fitted = sum(type(voter) is Counted for voter in ensemble.estimators_)
    assert sum(size for kind, size in calls if kind == "fit") == n_fitted > 30
    assert len(calls) <= 4
    calls.clear()
    ensemble.predict(X)
    assert calls == [("vote", 64)] * -(-ensemble.n_voters_ // 64)


def test_runoff_elections_ask_for_scores_together(calls):
    X, y = blobs()
    dpa = DPAClassifier(Counted(), n_partitions=40, aggregation="runoff").fit(X, y)
    calls.clear()
    expected = DPAClassifier(StackedRidgeClassifier(), n_partitions=40, aggregation="runoff")
    np.testing.assert_array_equal(dpa.predict(X), expected.fit(X, y).predict(X))
    assert set(calls) == {("score", 64)}


@every_ensemble
def test_votes_are_those_of_the_voters_alone(ensemble):
    X, y = blobs()
    ensemble = clone(ensemble).fit(X, y)
    votes = ensemble.votes(X)
    for voter, own in zip(ensemble.estimators_, votes.T, strict=True):
        alone = np.full(len(X), -1) if voter is None else voter.predict(X)
        assert (own == alone).mean() > 0.995  # but for ties, which rounding decides


@pytest.mark.parametrize(
    ("ensemble", "n_jobs", "backend"),
    [(ENSEMBLES[0], 2, "loky"), *((ensemble, 3, "threading") for ensemble in ENSEMBLES)],
    ids=str,
)
def test_workers_change_nothing(ensemble, n_jobs, backend):
    X, y = blobs()
    expected = clone(ensemble).fit(X, y)
    with joblib.parallel_config(backend=backend):
        fitted = clone(ensemble).set_params(n_jobs=n_jobs).fit(X, y)
        np.testing.assert_array_equal(fitted.votes(X), expected.votes(X))
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.votes(X), expected.votes(X))


@pytest.mark.parametrize("aggregation", ["plurality", "runoff"])
@pytest.mark.parametrize("ensemble", ENSEMBLES[:2], ids=lambda ensemble: type(ensemble).__name__)
def test_other_voters_move_nothing(ensemble, aggregation):
    """A row more may be anything: only the voters of its partition can notice."""
    X, y = blobs()
    X = np.vstack([X, X[:3]]).astype(np.float32)
    y = np.append(y, [0, 3, 99])  # one label that no other row has
    before = clone(ensemble).set_params(aggregation=aggregation).fit(X[:-3], y[:-3])
    after = clone(ensemble).set_params(aggregation=aggregation).fit(X, y)
    X[-3:] *= 1e3
    loud = clone(ensemble).set_params(aggregation=aggregation).fit(X, y)
    queries = X[:-3]
    for other in (after, loud):
        same = [
            a.tolist() == b.tolist()
            for a, b in zip(before.votes(queries).T, other.votes(queries).T, strict=True)
        ]
        degree = getattr(ensemble, "spreading_degree", 1)
        assert sum(same) >= len(same) - 3 * degree
        for number, untouched in enumerate(same):
            ours, theirs = before.estimators_[number], other.estimators_[number]
            if type(theirs) is type(ours) is StackedRidgeClassifier and np.array_equal(
                ours.coef_, theirs.coef_
            ):
                assert untouched


def test_voters_of_one_label_or_none_are_no_part_of_it():
    X, y = blobs(n_classes=2)
    rows = [np.arange(20), np.array([], dtype=int), np.flatnonzero(y == 1)[:5], np.arange(20, 40)]
    voters = fit_voters(StackedRidgeClassifier(), X, y, rows, range(4), np.arange(2), **HOW)
    votes, failures = voters.votes(X, **HOW)
    assert not failures and votes.shape == (len(X), 4)
    assert (votes[:, 1] == -1).all() and (votes[:, 2] == 1).all()
    scores, _ = voters.scores(X, **HOW)
    np.testing.assert_array_equal(scores[:, [0, 3]].argmax(axis=2), votes[:, [0, 3]])
    assert np.isneginf(scores[:, 1]).all() and np.isneginf(scores[:, 2, 0]).all()


class Bad(StackedRidgeClassifier):
    """Refuses rows with a value above 5, and to vote on them."""

    def _fit(self, X, y, **weights):
        if X.max() > 5:
            raise RuntimeError("too loud")
        self.fragile_ = (y == 0).sum() % 2
        return super()._fit(X, y, **weights)

    def vote_stack(self, voters, X, classes):
        if any(voter is not None and voter.fragile_ for voter in voters):
            raise RuntimeError("fragile")
        return super().vote_stack(voters, X, classes)

    def predict(self, X):
        if self.fragile_:
            raise RuntimeError("alone, too")
        return super().predict(X)


def test_a_voter_that_fails_is_named_and_the_others_stay_as_they_are():
    X, y = blobs()
    X = np.clip(X, -4, 4)
    good = DPAClassifier(n_partitions=10).fit(X, y)
    X[7, 2] = 6
    dpa = DPAClassifier(Bad(), n_partitions=10)
    with pytest.raises(VoterError, match=r"failed to fit voter \d .*too loud"):
        dpa.fit(X, y)
    with pytest.warns(VoterWarning, match="1 of 10 voters failed"):
        dpa.set_params(on_voter_error="abstain").fit(X, y)
    assert dpa.estimators_.count(None) == 1
    with pytest.warns(VoterWarning, match="alone, too"):
        votes = dpa.votes(X[:5])
    fragile = [voter is None or bool(voter.fragile_) for voter in dpa.estimators_]
    assert 1 < sum(fragile) < 10 and (votes[:, fragile] == -1).all()
    sound = ~np.array(fragile)
    # the loud row has moved into another partition, perhaps
    same = (votes == good.votes(X[:5])).all(axis=0)
    assert same[sound].sum() >= sound.sum() - 1


class Draws(StackedRidgeClassifier):
    """Draws from a global generator, whose numbers depend on who drew before."""

    calls: list = []  # noqa: RUF012

    def __init__(self, generator="numpy"):
        super().__init__()
        self.generator = generator

    def fit_stack(self, samples):
        self.calls.append(len(samples))
        return [clone(self)._fit_plain(X, y) for X, y, _ in samples]

    def _fit(self, X, y, **weights):
        if self.generator == "numpy":
            X = X + np.random.normal(size=X.shape)
        elif self.generator == "python":
            X = X + random.random() * np.eye(*X.shape)
        else:
            X = X + torch.rand(X.shape).numpy()
        return super()._fit(X, y, **weights)


@pytest.mark.parametrize("generator", ["numpy", "python", "torch"])
def test_one_that_draws_from_a_global_generator_is_fitted_alone(generator):
    X, y = blobs()
    rows = np.array_split(np.arange(len(X)), 9)
    changed = [rows[1][:5], *rows[1:]]
    fitted = []
    for rows_of_voters in (rows, changed):
        Draws.calls.clear()
        voters = fit_voters(Draws(generator), X, y, rows_of_voters, range(9), np.arange(4), **HOW)
        assert Draws.calls == [9]
        fitted.append(voters.estimators)
    for one, other in zip(*(voters[1:] for voters in fitted), strict=True):
        np.testing.assert_array_equal(one.coef_, other.coef_)


class Shouting(StackedClassifierMixin, ClassifierMixin, BaseEstimator):
    """Offers the protocol but gives labels of its own."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def fit_stack(self, samples):
        voters = [clone(self).fit(X, y) for X, y, _ in samples]
        for voter in voters:
            voter.classes_ = np.array([f"{label}!" for label in voter.classes_])
        return voters

    def predict(self, X):
        return np.full(len(X), self.classes_[0])

    vote_stack = score_stack = None


def test_labels_of_its_own_are_not_believed():
    X, y = blobs()
    dpa = DPAClassifier(Shouting(), n_partitions=5).fit(X, y)
    assert all(set(voter.classes_) <= {0, 1, 2, 3} for voter in dpa.estimators_)
    assert (dpa.votes(X) == 0).all()


@pytest.mark.parametrize("form", [csr_matrix, lambda X: X.astype(object)], ids=["sparse", "object"])
def test_other_rows_go_one_by_one(form, calls):
    X, y = blobs()
    dpa = DPAClassifier(Counted(), n_partitions=5)
    expected = clone(dpa).fit(X, y).predict(X)
    calls.clear()
    assert (dpa.fit(form(X), y).predict(form(X)) == expected).mean() > 0.99
    assert calls == []


@pytest.mark.parametrize("ensemble", ENSEMBLES[:2], ids=lambda ensemble: type(ensemble).__name__)
@pytest.mark.parametrize("threat_model", ["insert_delete", "modify", "label_flip"])
def test_certificates_are_sound(ensemble, threat_model):
    X, y = blobs(120, seed=3)
    small = {"n_partitions": 10} if isinstance(ensemble, DPAClassifier) else {"n_partitions": 5}
    model = clone(ensemble).set_params(threat_model=threat_model, **small)
    report = check_soundness(model, X, y, n_attacks=30)
    assert report, str(report)
