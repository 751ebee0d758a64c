"""Temporal aggregation: attacks on fitted models, ends of the periods, and scikit-learn's ways."""

import pickle
import warnings
from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    TemporalAggregationClassifier,
    certified_accuracy,
    certified_radius,
    predict_certified,
)
from sklearn_certify.certificates import (
    joint_temporal_accuracy,
    temporal_earliness,
    temporal_radius,
)
from sklearn_certify.ensemble import _base_ensemble
from sklearn_certify.ensemble._temporal_plurality import TemporalPlurality
from sklearn_certify.exceptions import CertifyWarning, InvalidInputError, UnsoundPipelineError
from sklearn_certify.partition import periods_from_dates
from sklearn_certify.plotting import CertifiedAccuracyDisplay
from sklearn_certify.threat import find_threat_model

from .cases import Nearest

LABELS = [-7, 0, 1, 9]  # those of the outer two are invented


def poisoned(X, y, periods, start, stop, query, label, rng):
    """Training rows after an attack within the periods from start to stop - 1."""
    within = (periods >= start) & (periods < stop)
    kept = ~within if rng.random() < 0.7 else np.full(len(y), True)
    copies = np.arange(start, stop) if rng.random() < 0.9 else np.empty(0, int)
    relabelled = np.where(within & (rng.random(len(y)) < 0.5), label, y)
    return (
        np.vstack([X[kept], np.repeat([query], len(copies), axis=0)]),
        np.append(relabelled[kept], np.full(len(copies), label)),
        np.append(periods[kept], copies),
    )


@pytest.mark.parametrize("window", [1, 2, 3])
@pytest.mark.parametrize(
    "declared",
    [{}, {"first_period": 0}, {"last_period": 9}, {"first_period": 0, "last_period": 9}],
    ids=str,
)
def test_no_attack_within_certified_periods_succeeds(window, declared):
    rng = np.random.default_rng(window)
    classes = [0, 1] if window == 2 else None
    model = TemporalAggregationClassifier(Nearest(), window, classes=classes, **declared)
    lowest, highest = declared.get("first_period", -4), declared.get("last_period", 13)
    n_attacks, n_beyond = 0, 0
    for _ in range(6):
        n_rows = rng.integers(10, 40)
        X = rng.integers(0, 4, size=(n_rows, 2)).astype(float)
        y = (rng.random(n_rows) < 0.8).astype(int)
        periods = rng.choice(10, size=n_rows, p=np.array([1, 3, 3, 0.2, 3, 3, 3, 3, 3, 1]) / 23.2)
        queries = rng.integers(0, 4, size=(2, 2)).astype(float)
        fitted = clone(model).fit(X, y, periods)
        labels, durations = fitted.predict_certified(queries)
        earlinesses = fitted.certified_earliness(queries)
        assert (durations <= earlinesses).all()
        for query, predicted, *sizes in zip(queries, labels, durations, earlinesses, strict=True):
            for attempt in range(16):
                until_the_end, beyond = attempt % 2, attempt % 4 > 1
                n_periods = sizes[until_the_end] + beyond
                if not n_periods:
                    continue
                if until_the_end:
                    stop = fitted.last_period_ + 1
                    start = stop - n_periods
                else:
                    start = rng.integers(lowest, max(highest - n_periods + 1, lowest) + 1)
                    stop = start + n_periods
                start, stop = max(start, lowest), min(stop, highest + 1)
                label = rng.choice([a for a in classes or LABELS if a != predicted])
                rows = poisoned(X, y, periods, start, stop, query, label, rng)
                if not len(rows[1]):
                    continue
                changed = clone(model).fit(*rows).predict([query])[0] != predicted
                assert beyond or not changed, (start, stop, query, label)
                n_attacks += not beyond
                n_beyond += beyond and changed
    assert n_attacks > 30 and n_beyond > 4


def test_who_controls_one_period_more_wins(digits):
    """Exact: of some window of one period more, the voters' votes change the prediction."""
    X, y, X_test, _ = digits
    periods = np.arange(400) // 10
    model = TemporalAggregationClassifier(window=3, first_period=0, last_period=39)
    fitted = model.fit(X[:400], y[:400], periods)
    votes, spans = fitted.votes(X_test[:30]), fitted.spans_
    winners = fitted.vote_counts(X_test[:30]).argmax(axis=1)
    for row, winner, duration in zip(
        votes, winners, fitted.certified_duration(X_test[:30]), strict=True
    ):
        broken = False
        for start in range(40 - duration):
            reached = (spans[:, 0] <= start + duration) & (spans[:, 1] >= start)
            for rival in range(10):
                counts = np.bincount(np.where(reached, rival, row) + 1, minlength=11)[1:]
                broken |= counts.argmax() != winner
            # a label that comes before all others
            broken |= reached.sum() >= np.bincount(row[~reached] + 1, minlength=11)[1:].max()
        assert broken


def test_certificates_of_the_votes(digits):
    X, y, X_test, _ = digits
    fitted = TemporalAggregationClassifier(window=2, first_period=-5, last_period=24).fit(
        X[:300], y[:300], np.arange(300) // 10 - 5
    )
    assert fitted.spans_[[0, -1]].tolist() == [[-5, -4], [23, 24]] and fitted.n_voters_ == 29
    votes = fitted.votes(X_test)
    _, duration = temporal_radius(votes, *fitted.spans_.T, n_classes=10)
    _, earliness = temporal_earliness(votes, *fitted.spans_.T, n_classes=10)
    np.testing.assert_array_equal(fitted.certified_duration(X_test), duration)
    np.testing.assert_array_equal(fitted.certified_radius(X_test), duration)
    np.testing.assert_array_equal(fitted.certified_earliness(X_test), earliness)
    assert duration.max() > 3 and (earliness > duration).any()


def test_windows_beyond_ends_that_nobody_declared(digits):
    X, y, X_test, _ = digits
    X, y, periods = X[:100], y[:100], np.arange(100) // 10 + 3
    spans = {
        (None, None): (2, 13),
        (2, None): (2, 13),
        (None, 12): (2, 12),
        (3, 12): (3, 12),
        (0, 14): (0, 14),
    }
    for (first, last), (start, stop) in spans.items():
        model = TemporalAggregationClassifier(window=2, first_period=first, last_period=last)
        fitted = model.fit(X, y, periods)
        assert fitted.spans_[0, 0] == start and fitted.spans_[-1, 1] == stop
        assert fitted.first_period_ == (3 if first is None else first)
        assert fitted.last_period_ == (12 if last is None else last)
        expected = TemporalAggregationClassifier(window=2).fit(X, y, periods)
        n_before = max(expected.spans_[0, 0] - start, 0)
        shared = fitted.votes(X_test)[:, n_before:11]
        offset = max(start - expected.spans_[0, 0], 0)
        whole = expected.votes(X_test)[:, offset : offset + shared.shape[1]]
        np.testing.assert_array_equal(shared, whole)  # a voter follows from its own rows


def test_attackers_who_add_periods_are_counted_on():
    # three voters for 0 in periods 0 to 2, then four for 1 in periods 3 to 6
    X, y, periods = np.zeros((7, 1)), [0, 0, 0, 1, 1, 1, 1], np.arange(7)
    closed = TemporalAggregationClassifier(classes=[0, 1], first_period=0, last_period=6)
    closed.fit(X, y, periods)
    # two more for 0 in periods 7 and 8 would change the prediction: one in each open end is enough
    open_ended = TemporalAggregationClassifier(classes=[0, 1]).fit(X, y, periods)
    assert closed.predict([[0]]) == open_ended.predict([[0]]) == [1]
    assert open_ended.certified_duration([[0]]) <= closed.certified_duration([[0]])
    for added in range(1, 4):
        rows = np.zeros((7 + added, 1)), y + [0] * added, np.arange(7 + added)
        changed = clone(open_ended).fit(*rows).predict([[0]]) != [1]
        assert not (changed and open_ended.certified_duration([[0]]) >= added)


@pytest.mark.parametrize("is_open", [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("window", [1, 2])
def test_abstaining_voters_beyond_open_ends_count(window, is_open):
    votes = np.array(list(product([[1, 1, 0, -1], [-1, 0, 1, 1], [1, 0, 1, 0]], repeat=6)))
    votes = votes.reshape(len(votes), -1)[:, 1:-2]
    votes = np.vstack([votes, votes[:, ::-1]])
    starts = np.arange(21)
    settings = {"first_period": 0, "last_period": 99, "window": window, "starts": starts}
    election = TemporalPlurality(2, is_open=is_open, phantom=False, **settings)
    predicted, durations = election.tally(votes)
    beyond = 30 * np.array(is_open)
    all_starts = np.arange(-beyond[0], 21 + beyond[1])
    padded = np.pad(votes, ((0, 0), beyond), constant_values=-1)
    expected = temporal_radius(padded, all_starts, all_starts + window - 1, 2, phantom=False)
    np.testing.assert_array_equal([predicted, durations], expected)
    inside = temporal_radius(votes, starts, starts + window - 1, 2, phantom=False)[1]
    assert (durations < inside).any()


@pytest.mark.parametrize("is_open", list(product([False, True], repeat=2)))
@pytest.mark.parametrize("window", [1, 3])
def test_one_attack_on_all_rows(window, is_open):
    """Jointly as with more abstaining voters at open ends than any attack reaches."""
    rng = np.random.default_rng(window)
    y = rng.integers(0, 2, size=40)
    drift = np.where(np.arange(21) < rng.integers(0, 21, size=(40, 1)), y[:, np.newaxis], -1)
    votes = np.where(rng.random((40, 21)) < 0.6, drift, y[:, np.newaxis])
    starts, sizes = np.arange(21), np.arange(30)
    known = {"first_period": 0, "last_period": 20 + window - 1, "window": window, "starts": starts}
    election = TemporalPlurality(2, is_open=is_open, phantom=False, **known)
    together = election.joint_accuracy(election.joint_tally(votes), y, sizes)
    beyond = 40 * np.array(is_open)
    all_starts = np.arange(-beyond[0], 21 + beyond[1])
    padded = np.pad(votes, ((0, 0), beyond), constant_values=-1)
    spans = {"first_period": all_starts, "last_period": all_starts + window - 1}
    expected = joint_temporal_accuracy(padded, y, sizes, n_classes=2, phantom=False, **spans)
    np.testing.assert_array_equal(together, expected)
    predicted, durations = election.tally(votes)
    alone = ((predicted == y) & (durations >= sizes[:, np.newaxis])).mean(axis=1)
    assert (together >= alone).all() and (together > alone).any()
    assert (together[sizes >= 20 + window] == 0).all()


def test_joint_accuracy_of_a_model(digits):
    X, y, X_test, y_test = digits
    model = TemporalAggregationClassifier(window=2, first_period=0)
    fitted = model.fit(X[:300], y[:300], np.arange(300) // 10)
    sizes = np.arange(0, 35)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as that no joint certificate is known
        together = fitted.certified_accuracy(X_test, y_test, sizes, joint=True)
        scorer = certified_accuracy(poison_size=5, joint=True)
    alone = fitted.certified_accuracy(X_test, y_test, sizes)
    assert (together >= alone).all() and (together > alone).any()
    again = pickle.loads(pickle.dumps(fitted))
    assert again.certified_accuracy(X_test, y_test, 5, joint=True) == together[5]
    assert scorer(fitted, X_test, y_test) == together[5]


def test_without_rivals_all_periods_may_be_poisoned():
    for declared in ({}, {"first_period": 0, "last_period": 4}):
        model = TemporalAggregationClassifier(window=2, classes=["a"], **declared)
        model.fit(np.zeros((5, 1)), ["a"] * 5, np.arange(5))
        assert model.certified_duration([[0.0]]) == model.certified_earliness([[0.0]]) == [5]


def test_batches_of_queries_do_not_depend_on_the_rows(digits, monkeypatch):
    """A matrix product may round differently in a batch of another size."""
    X, y, X_test, _ = digits
    sizes = []
    monkeypatch.setattr(_base_ensemble, "_CHUNK_BYTES", 2**12 * 40)

    class Watched(DecisionTreeClassifier):
        def predict(self, X):
            sizes.append(len(X))
            return super().predict(X)

    for n_rows in (100, 300):
        model = TemporalAggregationClassifier(Watched())
        model.fit(X[:n_rows], y[:n_rows], np.arange(n_rows) // 10).predict(X_test)
    assert set(sizes) == {40}


def test_a_new_period_costs_one_voter(digits, tmp_path, monkeypatch):
    X, y, X_test, _ = digits
    periods = np.arange(200) // 10
    fitted = []
    fit = DecisionTreeClassifier.fit

    def counted(self, X, y):
        fitted.append(len(y))
        return fit(self, X, y)

    monkeypatch.setattr(DecisionTreeClassifier, "fit", counted)
    model = TemporalAggregationClassifier(
        DecisionTreeClassifier(max_features=3), window=2, first_period=0, memory=tmp_path
    )
    before = model.set_params(last_period=18).fit(X[:190], y[:190], periods[:190])
    votes = before.votes(X_test)
    assert len(fitted) == 18
    after = clone(model).set_params(last_period=19).fit(X[:200], y[:200], periods)
    assert len(fitted) == 19
    np.testing.assert_array_equal(after.votes(X_test)[:, :-1], votes)
    # the oldest period goes, and every other voter keeps its seed
    kept = periods > 0
    later = clone(model).set_params(first_period=1, last_period=19)
    later.fit(X[:200][kept], y[:200][kept], periods[kept])
    assert len(fitted) == 19
    np.testing.assert_array_equal(later.votes(X_test)[:, :-1], votes[:, 1:])


def test_order_of_rows_and_jobs_change_nothing(digits):
    X, y, X_test, _ = digits
    periods, order = np.arange(200) // 10, np.random.default_rng(0).permutation(200)
    model = TemporalAggregationClassifier(DecisionTreeClassifier(max_features=3), window=2)
    votes = model.fit(X[:200], y[:200], periods).votes(X_test)
    again = clone(model).set_params(n_jobs=2).fit(X[:200][order], y[:200][order], periods[order])
    np.testing.assert_array_equal(again.votes(X_test), votes)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).votes(X_test), votes)


def test_periods_of_other_kinds(digits):
    X, y, X_test, _ = digits
    days = np.datetime64("2026-01-31") + np.arange(200)
    months = pd.Series(days).dt.to_period("M")
    by_number = TemporalAggregationClassifier().fit(
        X[:200], y[:200], periods_from_dates(days, "month")
    )
    by_pandas = TemporalAggregationClassifier(first_period=pd.Period("2026-01", "M"))
    by_pandas.fit(X[:200], y[:200], months)
    np.testing.assert_array_equal(by_pandas.votes(X_test), by_number.votes(X_test))
    assert by_pandas.first_period_ == pd.Period("2026-01", "M").ordinal
    with pytest.raises(
        InvalidInputError, match="first_period and periods must both .* Y-DEC and M"
    ):
        TemporalAggregationClassifier(first_period=pd.Period("2026", "Y")).fit(
            X[:200], y[:200], months
        )
    with pytest.raises(InvalidInputError, match="got M and numbers"):
        by_pandas.fit(X[:200], y[:200], np.arange(200))


@pytest.mark.parametrize(
    ("parameters", "periods", "message"),
    [
        ({"first_period": 1}, [0, 1, 2], "Row 0 came in period 0, before first_period=1"),
        ({"last_period": 1}, [0, 1, 2], "Row 2 came in period 2, after last_period=1"),
        (
            {"first_period": 0, "last_period": 3, "window": 5},
            [0, 1, 2],
            "window=5 is longer than the 4 periods from first_period=0",
        ),
        ({}, [0, 1, 10**9], "periods go from 0 to 1000000000, which makes 1000000001 voters"),
        ({}, [0, 1], "inconsistent numbers of samples"),
        ({}, [0, 1, None], "periods has none for row 2"),
        ({"first_period": 0}, None, "first_period cannot be used without periods"),
    ],
)
def test_what_is_refused(parameters, periods, message):
    X, y = np.zeros((3, 2)), [0, 1, 0]
    with pytest.raises(ValueError, match=message):
        TemporalAggregationClassifier(**parameters).fit(X, y, periods)


def test_all_rows_in_one_period_certify_nothing(digits):
    X, y, X_test, _ = digits
    with pytest.warns(CertifyWarning, match="fit was given no periods.*set_fit_request"):
        fitted = TemporalAggregationClassifier().fit(X[:100], y[:100])
    assert not fitted.certified_duration(X_test).any()
    assert fitted.n_voters_ == 1


def test_a_period_without_rows_abstains(digits):
    X, y, X_test, _ = digits
    periods = np.where(np.arange(100) < 50, 0, 3)
    model = TemporalAggregationClassifier(first_period=0, last_period=4)
    votes = model.fit(X[:100], y[:100], periods).votes(X_test)
    assert (votes[:, [1, 2, 4]] == -1).all() and (votes[:, [0, 3]] >= 0).all()
    assert [voter is None for voter in model.estimators_] == [False, True, True, False, True]


def test_parameters_after_fit(digits):
    X, y, X_test, _ = digits
    fitted = TemporalAggregationClassifier().fit(X[:100], y[:100], np.arange(100) // 10)
    fitted.set_params(n_jobs=2).predict(X_test)
    for name, value in (("window", 2), ("first_period", 0), ("random_state", 3)):
        changed = pickle.loads(pickle.dumps(fitted)).set_params(**{name: value})
        for ask in (changed.predict, changed.certified_earliness):
            with pytest.raises(InvalidInputError, match=f"{name} is {value} but was"):
                ask(X_test)
    with pytest.raises(ValueError, match="Invalid parameter 'threat_model'"):
        fitted.set_params(threat_model="modify")


def test_a_failed_fit_leaves_the_model_as_it_was(digits):
    X, y, X_test, _ = digits
    fitted = TemporalAggregationClassifier().fit(X[:100], y[:100], np.arange(100) // 10)
    votes = fitted.votes(X_test)
    with pytest.raises(InvalidInputError):
        fitted.fit(X[:100], y[:100], [0] * 99 + [10**9])
    np.testing.assert_array_equal(fitted.votes(X_test), votes)


def test_periods_are_routed(digits):
    X, y, X_test, y_test = digits
    X, y, periods = X[:300], y[:300], np.arange(300) // 10
    direct = TemporalAggregationClassifier(window=2).fit(Normalizer().transform(X), y, periods)
    with config_context(enable_metadata_routing=True):
        model = TemporalAggregationClassifier().set_fit_request(periods=True)
        pipeline = make_pipeline(Normalizer(), model)
        search = GridSearchCV(
            pipeline,
            {"temporalaggregationclassifier__window": [1, 2, 25]},
            scoring=certified_accuracy(poison_size=2),
            cv=TimeSeriesSplit(3),
        ).fit(X, y, periods=periods)
    assert search.best_params_ == {"temporalaggregationclassifier__window": 2}
    labels, durations = predict_certified(search, X_test)
    expected = direct.predict_certified(Normalizer().transform(X_test))
    np.testing.assert_array_equal([labels, durations], expected)
    np.testing.assert_array_equal(certified_radius(search, X_test), durations)
    assert search.score(X_test, y_test) == ((labels == y_test) & (durations >= 2)).mean()


def test_rows_of_any_kind():
    texts = np.array(["free money", "see you", "cheap money", "see him"] * 6, dtype=object)
    model = TemporalAggregationClassifier(make_pipeline(CountVectorizer(), MultinomialNB()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(texts, np.array(["spam", "ham"] * 12), np.arange(24) // 4)
    assert model.predict(texts[:2]).tolist() == ["spam", "ham"]
    assert model.certified_duration(texts[:2]).tolist() == [2, 2]


def test_displays_and_messages_count_periods(digits):
    X, y, X_test, y_test = digits
    fitted = TemporalAggregationClassifier().fit(X[:100], y[:100], np.arange(100) // 10)
    display = CertifiedAccuracyDisplay.from_estimator(fitted, X_test, y_test)
    assert display.ax_.get_xlabel() == "Poison size (consecutive periods)"
    with pytest.raises(UnsoundPipelineError, match="'standardscaler'"):
        certified_radius(make_pipeline(StandardScaler().fit(X), fitted), X_test)


def test_nobody_can_ask_others_for_the_threat_model_of_periods():
    assert find_threat_model("temporal", of_a_classifier=True).words().one == "one period"
    with pytest.raises(InvalidInputError, match="threat_model must be one of"):
        find_threat_model("temporal")
