"""`n_jobs` is the number of threads that count votes, in joblib's meaning, wherever that is."""

import threading
from itertools import product

import joblib
import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from numba import config
from sklearn.base import clone

from sklearn_certify._compute.first_work import FirstWork
from sklearn_certify.neighbors import CertifiedKNN, CertifiedRNN
from sklearn_certify.neighbors._search import batches, product_rows
from sklearn_certify.neighbors._search.coded_rows import CodedRows
from sklearn_certify.neighbors._search.dense_rows import DenseRows
from sklearn_certify.neighbors._search.product_rows import ProductRows

LIMIT = 6  # of numba
ALL_CORES = min(joblib.effective_n_jobs(-1), LIMIT)
KINDS_OF_ROWS = (DenseRows, CodedRows, ProductRows)
QUESTIONS = ("count_within", "count_nearest")  # that a thread asks, about its chunks of queries
CLASSIFIERS = [
    CertifiedKNN(9),
    CertifiedKNN(9, "euclidean"),
    CertifiedRNN(90, outlier_label=0),
    CertifiedRNN(20, "chebyshev", outlier_label=0),
]
every_classifier = pytest.mark.parametrize("classifier", CLASSIFIERS, ids=str)


@pytest.fixture(autouse=True)
def few_rows_take_products(monkeypatch):
    monkeypatch.setattr(product_rows, "_FEWEST_CELLS", 0)


class Watch:
    """Sees which threads ask rows, and makes them wait until `expected` of them are."""

    def __init__(self, monkeypatch, expected):
        self.workers, self.started = set(), []
        self._together = threading.Barrier(expected)
        monkeypatch.setattr(config, "NUMBA_NUM_THREADS", LIMIT)
        monkeypatch.setattr(batches, "_DISTANCES_AT_A_TIME", 1)  # a query is worth a thread
        for kind, name in product(KINDS_OF_ROWS, QUESTIONS):
            monkeypatch.setattr(kind, name, self._watched(getattr(kind, name)))
        start = threading.Thread.start
        monkeypatch.setattr(
            threading.Thread, "start", lambda thread: (self.started.append(thread), start(thread))
        )

    def _watched(self, question):
        def watched(*arguments):
            self.workers.add(threading.get_ident())
            self._together.wait(timeout=60)  # breaks, as an error, unless so many are here
            return question(*arguments)

        return watched


@every_classifier
@pytest.mark.parametrize(
    ("n_jobs", "context", "expected"),
    [
        (None, {}, 1),
        (1, {}, 1),
        (2, {}, 2),
        (5, {}, 5),
        (99, {}, LIMIT),
        (-1, {}, ALL_CORES),
        (None, {"n_jobs": 3}, 3),
        (2, {"n_jobs": 3}, 2),
        (None, {"n_jobs": -1}, ALL_CORES),
        (None, {"backend": "threading", "n_jobs": 3}, 3),
        (None, {"backend": "multiprocessing", "n_jobs": 3}, 3),
        (4, {"backend": "sequential"}, 1),
    ],
)
def test_so_many_threads_count_at_the_same_time(
    classifier, n_jobs, context, expected, digits, monkeypatch
):
    X, y, queries, _ = digits
    queries = queries[: 4 * LIMIT]  # a multiple of the blocks of any number of threads
    classifier = clone(classifier).fit(X[:300], y[:300])
    votes = classifier.vote_counts(queries)
    watch = Watch(monkeypatch, expected)
    with parallel_config(**context):
        counts = classifier.set_params(n_jobs=n_jobs).vote_counts(queries)
    np.testing.assert_array_equal(counts, votes)
    assert len(watch.workers) == expected
    assert len(watch.started) == (expected if expected > 1 else 0)
    assert expected > 1 or watch.workers == {threading.get_ident()}


def counts_and_threads(classifier, queries):
    """In a worker of joblib: the votes, and how many threads have counted them."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(batches, "_DISTANCES_AT_A_TIME", 1)
        monkeypatch.setattr(FirstWork, "takes", lambda self, n_operations: False)
        workers = set()
        for kind, name in product(KINDS_OF_ROWS, QUESTIONS):
            question = getattr(kind, name)

            def watched(*arguments, question=question):
                workers.add(threading.get_ident())
                return question(*arguments)

            monkeypatch.setattr(kind, name, watched)
        return classifier.vote_counts(queries), len(workers)


@pytest.mark.parametrize(
    ("backend", "most"),
    [("loky", max(joblib.cpu_count() // 2, 1)), ("multiprocessing", joblib.cpu_count())],
    ids=["loky", "multiprocessing"],
)
def test_threads_in_the_processes_of_joblib(backend, most, digits, monkeypatch):
    """None is one thread there too; loky lets each worker have its share of the cores."""
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    X, y, queries, _ = digits
    classifiers = [clone(classifier).fit(X[:300], y[:300]) for classifier in CLASSIFIERS[1::2]]
    votes = [classifier.vote_counts(queries) for classifier in classifiers]
    for n_jobs, bound in ((None, 1), (1, 1), (-1, most)):
        answers = Parallel(2, backend=backend)(
            delayed(counts_and_threads)(classifier.set_params(n_jobs=n_jobs), queries)
            for classifier in classifiers
        )
        for expected, (counts, n_threads) in zip(votes, answers, strict=True):
            np.testing.assert_array_equal(counts, expected)
            assert 1 <= n_threads <= bound


@every_classifier
def test_threads_of_joblib_count_alone(classifier, digits, monkeypatch):
    X, y, queries, _ = digits
    queries = queries[: 4 * LIMIT]
    classifier = clone(classifier).fit(X[:300], y[:300])
    votes = classifier.vote_counts(queries)
    watch = Watch(monkeypatch, 1)
    answers = Parallel(2, backend="threading")(
        delayed(classifier.vote_counts)(queries) for _ in range(2)
    )
    for counts in answers:
        np.testing.assert_array_equal(counts, votes)
    assert not any("ThreadPoolExecutor" in thread.name for thread in watch.started)


def test_the_metrics_without_kernels_stay_in_the_callers_thread(digits, monkeypatch):
    X, y, queries, _ = digits
    classifier = CertifiedKNN(9, "canberra", n_jobs=3).fit(X[:100], y[:100])
    watch = Watch(monkeypatch, 1)
    classifier.vote_counts(queries)
    assert not watch.started
