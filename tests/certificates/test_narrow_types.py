"""Sums of damages are kept in small integer types: they hold what the largest sums come to."""

import numpy as np
import pytest

from sklearn_certify._compute.first_work import FirstWork
from sklearn_certify.certificates import (
    joint_partition_accuracy,
    joint_runoff_accuracy,
    overlap_radius,
    plurality_radius,
    runoff_radius,
    temporal_earliness,
    temporal_radius,
)

N_CLASSES = 3
SIZES = [(n, d) for n in (63, 64, 65, 127, 128, 129) for d in (42, 43, 62, 63) if d <= n] + [
    (n_voters, degree) for n_voters in (255, 256) for degree in (51, 64, 85, 127, 128, 255)
]  # (voters, spreading degree), at what 8 bits hold divided by 1, 2, 3, 4 and 5


def all_results(votes, scores, spread):
    y, voter = np.zeros(len(votes), dtype=int), np.arange(votes.shape[1])
    for target in (None, 0, 1):
        yield plurality_radius(votes, N_CLASSES, target=target)
        yield overlap_radius(votes, spread, N_CLASSES, target=target)
        yield overlap_radius(votes, spread, N_CLASSES, tighten=True, target=target)
        yield runoff_radius(scores, target=target)
        yield runoff_radius(scores, spread=spread, target=target, may_abstain=True)
    yield joint_partition_accuracy(votes, y, [1, 5, 60])
    yield joint_partition_accuracy(votes, y, [1, 2], spread=spread)
    yield joint_runoff_accuracy(scores, y, [1, 5, 60])
    yield joint_runoff_accuracy(scores, y, [1, 2], spread=spread)
    yield temporal_radius(votes, voter, voter, N_CLASSES)
    yield temporal_radius(votes, voter, voter + 3, N_CLASSES)
    yield temporal_earliness(votes, voter, voter, N_CLASSES)


@pytest.mark.parametrize("in_kernels", [True, False])
@pytest.mark.parametrize(("n_voters", "degree"), SIZES)
def test_results_are_those_of_wide_types(monkeypatch, n_voters, degree, in_kernels):
    monkeypatch.setattr(FirstWork, "takes", lambda self, n_operations: not in_kernels)
    rng = np.random.default_rng(n_voters)
    last_ones = np.arange(n_voters) >= n_voters - np.array([[0], [1], [4]])
    votes = np.vstack([last_ones, rng.integers(N_CLASSES, size=n_voters)])
    scores = 0.1 * rng.random((*votes.shape, N_CLASSES))
    np.put_along_axis(scores, votes[..., np.newaxis], 1.0, axis=2)
    offsets = rng.choice(n_voters, degree, replace=False)
    spread = (np.arange(n_voters)[:, np.newaxis] + offsets) % n_voters
    narrow = list(all_results(votes, scores, spread))
    monkeypatch.setattr(np, "min_scalar_type", lambda value: np.dtype(np.int64))
    for given, expected in zip(narrow, all_results(votes, scores, spread), strict=True):
        np.testing.assert_array_equal(given, expected)
