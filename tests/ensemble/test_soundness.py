"""No attack of a certified size changes a prediction: attacks on fitted ensembles."""

import os
import subprocess
import sys
from itertools import islice

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_blobs
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.partition import combine_hashes, hash_labels, hash_rows
from sklearn_certify.testing._attackers import attack_as_a_mass
from sklearn_certify.testing._scene import Scene
from sklearn_certify.testing._subject import make_subject
from sklearn_certify.testing._training_set import TrainingSet
from sklearn_certify.testing._trials import Trials
from sklearn_certify.testing._white_box import attack_the_margin
from sklearn_certify.threat import THREAT_MODELS

from .cases import Nearest

ENSEMBLES = {
    "dpa": DPAClassifier(n_partitions=12),
    "dpa-runoff": DPAClassifier(n_partitions=12, aggregation="runoff"),
    "dpa-sample": DPAClassifier(n_partitions=12, partition_by="sample"),
    "fa": FiniteAggregationClassifier(n_partitions=6, spreading_degree=3),
    "fa-tight": FiniteAggregationClassifier(n_partitions=6, spreading_degree=3, tighten=True),
    "fa-runoff": FiniteAggregationClassifier(
        n_partitions=6, spreading_degree=3, aggregation="runoff"
    ),
}

NEAREST = Nearest()


@pytest.fixture(scope="module")
def small(digits):
    X, y, X_test, _ = digits
    return X[:240], y[:240], X_test[:12]


def trials_on(classifier, training_set, queries, threat_model):
    """The classifier, fitted, and ready to be attacked."""
    subject, threat_model = make_subject(classifier, training_set, threat_model)
    return Trials(subject, training_set, queries, threat_model)


def broken_predictions(trials, attacker, beyond):
    """Let an attacker loose; after each attack, yield the predictions that it changed.

    Those count that were attacked by `beyond` units more than their radius. No attack may change
    what is certified at its size.
    """
    attacks, answer = attacker(Scene(trials, np.random.default_rng(0)), beyond=beyond), None
    while True:
        try:
            attack = attacks.send(answer)
        except StopIteration:
            return
        answer = trials.attack(attack)
        assert answer.counterexample is None, answer.counterexample
        changed = [] if answer.fitted is None else trials.changed_queries(answer.fitted)
        yield {query for query in changed if trials.before.radii[query] + beyond == attack.size}


def attacked(trials, attacker, beyond, n_attacks=6):
    """Say whether one of some attacks changed a prediction."""
    return any(islice(broken_predictions(trials, attacker, beyond), n_attacks))


class Quorum(ClassifierMixin, BaseEstimator):
    """A voter that one row turns, however many speak against it: what certificates reckon with.

    It obeys the row that is next to nothing away from a query. Else it needs `n_witnesses` rows
    near the query that are of one mind, and votes the label of a farther row without them.
    """

    def __init__(self, n_witnesses=1):
        self.n_witnesses = n_witnesses

    def fit(self, X, y):
        self.X_, self.y_, self.classes_ = X, y, np.unique(y)
        return self

    def predict(self, X):
        return np.array([self._vote(np.abs(self.X_ - query).max(axis=1)) for query in X])

    def _vote(self, distances):
        if distances.min() < 1e-4:
            return self.y_[distances.argmin()]
        witnesses = self.y_[distances < 1]
        if len(witnesses) >= self.n_witnesses and len(set(witnesses.tolist())) == 1:
            return witnesses[0]
        return self.y_[np.where(distances < 1, np.inf, distances).argmin()]

    def predict_proba(self, X):
        return (self.predict(X)[:, np.newaxis] == self.classes_).astype(float)


QUERIES = np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]])
WINNERS, RIVALS = [0, 1, 2], [1, 0, 1]


def witnesses(ensemble, grouped, rng):
    """Rows of which each partition has one next to each query, and one farther away.

    A few partitions have none of the first kind, so that the vote on a query is not unanimous.
    """
    subject = make_subject(ensemble, None, None)[0]
    X, y, groups = [], [], []
    for number, (query, winner, rival) in enumerate(zip(QUERIES, WINNERS, RIVALS, strict=True)):
        for label, distance in ((winner, 0.5), (rival, 5.0)):
            points = query + distance * rng.uniform(0.5, 1, size=(600, 2))
            names = [f"{number} {label} {i}" for i in range(600)]
            rows = TrainingSet(points, np.full(600, label), names if grouped else None)
            partition = subject.partitions_of_new_rows(rows).tolist()
            places = dict(zip(partition, range(600), strict=True))
            assert len(places) == max(partition) + 1
            for place, row in places.items():
                if label == rival or place > number:
                    X.append(points[row])
                    y.append(label)
                    groups.append(names[row])
    return TrainingSet(np.array(X), np.array(y), np.array(groups) if grouped else None)


CELLS = [*((kind, False) for kind in ENSEMBLES), ("dpa", True), ("fa", True)]


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize(
    ("kind", "grouped"), CELLS, ids=[f"{kind}-groups" if by else kind for kind, by in CELLS]
)
def test_attacks_break_certificates_beyond_the_radius_and_none_within(kind, threat_model, grouped):
    ensemble = clone(ENSEMBLES[kind])
    degree = getattr(ensemble, "spreading_degree", 1)
    ensemble.set_params(estimator=Quorum(degree), threat_model=threat_model)
    training_set = witnesses(ensemble, grouped, np.random.default_rng(0))
    trials = trials_on(ensemble, training_set, QUERIES, threat_model)
    assert trials.before.labels == WINNERS and trials.before.radii.max() >= 1
    assert not attacked(trials, attack_the_margin, 0)
    assert attacked(trials, attack_the_margin, 1, n_attacks=100)


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("classifier", [CertifiedKNN(15), CertifiedRNN(25.0)], ids=["knn", "rnn"])
def test_attacks_break_neighbours_beyond_the_radius_and_none_within(classifier, threat_model):
    X, y = make_blobs(200, centers=3, n_features=3, cluster_std=6.0, random_state=0)
    trials = trials_on(classifier, TrainingSet(X[10:], y[10:]), X[:10], threat_model)
    assert trials.before.radii.max() >= 1
    assert not attacked(trials, attack_as_a_mass, 0, n_attacks=40)
    assert attacked(trials, attack_as_a_mass, 1, n_attacks=40)


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_attacks_break_bagging_far_beyond_the_radius_and_none_within(threat_model):
    # the seed is a secret: the attackers do not know which rows were drawn
    X, y = make_blobs(200, centers=2, n_features=3, cluster_std=3.0, random_state=0)
    bagging = BaggingCertifiedClassifier(NEAREST, n_estimators=40, max_samples=6, alpha=0.05)
    trials = trials_on(bagging, TrainingSet(X[10:], y[10:]), X[:10], threat_model)
    assert trials.before.radii.max() >= 1
    assert not attacked(trials, attack_as_a_mass, 0, n_attacks=3)
    assert attacked(trials, attack_as_a_mass, 90, n_attacks=6)


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("kind", ["dpa", "fa"])
def test_certified_predictions_of_nearest_neighbours_survive(small, kind, threat_model):
    X, y, queries = small
    ensemble = clone(ENSEMBLES[kind]).set_params(estimator=NEAREST)
    trials = trials_on(ensemble, TrainingSet(X, y), queries, threat_model)
    assert trials.before.radii.max() > 0
    assert not attacked(trials, attack_the_margin, 0)
    assert not attacked(trials, attack_as_a_mass, 0)
    if threat_model in ("insert", "insert_delete"):
        assert attacked(trials, attack_the_margin, 1, n_attacks=100)


def test_the_radius_of_dpa_is_tight(small):
    X, y, queries = small
    ensemble = DPAClassifier(NEAREST, n_partitions=15)
    trials = trials_on(ensemble, TrainingSet(X, y), queries[:5], "insert")
    broken = set().union(*broken_predictions(trials, attack_the_margin, 1))
    assert broken == set(np.flatnonzero(trials.before.radii >= 1))


BASE_ESTIMATORS = [
    DecisionTreeClassifier(max_features=0.3),
    ExtraTreesClassifier(n_estimators=3),
    GaussianNB(),
    make_pipeline(StandardScaler(), LogisticRegression(max_iter=20)),
]


def partition_of(ensemble, x, label):
    """The partition that a new row would fall into."""
    hashes = hash_rows(x[np.newaxis])
    if ensemble.partition_by == "sample":
        hashes = combine_hashes(hashes, hash_labels([label]))
    return int(hashes[0] % np.uint64(len(ensemble.spread_)))


def voters_that_may_change(before, rows, labels):
    partitions = {partition_of(before, x, label) for x, label in zip(rows, labels, strict=True)}
    return np.unique(before.spread_[list(partitions)])


def labels_of(ensemble, queries):
    votes = ensemble.votes(queries)
    return np.where(votes < 0, -99, ensemble.classes_[votes])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator", BASE_ESTIMATORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("kind", ["dpa", "dpa-sample", "fa", "fa-runoff"])
def test_untouched_voters_do_not_move(small, kind, estimator):
    X, y, queries = small
    y = y.copy()
    rng = np.random.default_rng(3)
    before = clone(ENSEMBLES[kind]).set_params(estimator=estimator).fit(X, y)
    votes = labels_of(before, queries)

    new = queries[0] + 1
    order = rng.permutation(len(y))
    changed_X, changed_y, flipped = X.copy(), y.copy(), y.copy()
    changed_X[5], changed_y[5] = new, 8
    flipped[7] = -3  # a label that nobody has, sorted before all others
    rare = np.flatnonzero(y == 9)
    cases = {
        "added": (np.insert(X, 17, new, axis=0), np.insert(y, 17, 4), [new], [4]),
        "invented label": (np.vstack([new, X]), np.append(-7, y), [new], [-7]),
        "removed": (np.delete(X, 3, axis=0), np.delete(y, 3), [X[3]], [y[3]]),
        "changed": (changed_X, changed_y, [X[5], new], [y[5], 8]),
        "flipped": (X, flipped, [X[7], X[7]], [y[7], -3]),
        "permuted": (X[order], y[order], [], []),
        "class gone": (np.delete(X, rare, axis=0), np.delete(y, rare), X[rare], y[rare]),
    }
    for case, (X_after, y_after, rows, labels) in cases.items():
        after = clone(before).fit(X_after, y_after)
        touched = voters_that_may_change(before, np.array(rows).reshape(-1, X.shape[1]), labels)
        untouched = np.setdiff1d(np.arange(before.n_voters_), touched)
        assert len(untouched) or case == "class gone", case
        np.testing.assert_array_equal(
            labels_of(after, queries)[:, untouched], votes[:, untouched], err_msg=case
        )


def test_string_labels_leave_no_trace(small):
    # one long invented label widens the string type of y, which no voter may notice
    X, y, queries = small
    y = np.array(
        [
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"][i]
            for i in y
        ]
    )
    before = DPAClassifier(DecisionTreeClassifier(), n_partitions=8).fit(X, y)
    after = clone(before).fit(np.vstack([X, queries[:1]]), np.append(y, "a" * 100))
    touched = partition_of(before, queries[0], "a" * 100)
    for voter in set(range(8)) - {touched}:
        assert after.estimators_[voter].classes_.dtype == before.estimators_[voter].classes_.dtype
    untouched = np.arange(8) != touched
    np.testing.assert_array_equal(
        after.classes_[after.votes(queries)][:, untouched],
        before.classes_[before.votes(queries)][:, untouched],
    )


SCRIPT = """
import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn_certify import FiniteAggregationClassifier
X, y = load_digits(return_X_y=True)
names = np.array("zero one two three four five six seven eight nine".split())
X, y, queries = X[:300], names[y[:300]], X[300:340]
order = np.random.default_rng({order}).permutation(300)
ensemble = FiniteAggregationClassifier(
    ExtraTreesClassifier(n_estimators=2), n_partitions=5, spreading_degree=2, n_jobs={n_jobs}
).fit(X[order], y[order])
print(ensemble.votes(queries).tolist(), ensemble.partition_[np.argsort(order)].tolist())
"""


def test_processes_agree_bit_for_bit():
    outputs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT.format(order=order, n_jobs=n_jobs)],
            env={**os.environ, "PYTHONHASHSEED": str(order)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for order, n_jobs in ((1, 1), (2, 2))
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 1000


class FirstRow(ClassifierMixin, BaseEstimator):
    """Votes the label of the row that it was given first: nothing depends on order more."""

    def fit(self, X, y):
        self.classes_, self.label_ = np.unique(y), y[0]
        return self

    def predict(self, X):
        return np.full(len(X), self.label_)


@pytest.mark.parametrize("kind", ["dpa", "dpa-sample", "fa"])
def test_voters_get_their_rows_in_canonical_order(small, kind):
    X, y, queries = small
    X = np.vstack([X, X[:40]])  # rows that differ in nothing but the label
    y = np.append(y, (y[:40] + 1) % 10)
    ensemble = clone(ENSEMBLES[kind]).set_params(estimator=FirstRow())
    votes = ensemble.fit(X, y).votes(queries)
    assert len(np.unique(votes)) > 2
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(y))
        np.testing.assert_array_equal(ensemble.fit(X[order], y[order]).votes(queries), votes)
