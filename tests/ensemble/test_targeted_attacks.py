"""Attackers who want one label, let loose on a fitted ensemble whose voters one row turns."""

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from sklearn_certify import DPAClassifier, TemporalAggregationClassifier
from sklearn_certify.learners import StackedRidgeClassifier
from sklearn_certify.partition import hash_rows, split

from .cases import Nearest

N_PARTITIONS = 15


@pytest.fixture(scope="module")
def blobs():
    X, y = make_blobs(200, centers=4, n_features=2, cluster_std=5.0, random_state=0)
    return X[8:], y[8:], X[:8]


def fitted(X, y):
    return DPAClassifier(Nearest(), N_PARTITIONS, threat_model="insert").fit(X, y)


def voters_to_turn(votes, target, size):
    """Choose voters such that the target passes all classes, if so few can do it."""
    votes = np.asarray(votes)
    chosen = []
    for label in range(4):
        lead = (votes == label).sum() - (votes == target).sum() + (label < target)
        if label != target and lead > size:
            chosen += np.flatnonzero(votes == label)[: lead - size].tolist()
    others = np.setdiff1d(np.flatnonzero(votes != target), chosen)
    return [*chosen, *others.tolist()][:size]


def attack(X, y, query, votes, target, size):
    """Return what is predicted once a row next to the query has come to some partitions."""
    copies = query + np.random.default_rng(0).normal(scale=1e-9, size=(400, 2))
    partition = split(hash_rows(copies), N_PARTITIONS).tolist()
    added = copies[[partition.index(voter) for voter in voters_to_turn(votes, target, size)]]
    poisoned = fitted(np.vstack([X, added]), np.append(y, [target] * len(added)))
    return poisoned.predict(query[np.newaxis])[0]


def test_the_radius_of_dpa_is_tight(blobs):
    X, y, queries = blobs
    clean = fitted(X, y)
    votes, labels, radii = clean.votes(queries), clean.predict(queries), []
    for target in range(5):  # the last label is invented
        against = clean.certified_radius(queries, target=target)
        for query in np.flatnonzero(labels != target):
            case = X, y, queries[query], votes[query], target
            assert attack(*case, against[query]) != target
            if target < 4:  # an invented label that sorts last loses ties, which the bound allows
                assert attack(*case, against[query] + 1) == target
        radii.append(against)
    assert (np.max(radii, axis=0) > clean.certified_radius(queries)).any()


def test_radii_in_periods_are_those_without_a_target(blobs):
    X, y, queries = blobs
    temporal = TemporalAggregationClassifier(window=2).fit(X, y, np.arange(len(y)) // 12)
    labels, radii = temporal.predict_certified(queries)
    assert radii.max() > 0
    for target in range(5):
        against = temporal.certified_radius(queries, target=target)
        np.testing.assert_array_equal(against, np.where(labels == target, -1, radii))


@pytest.mark.parametrize("n_partitions", [3, 41])
def test_open_voters_prove_what_closed_ones_do_and_more(n_partitions):
    X, y = make_blobs(300, centers=3, n_features=2, cluster_std=3.0, random_state=0)
    voter = StackedRidgeClassifier(store_rows=True)
    options = {"threat_model": "label_flip", "classes": range(4), "n_partitions": n_partitions}
    closed, opened = (
        DPAClassifier(voter, label_flips=how, **options).fit(X, y)
        for how in ("black_box", "white_box")
    )
    labels, radii = opened.predict_certified(X[:20])
    for target in range(4):
        against = opened.certified_radius(X[:20], target=target)
        more = np.maximum(closed.certified_radius(X[:20], target=target), radii)
        np.testing.assert_array_equal(against == -1, labels == target)
        assert (against >= more)[labels != target].all()
