"""Ensembles and voters that several files of tests go through."""

import threading
from contextlib import contextmanager

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier

__all__ = ["Nearest", "every_ensemble", "fresh", "no_thread_left_behind"]

every_ensemble = pytest.mark.parametrize(
    "ensemble",
    [
        DPAClassifier(n_partitions=6),
        FiniteAggregationClassifier(n_partitions=3, spreading_degree=2),
    ],
    ids=lambda ensemble: type(ensemble).__name__,
)


def fresh(ensemble, **params):
    """Return an unfitted copy with other parameters."""
    return type(ensemble)(**{**ensemble.get_params(deep=False), **params})


class Nearest(ClassifierMixin, BaseEstimator):
    """A voter that one row turns: the nearest row decides.

    Ties in distance go to the row that comes first in canonical order, so attacks copy the query
    and move it a little.
    """

    def fit(self, X, y):
        self.X_, self.y_, self.classes_ = X, y, np.unique(y)
        return self

    def predict(self, X):
        squares = np.square(self.X_ - X[:, np.newaxis]).sum(axis=2)
        return self.y_[squares.argmin(axis=1)]


@contextmanager
def no_thread_left_behind():
    """Wait for workers that go on for a while after another one has raised an error."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=30)
