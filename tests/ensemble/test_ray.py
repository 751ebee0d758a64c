"""With Ray, where it is installed, voters vote as they do at home."""

import os
import sys

import joblib
import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier

ray = pytest.importorskip("ray", reason="Ray is not installed, and not part of the test extra")
register_ray = pytest.importorskip("ray.util.joblib", reason="needs Ray 2").register_ray


@pytest.fixture(scope="module")
def two_processors():
    environment = {"env_vars": {"PYTHONPATH": os.pathsep.join(sys.path)}}  # to find these tests
    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False, runtime_env=environment)
    register_ray()
    yield
    ray.shutdown()


class Placed(ExtraTreesClassifier):
    """Trees that remember the process in which they grew."""

    def fit(self, X, y):
        self.process_ = os.getpid()
        return super().fit(X, y)


@pytest.mark.parametrize(
    "ensemble",
    [
        DPAClassifier(Placed(5), n_partitions=8),
        FiniteAggregationClassifier(n_partitions=4, spreading_degree=2),
    ],
    ids=["one by one", "together"],
)
def test_votes_are_those_of_one_process(ensemble, digits, two_processors):
    X, y, queries, _ = digits
    expected = ensemble.fit(X[:200], y[:200]).votes(queries)
    with joblib.parallel_config(backend="ray", n_jobs=2):
        found = ensemble.fit(X[:200], y[:200]).votes(queries)
    np.testing.assert_array_equal(found, expected)
    if isinstance(ensemble.estimator, Placed):
        assert os.getpid() not in {voter.process_ for voter in ensemble.estimators_}
