"""Joint certificates: accuracies when one budget of poison serves all rows."""

from itertools import product

import numpy as np

from sklearn_certify.certificates import (
    count_votes,
    joint_knn_accuracy,
    joint_neighbors_accuracy,
    joint_partition_accuracy,
    joint_runoff_accuracy,
    knn_radius,
    runoff_radius,
)
from sklearn_certify.partition import cyclic_spread
from sklearn_certify.threat import THREAT_MODELS

from .data import integers, irregular_spread, lopsided_scores, lopsided_votes
from .values import Cases

CASES = Cases()

METHODS = ("pointwise", "island", "knapsack", "branch")


def _truth(seed, predicted, n_classes):
    """Return true classes, most of which are predicted."""
    random = np.random.RandomState(seed)
    wrong = integers(random, n_classes, len(predicted))
    return np.where(integers(random, 10, len(predicted)) < 9, predicted, wrong)


def _partitions(seed, size, spread, sizes):
    votes = lopsided_votes(seed, *size)
    truth = _truth(seed, count_votes(votes, size[2]).argmax(axis=1), size[2])
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
    truth = _truth(seed, counts.argmax(axis=1), size[2])
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


def _runoff(seed, size, spread, sizes):
    scores = lopsided_scores(seed, *size)
    truth = _truth(seed, runoff_radius(scores)[0], size[2])
    return {
        f"phantom={phantom}": joint_runoff_accuracy(
            scores, truth, sizes, spread=spread, phantom=phantom
        )
        for phantom in (True, False)
    }


@CASES.add()
def runoff_of_few():
    return _runoff(20, (8, 6, 3), None, [0, 1, 2, 3, 4, 5])


@CASES.add()
def runoff_of_few_without_pattern():
    return _runoff(21, (8, 9, 3), irregular_spread(8, 7, 9, 2), [0, 1, 2])


@CASES.add()
def runoff_one_each():
    return _runoff(22, (60, 40, 4), None, [0, 1, 2, 4, 8, 12])


@CASES.add()
def runoff_cyclic():
    spread = cyclic_spread(40, 4, np.random.RandomState(0))
    return _runoff(23, (60, 40, 4), spread, [0, 1, 2, 3, 5])


def _ranked(seed, size, sizes, n_neighbors, n_rows):
    labels = lopsided_votes(seed, *size, percent_abstaining=0)
    truth = _truth(seed, knn_radius(labels, n_neighbors, size[2], n_rows=n_rows)[0], size[2])
    return {
        f"{method} {threat_model}": joint_knn_accuracy(
            labels,
            truth,
            sizes,
            n_neighbors,
            size[2],
            threat_model=threat_model,
            method=method,
            n_rows=n_rows,
        )
        for threat_model, method in product(THREAT_MODELS, ("knapsack", "branch"))
    }


@CASES.add()
def k_nearest_of_many():
    return _ranked(24, (60, 50, 4), [0, 1, 2, 4, 8], 20, 1000)


@CASES.add()
def k_nearest_with_all_rows_known():
    return _ranked(25, (40, 30, 3), [0, 1, 2, 3, 5], 7, 30)
