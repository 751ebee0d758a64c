"""Voters that say "none of them": they abstain, nobody fails, and no radius is too large."""

import warnings
from itertools import combinations
from zlib import crc32

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import RadiusNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.certificates import bagging_radius, overlap_radius, plurality_radius
from sklearn_certify.exceptions import VoterError, VoterWarning
from sklearn_certify.testing._subject import make_subject
from sklearn_certify.testing._training_set import Attack, TrainingSet, Unit
from sklearn_certify.testing._trials import Trials

RADIUS, NOBODY = 22.0, -1
NAMES = np.array(["o", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])


@pytest.fixture(scope="module")
def some_digits(digits):
    X, y, queries, _ = digits
    return X[:600], y[:600], queries[:60]


class Wrapper(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Hands rows on, and has the answer under another name than its estimator's parameters."""

    def __init__(self, estimator):
        self.estimator = estimator

    def fit(self, X, y):
        self.estimator_ = clone(self.estimator).fit(X, y)
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X):
        return self.estimator_.predict(X)

    def predict_proba(self, X):
        return self.estimator_.predict_proba(X)


class SaysSo(RadiusNeighborsClassifier):
    """Says by an attribute what it means, and has no parameter that tells."""

    def __init__(self, radius=1.0):
        super().__init__(radius=radius)

    def fit(self, X, y):
        super().fit(X, y)
        self.outlier_label_ = [NOBODY]
        self.abstention_label_ = NOBODY
        return self


NEIGHBORS = RadiusNeighborsClassifier(RADIUS, outlier_label=NOBODY)
WAYS = {
    "tree": NEIGHBORS,
    "brute force": RadiusNeighborsClassifier(RADIUS, algorithm="brute", outlier_label=NOBODY),
    "list": RadiusNeighborsClassifier(RADIUS, outlier_label=[NOBODY]),
    "pipeline": make_pipeline(FunctionTransformer(), NEIGHBORS),
    "search": GridSearchCV(NEIGHBORS, {"p": [2]}, cv=[([0, 1], [0, 1])]),
    "wrapper": Wrapper(make_pipeline(NEIGHBORS)),
    "ours": CertifiedRNN(RADIUS, "euclidean", NOBODY),
    "attribute": SaysSo(RADIUS),
    "attribute inside": make_pipeline(Wrapper(SaysSo(RADIUS))),
}
LABELS = {
    "numbers": lambda y: y,
    "bytes": lambda y: y.astype(np.uint8),
    "texts": lambda y: NAMES[y],
    "objects": lambda y: NAMES[y].astype(object),
}


def expected_votes(dpa, X, y, queries):
    """What each voter's neighbours say, in the order of ``classes_``."""
    votes = np.full((len(queries), dpa.n_voters_), -1)
    for voter in range(dpa.n_voters_):
        rows = dpa.partition_ == voter
        distances = np.sqrt(np.square(queries[:, None] - X[rows]).sum(axis=2))
        near = (distances <= RADIUS)[:, :, None] & (y[rows][:, None] == dpa.classes_)
        counts = near.sum(axis=1)
        votes[:, voter] = np.where(counts.any(axis=1), counts.argmax(axis=1), -1)
    return votes


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("way", WAYS)
def test_whoever_finds_nobody_near_abstains(way, kind, some_digits):
    X, y, queries = some_digits
    y = LABELS[kind](y)
    if "attribute" in way and kind != "numbers":
        pytest.skip("scikit-learn puts labels into an array of their type")
    dpa = DPAClassifier(WAYS[way], n_partitions=12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # neither failures nor outliers are spoken of
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        dpa.fit(X, y)
        votes = dpa.votes(queries)
        shares = dpa.predict_proba(queries)
        runoff = DPAClassifier(WAYS[way], n_partitions=12, aggregation="runoff").fit(X, y)
        first_round = runoff.votes(queries)
    assert 0.1 < (votes == -1).mean() < 0.9
    np.testing.assert_array_equal(votes, expected_votes(dpa, X, y, queries))
    np.testing.assert_array_equal(first_round, votes)
    cast = np.maximum((votes >= 0).sum(axis=1), 1)
    heard = (votes >= 0).any(axis=1)
    np.testing.assert_allclose(
        shares[heard], (dpa.vote_counts(queries) / cast[:, None])[heard], rtol=1e-12
    )
    expected = plurality_radius(votes, len(dpa.classes_))
    np.testing.assert_array_equal(dpa.predict(queries), dpa.classes_[expected[0]])
    np.testing.assert_array_equal(dpa.certified_radius(queries), expected[1])


@pytest.mark.parametrize("label", ["none of them", NOBODY], ids=["longer text", "number"])
@pytest.mark.parametrize("kind", LABELS)
def test_any_label_will_do_that_nobody_has(kind, label, some_digits):
    X, y, queries = some_digits
    y = LABELS[kind](y)
    dpa = DPAClassifier(clone(NEIGHBORS).set_params(outlier_label=label), n_partitions=12)
    votes = dpa.fit(X, y).votes(queries)
    np.testing.assert_array_equal(votes, expected_votes(dpa, X, y, queries))
    runoff = dpa.set_params(aggregation="runoff").fit(X, y)
    np.testing.assert_array_equal(runoff.votes(queries), votes)


@pytest.mark.parametrize("classes", [None, range(10)])
@pytest.mark.parametrize("aggregation", ["plurality", "runoff"])
@pytest.mark.parametrize("kind", ["numbers", "bytes"])
@pytest.mark.parametrize("way", ["tree", "brute force", "pipeline", "ours"])
def test_a_label_that_others_have_is_a_vote(way, kind, aggregation, classes, some_digits):
    X, y, queries = some_digits
    y = LABELS[kind](y)
    estimator = clone(WAYS[way])
    inner = {"pipeline": "radiusneighborsclassifier__outlier_label"}.get(way, "outlier_label")
    estimator.set_params(**{inner: 3})
    dpa = DPAClassifier(estimator, n_partitions=12, aggregation=aggregation, classes=classes)
    votes = dpa.fit(X, y).votes(queries)
    expected = expected_votes(dpa, X, y, queries)
    np.testing.assert_array_equal(votes, np.where(expected == -1, 3, expected))


@pytest.mark.parametrize("aggregation", ["plurality", "runoff"])
def test_a_voter_votes_for_labels_of_its_rows_unless_labels_are_fixed(aggregation, some_digits):
    X, y, queries = some_digits
    y = np.where(y == 3, 4, y)
    y[7] = 3  # one voter alone has it
    estimator = clone(NEIGHBORS).set_params(outlier_label=3)
    dpa = DPAClassifier(estimator, n_partitions=12, aggregation=aggregation).fit(X, y)
    expected = expected_votes(dpa, X, y, queries)
    knows = np.arange(12) == dpa.partition_[7]
    # classes_ misses no label here, so positions are labels
    as_votes = np.where(expected == -1, 3, expected)
    np.testing.assert_array_equal(dpa.votes(queries), np.where(knows, as_votes, expected))
    fixed = clone(dpa).set_params(classes=range(10)).fit(X, y)
    np.testing.assert_array_equal(fixed.votes(queries), as_votes)


class Stranger(RadiusNeighborsClassifier):
    """Knows a label for "none of them", and says another one at times."""

    def predict(self, X):
        return np.where(X[:, 0] > 0, 99, super().predict(X))


def test_other_labels_that_nobody_has_are_failures(some_digits):
    X, y, queries = some_digits
    queries = queries.copy()
    queries[::2, 0] = 1
    dpa = DPAClassifier(Stranger(RADIUS, outlier_label=NOBODY), n_partitions=12).fit(X, y)
    with pytest.raises(VoterError, match="it predicted 99, which is no label of y"):
        dpa.predict(queries)
    dpa.set_params(on_voter_error="abstain")
    with pytest.warns(VoterWarning, match="12 of 12 voters failed and abstain where they did"):
        votes = dpa.votes(queries)
    assert (votes[::2] == -1).all() and (votes[1::2] >= 0).any()
    with pytest.raises(VoterError, match="All 12 voters failed"):
        dpa.predict(queries[::2])  # nobody says anything of any row
    with pytest.raises(VoterError, match="No neighbors found"):
        DPAClassifier(RadiusNeighborsClassifier(1e-9), n_partitions=3).fit(X, y).predict(queries)


def test_voters_whose_rows_have_one_label_abstain_too():
    X = np.array([[0.0], [0.1], [5.0], [5.1]])
    y = np.array([0, 0, 1, 1])
    dpa = DPAClassifier(
        RadiusNeighborsClassifier(1.0, outlier_label=NOBODY),
        n_partitions=2,
        hash_function=lambda X, y: (X[:, 0] > 3).astype(int),
    ).fit(X, y)
    np.testing.assert_array_equal(dpa.votes([[0.0], [5.0], [9.0]]), [[0, -1], [-1, 1], [-1, -1]])


# ---- nobody votes


ENSEMBLES = {
    "dpa": DPAClassifier(n_partitions=6),
    "dpa-runoff": DPAClassifier(n_partitions=6, aggregation="runoff"),
    "fa": FiniteAggregationClassifier(n_partitions=3, spreading_degree=2),
    "fa-tight": FiniteAggregationClassifier(n_partitions=3, spreading_degree=2, tighten=True),
    "fa-runoff": FiniteAggregationClassifier(
        n_partitions=3, spreading_degree=2, aggregation="runoff"
    ),
    "bagging": BaggingCertifiedClassifier(n_estimators=30, max_samples=40, random_state=0),
}


@pytest.mark.parametrize("classes", [None, range(10)])
@pytest.mark.parametrize("kind", ENSEMBLES)
def test_where_nobody_votes_nothing_is_certified(kind, classes, some_digits):
    X, y, queries = some_digits
    queries = np.vstack([queries[:5], np.full((2, 64), 99.0), queries[5:9]])
    ensemble = clone(ENSEMBLES[kind]).set_params(estimator=NEIGHBORS, classes=classes).fit(X, y)
    labels, radii = ensemble.predict_certified(queries)
    assert (ensemble.votes(queries)[5:7] == -1).all()
    assert (labels[5:7] == 0).all()
    assert (radii[5:7] == (-1 if kind == "bagging" else 0)).all()
    np.testing.assert_array_equal(ensemble.predict_proba(queries)[5:7], np.eye(10)[[0, 0]])
    np.testing.assert_array_equal(ensemble.predict(queries), labels)
    others = np.delete(queries, [5, 6], axis=0)
    if kind != "bagging":  # whose confidence is spent on all rows
        np.testing.assert_array_equal(
            ensemble.predict_certified(others),
            (np.delete(labels, [5, 6]), np.delete(radii, [5, 6])),
        )
    if ensemble._election_type().has_joint_accuracy:
        y_test = np.array([1, 1])
        assert ensemble.certified_accuracy(queries[5:7], y_test, 0, joint=True) == 0
        assert ensemble.certified_accuracy(queries[5:7], [0, 1], 1, joint=True) == 0


def test_a_row_on_which_all_voters_fail_is_one_row(some_digits):
    X, y, queries = some_digits

    class Touchy(RadiusNeighborsClassifier):
        def predict(self, X):
            return np.where(X[:, 0] > 90, 1234, super().predict(X))

    queries = np.vstack([queries[:5], np.full((2, 64), 99.0)])
    for ensemble in ENSEMBLES.values():
        if getattr(ensemble, "aggregation", "") == "runoff":
            continue
        ensemble = clone(ensemble).set_params(
            estimator=Touchy(100.0, outlier_label=NOBODY), on_voter_error="abstain"
        )
        with pytest.warns(VoterWarning, match="voters failed"):
            labels, radii = ensemble.fit(X, y).predict_certified(queries)
        assert (labels[5:] == 0).all() and (radii[5:] <= 0).all()
        with pytest.raises(VoterError, match=r"All \d+ voters failed; .* predicted 1234"):
            ensemble.predict(queries[5:])


def test_all_rows_of_a_call_count_and_not_those_of_a_chunk(some_digits, monkeypatch):
    from sklearn_certify.ensemble import _base_ensemble

    X, y, queries = some_digits
    monkeypatch.setattr(_base_ensemble, "_CHUNK_BYTES", 1)  # sixteen rows at a time
    queries = queries.copy()
    queries[:16, 0] = 1
    dpa = DPAClassifier(
        Stranger(RADIUS, outlier_label=NOBODY), n_partitions=12, on_voter_error="abstain"
    ).fit(X, y)
    with pytest.warns(VoterWarning, match="12 of 12 voters"):
        votes = dpa.votes(queries)
    assert (votes[:16] == -1).all() and (votes[16:] >= 0).any()
    queries[:, 0] = 1
    with pytest.raises(VoterError, match="All 12 voters failed"):
        dpa.votes(queries)


@pytest.mark.parametrize("kind", ["fa", "bagging"])
def test_certificates_are_those_of_the_votes(kind, some_digits):
    X, y, queries = some_digits
    ensemble = clone(ENSEMBLES[kind]).set_params(estimator=NEIGHBORS).fit(X, y)
    votes = ensemble.votes(queries)
    assert 0.1 < (votes == -1).mean() < 0.9
    if kind == "fa":
        expected = overlap_radius(votes, ensemble.spread_, 10)
    else:
        expected = bagging_radius(
            ensemble.vote_counts(queries), len(X), max_samples=40, n_voters=30, alpha=0.001
        )
    labels, radii = ensemble.predict_certified(queries)
    np.testing.assert_array_equal(labels, expected[0])
    np.testing.assert_array_equal(radii, expected[1])


def test_contributors(some_digits):
    X, y, queries = some_digits
    groups = np.arange(len(y)) // 5
    dpa = DPAClassifier(NEIGHBORS, n_partitions=12).fit(X, y, groups=groups)
    votes = dpa.votes(queries)
    np.testing.assert_array_equal(votes, expected_votes(dpa, X, y, queries))
    np.testing.assert_array_equal(dpa.certified_radius(queries), plurality_radius(votes, 10)[1])


# ---- attacks


class Chaotic(ClassifierMixin, BaseEstimator):
    """A voter that another row turns to anything, "none of them" among it.

    Its votes are a checksum of its rows; it leans to the smallest label, or to none at all.
    """

    def __init__(self, outlier_label=None, leans_to_none=False):
        self.outlier_label = outlier_label
        self.leans_to_none = leans_to_none

    def fit(self, X, y):
        self.checksum_ = crc32(np.column_stack([X, y]).tobytes())
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        draws = np.array([crc32(query.tobytes(), self.checksum_) % 1000 / 1000 for query in X])
        choices = np.clip(draws * 3 - 1.8, 0, 0.99) * (len(self.classes_) + 1) / 1.2
        if self.leans_to_none:
            choices = len(self.classes_) - choices
        choices = choices.astype(int)
        scores = 1.0 / (1 + np.abs(choices[:, None] - np.arange(len(self.classes_))))
        return np.where(choices[:, None] == len(self.classes_), 0.0, scores)

    def predict(self, X):
        scores = self.predict_proba(X)
        labels = self.classes_[scores.argmax(axis=1)]
        return np.where(scores.any(axis=1), labels, self.outlier_label)


def address(X, y):
    return X[:, 0].astype(np.int64)


def poison(training_set, labels):
    """Units of "modify" over a small universe of rows: rows that come, go, or are replaced."""
    newcomers = [
        Unit((), np.array([[place, 99.0]]), np.array([label]))
        for place in range(6)
        for label in labels
    ]
    return newcomers + [Unit((row,)) for row in range(len(training_set))]


@pytest.mark.parametrize(
    ("outlier_label", "leans_to_none", "classes"),
    [
        (-1, False, None),
        (-1, True, None),
        (-1, False, (0, 1, 2)),
        (2, True, None),
        (2, True, (0, 1, 2)),
        (5, True, None),
    ],
)
@pytest.mark.parametrize("kind", [kind for kind in ENSEMBLES if kind != "bagging"])
def test_no_radius_is_too_large(kind, outlier_label, leans_to_none, classes):
    """Also where the attacker's label is that of "none of them", or the last of its label goes."""
    rng = np.random.default_rng(0)
    X = np.column_stack([np.repeat(np.arange(6.0), 2), np.arange(12)])
    y = np.tile([0, 1, 0, 1], 3)
    y[5] = 2  # one row alone has it
    training_set = TrainingSet(X, y)
    queries = np.arange(30.0)[:, None] * np.ones(2)
    ensemble = clone(ENSEMBLES[kind]).set_params(
        estimator=Chaotic(outlier_label, leans_to_none), classes=classes, hash_function=address
    )
    subject, _ = make_subject(ensemble, training_set, "insert_delete")
    trials = Trials(subject, training_set, queries, "insert_delete")
    assert (trials.fitted.votes(queries) == -1).any() or outlier_label in y
    units = poison(training_set, (0, 1, 2) if classes else (-3, -1, 0, 1, 2, 5))
    pairs = [pair for pair in combinations(units, 2) if pair[0].removed != pair[1].removed or ()]
    attacks = [(unit,) for unit in units] + [pairs[i] for i in rng.permutation(len(pairs))[:20]]
    for units_of_attack in attacks:
        trial = trials.attack(Attack("brute force", units_of_attack))
        assert trial.counterexample is None, trial.counterexample


def test_a_label_cannot_be_made_of_what_voters_say_when_they_abstain():
    """One row with that label would turn all voters that abstain at once."""
    X = np.array([[float(place), i] for place in range(12) for i in (0.0, 1.0)])
    y = np.zeros(24, dtype=int)
    y[1::2] = 1
    for aggregation in ("plurality", "runoff"):
        dpa = DPAClassifier(
            RadiusNeighborsClassifier(0.5, outlier_label=NOBODY),
            n_partitions=12,
            hash_function=address,
            aggregation=aggregation,
        )
        query = [[5.0, 0.0]]
        votes = dpa.fit(X, y).votes(query)
        assert (votes == -1).sum() == 11
        bad = dpa.fit(np.vstack([X, [[0.0, 9.0]]]), np.append(y, NOBODY))
        assert bad.classes_.tolist() == [-1, 0, 1]
        np.testing.assert_array_equal(
            bad.votes(query)[:, 1:], np.where(votes < 0, -1, votes + 1)[:, 1:]
        )
