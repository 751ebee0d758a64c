"""Voters are functions of their rows and their seed, whatever the estimator does."""

import random

import joblib
import numpy as np
import pandas as pd
import pytest
from numba import njit
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_certify import DPAClassifier
from sklearn_certify.exceptions import (
    InvalidInputError,
    UnsoundPipelineError,
    UnsoundVoterError,
    VoterError,
)
from sklearn_certify.partition import hash_rows

from .cases import every_ensemble, fresh, no_thread_left_behind


@every_ensemble
def test_fewer_rows_than_voters(ensemble):
    X, y = [[0.0], [1.0], [2.0]], ["a", "b", "a"]
    fitted = fresh(ensemble, n_partitions=50).fit(X, y)
    votes = fitted.votes(X)
    empty = [voter is None for voter in fitted.estimators_]
    assert 0 < sum(empty) < fitted.n_voters_
    assert (votes[:, empty] == -1).all() and (votes[:, ~np.array(empty)] >= 0).all()
    np.testing.assert_array_equal(fitted.predict(X), ["a", "a", "a"])


@every_ensemble
def test_one_class_votes_itself(ensemble):
    fitted = fresh(ensemble).fit([[0], [1], [2], [3]], [7, 7, 7, 7])
    assert fitted.predict([[9]]).tolist() == [7]
    assert fitted.classes_.tolist() == [7]
    assert all(v is None or isinstance(v, DummyClassifier) for v in fitted.estimators_)
    # an attacker may invent a second label, unless the labels are fixed
    n_votes = fitted.vote_counts([[9]])[0, 0]
    assert fitted.certified_radius([[9]])[0] < n_votes
    fixed = fresh(ensemble, classes=[7]).fit([[0], [1], [2], [3]], [7, 7, 7, 7])
    assert fixed.certified_radius([[9]])[0] >= n_votes


class Fragile(ClassifierMixin, BaseEstimator):
    """Cannot learn from rows whose first feature is 1."""

    def fit(self, X, y):
        if (X[:, 0] == 1).any():
            raise RuntimeError("a one")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        if (X[:, 0] == 2).any():
            raise RuntimeError("a two")
        return np.full(len(X), self.classes_[0])


def test_a_voter_that_fails_is_named_or_abstains():
    X = np.arange(20.0).repeat(2)[:, None]
    X = np.hstack([X, np.arange(40.0)[:, None]])
    y = np.arange(40) % 2
    ensemble = DPAClassifier(Fragile(), n_partitions=3)
    voter = (hash_rows(X[2:4]) % np.uint64(3)).tolist()
    with pytest.raises(VoterError, match=r"Fragile failed to fit voter \d .*RuntimeError: a one"):
        ensemble.fit(X, y)
    assert not hasattr(ensemble, "classes_")  # nothing is half fitted
    ensemble.set_params(on_voter_error="abstain").fit(X, y)
    failed = [i for i, v in enumerate(ensemble.estimators_) if v is None]
    assert failed == sorted(set(voter))
    assert (ensemble.votes(X[:2])[:, failed] == -1).all()
    with pytest.raises(VoterError, match="failed to predict .*a two"):
        ensemble.predict(X)


class GlobalDice(ClassifierMixin, BaseEstimator):
    """Draws from NumPy's global generator, as careless estimators do."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.vote_ = np.random.choice(self.classes_)
        return self

    def predict(self, X):
        return np.full(len(X), self.vote_)


@every_ensemble
def test_estimators_that_use_global_generators_are_seeded(ensemble, digits):
    X, y, queries, _ = (part[:200] for part in digits)
    state = np.random.get_state()[1].copy()
    first = fresh(ensemble, estimator=GlobalDice()).fit(X, y).votes(queries)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    np.random.seed(99)
    second = fresh(ensemble, estimator=GlobalDice(), n_jobs=2).fit(X, y).votes(queries)
    np.testing.assert_array_equal(first, second)
    assert len(np.unique(first[0])) > 2  # voters have seeds of their own
    with (
        no_thread_left_behind(),
        joblib.parallel_config(backend="threading", n_jobs=2),
        pytest.raises(UnsoundVoterError, match="global random generator"),
    ):
        fresh(ensemble, estimator=GlobalDice()).fit(X, y)


@every_ensemble
@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing", "sequential"])
def test_any_backend_gives_the_same_votes(ensemble, backend, digits):
    X, y, queries, _ = (part[:150] for part in digits)
    ensemble = fresh(ensemble, estimator=DecisionTreeClassifier())
    expected = ensemble.fit(X, y).votes(queries)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        np.testing.assert_array_equal(ensemble.fit(X, y).votes(queries), expected)


@every_ensemble
def test_the_random_state_and_nothing_else_decides(ensemble, digits):
    X, y, queries, _ = (part[:200] for part in digits)

    def votes(random_state):
        tree = DecisionTreeClassifier(max_features=2)
        return fresh(ensemble, estimator=tree, random_state=random_state).fit(X, y).votes(queries)

    np.testing.assert_array_equal(votes(3), votes(np.random.RandomState(3)))
    assert (votes(3) != votes(4)).any()


class Stranger(GaussianNB):
    """Predicts a label that nobody has."""

    def predict(self, X):
        return np.full(len(X), 99)


def test_a_prediction_that_is_no_label_is_an_error(digits):
    X, y, _, _ = (part[:100] for part in digits)
    with pytest.raises(VoterError, match="predicted 99, which is no label of y"):
        DPAClassifier(Stranger(), n_partitions=2).fit(X, y).predict(X)


@pytest.mark.parametrize("wrap", [lambda e: e, lambda e: make_pipeline(StandardScaler(), e)])
def test_frozen_voters_are_refused(wrap, iris):
    X, y = iris
    frozen = FrozenEstimator(GaussianNB().fit(X, y))
    with pytest.raises(UnsoundPipelineError, match="all voters would be the same"):
        DPAClassifier(wrap(frozen), n_partitions=3).fit(X, y)


def test_frozen_transformers_inside_are_fine(iris):
    X, y = iris
    scaler = FrozenEstimator(StandardScaler().fit(X.to_numpy()[:20]))
    ensemble = DPAClassifier(make_pipeline(scaler, GaussianNB()), n_partitions=3)
    assert ensemble.fit(X.to_numpy(), y).score(X.to_numpy(), y) > 0.9


class Witness(GaussianNB):
    """Remembers how many threads its linear algebra had."""

    def fit(self, X, y):
        self.threads_ = max(library["num_threads"] for library in threadpool_info())
        return super().fit(X, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_each_voter_computes_on_one_core(n_jobs, digits):
    X, y, _, _ = (part[:100] for part in digits)
    with threadpool_limits(3):
        fitted = DPAClassifier(Witness(), n_partitions=3, n_jobs=n_jobs).fit(X, y)
        assert {library["num_threads"] for library in threadpool_info()} == {3}  # as before
    assert [voter.threads_ for voter in fitted.estimators_] == [1, 1, 1]


def test_an_estimator_is_an_instance(iris):
    X, y = iris
    with pytest.raises(TypeError, match="instance of scikit-learn estimator instead of a class"):
        DPAClassifier(GaussianNB).fit(X, y)


@every_ensemble
def test_a_fit_that_fails_changes_nothing(ensemble, iris):
    X, y = iris
    X = X.to_numpy()
    fitted = fresh(ensemble)
    with pytest.raises(InvalidInputError):
        fitted.set_params(classes=["setosa"]).fit(X, y)
    with pytest.raises(NotFittedError):
        fitted.predict(X)
    votes = fitted.set_params(classes=None).fit(X, y).votes(X)
    with pytest.raises(InvalidInputError):
        fitted.set_params(classes=["setosa"]).fit(X[:, :2], y)
    fitted.set_params(classes=None)
    np.testing.assert_array_equal(fitted.votes(X), votes)
    assert fitted.n_features_in_ == 4


IN_PLACE = {
    "dense": (StandardScaler(copy=False), lambda X: X),
    "sparse": (MaxAbsScaler(copy=False), sparse.csr_array),
    "frame": (
        FunctionTransformer(lambda frame: frame.__setitem__("c1", frame["c1"] ** 0.5) or frame),
        lambda X: pd.DataFrame(X).add_prefix("c"),
    ),
}


@pytest.mark.parametrize("kind", IN_PLACE)
def test_a_voter_that_writes_to_its_input_changes_no_other_voter(kind, digits):
    X, y, queries, _ = (part[:200] for part in digits)
    step, hold = IN_PLACE[kind]
    queries = hold(queries.copy())
    before = queries.copy()
    ensemble = DPAClassifier(make_pipeline(step, RidgeClassifier()), n_partitions=4)
    ensemble.fit(hold(X.copy()), y)
    votes = ensemble.votes(queries)
    assert (before != queries).sum().sum() == 0
    for voter, estimator in enumerate(ensemble.estimators_):
        np.testing.assert_array_equal(estimator.predict(queries.copy()), votes[:, voter])


def test_searches_inside_voters_are_seeded(digits):
    X, y, queries, _ = (part[:200] for part in digits)
    candidates = [ExtraTreeClassifier(), ExtraTreeClassifier(max_depth=3)]
    search = GridSearchCV(Pipeline([("tree", GaussianNB())]), {"tree": candidates}, cv=2, n_jobs=2)
    ensemble = DPAClassifier(search, n_partitions=3)
    first, second = (ensemble.fit(X, y).votes(queries) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@njit
def numba_noise(n_numbers):
    return np.random.normal(0.0, 8.0, n_numbers)


class NumbaDice(GaussianNB):
    def fit(self, X, y):
        return super().fit(X + numba_noise(X.size).reshape(X.shape), y)


class NoisyPredictions(GaussianNB):
    def predict(self, X):
        return super().predict(X + np.random.normal(scale=8, size=X.shape))


@pytest.mark.parametrize("estimator", [NumbaDice(), NoisyPredictions()])
def test_other_sources_of_chance_are_seeded(estimator, digits):
    X, y, queries, _ = (part[:200] for part in digits)
    ensemble = DPAClassifier(estimator, n_partitions=3).fit(X, y)
    votes = ensemble.votes(queries)
    np.testing.assert_array_equal(ensemble.votes(queries), votes)
    np.testing.assert_array_equal(ensemble.fit(X, y).votes(queries), votes)


@pytest.mark.parametrize(
    "wrap", [lambda e: CalibratedClassifierCV(e), lambda e: VotingClassifier([("a", e)])]
)
def test_frozen_classifiers_are_found_anywhere(wrap, iris):
    X, y = iris
    frozen = FrozenEstimator(GaussianNB().fit(X, y))
    with pytest.raises(UnsoundPipelineError, match="all voters would be the same"):
        DPAClassifier(wrap(frozen), n_partitions=3).fit(X, y)


class PythonDice(GaussianNB):
    def fit(self, X, y):
        return super().fit(X + random.gauss(0, 8) * (X > 8), y)


def test_pythons_generator_is_seeded_and_watched(digits):
    X, y, queries, _ = (part[:200] for part in digits)
    state = random.getstate()
    first, second = (
        DPAClassifier(PythonDice(), n_partitions=3).fit(X, y).votes(queries) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert random.getstate() == state
    with (
        no_thread_left_behind(),
        joblib.parallel_config(backend="threading", n_jobs=2),
        pytest.raises(UnsoundVoterError, match="global random generator"),
    ):
        DPAClassifier(PythonDice(), n_partitions=3).fit(X, y)
