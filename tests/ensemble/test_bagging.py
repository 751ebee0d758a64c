"""Certified bagging: subsamples, confidence, attacks on fitted ensembles."""

import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import BaggingCertifiedClassifier, certified_accuracy
from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.certificates import bagging_radius
from sklearn_certify.exceptions import InvalidInputError, VoterError
from sklearn_certify.threat import THREAT_MODELS

SAMPLINGS = ("with_replacement", "without_replacement", "bernoulli")


class Recorder(ClassifierMixin, BaseEstimator):
    """A classifier that keeps the rows it was given."""

    def fit(self, X, y):
        self.X_, self.y_ = np.array(X), np.array(y)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.y_[0])


class Alarm(ClassifierMixin, BaseEstimator):
    """The learner that an attacker would choose: one poisoned row decides.

    Rows have a negative feature where they are poisoned. This is the worst case of the
    certificate: a sample without poison keeps its label and every other one is lost.
    """

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.poisoned_ = bool((X < 0).any())
        return self

    def predict(self, X):
        return np.full(len(X), int(self.poisoned_))


def small(**params):
    params = {"n_estimators": 60, "max_samples": 20, "random_state": 0, **params}
    return BaggingCertifiedClassifier(**params)


def numbered(n_rows):
    """Rows that say their own number, with labels in two classes."""
    numbers = np.arange(n_rows)
    return numbers[:, np.newaxis].astype(float), numbers % 2


# ---- subsamples


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_voters_learn_from_rows_of_the_set_with_their_labels(sampling):
    X, y = numbered(40)
    fitted = small(estimator=Recorder(), sampling=sampling, max_samples=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        fitted.fit(X, y)
    sizes, seen = [], []
    for voter in fitted.estimators_:
        numbers = voter.X_[:, 0]
        assert set(numbers) <= set(range(40))
        np.testing.assert_array_equal(voter.y_, numbers % 2)
        if sampling != "with_replacement":
            assert len(set(numbers)) == len(numbers)
        sizes.append(len(numbers))
        seen.extend(numbers)
    if sampling == "bernoulli":
        assert len(set(sizes)) > 3 and abs(np.mean(sizes) - 20) < 2
    else:
        assert set(sizes) == {20}
    counts = np.bincount(np.array(seen, int), minlength=40)
    assert abs(counts - len(seen) / 40).max() < 5 * np.sqrt(len(seen) / 40)
    assert len({voter.X_.tobytes() for voter in fitted.estimators_}) == 60
    assert fitted.max_samples_ == 20 and fitted.n_units_ == 40


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_what_is_drawn_does_not_depend_on_content(sampling):
    """Two data sets of one size: voters draw the same places in canonical order."""
    places = []
    for factor in (1.0, -3.0):
        X, y = numbered(30)
        fitted = small(estimator=Recorder(), sampling=sampling, max_samples=9).fit(factor * X, y)
        everything = small(
            estimator=Recorder(), sampling="without_replacement", max_samples=30, n_estimators=1
        ).fit(factor * X, y)
        order = everything.estimators_[0].X_[:, 0].tolist()
        places.append([[order.index(x) for x in voter.X_[:, 0]] for voter in fitted.estimators_])
    assert places[0] == places[1]
    assert all(a <= b for voter in places[0] for a, b in pairwise(voter))


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_order_of_rows_and_number_of_jobs_show_nowhere(sampling, digits):
    X, y, queries, _ = digits
    X, y = X[:200], y[:200]
    shuffled = np.random.RandomState(1).permutation(200)
    votes = small(sampling=sampling).fit(X, y).votes(queries)
    again = small(sampling=sampling, n_jobs=2).fit(X[shuffled], y[shuffled]).votes(queries)
    np.testing.assert_array_equal(again, votes)
    other = small(sampling=sampling, random_state=1).fit(X, y).votes(queries)
    assert (other != votes).any()


def test_fraction_draws_as_the_number_does_and_warns(digits):
    X, y, queries, _ = digits
    with pytest.warns(UserWarning, match="give max_samples=20 instead"):
        fraction = small(max_samples=0.1).fit(X[:200], y[:200])
    number = small(max_samples=20).fit(X[:200], y[:200])
    assert fraction.max_samples_ == 20
    np.testing.assert_array_equal(fraction.votes(queries), number.votes(queries))
    # one row less changes what 10 % are
    assert fraction.certified_radius(queries).max() == 0
    assert number.certified_radius(queries).max() > 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flips = small(max_samples=0.1, threat_model="label_flip").fit(X[:200], y[:200])
    number.set_params(threat_model="label_flip")
    np.testing.assert_array_equal(flips.certified_radius(queries), number.certified_radius(queries))


def test_more_rows_than_there_are(digits):
    X, y, queries, _ = digits
    assert small(max_samples=500).fit(X[:50], y[:50]).votes(queries).shape == (200, 60)
    fitted = small(sampling="without_replacement", max_samples=50).fit(X[:50], y[:50])
    votes = fitted.votes(queries)
    assert (votes == votes[:, :1]).all()  # every voter has all rows
    with pytest.raises(InvalidInputError, match="without replacement"):
        fitted.set_params(max_samples=51).fit(X[:50], y[:50])
    fitted.set_params(max_samples=50)
    np.testing.assert_array_equal(fitted.votes(queries), votes)


def test_voters_without_rows_abstain_and_count_as_voters():
    X, y = np.zeros((5, 1)), np.zeros(5, int)
    fitted = small(estimator=Recorder(), sampling="bernoulli", max_samples=1).fit(X, y)
    n_empty = sum(voter is None for voter in fitted.estimators_)
    assert 5 < n_empty < 40
    counts = fitted.vote_counts(X[:1])
    assert counts.sum() == fitted.n_voters_ - n_empty == 60 - n_empty
    np.testing.assert_array_equal(
        fitted.predict_certified(X[:1])[1],
        bagging_radius(counts, 5, 1, sampling="bernoulli", n_voters=60)[1],
    )


def test_groups_are_drawn_whole():
    X, y = numbered(60)
    groups = np.array([f"contributor {number // 6}" for number in range(60)])
    fitted = small(estimator=Recorder(), max_samples=4).fit(X, y, groups=groups)
    assert fitted.n_units_ == 10 and fitted.max_samples_ == 4
    for voter in fitted.estimators_:
        counts = np.bincount(voter.X_[:, 0].astype(int), minlength=60).reshape(10, 6)
        assert (counts == counts[:, :1]).all() and counts[:, 0].sum() == 4
    shuffled = np.random.RandomState(0).permutation(60)
    again = small(estimator=Recorder(), max_samples=4)
    again.fit(X[shuffled], y[shuffled], groups=groups[shuffled])
    for voter, other in zip(fitted.estimators_, again.estimators_, strict=True):
        np.testing.assert_array_equal(voter.X_, other.X_)
    expected = bagging_radius(fitted.vote_counts(X), 10, 4)
    np.testing.assert_array_equal(fitted.certified_radius(X), expected[1])


@pytest.mark.parametrize("kind", ["int64", "object", "Int64", "names"])
def test_groups_are_told_apart_by_value(kind):
    """Also where numbers are so large that their float64 values, and so their hashes, are equal."""
    X, y = numbered(60)
    groups = 2**60 + np.arange(60) // 2
    if kind == "names":
        groups = groups.astype(str)
    elif kind == "Int64":
        groups = pd.Series(groups, dtype=kind)
    else:
        groups = groups.astype(kind)
    fitted = small(estimator=Recorder(), max_samples=3).fit(X, y, groups=groups)
    assert fitted.n_units_ == 30
    shuffled = np.random.RandomState(0).permutation(60)
    again = small(estimator=Recorder(), max_samples=3)
    again.fit(X[shuffled], y[shuffled], groups=np.asarray(groups)[shuffled])
    for voter, other in zip(fitted.estimators_, again.estimators_, strict=True):
        assert sorted(voter.X_.ravel()) == sorted(other.X_.ravel())


def test_rows_of_several_groups_are_in_canonical_order():
    X, y = numbered(40)
    everything = small(
        estimator=Recorder(), sampling="without_replacement", max_samples=40, n_estimators=1
    ).fit(X, y)
    order = everything.estimators_[0].X_[:, 0].tolist()
    fitted = small(estimator=Recorder(), max_samples=5).fit(X, y, groups=np.arange(40) // 5)
    for voter in fitted.estimators_:
        places = [order.index(x) for x in voter.X_[:, 0]]
        assert places == sorted(places)


def test_bernoulli_draws_every_row_for_itself():
    X, y = numbered(100)
    fitted = small(estimator=Recorder(), n_estimators=800, sampling="bernoulli", max_samples=0.5)
    sizes = [len(voter.X_) for voter in fitted.fit(X, y).estimators_]
    assert abs(np.mean(sizes) - 50) < 1
    assert abs(np.var(sizes) - 25) < 6  # n q (1 - q)


def test_bernoulli_with_more_rows_than_there_are_and_with_empty_groups():
    X, y = numbered(30)
    fitted = small(estimator=Recorder(), sampling="bernoulli", max_samples=99).fit(X, y)
    assert all(len(voter.X_) == 30 for voter in fitted.estimators_)
    assert fitted.certified_radius(X).max() <= 0
    grouped = small(estimator=Recorder(), sampling="bernoulli", max_samples=1)
    grouped.fit(X, y, groups=np.arange(30) // 10)
    n_empty = sum(voter is None for voter in grouped.estimators_)
    assert 5 < n_empty < 40


# ---- certificates


def test_voters_that_abstain_make_bounds_wider():
    X, y = np.zeros((40, 1)), np.zeros(40, int)
    fitted = small(estimator=Recorder(), n_estimators=500, sampling="bernoulli", max_samples=1).fit(
        X, y
    )
    counts = fitted.vote_counts(X[:1])
    radius = fitted.certified_radius(X[:1])[0]
    arguments = {"n_rows": 40, "max_samples": 1, "sampling": "bernoulli"}
    assert radius == bagging_radius(counts, **arguments, n_voters=500)[1][0]
    assert radius < bagging_radius(counts, **arguments)[1][0]  # as if they did not exist


def test_labels_that_no_row_has_cost_no_confidence(digits):
    X, y, queries, _ = digits
    expected = small().fit(X[:300], y[:300]).predict_certified(queries)
    many = small(classes=np.arange(-5, 400)).fit(X[:300], y[:300]).predict_certified(queries)
    np.testing.assert_array_equal(many, expected)


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_radii_are_those_of_the_counts(sampling, threat_model, digits):
    X, y, queries, _ = digits
    fitted = small(sampling=sampling, threat_model=threat_model, alpha=0.05).fit(X[:300], y[:300])
    labels, radii = fitted.predict_certified(queries)
    counts = fitted.vote_counts(queries)
    expected = bagging_radius(
        counts, 300, 20, alpha=0.05, threat_model=threat_model, sampling=sampling
    )
    np.testing.assert_array_equal(labels, fitted.classes_[expected[0]])
    np.testing.assert_array_equal(radii, expected[1])
    assert radii.max() > 0 and radii.min() == -1


def test_confidence_is_spent_over_the_rows_of_a_call(digits):
    X, y, queries, _ = digits
    fitted = small(n_estimators=200).fit(X[:300], y[:300])
    together, alone = fitted.certified_radius(queries), fitted.certified_radius(queries[:1])
    assert alone[0] >= together[0]
    one_by_one = np.array([fitted.certified_radius(query[None])[0] for query in queries[:40]])
    assert (one_by_one >= together[:40]).all() and (one_by_one > together[:40]).any()
    surer = fitted.set_params(alpha=1e-6).certified_radius(queries)
    assert (surer <= together).all() and (surer < together).any()


def test_abstention_is_certified_for_nothing(digits):
    X, y, queries, y_test = digits
    fitted = small(estimator=DecisionTreeClassifier(), n_estimators=150).fit(X[:300], y[:300])
    labels, radii = fitted.predict_certified(queries)
    abstains = radii == -1
    assert abstains.any() and not abstains.all()
    np.testing.assert_array_equal(labels, fitted.predict(queries))
    assert not fitted.certify(queries, 0)[abstains].any()
    assert fitted.certify(queries, 0)[~abstains].all()
    expected = ((labels == y_test) & ~abstains).mean()
    assert fitted.certified_accuracy(queries, y_test, 0) == expected
    assert fitted.certified_accuracy(queries, y_test, 0, joint=True) == expected
    assert certified_accuracy(poison_size=0)(fitted, queries, y_test) == expected
    assert expected < fitted.score(queries, y_test)


def test_one_class_and_one_voter():
    X = np.arange(8.0)[:, np.newaxis]
    fitted = small().fit(X, np.full(8, "only"))
    labels, radii = fitted.predict_certified(X)
    assert set(labels) == {"only"}
    # whoever inserts rows can invent a label, so the radius ends
    assert (radii >= -1).all() and (radii < 8 * 60).all()
    assert small(n_estimators=1).fit(X, np.arange(8) % 2).certified_radius(X).max() == -1


# ---- attacks


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("threat_model", ["insert", "delete", "modify"])
def test_the_worst_learner_falls_just_beyond_the_radius(sampling, threat_model):
    """Voters that one poisoned row turns: safe at the radius, lost a little beyond it.

    A deleted row cannot raise an alarm; there the certificate is not tight for this learner.
    """
    n_rows, k = 200, 5
    X, y = np.zeros((n_rows, 1)), np.arange(n_rows) % 2
    fitted = small(
        estimator=Alarm(),
        n_estimators=1200,
        max_samples=k / n_rows if sampling == "bernoulli" else k,
        sampling=sampling,
        threat_model=threat_model,
        on_voter_error="abstain",
        alpha=0.01,
    ).fit(X, y)
    query = np.zeros((1, 1))
    radius = fitted.certified_radius(query)[0]

    def attacked(size):
        if threat_model == "insert":
            return np.vstack([X, np.full((size, 1), -1.0)]), np.r_[y, np.arange(size) % 2]
        if threat_model == "delete":
            return X[size:], y[size:]
        poisoned = X.copy()
        poisoned[:size] = -1.0
        return poisoned, y

    def changes(size):
        again = small(**fitted.get_params(deep=False)).fit(*attacked(size))
        return (again.predict(query) != fitted.predict(query)).any()

    assert radius > 10 and not changes(radius)
    if threat_model != "delete":
        assert changes(int(1.25 * radius) + 2)


@pytest.mark.parametrize("threat_model", ["insert_delete", "modify", "label_flip"])
def test_certified_predictions_survive_attacks(threat_model, digits):
    X, y, queries, _ = digits
    X, y, queries = X[:400], y[:400], queries[:12]
    fitted = small(
        estimator=KNeighborsClassifier(1),
        n_estimators=250,
        max_samples=12,
        threat_model=threat_model,
    ).fit(X, y)
    labels, radii = fitted.predict_certified(queries)
    assert radii.max() >= 2
    rng = np.random.RandomState(0)
    for query, label, radius in zip(queries, labels, radii, strict=True):
        if radius < 1:
            continue
        near = np.argsort(np.abs(X - query).sum(axis=1) + 1e6 * (y != label))[:radius]
        rival = np.setdiff1d(y, label)[rng.randint(9)]
        poisoned_X, poisoned_y = X.copy(), y.copy()
        if threat_model == "label_flip":
            poisoned_y[near] = rival
        elif threat_model == "modify":
            poisoned_X[near], poisoned_y[near] = query, rival
        else:
            poisoned_X = np.vstack([X, np.tile(query, (radius, 1))])
            poisoned_y = np.r_[y, np.full(radius, rival)]
        again = small(**fitted.get_params(deep=False)).fit(poisoned_X, poisoned_y)
        assert again.predict(query[None])[0] == label


# ---- what people bring


def test_rows_of_every_kind(digits):
    X, y, queries, _ = digits
    expected = small().fit(X[:200], y[:200]).votes(queries)
    for form in (sparse.csr_array, np.float32, pd.DataFrame):
        fitted = small().fit(form(X[:200]), y[:200])
        assert (fitted.votes(form(queries)) == expected).mean() > 0.99
    texts = ["good film", "bad film", "good play", "bad play"] * 10
    labels = ["up", "down", "up", "down"] * 10
    model = small(estimator=make_pipeline(TfidfVectorizer(), MultinomialNB())).fit(texts, labels)
    assert model.predict(["good", "bad"]).tolist() == ["up", "down"]
    assert (model.certified_radius(["good", "bad"]) >= 0).all()


def test_a_voter_that_fails_is_named_or_abstains():
    class Picky(DummyClassifier):
        def fit(self, X, y):
            if X[0, 0] == 0:
                raise ValueError("cannot learn from zero")
            return super().fit(X, y)

    X, y = numbered(20)
    with pytest.raises(VoterError, match="on its 20 rows"):
        small(estimator=Picky()).fit(X, y)
    fitted = small(estimator=Picky(), on_voter_error="abstain").fit(X, y)
    n_missing = sum(voter is None for voter in fitted.estimators_)
    assert 0 < n_missing < 60
    assert (fitted.vote_counts(X).sum(axis=1) == 60 - n_missing).all()
    assert (fitted.certified_radius(X) <= small().fit(X, y).n_units_).all()


def test_a_bool_is_no_number_of_rows():
    with pytest.raises(InvalidInputError, match="max_samples must be"):
        small(max_samples=True).fit(*numbered(10))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_samples", 0),
        ("max_samples", 1.5),
        ("max_samples", 0.0),
        ("max_samples", "all"),
        ("n_estimators", 0),
        ("alpha", 0.0),
        ("alpha", 1.0),
        ("sampling", "both"),
    ],
)
def test_parameters_out_of_range_are_refused(name, value):
    with pytest.raises(InvalidParameterError, match=name):
        small(**{name: value}).fit(*numbered(10))
