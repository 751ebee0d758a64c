"""Networks of skorch as voters: functions of their rows and their seed, to the last bit."""

import pickle

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
    certified_accuracy,
)
from sklearn_certify.augmentation import RandomShift
from sklearn_certify.exceptions import UnsoundVoterError
from sklearn_certify.learners import AugmentedClassifier, SeedEnsembleClassifier
from sklearn_certify.testing import check_soundness

from .modules import Convolution, Noisy, shared_settings, torch

pytest.importorskip("skorch")
from sklearn_certify.networks import NetClassifier

NAMES = np.array([f"digit {i}" for i in range(10)])


@pytest.fixture(scope="module")
def images(digits):
    X, y, X_test, y_test = digits
    shape = (-1, 8, 8)
    return X[:200].reshape(shape) / 16, NAMES[y[:200]], X_test.reshape(shape) / 16, NAMES[y_test]


def network(module=Noisy, **params):
    return NetClassifier(module, **{"max_epochs": 2, **params})


ENSEMBLES = [
    DPAClassifier(network(), n_partitions=6),
    DPAClassifier(network(), n_partitions=6, aggregation="runoff"),
    FiniteAggregationClassifier(network(), n_partitions=3, spreading_degree=2),
    BaggingCertifiedClassifier(network(), n_estimators=6, max_samples=30, random_state=0),
]
every_ensemble = pytest.mark.parametrize("ensemble", ENSEMBLES, ids=lambda e: type(e).__name__)


@every_ensemble
def test_votes_repeat_and_nothing_is_left_changed(ensemble, images):
    X, y, X_test, _ = images
    before = shared_settings()
    votes = clone(ensemble).fit(X, y).votes(X_test)
    assert shared_settings() == before
    torch.rand(1)
    again = clone(ensemble).fit(X, y)
    np.testing.assert_array_equal(again.votes(X_test), votes)
    unpickled = pickle.loads(pickle.dumps(again))
    np.testing.assert_array_equal(unpickled.votes(X_test), votes)
    assert again.predict_proba(X_test).shape == (200, 10)


@pytest.mark.parametrize("ensemble", ENSEMBLES[:3], ids=lambda e: type(e).__name__)
def test_another_order_of_rows(ensemble, images):
    X, y, X_test, _ = images
    votes = clone(ensemble).fit(X, y).votes(X_test)
    backwards = clone(ensemble).fit(X[::-1], y[::-1])
    np.testing.assert_array_equal(backwards.votes(X_test), votes)


@pytest.mark.parametrize("ensemble", ENSEMBLES[:3], ids=lambda e: type(e).__name__)
def test_a_voter_does_not_see_the_rows_of_others(ensemble, images):
    X, y, X_test, _ = images
    model = clone(ensemble).fit(X, y)
    votes = model.votes(X_test)
    for row in (0, 50):
        attacked = clone(ensemble).fit(np.delete(X, row, axis=0), np.delete(y, row))
        changed = np.flatnonzero((attacked.votes(X_test) != votes).any(axis=0))
        allowed = model.spread_[model.partition_[row]] if hasattr(model, "spread_") else None
        assert len(changed) <= (1 if allowed is None else len(allowed))


def test_processes_threads_and_numbers_of_threads(images):
    X, y, X_test, _ = images
    ensemble = ENSEMBLES[0]
    votes = ensemble.fit(X, y).votes(X_test)
    parallel = clone(ensemble).set_params(n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(parallel.votes(X_test), votes)
    n_threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        np.testing.assert_array_equal(clone(ensemble).fit(X, y).votes(X_test), votes)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(n_threads)
    with parallel_config("threading", n_jobs=2):
        np.testing.assert_array_equal(ensemble.votes(X_test), votes)  # asked, they draw nothing
        with pytest.raises(UnsoundVoterError, match="learns in the main thread .* n_jobs=None"):
            clone(ensemble).fit(X, y)


def test_tiny_voters_and_classes_that_some_lack(images):
    X, y, X_test, _ = images
    n_rows = 18
    model = DPAClassifier(network(Convolution), n_partitions=12).fit(X[:n_rows], y[:n_rows])
    votes = model.votes(X_test)
    assert (np.bincount(model.partition_, minlength=12) == 0).any()  # some have no rows
    for number, estimator in enumerate(model.estimators_):
        own = set(y[:n_rows][model.partition_ == number])
        assert (estimator is None) == (not own)
        assert {model.classes_[vote] for vote in votes[:, number] if vote >= 0} <= own


def test_bagging_with_one_row_a_voter(images):
    X, y, X_test, _ = images
    bagging = BaggingCertifiedClassifier(network(), n_estimators=5, max_samples=1, random_state=0)
    assert bagging.fit(X, y).votes(X_test).shape == (200, 5)


def test_searches_over_partitions_and_the_network(images):
    X, y, X_test, y_test = images
    search = GridSearchCV(
        DPAClassifier(NetClassifier(Convolution, max_epochs=20)),
        {
            "n_partitions": [2, 40],
            "estimator__lr": [1e-6, 0.02],
            "estimator__module__n_channels": [8],
        },
        scoring=certified_accuracy(poison_size=0),
        cv=2,
        error_score="raise",
    ).fit(X, y)
    expected = {"n_partitions": 2, "estimator__lr": 0.02, "estimator__module__n_channels": 8}
    assert search.best_params_ == expected
    shares = search.predict_proba(X_test)
    assert roc_auc_score(y_test, shares, multi_class="ovr", labels=NAMES) > 0.8


def test_inside_other_learners(images):
    X, y, X_test, _ = images
    for estimator in (
        AugmentedClassifier(network(), RandomShift(1), n_copies=2),
        SeedEnsembleClassifier(network(), n_seeds=2),
        make_pipeline(network(Convolution)),
    ):
        first, second = (DPAClassifier(estimator, 4).fit(X, y).votes(X_test) for _ in range(2))
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "ensemble",
    [
        DPAClassifier(network(), n_partitions=4),
        FiniteAggregationClassifier(network(), n_partitions=2, spreading_degree=2),
    ],
    ids=lambda e: type(e).__name__,
)
def test_attacks_find_nothing(ensemble, images):
    X, y, X_test, _ = images
    report = check_soundness(ensemble, X[:60], y[:60], X_test[:20])
    assert report, report
