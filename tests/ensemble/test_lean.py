"""How much memory ensembles need beside rows and votes."""

import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from sklearn_certify import DPAClassifier


class FirstLabel(ClassifierMixin, BaseEstimator):
    """Learns nothing, so that what is measured is not its own."""

    def fit(self, X, y):
        self.classes_ = y[:1]
        return self

    def predict(self, X):
        return np.repeat(self.classes_, len(X))


@contextmanager
def at_most(n_bytes):
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < n_bytes


def rows(n_rows):
    X = np.random.default_rng(0).random((n_rows, 20))
    return X, (X[:, 0] > 0.5).astype(int)


def test_fit_needs_half_of_the_rows_beside_them():
    X, y = rows(200_000)
    classifier = DPAClassifier(FirstLabel(), n_partitions=100)
    classifier.fit(X[:1000], y[:1000])  # what is imported and compiled is not counted
    with at_most(X.nbytes / 2):
        classifier.fit(X, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_votes_need_half_of_themselves_beside_them(n_jobs):
    X, y = rows(2000)
    classifier = DPAClassifier(FirstLabel(), n_partitions=500, n_jobs=n_jobs).fit(X, y)
    queries = np.zeros((400_000, 20), dtype=np.float32)
    classifier.votes(queries[:100])
    with at_most(1.6 * len(queries) * 500):
        assert classifier.votes(queries).nbytes == len(queries) * 500
