"""Wherever and beside whatever voters work, they vote alike or say that they cannot."""

import os
import random
import subprocess
import sys
import threading
from contextlib import contextmanager, nullcontext

import joblib
import numpy as np
import pytest
from joblib import Memory
from numba import njit, prange
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.ensemble import ExtraTreesClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.tree import ExtraTreeClassifier

from sklearn_certify import DPAClassifier
from sklearn_certify._compute import progress
from sklearn_certify.exceptions import InvalidInputError, UnsoundVoterError
from sklearn_certify.learners import StackedClassifierMixin

from .cases import no_thread_left_behind

python_random = random.random  # taken before anybody could watch it


@pytest.fixture(scope="module")
def rows(digits):
    X, y, queries, _ = digits
    return X[:200], y[:200], queries[:50]


def random_states():
    state = np.random.get_state(legacy=False)
    return random.getstate(), state["state"]["key"].tolist(), state["state"]["pos"], state["gauss"]


# ---- other threads


@contextmanager
def restless_thread(draw):
    """A thread that draws all the time, such as the event loop of a scheduler."""
    stopped, has_drawn = threading.Event(), threading.Event()

    def work():
        while not stopped.is_set():
            draw()
            has_drawn.set()
            stopped.wait(1e-5)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    has_drawn.wait()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


DRAWS = {
    "random": lambda: random.random(),
    "choice": lambda: random.choice("abc"),
    "gauss": lambda: random.gauss(0, 1),
    "getrandbits": lambda: random.getrandbits(5),
    "seed": lambda: random.seed(3),
    "numpy": lambda: np.random.normal(size=100),
    "numpy shuffle": lambda: np.random.shuffle([1, 2, 3]),
    "numpy seed": lambda: np.random.seed(3),
    "singleton": lambda: np.random.mtrand._rand.randint(5),
    "both": lambda: (random.random(), np.random.rand()),
}


@pytest.mark.parametrize("backend", ["threading", "sequential"])
@pytest.mark.parametrize("draw", DRAWS)
def test_draws_of_other_threads_are_not_held_against_voters(draw, backend, rows):
    X, y, queries = rows
    ensemble = DPAClassifier(ExtraTreesClassifier(5), n_partitions=6)
    expected = ensemble.fit(X, y).votes(queries)
    with restless_thread(DRAWS[draw]), joblib.parallel_config(backend=backend, n_jobs=2):
        np.testing.assert_array_equal(ensemble.fit(X, y).votes(queries), expected)


class Draws(GaussianNB):
    """Draws from a global generator, in `fit` or in `predict`."""

    def __init__(self, source="numpy", when="fit"):
        super().__init__()
        self.source = source
        self.when = when

    def _noise(self, X):
        return {
            "numpy": lambda: np.random.normal(0, 8, X.shape),
            "singleton": lambda: np.random.mtrand._rand.normal(0, 8, X.shape),
            "random": lambda: random.gauss(0, 8) * (X > 8),
            "shuffle": lambda: random.sample(range(20), 1)[0] * (X > 8),
            "taken before": lambda: 20 * python_random() * (X > 8),
            "in a thread": lambda: in_a_thread(lambda: np.random.normal(0, 8, X.shape)),
        }[self.source]()

    def fit(self, X, y):
        return super().fit(X + self._noise(X) if self.when == "fit" else X, y)

    def predict(self, X):
        return super().predict(X + self._noise(X) if self.when == "predict" else X)


def in_a_thread(function):
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


SOURCES = ["numpy", "singleton", "random", "shuffle", "taken before", "in a thread"]


@pytest.mark.parametrize("when", ["fit", "predict"])
@pytest.mark.parametrize("source", SOURCES)
def test_a_voter_that_draws_is_seeded_or_told(source, when, rows):
    X, y, queries = rows
    ensemble = DPAClassifier(Draws(source, when), n_partitions=6)
    votes = ensemble.fit(X, y).votes(queries)
    np.testing.assert_array_equal(ensemble.fit(X, y).votes(queries), votes)
    for beside in (nullcontext(), restless_thread(DRAWS["both"])):
        with (
            beside,
            no_thread_left_behind(),
            joblib.parallel_config(backend="threading", n_jobs=2),
            pytest.raises(UnsoundVoterError, match="global random generator"),
        ):
            ensemble.fit(X, y).votes(queries)


@pytest.mark.parametrize("source", ["random", "shuffle"])
def test_pythons_generator_serves_the_main_thread_alone(source, rows):
    X, y, queries = rows
    ensemble = DPAClassifier(Draws(source), n_partitions=6)
    votes = ensemble.fit(X, y).votes(queries)
    with restless_thread(DRAWS["choice"]):
        np.testing.assert_array_equal(ensemble.fit(X, y).votes(queries), votes)


def test_numpys_generator_must_not_serve_two_threads_at_once(rows):
    X, y, _ = rows
    with (
        restless_thread(DRAWS["numpy"]),
        pytest.raises(UnsoundVoterError, match="so does another thread"),
    ):
        DPAClassifier(Draws("numpy"), n_partitions=20).fit(X, y)


@pytest.mark.parametrize("backend", ["threading", "sequential"])
def test_generators_go_on_where_they_were(backend, rows):
    X, y, queries = rows
    random.seed(1)
    np.random.seed(1)
    np.random.normal(), random.gauss(0, 1)  # each leaves a second number behind
    before, functions = random_states(), [random.random, random.choice, np.random.rand]
    with joblib.parallel_config(backend=backend, n_jobs=2):
        DPAClassifier(ExtraTreesClassifier(2), n_partitions=4).fit(X, y).votes(queries)
    assert random_states() == before
    assert functions == [random.random, random.choice, np.random.rand]
    assert type(np.random.get_bit_generator()) is np.random.MT19937
    assert "random" not in vars(random._inst)


# ---- numba


@njit
def noise(n_numbers):
    return np.random.normal(0.0, 8.0, n_numbers)


@njit(parallel=True)
def noise_on_all_cores(n_numbers):
    numbers = np.empty(n_numbers)
    for i in prange(n_numbers):
        numbers[i] = np.random.normal(0.0, 8.0)
    return numbers


@njit
def python_noise(n_numbers):
    return np.array([random.gauss(0.0, 8.0) + random.random() for _ in range(n_numbers)])


class NumbaDice(GaussianNB):
    def __init__(self, noise=noise):
        super().__init__()
        self.noise = noise

    def fit(self, X, y):
        return super().fit(X + self.noise(X.size).reshape(X.shape), y)


@pytest.mark.parametrize("backend", ["threading", "sequential"])
@pytest.mark.parametrize("make_noise", [noise, python_noise])
def test_numba_is_seeded_in_every_thread(make_noise, backend, rows):
    X, y, queries = rows
    ensemble = DPAClassifier(NumbaDice(make_noise), n_partitions=6)
    expected = ensemble.fit(X, y).votes(queries)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        for _ in range(2):
            np.testing.assert_array_equal(ensemble.fit(X, y).votes(queries), expected)


PARALLEL = """
import numpy as np
from numba import get_num_threads, threading_layer
from sklearn.datasets import load_digits
from sklearn_certify import DPAClassifier
from tests.ensemble.test_engines import NumbaDice, noise_on_all_cores

X, y = load_digits(return_X_y=True)
ensemble = DPAClassifier(NumbaDice(noise_on_all_cores), n_partitions=3)
votes = [ensemble.fit(X[:99], y[:99]).votes(X[99:]) for _ in range(3)]
noise_on_all_cores(5)
assert get_num_threads() > 1 and threading_layer() == "omp", (get_num_threads(), threading_layer())
assert (votes[0] == votes[1]).all() and (votes[0] == votes[2]).all()
"""


def test_parallel_loops_of_numba_run_on_one_core():
    """The first of them starts the threads, and is run again without them."""
    environment = {"NUMBA_NUM_THREADS": "2", "NUMBA_THREADING_LAYER": "omp"}
    done = subprocess.run(
        [sys.executable, "-c", PARALLEL],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    if "threading layer could be loaded" in done.stderr:
        pytest.skip("no OpenMP")
    assert done.returncode == 0, done.stderr


# ---- caches


class Shaken(TransformerMixin, BaseEstimator):
    """Draws from the global generator while it learns."""

    def fit(self, X, y=None):
        self.scale_ = 1 + np.random.rand(X.shape[1])
        return self

    def transform(self, X):
        return X * self.scale_


class Dice(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.vote_ = np.random.choice(self.classes_)
        return self

    def predict(self, X):
        return np.full(len(X), self.vote_)


def composites(memory):
    inner = make_pipeline(Shaken(), Dice(), memory=memory)
    return [
        inner,
        make_pipeline(StandardScaler(), inner),
        VotingClassifier([("a", inner)]),
        GridSearchCV(inner, {"shaken": [Shaken()]}, cv=2),
    ]


@pytest.mark.parametrize("kind", ["path", "string", "Memory"])
@pytest.mark.parametrize("position", range(4))
def test_caches_inside_voters_change_no_vote(position, kind, rows, tmp_path):
    X, y, queries = rows
    memory = {"path": tmp_path, "string": str(tmp_path), "Memory": Memory(tmp_path, verbose=0)}
    cached = DPAClassifier(composites(memory[kind])[position], n_partitions=6)
    plain = DPAClassifier(composites(None)[position], n_partitions=6)
    with pytest.warns(UserWarning) if position == 3 else nullcontext():  # classes with one row
        expected = plain.fit(X, y).votes(queries)
        for _ in range(2):
            np.testing.assert_array_equal(cached.fit(X, y).votes(queries), expected)
    assert len(np.unique(expected[0])) > 1


# ---- numbers of workers


class Counting(joblib.Parallel):
    asked = []  # noqa: RUF012

    def __init__(self, n_jobs=None, **params):
        super().__init__(n_jobs, **params)
        self.asked.append(joblib.effective_n_jobs(n_jobs))


@pytest.mark.parametrize(
    ("where", "backend"),
    [
        ("parameter", "loky"),
        ("parameter", "threading"),
        ("configuration", "threading"),
        ("configuration", "multiprocessing"),
    ],
)
def test_there_are_never_more_workers_than_voters(where, backend, rows, monkeypatch):
    X, y, queries = rows
    Counting.asked.clear()
    monkeypatch.setattr(progress, "Parallel", Counting)
    ensemble = DPAClassifier(n_partitions=2)
    expected = ensemble.fit(X, y).votes(queries)
    n_jobs = {"n_jobs": 1000} if where == "configuration" else {}
    with joblib.parallel_config(backend=backend, **n_jobs):
        ensemble.set_params(n_jobs=1000 if where == "parameter" else None)
        np.testing.assert_array_equal(ensemble.fit(X, y).votes(queries), expected)
    assert max(Counting.asked) <= 2


# ---- processes of joblib


class OwnRows(ClassifierMixin, BaseEstimator):
    """Writes to its rows, if they are its own, and notes the process that it is in."""

    def fit(self, X, y):
        assert type(X) is np.ndarray and type(y) is np.ndarray
        X += 1
        y += 0
        self.process_ = os.getpid()
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


class OwnStack(StackedClassifierMixin, OwnRows):
    """The same, several at once."""

    def fit_stack(self, samples):
        for X, y, _ in samples:
            assert type(X) is np.ndarray and type(y) is np.ndarray
            X += 0
            y += 0
        return [OwnRows.fit(OwnStack(), X.copy(), y.copy()) for X, y, _ in samples]

    def vote_stack(self, voters, X, classes):
        return np.zeros((len(voters), len(X)), dtype=np.int8)


def test_processes_stay_from_one_call_of_joblib_to_the_next():
    rng = np.random.default_rng(0)
    X, y = rng.random((4000, 100)), rng.integers(2, size=4000)  # 1.6 MB a voter
    ensemble = DPAClassifier(OwnRows(), n_partitions=2)
    with joblib.parallel_config("loky", n_jobs=2):
        before = set(joblib.Parallel()(joblib.delayed(os.getpid)() for _ in range(8)))
        ensemble.fit(X, y)
        ensemble.votes(X)
        again = ensemble.fit(X, y)
        after = set(joblib.Parallel()(joblib.delayed(os.getpid)() for _ in range(8)))
    used = {voter.process_ for voter in again.estimators_}
    assert os.getpid() not in used
    assert len(before | used | after) == 2


def test_voters_may_write_to_large_rows_in_any_process():
    rng = np.random.default_rng(0)
    X, y = rng.random((40_000, 100)), rng.integers(2, size=40_000)
    with joblib.parallel_config("loky", n_jobs=2):
        for estimator in (OwnRows(), OwnStack()):
            DPAClassifier(estimator, n_partitions=2).fit(X, y)


# ---- base estimators whose methods appear with fit


@pytest.mark.parametrize("aggregation", ["plurality", "runoff"])
@pytest.mark.parametrize(
    "estimator",
    [
        StackingClassifier([("a", GaussianNB()), ("b", ExtraTreeClassifier())], cv=2),
        make_pipeline(StandardScaler(), StackingClassifier([("a", GaussianNB())], cv=2)),
        GridSearchCV(
            StackingClassifier([("a", GaussianNB())], cv=2), {"passthrough": [True]}, cv=2
        ),
        SelfTrainingClassifier(GaussianNB()),
        VotingClassifier([("a", GaussianNB())], voting="soft"),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_composites_that_predict_only_after_fit(estimator, aggregation, digits):
    X, y, queries, truth = digits
    ensemble = DPAClassifier(estimator, n_partitions=4, aggregation=aggregation)
    assert ensemble.fit(X[:400], y[:400]).score(queries, truth) > 0.7
    assert ensemble.certified_radius(queries).max() >= 1


@pytest.mark.parametrize(
    "estimator", [StandardScaler(), make_pipeline(StandardScaler()), ExtraTreesClassifier]
)
def test_what_predicts_nothing_is_refused(estimator, rows):
    X, y, _ = rows
    with pytest.raises((InvalidInputError, TypeError), match="has no predict|instead of a class"):
        DPAClassifier(estimator, n_partitions=2).fit(X, y)


def test_what_has_no_scores_is_refused_before_or_after_fit(rows):
    X, y, queries = rows
    hard = VotingClassifier([("a", GaussianNB()), ("b", LogisticRegression(max_iter=20))])
    search = GridSearchCV(VotingClassifier([("a", GaussianNB())]), {"voting": ["hard"]}, cv=2)
    for estimator in (Dice(), make_pipeline(StandardScaler(), Dice()), hard, search):
        ensemble = DPAClassifier(estimator, n_partitions=2)
        with pytest.raises(InvalidInputError, match="'runoff' needs scores per class, but"):
            ensemble.set_params(aggregation="runoff").fit(X, y)
        assert ensemble.set_params(aggregation="plurality").fit(X, y).predict(queries).size
