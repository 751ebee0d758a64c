"""On a cluster of Dask voters vote as they do at home, whatever happens to its workers."""

import os
import signal
import threading
from collections import Counter
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    DPARegressor,
    FiniteAggregationClassifier,
)
from sklearn_certify.exceptions import UnsoundVoterError
from sklearn_certify.partition import PartitionedDataset
from sklearn_certify.voters import fit_voters

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def rows(digits):
    X, y, queries, _ = digits
    return X[:200], y[:200], queries[:50]


@pytest.fixture(scope="module")
def processes():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def dask(processes):
    processes.wait_for_workers(2, timeout=60)
    with joblib.parallel_config(backend="dask"):
        yield processes


@pytest.fixture
def threads():
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0"
    )
    with cluster, distributed.Client(cluster), joblib.parallel_config(backend="dask"):
        yield


ENSEMBLES = {
    "forests": DPAClassifier(ExtraTreesClassifier(20), n_partitions=8),
    "run-off": DPAClassifier(
        ExtraTreesClassifier(5), n_partitions=8, aggregation="runoff", n_jobs=3
    ),
    "together": FiniteAggregationClassifier(n_partitions=4, spreading_degree=2),
    "bagging": BaggingCertifiedClassifier(
        DecisionTreeClassifier(), n_estimators=30, max_samples=20, random_state=0
    ),
    "transformer": DPAClassifier(
        GaussianNB(), n_partitions=4, transformer=FunctionTransformer(np.sqrt)
    ),
}


@pytest.mark.parametrize("where", ["dask", "threads"])
def test_votes_are_those_of_one_process(where, rows, request):
    X, y, queries = rows
    with joblib.parallel_config(backend="sequential"):
        expected = [e.fit(X, y).predict_certified(queries) for e in ENSEMBLES.values()]
    request.getfixturevalue(where)
    for ensemble, (labels, radii) in zip(ENSEMBLES.values(), expected, strict=True):
        for _ in range(2):
            found = ensemble.fit(X, y).predict_certified(queries)
            np.testing.assert_array_equal(found[0], labels)
            np.testing.assert_array_equal(found[1], radii)


class Dice(GaussianNB):
    def fit(self, X, y):
        return super().fit(X + np.random.normal(0, 8, X.shape), y)


def test_draws_from_a_global_generator_are_refused(dask, rows):
    X, y, _ = rows
    with pytest.raises(UnsoundVoterError, match="global random generator"):
        DPAClassifier(Dice(), n_partitions=4).fit(X, y)


# ---- workers that die


def die_once(path):
    """Let the process of a worker be killed, unless one was before."""
    try:
        distributed.get_worker()
        Path(path).touch(exist_ok=False)
    except (ValueError, FileExistsError):  # no worker, or not the first
        return
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


class DiesOnce(DecisionTreeClassifier):
    """A tree, one of whose fits ends with its process."""

    def __init__(self, path="", random_state=None):
        super().__init__(random_state=random_state)
        self.path = path

    def fit(self, X, y):
        if self.path:
            die_once(self.path)
        return super().fit(X, y)


class HalvesAndDies(TransformerMixin, BaseEstimator):
    """Halves rows, some of which end the process."""

    def __init__(self, path=""):
        self.path = path

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        if self.path:
            die_once(self.path)
        return X / 2

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


@pytest.mark.parametrize("part", ["estimator", "transformer"])
def test_a_fit_outlives_a_worker(part, dask, rows, tmp_path):
    X, y, queries = rows
    path = tmp_path / "died"
    parts = {"estimator": DiesOnce(), "transformer": HalvesAndDies()}
    ensemble = DPAClassifier(**parts, n_partitions=12)
    with joblib.parallel_config(backend="sequential"):
        expected = ensemble.fit(X, y).votes(queries)
    before = dask.run(os.getpid)
    ensemble.set_params(**{f"{part}__path": str(path)}).fit(X, y)
    assert path.exists()
    dask.wait_for_workers(2, timeout=60)
    assert len(set(dask.run(os.getpid).values()) - set(before.values())) == 1
    np.testing.assert_array_equal(ensemble.votes(queries), expected)


class DiesOnceAsked(DecisionTreeClassifier):
    """A tree, one of whose answers ends with its process."""

    def __init__(self, path="", random_state=None):
        super().__init__(random_state=random_state)
        self.path = path

    def predict(self, X):
        die_once(self.path)
        return super().predict(X)


@pytest.mark.parametrize("memory", [None, "voters"])
def test_answers_outlive_a_worker(memory, dask, rows, tmp_path):
    X, y, queries = rows
    path = tmp_path / "died"
    memory = None if memory is None else tmp_path / memory
    ensemble = DPAClassifier(DiesOnceAsked(str(path)), n_partitions=12, memory=memory).fit(X, y)
    with joblib.parallel_config(backend="sequential"):
        expected = ensemble.votes(queries)
    assert not path.exists()
    np.testing.assert_array_equal(ensemble.votes(queries), expected)
    assert path.exists()
    dask.wait_for_workers(2, timeout=60)


# ---- what is sent


sent = Counter()  # what was pickled in this process, and so for another one
several = threading.Lock()  # threads send


class Parcel:
    """A cell that counts how often it is sent."""

    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        with several:
            sent[self.name] += 1
        return Parcel, (self.name,)


class Constant(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.zeros(len(X), dtype=int)


@pytest.fixture
def lonely_worker():
    """A worker that no other takes tasks from, to which they would be sent once more."""
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=":0")
    with cluster, distributed.Client(cluster), joblib.parallel_config(backend="dask"):
        yield


def test_rows_pass_through_the_scheduler_with_their_voters_alone(lonely_worker):
    X = np.empty((36, 1), dtype=object)
    X[:, 0] = [Parcel(row) for row in range(36)]
    rows_of_voters = np.arange(36).reshape(12, 3)
    how = {"n_jobs": None, "verbose": 0, "on_voter_error": "raise"}
    y, classes = np.arange(36) % 2, np.array([0, 1])
    sent.clear()
    voters = fit_voters(Constant(), X, y, rows_of_voters, range(12), classes, **how)
    assert len(voters) == 12
    # to the scheduler, which is here, and from there to the worker
    assert sent == dict.fromkeys(range(36), 2)


def test_voters_with_many_rows_are_sent_without_a_warning(dask, recwarn):
    rng = np.random.default_rng(0)
    X, y = rng.random((6_000, 500)), rng.integers(2, size=6_000)  # two voters of 12 MB
    ensemble = DPAClassifier(GaussianNB(), n_partitions=2).fit(X, y)
    assert ensemble.votes(X[:5_000]).shape == (5_000, 2)
    assert [str(warning.message) for warning in recwarn] == []


# ---- voters that are kept


def test_kept_voters_are_shared_with_other_engines(dask, rows, tmp_path, capsys):
    X, y, queries = rows
    ensemble = DPAClassifier(ExtraTreesClassifier(5), n_partitions=6, memory=tmp_path, verbose=1)
    expected = ensemble.fit(X, y).votes(queries)
    assert "Voters: 0 kept in memory, 6 fitted." in capsys.readouterr().out
    with joblib.parallel_config(backend="loky"):
        found = ensemble.fit(X, y).votes(queries)
    assert "Voters: 6 kept in memory, 0 fitted." in capsys.readouterr().out
    np.testing.assert_array_equal(found, expected)


def test_progress_is_told_while_workers_are_busy(dask, rows, capsys):
    X, y, queries = rows
    ensemble = DPAClassifier(DecisionTreeClassifier(), n_partitions=24, verbose=10).fit(X, y)
    *lines, last = capsys.readouterr().out.splitlines()
    told = [int(line.removeprefix("Voters: ").split(" of 24 fitted")[0]) for line in lines]
    assert len(told) > 2 and told == sorted(set(told)) and told[-1] == 24
    assert last == "Voters: 24 fitted."
    ensemble.votes(queries)
    assert "Votes: 1,200 of 1,200 cast\n" in capsys.readouterr().out


def test_workers_read_the_rows_of_a_folder_themselves(dask, rows, tmp_path):
    pytest.importorskip("pyarrow")
    X, y, queries = rows
    dataset = PartitionedDataset.write(tmp_path / "rows", (X, y), n_partitions=6)
    ensemble = DPAClassifier(ExtraTreesClassifier(5), n_partitions=6)
    with joblib.parallel_config(backend="sequential"):
        expected = ensemble.fit(X, y).votes(queries)
    np.testing.assert_array_equal(ensemble.fit(dataset).votes(queries), expected)


@pytest.mark.filterwarnings("ignore:X is a collection of Dask")
def test_workers_read_the_targets_of_a_regression_themselves(dask, rows, tmp_path):
    pytest.importorskip("pyarrow")
    da = pytest.importorskip("dask.array")
    X, _, queries = rows
    y = X[:, 20] + X[:, 30] / 7
    dataset = PartitionedDataset.write(
        tmp_path / "rows", (X, y), n_partitions=6, target_type="numbers"
    )
    ensemble = DPARegressor(ExtraTreesRegressor(5), n_partitions=6)
    with joblib.parallel_config(backend="sequential"):
        expected = ensemble.fit(X, y).values(queries)
    np.testing.assert_array_equal(ensemble.fit(dataset).values(queries), expected)
    ensemble.fit(da.from_array(X, chunks=(90, 64)), da.from_array(y, chunks=50))
    np.testing.assert_array_equal(ensemble.values(queries), expected)
