"""No attack of a certified size changes a prediction: attacks on fitted ensembles."""

import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.partition import combine_hashes, hash_labels, hash_rows
from sklearn_certify.threat import THREAT_MODELS

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

# A voter that one row turns: the nearest row decides. Ties in distance go to the row that comes
# first in canonical order, so attacks copy the query and move it a little.
NEAREST = KNeighborsClassifier(n_neighbors=1)


@pytest.fixture(scope="module")
def small(digits):
    X, y, X_test, _ = digits
    return X[:240], y[:240], X_test[:12]


def partition_of(ensemble, x, label):
    """The partition that a new row would fall into."""
    hashes = hash_rows(x[np.newaxis])
    if ensemble.partition_by == "sample":
        hashes = combine_hashes(hashes, hash_labels([label]))
    return int(hashes[0] % np.uint64(len(ensemble.spread_)))


def copies_by_partition(ensemble, query, label, rng):
    """A row next to the query for each partition: what an inserting attacker would send."""
    rows = {}
    while len(rows) < len(ensemble.spread_):
        row = query + rng.uniform(-1e-6, 1e-6, size=query.shape)
        rows.setdefault(partition_of(ensemble, row, label), row)
    return rows


def worst_partitions(ensemble, votes, winner, rival):
    """Partitions in the order of the damage that turning their voters to the rival does."""
    weights = 1 + (votes == winner).astype(int) - (votes == rival)
    chosen, turned = [], np.zeros(len(votes), dtype=bool)
    for _ in range(len(ensemble.spread_)):
        damage = (weights * ~turned)[ensemble.spread_].sum(axis=1)
        damage[chosen] = -1
        chosen.append(int(damage.argmax()))
        turned[ensemble.spread_[chosen[-1]]] = True
    return chosen


def insert(ensemble, X, y, query, rival, partitions, rng):
    rows = copies_by_partition(ensemble, query, rival, rng)
    added = np.array([rows[j] for j in partitions]).reshape(-1, X.shape[1])
    return np.vstack([X, added]), np.append(y, np.full(len(partitions), rival, dtype=y.dtype))


def nearest_in(ensemble, X, y, query, winner, partitions):
    """The row of each partition that keeps its voters for the winner."""
    for j in partitions:
        rows = np.flatnonzero((ensemble.partition_ == j) & (y == winner))
        if len(rows):
            yield rows[np.abs(X[rows] - query).sum(axis=1).argmin()]


def attack(ensemble, X, y, query, winner, rival, size, rng):
    """Poison (X, y) with `size` units of the ensemble's threat model, as harmfully as we can."""
    indices = {label: index for index, label in enumerate(ensemble.classes_.tolist())}
    votes = ensemble.votes(query[np.newaxis])[0]
    partitions = worst_partitions(ensemble, votes, indices[winner], indices.get(rival, -2))
    threat_model = ensemble.threat_model
    if threat_model in ("insert", "insert_delete"):
        return insert(ensemble, X, y, query, rival, partitions[:size], rng)
    rows = list(nearest_in(ensemble, X, y, query, winner, partitions))[:size]
    if threat_model == "delete":
        return np.delete(X, rows, axis=0), np.delete(y, rows)
    X, y = X.copy(), y.copy()
    y[rows] = rival
    if threat_model == "modify":
        # each changed row leaves a partition that votes for the winner and enters another one
        copies = copies_by_partition(ensemble, query, rival, rng)
        left = {int(ensemble.partition_[row]) for row in rows}
        free = [j for j in partitions if j not in left]
        for row, j in zip(rows, free, strict=False):
            X[row] = copies[j]
    return X, y


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
@pytest.mark.parametrize("kind", ENSEMBLES)
def test_certified_predictions_survive_attacks(small, kind, threat_model):
    X, y, queries = small
    rng = np.random.default_rng(0)
    ensemble = clone(ENSEMBLES[kind]).set_params(estimator=NEAREST, threat_model=threat_model)
    ensemble.fit(X, y)
    labels, radii = ensemble.predict_certified(queries)
    counts = ensemble.vote_counts(queries)
    assert radii.max() > 0
    broken = 0
    for query, label, radius, count in zip(queries, labels, radii, counts, strict=True):
        order = ensemble.classes_[np.argsort(-count, kind="stable")]
        runner_up = next(c for c in order if c != label)
        for rival in (runner_up, -1):  # -1 is an invented label, which sorts first
            for size in (radius, radius + 1):
                X_bad, y_bad = attack(ensemble, X, y, query, label, rival, size, rng)
                after = clone(ensemble).fit(X_bad, y_bad).predict(query[np.newaxis])[0]
                if size == radius:
                    assert after == label
                else:
                    broken += after != label
    if threat_model in ("insert", "insert_delete"):
        assert broken > 0  # the attack is one


def test_the_radius_of_dpa_is_tight(small):
    X, y, queries = small
    rng = np.random.default_rng(1)
    ensemble = DPAClassifier(NEAREST, n_partitions=15).fit(X, y)
    labels, radii = ensemble.predict_certified(queries)
    for query, label, radius in zip(queries, labels, radii, strict=True):
        changed = False
        for rival in [c for c in ensemble.classes_ if c != label] + [-1]:
            X_bad, y_bad = attack(ensemble, X, y, query, label, rival, radius + 1, rng)
            changed |= clone(ensemble).fit(X_bad, y_bad).predict(query[np.newaxis])[0] != label
        assert changed


@pytest.mark.parametrize("kind", ["dpa", "fa"])
def test_a_group_is_one_unit_of_poison(small, kind):
    X, y, queries = small
    rng = np.random.default_rng(2)
    groups = np.array([f"contributor {i // 4}" for i in range(len(y))])
    ensemble = clone(ENSEMBLES[kind]).set_params(estimator=NEAREST, threat_model="modify")
    ensemble.fit(X, y, groups=groups)
    assert all(len(np.unique(ensemble.partition_[groups == g])) == 1 for g in np.unique(groups))
    labels, radii = ensemble.predict_certified(queries)
    assert radii.max() > 0
    for query, label, radius in zip(queries, labels, radii, strict=True):
        counts = ensemble.vote_counts(query[np.newaxis])[0]
        rival = next(c for c in ensemble.classes_[np.argsort(-counts)] if c != label)
        votes = ensemble.votes(query[np.newaxis])[0]
        index = np.searchsorted(ensemble.classes_, [label, rival])
        partitions = worst_partitions(ensemble, votes, *index)[:radius]
        # in each of those partitions one contributor replaces every row by copies of the query
        bad = [groups[ensemble.partition_ == j][0] for j in partitions]
        X_bad, y_bad, rows = X.copy(), y.copy(), np.isin(groups, bad)
        X_bad[rows] = query + rng.uniform(-1e-6, 1e-6, size=(rows.sum(), X.shape[1]))
        y_bad[rows] = rival
        after = clone(ensemble).fit(X_bad, y_bad, groups=groups)
        assert after.predict(query[np.newaxis])[0] == label


BASE_ESTIMATORS = [
    DecisionTreeClassifier(max_features=0.3),
    ExtraTreesClassifier(n_estimators=3),
    GaussianNB(),
    make_pipeline(StandardScaler(), LogisticRegression(max_iter=20)),
]


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
