"""check_soundness finds what is wrong with classifiers that are wrong on purpose."""

from functools import partial
from typing import ClassVar

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_blobs
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.base import CertifiedClassifierMixin
from sklearn_certify.partition import canonical_order, hash_labels, hash_rows
from sklearn_certify.testing import check_soundness
from tests.ensemble.cases import Nearest

NEAREST = Nearest()


@pytest.fixture(scope="module")
def blobs():
    return make_blobs(240, centers=3, n_features=4, cluster_std=3.0, random_state=0)


class OwnEnsemble(ClassifierMixin, BaseEstimator):
    """A certified classifier that somebody wrote without this package, with one bug or none."""

    threat_model = "insert_delete"
    cache: ClassVar[set] = set()

    def __init__(self, bug=None, n_partitions=11):
        self.bug = bug
        self.n_partitions = n_partitions

    def fit(self, X, y):
        cells, y = np.asarray(X), np.asarray(y)
        self.classes_ = np.unique(y)
        hashes, label_hashes = hash_rows(cells), hash_labels(y)
        if self.bug == "index":
            hashes = np.arange(len(y)).astype(np.uint64)
        self.scale_ = cells.std(axis=0) if self.bug == "scaler" else 1.0
        order = canonical_order(hashes, label_hashes)
        if self.bug == "order":
            order = np.arange(len(y))
        draws = np.random.default_rng(None if self.bug == "unseeded" else 7)
        self.voters_ = []
        for partition in range(self.n_partitions):
            rows = order[hashes[order] % np.uint64(self.n_partitions) == partition]
            self.voters_.append((cells[rows] / self.scale_, y[rows], self._shift(X, rows, draws)))
        return self

    def _shift(self, X, rows, draws):
        """How far a voter moves its queries: nothing, unless there is a bug."""
        if self.bug == "layout":
            return 3.0 * np.asarray(X).flags.f_contiguous
        if self.bug == "cache":
            key = hash_rows(np.asarray(X)[rows]).tobytes()
            if key in self.cache:  # what was drawn the first time is not drawn again
                return 0.0
            self.cache.add(key)
            return 30.0 * draws.normal()
        return 3.0 * draws.normal() if self.bug == "unseeded" else 0.0

    def predict(self, X):
        return self.predict_certified(X)[0]

    def predict_certified(self, X):
        labels, radii = [], []
        for query in np.asarray(X) / self.scale_:
            votes = [self._vote(query, *voter) for voter in self.voters_]
            counts = np.array([votes.count(label) for label in self.classes_])
            winner = counts.argmax()
            gaps = counts[winner] - counts - (np.arange(len(counts)) < winner)
            gaps[winner] = counts[winner] - 1  # a label that nobody has yet
            labels.append(self.classes_[winner])
            radii.append(gaps.min() // 2 + (self.bug == "radius"))
        return np.array(labels), np.array(radii)

    def _vote(self, query, X, y, shift):
        if len(y) == 0:
            return None
        if self.bug == "order":
            return y[0]
        return y[np.abs(X - query - shift).sum(axis=1).argmin()]


def test_an_own_ensemble_without_bug_is_sound(blobs):
    report = check_soundness(OwnEnsemble(), *blobs)
    assert report, report
    assert report.sizes[0] >= 8 and max(report.sizes) >= 2


@pytest.mark.parametrize(
    ("bug", "size"),
    [
        ("index", None),
        ("scaler", 1),
        ("radius", None),
        ("unseeded", 0),
        ("cache", 0),
        ("layout", 0),
        ("order", 0),
    ],
)
def test_an_own_ensemble_with_a_bug_is_found_out(blobs, bug, size):
    report = check_soundness(OwnEnsemble(bug), *blobs, n_attacks=150)
    assert not report.sound
    example = report.counterexample
    assert example.kind == "prediction"
    assert example.before != example.after
    assert example.radius >= example.size
    if size is not None:
        assert example.size == size
    assert "not sound" in str(report) and str(example) in str(report)


@pytest.mark.parametrize("threat_model", ["insert", "delete", "modify", "label_flip"])
def test_a_counterexample_breaks_the_certificate_when_it_is_tried_by_hand(blobs, threat_model):
    X, y = blobs
    classifier = OwnEnsemble("radius", n_partitions=5)
    example = check_soundness(
        classifier, X, y, X[:60] + 0.5, threat_model=threat_model, n_attacks=400
    ).counterexample
    label, radius = clone(classifier).fit(X, y).predict_certified(example.query)
    assert (label[0], radius[0]) == (example.before, example.radius)
    X_bad, y_bad = np.delete(X, example.removed, axis=0), np.delete(y, example.removed)
    if example.added:
        X_bad = np.concatenate([*example.added, X_bad])
        y_bad = np.concatenate([*example.added_labels, y_bad])
    assert example.size <= radius[0]
    assert abs(len(X_bad) - len(X)) <= example.size
    assert clone(classifier).fit(X_bad, y_bad).predict(example.query)[0] == example.after


class ByNumber(DPAClassifier):
    """The partition of a row is its number."""

    def _assign_rows(self, X, y, groups, row_hashes, label_hashes, random_state):
        numbers = np.arange(len(y)).astype(np.uint64)
        return super()._assign_rows(X, y, groups, numbers, label_hashes, random_state)


def _one_too_many(radius, votes, **rules):
    labels, radii = radius(votes, **rules)
    return labels, radii + 1


class OneTooMany(DPAClassifier):
    """Every radius is too large by one."""

    def _radius_of_votes(self):
        return partial(_one_too_many, super()._radius_of_votes())


class OneTooManyOfOverlap(FiniteAggregationClassifier):
    """Every radius is too large by one."""

    def _radius_of_votes(self):
        return partial(_one_too_many, super()._radius_of_votes())


class ScaledPipeline(Pipeline):
    """A pipeline that passes certificates on, whatever its steps have seen."""

    def predict_certified(self, X):
        return self.steps[-1][1].predict_certified(self[:-1].transform(X))


class CodedLabels(DPAClassifier):
    """Hands every voter codes of the labels, which all rows have a say in."""

    def _fit(self, X, y, groups):
        codes = np.unique(y, return_inverse=True)[1]
        super()._fit(X, codes, groups)
        self.classes_ = np.unique(y)
        return self


class CodedVoter(ClassifierMixin, BaseEstimator):
    """Votes the label of the nearest row, or the next one, by whether the largest is odd."""

    def fit(self, X, y):
        self.classes_, self.odd_ = np.unique(y), np.max(y) % 2
        self.voter_ = clone(NEAREST).fit(X, y)
        return self

    def predict(self, X):
        labels = self.voter_.predict(X)
        return self.classes_[::-1][np.searchsorted(self.classes_, labels)] if self.odd_ else labels


@pytest.mark.parametrize(
    "classifier",
    [
        ByNumber(NEAREST, n_partitions=9),
        OneTooMany(NEAREST, n_partitions=9),
        OneTooMany(NEAREST, n_partitions=9, threat_model="insert"),
        OneTooMany(NEAREST, n_partitions=9, classes=[0, 1, 2]),
        OneTooManyOfOverlap(NEAREST, n_partitions=5, spreading_degree=2, threat_model="insert"),
        ScaledPipeline([("scale", StandardScaler()), ("vote", DPAClassifier(NEAREST, 9))]),
        CodedLabels(CodedVoter(), n_partitions=9),
    ],
    ids=lambda c: f"{type(c).__name__}",
)
def test_subclasses_with_a_bug_are_found_out(blobs, classifier):
    report = check_soundness(classifier, *blobs, n_attacks=200)
    assert not report, report


class Neighbours(CertifiedClassifierMixin, ClassifierMixin, BaseEstimator):
    """Three nearest neighbours; of rows at equal distances those that came first."""

    threat_model = "label_flip"

    def __init__(self, by_number=True):
        self.by_number = by_number

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        order = np.arange(len(y))
        if not self.by_number:
            order = canonical_order(hash_rows(X), hash_labels(y))
        self.X_, self.y_ = np.asarray(X)[order], np.asarray(y)[order]
        return self

    def _predict_certified(self, X):
        distances = np.abs(np.asarray(X)[:, None] - self.X_).sum(axis=2)
        nearest = self.y_[np.argsort(distances, axis=1, kind="stable")[:, :3]]
        counts = (nearest[:, :, None] == self.classes_).sum(axis=1)
        return counts.argmax(axis=1), np.where(counts.max(axis=1) == 3, 1, 0)

    def predict(self, X):
        return self.classes_[self._predict_certified(X)[0]]


def test_neighbours_that_are_ranked_by_number_are_found_out():
    rng = np.random.default_rng(0)
    X, y = rng.integers(3, size=(120, 2)), rng.integers(2, size=120)
    report = check_soundness(Neighbours(), X, y)
    assert not report and report.counterexample.size == 0
    assert check_soundness(CertifiedKNN(3), X, y)


class Unseeded(ClassifierMixin, BaseEstimator):
    """Draws from a generator of its own."""

    def fit(self, X, y):
        noise = np.random.default_rng().normal(scale=3, size=X.shape)
        self.voter_ = clone(NEAREST).fit(X + noise, y)
        self.classes_ = self.voter_.classes_
        return self

    def predict(self, X):
        return self.voter_.predict(X)


def test_voters_that_draw_without_a_seed_are_found_out(blobs):
    for estimator in (Unseeded(), make_pipeline(StandardScaler(), Unseeded())):
        report = check_soundness(estimator, *blobs)
        assert not report
        assert report.counterexample.size == 0


class Padded(DPAClassifier):
    """Every text is as long as the longest, as in an array of fixed width."""

    def _fit(self, X, y, groups):
        width = max(len(text) for text in X)
        return super()._fit([text.ljust(width) for text in X], y, groups)


@pytest.mark.parametrize("threat_model", ["insert", "delete", "modify"])
def test_texts_that_are_padded_to_the_longest_are_found_out(threat_model):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=120)
    texts = [f"{'good' if label else 'bad'} {'x' * rng.integers(60)}" for label in y]
    texts[50] += "x" * 90
    voter = make_pipeline(CountVectorizer(), MultinomialNB())
    for classifier, is_sound in ((DPAClassifier(voter, 7), True), (Padded(voter, 7), False)):
        report = check_soundness(
            classifier, texts, y, texts[:10], threat_model=threat_model, n_attacks=40
        )
        assert report.sound == is_sound, report
        if not is_sound:
            assert report.counterexample.size == 1


class BoldBagging(BaggingCertifiedClassifier):
    """Claims far more than it has proven."""

    def _predict_certified(self, X):
        labels, radii = super()._predict_certified(X)
        return labels, np.where(radii >= 0, radii + 90, radii)


def test_bagging_that_claims_too_much_is_found_out(blobs):
    parameters = {"n_estimators": 30, "max_samples": 6, "alpha": 0.05, "random_state": None}
    bold = BoldBagging(NEAREST, **parameters)
    report = check_soundness(bold, *blobs, n_attacks=4)
    assert not report and report.counterexample.kind == "prediction"
    report = check_soundness(
        BaggingCertifiedClassifier(NEAREST, **parameters), *blobs, n_attacks=12
    )
    assert report, report


class NoseyBagging(BaggingCertifiedClassifier):
    """One voter votes for something else once there is a fourth label."""

    def _ballots(self, election, X):
        for votes in super()._ballots(election, X):
            if len(self.classes_) > 3:
                votes[:, 0] = (votes[:, 0] + 1) % 4
            yield votes


def test_one_voter_of_bagging_that_drew_no_poison_is_compared(blobs):
    for kind, is_sound in ((BaggingCertifiedClassifier, True), (NoseyBagging, False)):
        bagging = kind(NEAREST, n_estimators=30, max_samples=6, alpha=0.05)
        report = check_soundness(bagging, *blobs, threat_model="label_flip", n_attacks=4)
        assert report.sound == is_sound, report
        if not is_sound:
            assert (report.counterexample.kind, report.counterexample.voter) == ("voter", 0)


class Crashing(OwnEnsemble):
    """Stumbles over a label that it has not heard of."""

    def fit(self, X, y):
        {0: 0, 1: 1, 2: 2}[max(y)], {0: 0, 1: 1, 2: 2}[min(y)]
        return super().fit(X, y)


def test_exceptions_that_are_no_refusals_are_told(blobs):
    report = check_soundness(Crashing(), *blobs)
    assert not report
    assert report.counterexample.kind == "error"
    assert isinstance(report.counterexample.error, KeyError)
    assert "KeyError" in str(report)


class BoldAboutTargets(DPAClassifier):
    """Claims more than it has proven about attackers who want one label, and nothing else."""

    def _predict_targeted(self, X, target):
        labels, radii = super()._predict_targeted(X, target)
        return labels, np.where(radii >= 0, radii + 1, radii)


def test_radii_toward_a_label_are_attacked_too(blobs):
    report = check_soundness(BoldAboutTargets(NEAREST, 11), *blobs)
    assert not report
    assert report.counterexample.kind == "target"
    assert report.counterexample.size == report.counterexample.radius
    assert f"toward {report.counterexample.after!r} changed from" in str(report)
    assert check_soundness(DPAClassifier(NEAREST, 11), *blobs)
