"""Joint certificates: accuracies when one budget of poison serves all rows."""

from itertools import product

import numpy as np

from sklearn_certify.certificates import (
    count_votes,
    joint_neighbors_accuracy,
    joint_partition_accuracy,
)
from sklearn_certify.partition import cyclic_spread
from sklearn_certify.threat import THREAT_MODELS

from .data import integers, irregular_spread, lopsided_votes
from .values import Cases

CASES = Cases()

METHODS = ("pointwise", "island", "knapsack", "branch")


def _truth(seed, counts):
    """Return true classes, most of which are predicted."""
    random = np.random.RandomState(seed)
    n_rows, n_classes = counts.shape
    wrong = integers(random, n_classes, n_rows)
    return np.where(integers(random, 10, n_rows) < 9, counts.argmax(axis=1), wrong)


def _partitions(seed, size, spread, sizes):
    votes = lopsided_votes(seed, *size)
    truth = _truth(seed, count_votes(votes, size[2]))
    return {
        f"cost={cost} phantom={phantom}": joint_partition_accuracy(
            votes, truth, sizes, spread=spread, n_classes=size[2], cost=cost, phantom=phantom
        )
        for cost, phantom in product((1, 2), (True, False))
    }


@CASES.add()
def partitions_one_each():
    return _partitions(0, (100, 24, 3), None, [0, 1, 2, 3, 5, 8, 12, 24])


@CASES.add()
def partitions_by_search():
    return _partitions(1, (100, 12, 4), None, [0, 1, 2, 3, 4, 5, 6, 12])


@CASES.add()
def partitions_by_second_moments():
    return _partitions(4, (400, 100, 3), None, [10, 20, 30])


@CASES.add()
def partitions_by_multipliers():
    return _partitions(5, (400, 200, 2), None, [20, 40, 60])


@CASES.add()
def many_partitions_cyclic():
    spread = cyclic_spread(120, 4, np.random.RandomState(0))
    return _partitions(6, (100, 120, 3), spread, [2, 3, 4, 6, 9])


@CASES.add()
def partitions_cyclic():
    spread = cyclic_spread(40, 4, np.random.RandomState(0))
    return _partitions(2, (200, 40, 3), spread, [0, 1, 2, 3, 5, 8, 12])


@CASES.add()
def partitions_without_pattern():
    return _partitions(3, (100, 20, 3), irregular_spread(4, 30, 20, 3), [0, 1, 2, 4, 6])


def _neighbors(seed, size, sizes):
    votes = lopsided_votes(seed, *size, percent_abstaining=30)
    counts = count_votes(votes, size[2])
    truth = _truth(seed, counts)
    return {
        f"{method} {threat_model} phantom={phantom}": joint_neighbors_accuracy(
            counts, truth, sizes, threat_model=threat_model, method=method, phantom=phantom
        )
        for threat_model, method, phantom in product(THREAT_MODELS, METHODS, (True, False))
    }


@CASES.add()
def neighbors_of_few_classes():
    return _neighbors(10, (100, 20, 2), [0, 1, 2, 4, 6, 9, 14])


@CASES.add()
def neighbors_of_many_classes():
    return _neighbors(11, (50, 30, 5), [0, 1, 3, 6, 10])
