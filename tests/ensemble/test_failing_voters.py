"""Voters that fail: they abstain, are told, and stop nobody; one of them is one corrupted voter."""

import re
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.exceptions import InvalidInputError, VoterError, VoterWarning
from sklearn_certify.threat import THREAT_MODELS

DEADLY = 2  # the label that a row of ill omen must not have
OMEN = -99.0  # the first feature of such rows

WAYS = [
    "raises in fit",
    "raises in predict",
    "answers NaN",
    "predicts a stranger",
    "predicts a stranger at times",
    "predicts too few",
    "scores too few classes",
    "knows a stranger",
]


class Moody(ClassifierMixin, BaseEstimator):
    """Votes for the nearest class mean, unless a row of its own spoils its mood.

    Each voter needs a row of good omen, and fails in one of many ways if it has lost it or if a
    row of ill omen has got the deadly label.
    """

    def __init__(self, way="raises in fit"):
        self.way = way

    def fit(self, X, y):
        omens = X[:, 0] == OMEN
        self.spoilt_ = not omens.any() or DEADLY in y[omens]
        if self.spoilt_ and self.way == "raises in fit":
            raise RuntimeError("a bad day")
        self.classes_ = np.unique(y)
        self.means_ = np.array([X[(y == label) & ~omens].mean(axis=0) for label in self.classes_])
        self.means_ = np.nan_to_num(self.means_)
        return self

    def _distances(self, X):
        return np.abs(X[:, np.newaxis, 1:] - self.means_[:, 1:]).sum(axis=2)

    def predict(self, X):
        labels = self.classes_[self._distances(X).argmin(axis=1)]
        if not self.spoilt_:
            return labels
        if self.way == "raises in predict":
            raise RuntimeError("a bad day")
        if self.way == "answers NaN":
            return np.full(len(X), np.nan)
        if self.way == "predicts a stranger":
            return np.full(len(X), 1234)
        if self.way == "predicts a stranger at times":
            return np.where(X[:, 1] > 0, 1234, labels)
        if self.way == "predicts too few":
            return labels[1:]
        return np.full(len(X), "nobody")

    def predict_proba(self, X):
        scores = -self._distances(X)
        if not self.spoilt_:
            return scores
        if self.way in ("raises in predict", "predicts a stranger"):
            raise RuntimeError("a bad day")
        if self.way == "answers NaN":
            return np.full_like(scores, np.nan)
        if self.way == "predicts a stranger at times":
            return np.where(X[:, 1:2] > 0, np.nan, scores)
        if self.way == "predicts too few":
            return scores[1:]
        if self.way == "scores too few classes":
            return scores[:, 1:]
        self.classes_ = self.classes_ + 1234
        return scores


ENSEMBLES = {
    "dpa": DPAClassifier(n_partitions=9),
    "dpa-runoff": DPAClassifier(n_partitions=9, aggregation="runoff"),
    "fa": FiniteAggregationClassifier(n_partitions=4, spreading_degree=2),
    "fa-runoff": FiniteAggregationClassifier(
        n_partitions=4, spreading_degree=2, aggregation="runoff"
    ),
}


def blobs(ensemble, way):
    """An ensemble of moody voters, rows of which each voter holds one of ill omen, and queries."""
    X, y = make_blobs(160, n_features=3, centers=3, cluster_std=4.0, random_state=0)
    X, y, queries = X[:120], y[:120], X[120:]
    ensemble = clone(ensemble).set_params(
        estimator=Moody(way), on_voter_error="abstain", classes=[0, 1, 2]
    )
    rng = np.random.default_rng(0)
    omens = np.column_stack([np.full(90, OMEN), rng.normal(size=(90, 2))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VoterWarning)
        found = ensemble.fit(np.vstack([X, omens]), np.r_[y, np.zeros(90, int)]).partition_[120:]
    # at most one omen in each voter, whose loss spoils it
    first, served = [], set()
    for part in np.unique(found):
        if served.isdisjoint(ensemble.spread_[part]):
            first.append(np.flatnonzero(found == part)[0])
            served.update(ensemble.spread_[part])
    return ensemble, np.vstack([X, omens[first]]), np.r_[y, np.zeros(len(first), int)], queries


def attacks(X, y, threat_model, rng):
    """Training sets that one unit of poison away spoil a voter."""
    omens = np.flatnonzero(X[:, 0] == OMEN)
    for row in rng.permutation(omens)[:4]:
        if threat_model in ("delete", "insert_delete", "modify"):
            yield np.delete(X, row, axis=0), np.delete(y, row)
        if threat_model in ("insert", "insert_delete", "modify"):
            bad = [OMEN, *rng.normal(size=2)]
            yield np.vstack([X, bad]), np.append(y, DEADLY)
        if threat_model == "modify":
            changed = X.copy()
            changed[row, 1] += rng.normal()
            yield changed, np.where(np.arange(len(y)) == row, DEADLY, y)
        if threat_model == "label_flip":
            yield X, np.where(np.arange(len(y)) == row, DEADLY, y)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ENSEMBLES)
def test_one_row_that_kills_a_voter_breaks_no_certificate(name, way):
    ensemble, X, y, queries = blobs(ENSEMBLES[name], way)
    rng = np.random.default_rng(0)
    for threat_model in THREAT_MODELS:
        ensemble.set_params(threat_model=threat_model)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VoterWarning)
            labels, radii = ensemble.fit(X, y).predict_certified(queries)
            votes = ensemble.votes(queries)
            assert radii.max() >= 1
            killed = 0
            for poisoned in attacks(X, y, threat_model, rng):
                attacked = clone(ensemble).fit(*poisoned)
                found = attacked.predict(queries)
                np.testing.assert_array_equal(found[radii >= 1], labels[radii >= 1])
                abstains = (attacked.votes(queries) == -1) & (votes != -1)
                killed += abstains.any()
        assert killed, threat_model  # the attacks do what they are for


def test_a_deleted_row_leaves_too_few_neighbours(digits):
    X, y, queries, _ = (part[:300] for part in digits)
    ensemble = DPAClassifier(
        KNeighborsClassifier(9), n_partitions=9, threat_model="delete", on_voter_error="abstain"
    )
    partition = ensemble.fit(X, y).partition_
    kept = np.concatenate([np.flatnonzero(partition == 0)[:9], np.flatnonzero(partition != 0)])
    labels, radii = ensemble.fit(X[kept], y[kept]).predict_certified(queries)
    assert radii.max() >= 1
    for row in range(9):
        attacked = clone(ensemble).fit(np.delete(X[kept], row, axis=0), np.delete(y[kept], row))
        with pytest.warns(VoterWarning, match=r"1 of 9 voters.*KNeighborsClassifier of voter 0"):
            found = attacked.predict(queries)
        np.testing.assert_array_equal(found[radii >= 1], labels[radii >= 1])
    with pytest.raises(VoterError, match=r"KNeighborsClassifier of voter 0 .*Give voters more"):
        attacked.set_params(on_voter_error="raise").predict(queries)


@pytest.mark.filterwarnings("ignore:(overflow|invalid|divide):RuntimeWarning")
def test_a_row_of_huge_numbers_makes_scores_nan(digits):
    X, y, queries, _ = (part[:300] for part in digits)
    ensemble = DPAClassifier(
        GaussianNB(), n_partitions=9, aggregation="runoff", on_voter_error="abstain"
    )
    labels, radii = ensemble.fit(X, y).predict_certified(queries)
    assert radii.max() >= 1
    bad = np.vstack([X, np.full(64, 1e200)])
    attacked = clone(ensemble).fit(bad, np.append(y, 3))
    with pytest.warns(VoterWarning, match="1 of 9 voters .*GaussianNB of voter .* hold NaN"):
        found = attacked.predict(queries)
    np.testing.assert_array_equal(found[radii >= 1], labels[radii >= 1])
    with pytest.raises(VoterError, match=r"GaussianNB of voter \d .*its scores hold NaN"):
        attacked.set_params(on_voter_error="raise").predict(queries)


# ---- what is said


class Numbered(BaseEstimator, ClassifierMixin):
    """Fails on the parts whose number is listed; the number is the last feature."""

    def __init__(self, bad_fits=(), bad_predictions=()):
        self.bad_fits = bad_fits
        self.bad_predictions = bad_predictions

    def fit(self, X, y):
        self.part_ = int(X[0, -1])
        if self.part_ in self.bad_fits:
            raise KeyError(f"fit of {self.part_}")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        if self.part_ in self.bad_predictions:
            raise KeyError(f"predict of {self.part_}")
        return np.full(len(X), self.classes_[0])


def numbered(**params):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(60, 2)), np.arange(60) % 6])
    ensemble = DPAClassifier(
        Numbered(**params),
        n_partitions=6,
        hash_function=lambda X, y: X[:, -1].astype(int),
        on_voter_error="abstain",
    )
    return ensemble, X, np.arange(60) // 6 % 2


def messages(function, *arguments):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*arguments)
    assert all(warning.filename == __file__ for warning in caught)
    return [str(warning.message) for warning in caught if warning.category is VoterWarning]


def test_one_warning_per_fit_counts_the_voters():
    ensemble, X, y = numbered(bad_fits=(1, 4, 5))
    (message,) = messages(ensemble.fit, X, y)
    assert message.startswith("3 of 6 voters failed and abstain where they did; the first:")
    assert "Numbered failed to fit voter 1 on its 10 rows (KeyError: 'fit of 1')" in message
    assert [voter is None for voter in ensemble.estimators_] == [0, 1, 0, 0, 1, 1]
    assert messages(ensemble.predict, X) == []


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_one_warning_per_call_counts_the_voters(n_jobs, monkeypatch):
    from sklearn_certify.ensemble import _base_ensemble

    monkeypatch.setattr(_base_ensemble, "_CHUNK_BYTES", 1)  # many chunks
    ensemble, X, y = numbered(bad_predictions=(2, 3))
    assert messages(ensemble.set_params(n_jobs=n_jobs).fit, X, y) == []
    for method in ("votes", "vote_counts", "predict", "predict_certified", "certified_radius"):
        (message,) = messages(getattr(ensemble, method), X)
        assert message.startswith("2 of 6 voters")
        assert "Numbered of voter 2 failed to predict (KeyError: 'predict of 2')" in message
    for arguments in ((X, 1), (X, [1, 2])):
        assert len(messages(ensemble.certify, *arguments)) == 1
    assert len(messages(ensemble.certified_accuracy, X, y, 1)) == 1
    assert (ensemble.votes(X)[:, [2, 3]] == -1).all()


def test_when_all_fail_it_is_an_error_that_says_why():
    ensemble, X, y = numbered(bad_fits=range(6))
    with pytest.raises(VoterError, match=r"All 6 voters failed; the first: .*voter 0 .*fit of 0"):
        ensemble.fit(X, y)
    with pytest.raises(VoterError, match="All 3 voters"):
        ensemble.fit(X[X[:, -1] % 2 == 0], y[X[:, -1] % 2 == 0])  # those that have rows
    ensemble, X, y = numbered(bad_predictions=range(6), bad_fits=(3,))
    with pytest.warns(VoterWarning):
        ensemble.fit(X, y)
    with pytest.raises(VoterError, match=r"All 5 voters failed; .*voter 0 .*predict of 0"):
        ensemble.predict(X)


def test_bagging_does_the_same():
    X, y = np.arange(40.0)[:, None], np.arange(40) % 2

    class Picky(GaussianNB):
        def predict(self, X):
            if self.theta_[0, 0] > 20:
                raise ArithmeticError("too large")
            return super().predict(X)

    ensemble = BaggingCertifiedClassifier(Picky(), 60, 10, random_state=0).fit(X, y)
    with pytest.raises(VoterError, match=r"Picky of voter \d+ failed to predict \(Arith"):
        ensemble.predict(X)
    ensemble.set_params(on_voter_error="abstain")
    with pytest.warns(VoterWarning, match="of 60 voters"):
        counts = ensemble.vote_counts(X)
    assert 0 < counts.sum(axis=1).max() < 60
    with pytest.warns(VoterWarning):
        radii = ensemble.certified_radius(X)
    assert (radii == -1).any()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_interruptions_go_through(error):
    class Interrupted(Numbered):
        def predict(self, X):
            raise error

    ensemble, X, y = numbered()
    ensemble.set_params(estimator=Interrupted()).fit(X, y)
    with pytest.raises(error):
        ensemble.predict(X)


def test_rows_may_be_read_only_or_written_to():
    class Writes(GaussianNB):
        def predict(self, X):
            X -= 0.0
            return super().predict(X)

    _, X, y = numbered()
    ensemble = DPAClassifier(Writes(), n_partitions=3).fit(X, y)
    queries = X.copy()
    expected = DPAClassifier(GaussianNB(), n_partitions=3).fit(X, y).votes(X)
    np.testing.assert_array_equal(ensemble.votes(queries), expected)
    np.testing.assert_array_equal(queries, X)


# ---- what is advised


class SearchesFolds(GaussianNB):
    def fit(self, X, y):
        cross_val_score(GaussianNB(), X, y, cv=StratifiedKFold(20))
        return super().fit(X, y)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (SearchesFolds(), "Give voters more rows"),
        (LogisticRegression(max_iter=-1), r"'max_iter' .*\)\. With on_voter_error"),
        (SVC(kernel="precomputed"), r"\)\. With on_voter_error='abstain' such voters abstain\.$"),
    ],
)
def test_messages_of_real_estimators(estimator, message):
    _, X, y = numbered()
    with pytest.raises(VoterError, match=message) as caught:
        DPAClassifier(estimator, n_partitions=3).fit(X, y)
    assert ("more rows" in str(caught.value)) == ("more rows" in message)


def test_what_no_voter_can_score_is_told_as_in_fit():
    _, X, y = numbered()
    ensemble = DPAClassifier(Numbered(), n_partitions=3).fit(X, y)
    with pytest.raises(InvalidInputError, match=re.escape("aggregation='runoff' needs scores")):
        ensemble.set_params(aggregation="runoff").predict(X)


class Strict(GaussianNB):
    """Takes odd numbers and warnings for errors, and forgets that where its rows are bad."""

    def fit(self, X, y):
        numbers, filters = np.seterr(all="raise"), warnings.filters[:]
        warnings.simplefilter("error")
        if OMEN in X:
            raise RuntimeError
        np.seterr(**numbers)
        warnings.filters[:] = filters
        warnings.warn("not to be taken for an error", RuntimeWarning, stacklevel=1)
        np.log(np.zeros(1))
        return super().fit(X, y)


@pytest.mark.filterwarnings("ignore")
def test_what_a_failing_voter_leaves_behind_makes_no_other_fail():
    X, y = make_blobs(60, random_state=0)
    X[7, 0] = OMEN
    ensemble = DPAClassifier(Strict(), n_partitions=6, on_voter_error="abstain").fit(X, y)
    silent = [voter for voter, estimator in enumerate(ensemble.estimators_) if estimator is None]
    assert silent == [ensemble.partition_[7]]
