"""Ridge on one-hot labels: what scikit-learn's gives, many at once, each a function of its rows."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_certify.learners import StackedRidgeClassifier, stacks

from .samples import samples_of

DIGITS, LABELS = load_digits(return_X_y=True)


@parametrize_with_checks([StackedRidgeClassifier(), StackedRidgeClassifier(store_rows=True)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, int])
@pytest.mark.parametrize("n_rows", [30, 300])
@pytest.mark.parametrize(
    "params", [{}, {"alpha": 100}, {"fit_intercept": False}, {"class_weight": "balanced"}], ids=str
)
@pytest.mark.parametrize("n_classes", [2, 10])
@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
def test_it_is_scikit_learns(dtype, n_rows, params, n_classes, form):
    kept = n_classes > LABELS
    X, y = DIGITS[kept].astype(dtype), LABELS[kept]
    X, queries, y = form(X[:n_rows]), form(X[n_rows:]), y[:n_rows]
    ours = StackedRidgeClassifier(**params).fit(X, y)
    theirs = RidgeClassifier(**params).fit(X, y)
    assert ours.coef_.shape == (1 if n_classes == 2 else n_classes, 64)
    assert ours.coef_.dtype == theirs.coef_.dtype
    np.testing.assert_allclose(
        ours.decision_function(queries), theirs.decision_function(queries), atol=1e-4
    )
    assert (ours.predict(queries) == theirs.predict(queries)).mean() > 0.998


def test_weights_of_rows_are_scikit_learns():
    X, y = DIGITS[:200], LABELS[:200]
    weights = np.random.default_rng(0).random(200)
    ours = StackedRidgeClassifier().fit(X, y, sample_weight=weights)
    theirs = RidgeClassifier().fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-8)


def test_without_a_penalty_there_is_the_shortest_solution():
    X, y = np.repeat(DIGITS[:10], 2, axis=0), np.repeat(LABELS[:10], 2)
    ours = StackedRidgeClassifier(alpha=0).fit(X, y)
    np.testing.assert_array_equal(ours.predict(X), y)
    assert np.abs(ours.coef_).max() < 1


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    st.integers(0, 2**20),
    st.sampled_from([np.float32, np.float64]),
    st.sampled_from([1, 3, 64, 130]),
    st.booleans(),
)
def test_a_voter_depends_on_its_rows_alone(seed, dtype, n_features, fit_intercept):
    """To the last bit: coefficients, votes and scores, whoever is fitted and asked with it."""
    ridge = StackedRidgeClassifier(fit_intercept=fit_intercept)
    ours, others = (samples_of(s, 5, dtype, n_features) for s in (seed, seed + 1))
    classes, fewer = np.arange(12), np.arange(9)
    queries = np.concatenate([X for X, _, _ in ours])
    place = seed % 5
    mixed = [ours[i] if i == place else others[i] for i in range(5)]
    voters, strangers = ridge.fit_stack(ours), ridge.fit_stack(mixed)
    lonely = clone(ridge).fit(*ours[place][:2])
    for fitted in (strangers[place], lonely):
        np.testing.assert_array_equal(fitted.coef_, voters[place].coef_)
        np.testing.assert_array_equal(fitted.intercept_, voters[place].intercept_)
    alone = [None] * 5
    alone[place] = lonely
    votes = ridge.vote_stack(voters, queries, classes)
    scores = ridge.score_stack(voters, queries, classes)
    assert (votes >= 0).all()
    np.testing.assert_array_equal(votes, scores.argmax(axis=2))
    for company in (strangers, alone):
        np.testing.assert_array_equal(
            ridge.vote_stack(company, queries, fewer)[place], votes[place]
        )
        np.testing.assert_array_equal(
            ridge.score_stack(company, queries, fewer)[place], scores[place, :, :9]
        )
    assert (ridge.vote_stack(alone, queries, classes)[np.arange(5) != place] == -1).all()


def test_scores_are_those_of_each_voter():
    ridge, samples = StackedRidgeClassifier(), samples_of(3, dtype=np.float64)
    voters, classes = ridge.fit_stack(samples), np.arange(9)
    queries = np.concatenate([X for X, _, _ in samples])
    scores = ridge.score_stack(voters, queries, classes)
    for voter, own in zip(voters, scores, strict=True):
        known = voter.decision_function(queries)
        known = np.column_stack([-known, known]) if known.ndim == 1 else known
        np.testing.assert_allclose(own[:, voter.classes_], known, rtol=1e-9, atol=1e-12)
        unknown = np.setdiff1d(classes, voter.classes_)
        assert np.isneginf(own[:, unknown]).all()


def test_labels_may_be_texts():
    names = np.array(["no", "perhaps", "yes"])
    ridge = StackedRidgeClassifier()
    samples = [(X, names[y % 3], seed) for X, y, seed in samples_of(0)]
    voters = ridge.fit_stack(samples)
    votes = ridge.vote_stack(voters, samples[0][0], names)
    np.testing.assert_array_equal(names[votes[0]], voters[0].predict(samples[0][0]))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_cannot_be_fitted_is_refused(value):
    ridge, samples = StackedRidgeClassifier(), samples_of(0)
    samples[1][0][2, 3] = value
    with pytest.raises(ValueError, match="NaN or infinity"):
        ridge.fit_stack(samples)
    with pytest.raises(ValueError, match="only one class: 7"):
        ridge.fit(DIGITS[:5], np.full(5, 7))
    with pytest.raises(ValueError, match="alpha"):
        StackedRidgeClassifier(alpha=-1).fit_stack(samples_of(0))


def test_rows_that_no_stack_takes():
    ridge = StackedRidgeClassifier()
    assert ridge.rows_for_stack(csr_matrix(DIGITS)) is None
    assert ridge.rows_for_stack(DIGITS.reshape(-1, 8, 8)) is None
    assert ridge.rows_for_stack(DIGITS.astype(object)) is None
    assert ridge.rows_for_stack(np.asfortranarray(DIGITS)).flags.c_contiguous


def test_it_works_where_scikit_learns_does():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), StackedRidgeClassifier()),
        {"stackedridgeclassifier__alpha": [1, 100]},
    ).fit(DIGITS[:300], LABELS[:300])
    assert search.score(DIGITS[300:], LABELS[300:]) > 0.7
    again = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(again.predict(DIGITS), search.predict(DIGITS))
    assert stacks(StackedRidgeClassifier()) and not stacks(search)
