"""Partitions, spreads, elections and certificates of the partition ensembles."""

import copy

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.certificates import (
    joint_runoff_accuracy,
    overlap_radius,
    plurality_radius,
    runoff_radius,
)
from sklearn_certify.exceptions import (
    InvalidInputError,
)

from .cases import every_ensemble, fresh


@every_ensemble
def test_votes_are_small_integers_and_chunks_do_not_show(ensemble, digits, monkeypatch):
    from sklearn_certify.ensemble import _base_ensemble

    X, y, queries, y_test = digits
    fitted = fresh(ensemble).fit(X[:200], y[:200])
    votes, radii = fitted.votes(queries), fitted.certified_radius(queries)
    accuracy = fitted.certified_accuracy(queries, y_test, 1, joint=True)
    assert votes.dtype == np.int8
    monkeypatch.setattr(_base_ensemble, "_CHUNK_BYTES", 1)
    assert len(list(fitted._ballots(fitted._make_election(), fitted._prepare_queries(queries)))) > 1
    np.testing.assert_array_equal(fitted.votes(queries), votes)
    np.testing.assert_array_equal(fitted.certified_radius(queries), radii)
    assert fitted.certified_accuracy(queries, y_test, 1, joint=True) == accuracy


@every_ensemble
def test_the_voters_shown_are_those_that_vote(ensemble, digits):
    X, y, queries, _ = digits
    ensemble = fresh(ensemble)
    assert not hasattr(ensemble, "estimators_")
    with pytest.raises(NotFittedError):
        _ = ensemble.estimators_
    ensemble.fit(X[:100], y[:100])
    for fitted in (ensemble, copy.copy(ensemble), copy.deepcopy(ensemble)):
        with pytest.raises(AttributeError):  # which no vote would notice
            fitted.estimators_ = fitted.estimators_[::-1]
        fitted.estimators_[2] = None
        assert (fitted.votes(queries[:5])[:, 2] == -1).all()


@pytest.mark.parametrize("classes", [None, range(12)])
@pytest.mark.parametrize(
    ("threat_model", "partition_by", "cost"),
    [
        ("insert", "features", 1),
        ("delete", "sample", 1),
        ("insert_delete", "features", 1),
        ("modify", "features", 2),
        ("label_flip", "features", 1),
        ("label_flip", "sample", 2),
    ],
)
def test_radii_are_those_of_the_votes(threat_model, partition_by, cost, classes, digits):
    X, y, queries, _ = (part[:300] for part in digits)
    common = {"threat_model": threat_model, "partition_by": partition_by, "classes": classes}
    certificate = {"cost": cost, "phantom": classes is None}
    dpa = DPAClassifier(n_partitions=9, **common).fit(X, y)
    n_classes = len(dpa.classes_)
    expected = plurality_radius(dpa.votes(queries), n_classes, **certificate)
    np.testing.assert_array_equal(dpa.certified_radius(queries), expected[1])
    for tighten in (False, True):
        fa = FiniteAggregationClassifier(
            n_partitions=9, spreading_degree=2, tighten=tighten, **common
        ).fit(X, y)
        expected = overlap_radius(
            fa.votes(queries), fa.spread_, n_classes, tighten=tighten, **certificate
        )
        np.testing.assert_array_equal(fa.certified_radius(queries), expected[1])
    groups = np.arange(len(y)) // 3
    grouped = DPAClassifier(n_partitions=9, **common).fit(X, y, groups=groups)
    expected = plurality_radius(grouped.votes(queries), n_classes, cost=1, phantom=classes is None)
    np.testing.assert_array_equal(grouped.certified_radius(queries), expected[1])


@pytest.mark.parametrize("estimator", [GaussianNB(), RidgeClassifier(), LinearSVC()])
def test_runoff_is_the_election_of_the_scores(estimator, digits):
    X, y, queries, _ = (part[:300] for part in digits)
    ensemble = DPAClassifier(estimator, n_partitions=7, aggregation="runoff").fit(X, y)
    method = "predict_proba" if hasattr(estimator, "predict_proba") else "decision_function"
    scores = np.full((len(queries), 7, 10), -np.inf)
    for i, voter in enumerate(ensemble.estimators_):
        scores[:, i, voter.classes_] = getattr(voter, method)(queries)
    winner, radius = runoff_radius(scores)
    np.testing.assert_array_equal(ensemble.predict(queries), winner)
    np.testing.assert_array_equal(ensemble.certified_radius(queries), radius)
    np.testing.assert_array_equal(ensemble.votes(queries), scores.argmax(axis=2))
    y_test = digits[3][: len(queries)]
    joint = ensemble.certified_accuracy(queries, y_test, [0, 1, 2], joint=True)
    np.testing.assert_array_equal(joint, joint_runoff_accuracy(scores, y_test, [0, 1, 2]))
    assert (joint > ensemble.certified_accuracy(queries, y_test, [0, 1, 2])).any()


def test_runoff_with_two_classes_and_decision_values(iris):
    X, y = iris
    two = y != "setosa"
    ensemble = DPAClassifier(n_partitions=5, aggregation="runoff").fit(X[two], y[two])
    plain = DPAClassifier(n_partitions=5).fit(X[two], y[two])
    np.testing.assert_array_equal(ensemble.predict(X), plain.predict(X))


def test_runoff_needs_scores(iris):
    X, y = iris
    with pytest.raises(InvalidInputError, match="Stubborn has neither predict_proba nor"):
        DPAClassifier(Stubborn(), aggregation="runoff").fit(X, y)


class Stubborn(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        return X


def test_finite_aggregation_of_degree_one_is_dpa_turned(digits):
    X, y, queries, _ = (part[:300] for part in digits)
    dpa = DPAClassifier(n_partitions=8).fit(X, y)
    fa = FiniteAggregationClassifier(n_partitions=8, spreading_degree=1).fit(X, y)
    np.testing.assert_array_equal(fa.vote_counts(queries), dpa.vote_counts(queries))
    np.testing.assert_array_equal(fa.certified_radius(queries), dpa.certified_radius(queries))


@every_ensemble
def test_the_spread_says_what_voters_learn_from(ensemble, digits):
    X, y, _, _ = digits
    X, y = X[:80], y[:80]
    fitted = fresh(ensemble, estimator=KNeighborsClassifier(1)).fit(X, y)
    assert fitted.spread_.shape == (6, fitted.spread_.shape[1])
    for voter, estimator in enumerate(fitted.estimators_):
        partitions = np.flatnonzero((fitted.spread_ == voter).any(axis=1))
        rows = X[np.isin(fitted.partition_, partitions)]
        np.testing.assert_array_equal(np.sort(estimator._fit_X, axis=0), np.sort(rows, axis=0))


def test_fixed_classes(digits):
    X, y, queries, _ = (part[:300] for part in digits)
    free = DPAClassifier(n_partitions=9).fit(X, y)
    fixed = DPAClassifier(n_partitions=9, classes=list(range(9, -1, -1))).fit(X, y)
    np.testing.assert_array_equal(fixed.classes_, range(10))
    assert (fixed.certified_radius(queries) >= free.certified_radius(queries)).all()
    wider = DPAClassifier(n_partitions=9, classes=range(20)).fit(X, y)
    assert wider.vote_counts(queries).shape == (200, 20)
    with pytest.raises(InvalidInputError, match=r"labels that classes lacks: \[8, 9\]"):
        DPAClassifier(n_partitions=9, classes=range(8)).fit(X, y)


def pixel_sum(X, y):
    return X.sum(axis=1).astype(int)


@every_ensemble
def test_a_hash_function_of_ones_own(ensemble, digits):
    X, y, _, _ = digits
    fitted = fresh(ensemble, hash_function=pixel_sum).fit(X, y)
    np.testing.assert_array_equal(fitted.partition_, X.sum(axis=1) % 6)
    by_sample = fresh(
        ensemble, hash_function=lambda X, y: pixel_sum(X, y) + 3 * y, partition_by="sample"
    ).fit(X, y)
    np.testing.assert_array_equal(by_sample.partition_, (X.sum(axis=1) + 3 * y) % 6)


def test_small_integer_types_do_not_overflow(digits):
    X, y, _, _ = digits
    fitted = DPAClassifier(
        n_partitions=300, hash_function=lambda X, y: (pixel_sum(X, y) % 100).astype(np.int8)
    ).fit(X, y)
    np.testing.assert_array_equal(fitted.partition_, X.sum(axis=1) % 100)


@pytest.mark.parametrize(
    ("hash_function", "message"),
    [
        (lambda X, y: np.arange(len(X)), "another hash when no other rows"),
        (lambda X, y: np.argsort(np.argsort(X[:, 20])), "another hash when no other rows"),
        (lambda X, y: (X[:, 20] > X[:, 20].mean()).astype(int), "another hash when no other rows"),
        (lambda X, y: -pixel_sum(X, y), "non-negative integer"),
        (lambda X, y: X.sum(axis=1), "non-negative integer"),
        (lambda X, y: np.array([1, 2]), "non-negative integer"),
        (lambda X, y: pixel_sum(X, y) + y, r"failed \(y is None unless partition_by='sample'\)"),
    ],
)
def test_bad_hash_functions_are_refused(hash_function, message, digits):
    X, y, _, _ = digits
    with pytest.raises(InvalidInputError, match=message):
        DPAClassifier(n_partitions=5, hash_function=hash_function).fit(X, y)


def test_partitioning_by_sample_sees_the_label(digits):
    X, y, _, _ = digits
    other = (y + 1) % 10
    for partition_by, moves in (("features", False), ("sample", True)):
        first, second = (
            DPAClassifier(n_partitions=5, partition_by=partition_by).fit(X, labels).partition_
            for labels in (y, other)
        )
        assert (first != second).any() == moves


def test_groups_of_any_kind(digits):
    X, y, _, _ = (part[:60] for part in digits)
    names = np.arange(60) // 6
    forms = (names.astype(float), names.tolist(), pd.Series(names, index=y), names.astype(object))
    expected = DPAClassifier(n_partitions=4).fit(X, y, groups=names).partition_
    for groups in forms:
        fitted = DPAClassifier(n_partitions=4).fit(X, y, groups=groups)
        np.testing.assert_array_equal(fitted.partition_, expected)
    mixed = [*[f"reader {i}" for i in range(30)], *range(30)]
    assert len(np.unique(DPAClassifier(n_partitions=4).fit(X, y, groups=mixed).partition_)) == 4


@every_ensemble
def test_counts_of_voters_are_at_least_one(ensemble, iris):
    for name in {"n_partitions", "spreading_degree"} & set(ensemble.get_params()):
        with pytest.raises(ValueError, match=name):
            fresh(ensemble, **{name: 0}).fit(*iris)
