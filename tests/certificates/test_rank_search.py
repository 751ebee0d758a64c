"""Few counts decide what a vote of the nearest rows survives: as many as a walk over all ranks."""

import numpy as np
import pytest

from sklearn_certify.certificates import knn_radius
from sklearn_certify.certificates._neighbor_kernels import largest_budget_to_try
from sklearn_certify.certificates._rank_search import (
    close_interval,
    halve_interval,
    new_search,
    next_interval,
    note_gap,
    safe_budget,
    smallest_gap,
    start_search,
)


def searched_radius(labels, n_neighbors, n_classes, threat_model, phantom, n_rows, short):
    """The radius by a search that looks at all ranks of short intervals, and at how many ranks."""
    labels = np.asarray(labels)
    votes = np.zeros((len(labels) + 1, n_classes), np.int64)
    votes[1:] = (labels[:, None] == np.arange(n_classes)).cumsum(axis=0)
    looked_at = set()

    def gap_at(rank):
        looked_at.add(rank)
        return smallest_gap(votes[min(rank, n_rows)], winner, phantom)

    inserts, deletes = "insert" in threat_model, "delete" in threat_model
    winner = votes[min(n_neighbors, n_rows)].argmax()
    limit = largest_budget_to_try(n_neighbors, n_rows, len(labels), inserts, deletes)
    search = new_search()
    start_search(search, gap_at(n_neighbors), n_neighbors, limit, inserts, deletes)
    first, last = next_interval(search)
    while last > 0:
        if last - first <= short:
            for rank in range(max(first + 1, 0), last):
                note_gap(search, rank, gap_at(rank))
            close_interval(search)
        else:
            rank = (first + last) // 2
            halve_interval(search, rank, gap_at(rank))
        first, last = next_interval(search)
    return safe_budget(search), len(looked_at)


@pytest.mark.parametrize("phantom", [False, True])
@pytest.mark.parametrize("threat_model", ["insert", "delete", "insert_delete"])
def test_search_and_walk_agree(threat_model, phantom):
    rng = np.random.default_rng(1)
    for _ in range(1500):
        n_classes, n_rows = int(rng.integers(1, 5)), int(rng.integers(1, 60))
        labels = rng.integers(0, n_classes, n_rows)
        labels[rng.random(n_rows) < rng.random()] = rng.integers(0, n_classes)  # one of them leads
        if rng.random() < 0.2:
            labels = np.sort(labels)[:: rng.choice([-1, 1])]
        n_neighbors = int(rng.integers(1, 50))
        n_columns = int(rng.integers(min(n_neighbors, n_rows), n_rows + 1))
        if n_columns < n_neighbors:
            n_columns = n_rows
        expected = knn_radius(
            labels[None, :n_columns],
            n_neighbors,
            n_classes,
            threat_model=threat_model,
            phantom=phantom,
            n_rows=n_rows,
        )[1][0]
        found, _ = searched_radius(
            labels[:n_columns],
            n_neighbors,
            n_classes,
            threat_model,
            phantom,
            n_rows,
            short=int(rng.integers(0, 9)),
        )
        assert found == expected


def test_a_search_looks_at_few_ranks():
    rng = np.random.default_rng(0)
    purity = np.linspace(0.95, 0.4, 7502)  # a class that fades, as in a neighbourhood
    labels = np.where(rng.random(7502) < purity, 0, rng.integers(0, 10, size=7502))
    for threat_model, most in (("insert", 16), ("delete", 16), ("insert_delete", 90)):
        radius, n_ranks = searched_radius(labels, 5000, 10, threat_model, True, 60_000, short=0)
        assert 1500 < radius < 3000 and n_ranks < most
