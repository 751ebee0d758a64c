"""Shares of the votes as probabilities: scikit-learn's soft scores and meta-estimators."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import cross_validate
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier

from sklearn_certify.neighbors import CertifiedKNN, CertifiedRNN

BOTH = [CertifiedKNN(15), CertifiedRNN(150, outlier_label=3)]
both = pytest.mark.parametrize("classifier", BOTH, ids=lambda c: type(c).__name__)


@both
def test_shares_are_votes_over_all_votes(classifier, digits):
    X, y, queries, _ = digits
    classifier = clone(classifier).fit(X, y)
    counts, shares = classifier.vote_counts(queries), classifier.predict_proba(queries)
    assert shares.dtype == np.float64 and shares.shape == (len(queries), len(classifier.classes_))
    voted = counts.sum(axis=1) > 0
    np.testing.assert_array_equal(
        shares[voted], counts[voted] / counts[voted].sum(axis=1, keepdims=True)
    )
    with pytest.raises(NotFittedError):
        clone(classifier).predict_proba(queries)


def test_shares_are_the_probabilities_of_scikit_learn(digits):
    X, y, queries, _ = digits
    ours = CertifiedRNN(150, outlier_label=3).fit(X, y)
    theirs = RadiusNeighborsClassifier(150, metric="manhattan", outlier_label=3).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(queries), theirs.predict_proba(queries))
    ours = CertifiedKNN(1).fit(X, y)
    theirs = KNeighborsClassifier(1, metric="manhattan").fit(X, y)
    np.testing.assert_array_equal(ours.predict_proba(queries), theirs.predict_proba(queries))


@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.OutlierWarning")
@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_the_first_of_the_largest_shares_is_the_prediction(data):
    """On a line, where many votes are tied and many neighbourhoods are empty."""
    places = st.integers(0, 12)
    rows = data.draw(st.lists(st.tuples(places, st.integers(0, 3)), min_size=1, max_size=12))
    X, y = np.array([[float(place)] for place, _ in rows]), np.array([label for _, label in rows])
    queries = np.arange(-2.0, 15.0)[:, np.newaxis]
    for classifier in (
        CertifiedKNN(data.draw(st.integers(1, 6))),
        CertifiedRNN(data.draw(st.integers(0, 3))),
        CertifiedRNN(data.draw(st.integers(0, 3)), outlier_label=data.draw(st.integers(-1, 9))),
    ):
        shares = classifier.fit(X, y).predict_proba(queries)
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        predicted = classifier.predict(queries)
        np.testing.assert_array_equal(classifier.classes_[shares.argmax(axis=1)], predicted)
        empty = classifier.vote_counts(queries).sum(axis=1) == 0
        assert np.isin(shares[empty], [0, 1]).all()


@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.OutlierWarning")
def test_where_nobody_votes_the_prediction_has_all():
    X, y, far = np.array([[0.0], [1.0], [9.0]]), np.array([2, 2, 4]), [[0.5], [99.0]]
    for outlier_label, expected in (
        (None, [[1, 0], [1, 0]]),
        (4, [[1, 0], [0, 1]]),
        (3, [[1, 0, 0], [0, 1, 0]]),
        (-1, [[0, 1, 0], [1, 0, 0]]),
    ):
        classifier = CertifiedRNN(1.0, outlier_label=outlier_label).fit(X, y)
        assert classifier.predict_proba(far).tolist() == expected


@both
def test_scores_of_probabilities(classifier, digits):
    X, y, queries, truth = digits
    shares = clone(classifier).fit(X, y).predict_proba(queries)
    chance = log_loss(truth, np.full_like(shares, 0.1))
    assert log_loss(truth, shares, labels=range(10)) < chance
    assert roc_auc_score(truth, shares, multi_class="ovr") > 0.95
    scores = cross_validate(
        classifier, X, y, cv=2, scoring=["roc_auc_ovr", "neg_log_loss", "accuracy"]
    )
    assert scores["test_roc_auc_ovr"].min() > 0.95 and scores["test_neg_log_loss"].min() > -chance
    few = y < 2
    binary = clone(classifier).set_params(**_outlier_label(classifier, 1))
    assert cross_validate(binary, X[few], y[few], cv=2, scoring="roc_auc")["test_score"].min() > 0.9


def _outlier_label(classifier, label):
    return {"outlier_label": label} if "outlier_label" in classifier.get_params() else {}


@both
@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: CalibratedClassifierCV(one, cv=2),
        lambda one: CalibratedClassifierCV(one, cv=2, method="isotonic", ensemble=False),
        lambda one: OneVsRestClassifier(one.set_params(**_outlier_label(one, 0))),
        lambda one: VotingClassifier(
            [("one", one), ("other", KNeighborsClassifier())], voting="soft"
        ),
    ],
    ids=["sigmoid", "isotonic", "one against the rest", "soft vote"],
)
def test_scikit_learn_builds_on_the_shares(classifier, wrap, digits):
    X, y, queries, truth = digits
    model = wrap(clone(classifier)).fit(X, y)
    shares = model.predict_proba(queries)
    assert shares.shape == (len(queries), 10)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert model.score(queries, truth) > 0.85
