"""Attacks on a handful of rows, from fit to prediction: no radius is too large."""

from itertools import combinations
from zlib import crc32

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.testing._subject import make_subject
from sklearn_certify.testing._training_set import Attack, TrainingSet, Unit
from sklearn_certify.testing._trials import Trials
from sklearn_certify.threat import THREAT_MODELS

LABELS = (0, 1, 2)
MOST = 66  # attacks of each size: all there are, or as many by chance


class Chaotic(ClassifierMixin, BaseEstimator):
    """A voter that another row turns to anything: its votes are a checksum of its rows."""

    def fit(self, X, y):
        self.checksum_ = crc32(np.column_stack([X, y]).tobytes())
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        # votes lean to the smallest label, so that some predictions have a radius
        draws = [crc32(query.tobytes(), self.checksum_) % 1000 / 1000 for query in X]
        first = np.array([max(draw * 3 - 1.8, 0) * len(self.classes_) / 1.2 for draw in draws])
        return -np.abs(first.astype(int)[:, None] - np.arange(len(self.classes_)))

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def address(X, y):
    """A row's hash: its first cell, and its label where the partition may see it."""
    return X[:, 0].astype(np.int64) + (0 if y is None else y)


ENSEMBLES = {
    "dpa": DPAClassifier(n_partitions=6),
    "dpa-runoff": DPAClassifier(n_partitions=6, aggregation="runoff"),
    "dpa-sample": DPAClassifier(n_partitions=6, partition_by="sample"),
    "fa": FiniteAggregationClassifier(n_partitions=3, spreading_degree=2),
    "fa-tight": FiniteAggregationClassifier(n_partitions=3, spreading_degree=2, tighten=True),
    "fa-runoff": FiniteAggregationClassifier(
        n_partitions=3, spreading_degree=2, aggregation="runoff"
    ),
}


def units_of(threat_model, training_set):
    """All units of poison over a small universe of rows."""
    newcomers = [
        Unit((), np.array([[place, 99.0]]), np.array([label]))
        for place in range(6)
        for label in LABELS
    ]
    rows = range(len(training_set))
    removals = [Unit((row,)) for row in rows]
    if threat_model == "label_flip":
        return [
            Unit((row,), training_set.X[[row]], np.array([label]))
            for row in rows
            for label in LABELS
            if label != training_set.y[row]
        ]
    if threat_model == "modify":
        changes = [Unit((row,), new.X, new.y) for row in rows for new in newcomers]
        return changes + newcomers + removals
    return {
        "insert": newcomers,
        "delete": removals,
        "insert_delete": newcomers + removals,
    }[threat_model]


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("kind", ENSEMBLES)
def test_no_radius_is_too_large(kind, threat_model):
    rng = np.random.default_rng(0)
    X = np.column_stack([np.repeat(np.arange(6.0), 2), np.arange(12)])
    training_set = TrainingSet(X, np.tile([0, 1, 0, 2], 3))
    queries = np.arange(80.0)[:, None] * np.ones(2)
    ensemble = clone(ENSEMBLES[kind]).set_params(
        estimator=Chaotic(), classes=LABELS, hash_function=address
    )
    subject, _ = make_subject(ensemble, training_set, threat_model)
    trials = Trials(subject, training_set, queries, threat_model)
    assert trials.before.radii.max() >= (0 if threat_model == "modify" else 1)

    units = units_of(threat_model, training_set)
    pairs = [
        pair for pair in combinations(units, 2) if not set(pair[0].removed) & set(pair[1].removed)
    ]
    turned = set()
    for attacks in ([(unit,) for unit in units], pairs):
        for choice in rng.permutation(len(attacks))[:MOST]:
            attack = Attack("brute force", attacks[choice])
            trial = trials.attack(attack)
            assert trial.counterexample is None, trial.counterexample
            turned.update(
                query
                for query in trials.changed_queries(trial.fitted)
                if trials.before.radii[query] + 1 == attack.size
            )
    assert turned  # the attacks are as strong as certificates reckon with
