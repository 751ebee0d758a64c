"""Random division, the peer of the joint bounds, against all attacks on a few rows."""

import importlib.util
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from sklearn_certify.certificates import joint_neighbors_accuracy

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "nearest_neighbors.py"
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="benchmarks are in the sources alone")


@pytest.fixture(scope="module")
def random_division():
    pytest.importorskip("skimage")
    spec = importlib.util.spec_from_file_location("nearest_neighbors", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.random_division


def most_flips(counts, truth, size):
    """The most correct rows that any removals flip, if every inserted row serves them all."""
    predicted = counts.argmax(axis=1)
    rivals = np.c_[counts, np.zeros(len(counts), dtype=int)]
    rivals[np.arange(len(counts)), predicted] = -(10**9)
    least = counts.max(axis=1)[:, None] - rivals - (np.arange(4) < predicted[:, None])
    least[:, 3] = counts.max(axis=1) - 1  # a label that is invented comes first
    needs = np.maximum(least.min(axis=1) + 1 - size, 0)[predicted == truth]
    label = predicted[predicted == truth]
    return max(
        sum(needs <= np.array(removed)[label])
        for removed in product(range(size + 1), repeat=3)
        if sum(removed) <= size
    )


def test_between_the_pointwise_figure_and_the_truth(random_division):
    rng = np.random.RandomState(0)
    gains = 0
    for _ in range(100):
        counts = rng.poisson(2, (8, 3)) + 5 * np.eye(3, dtype=int)[rng.randint(3, size=8)]
        truth = np.where(rng.rand(8) < 0.8, counts.argmax(axis=1), 0)
        found = random_division(counts, truth, range(6), rng)
        pointwise = joint_neighbors_accuracy(
            counts, truth, range(6), threat_model="modify", method="pointwise"
        )
        correct = (counts.argmax(axis=1) == truth).sum()
        true = [(correct - most_flips(counts, truth, size)) / 8 for size in range(1, 6)]
        assert found[0] == correct / 8
        assert (found >= pointwise - 1e-12).all()
        assert (found[1:] <= np.array(true) + 1e-12).all()
        gains += (found > pointwise + 1e-12).any()
    assert gains > 10
