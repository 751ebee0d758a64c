"""How many insertions and deletions a vote of the nearest neighbours survives: the walk."""

from __future__ import annotations

import numpy as np
from numba import njit

from ._arrays import Int64s, Integers

__all__ = ["largest_budget_to_try", "largest_safe_budgets"]


@njit(nogil=True, cache=True)
def largest_budget_to_try(
    n_neighbors: int, n_rows: int, n_columns: int, inserts: bool, deletes: bool
) -> int:
    """Return the largest budget about which the labels of the `n_columns` nearest rows say all.

    An empty training set predicts nothing, and rows without a column may be of any class.
    """
    most = min(n_neighbors, n_rows)
    if not deletes:
        return most
    known = n_rows - 1 if n_columns == n_rows else n_columns - n_neighbors
    return min(most, known) if inserts else known


@njit(nogil=True, cache=True)
def largest_safe_budgets(
    labels: Integers,
    n_neighbors: int,
    n_rows: int,
    n_classes: int,
    inserts: bool,
    deletes: bool,
    phantom: bool,
    predicted: Int64s,
    radius: Int64s,
) -> None:
    """Write the predicted class and the radius of every row of labels.

    `labels` are those of the nearest training rows, nearest first; rows beyond the columns, up
    to `n_rows`, are unknown. With i insertions and j deletions the vote is that of the first
    m = k + j - i clean rows, less j of class p, plus i of a rival. So the margin over rival b is
    D_b(m) - (i + j) with D_b(m) the margin among the first m rows, and an attack of exactly e
    units reaches every m = k - e, k - e + 2, ..., k + e: the smallest D_b over these is kept for
    even and for odd e, and grows by its two ends.
    """
    limit = largest_budget_to_try(n_neighbors, n_rows, labels.shape[1], inserts, deletes)
    n_rivals = n_classes + phantom  # the last is the invented label, which has no votes
    votes = np.zeros(n_rivals, np.int64)
    fewer = np.empty(n_rivals, np.int64)  # votes among the first k - e rows
    more = np.empty(n_rivals, np.int64)  # votes among the first k + e rows
    smallest = np.empty((2, n_rivals), np.int64)
    for sample in range(len(labels)):
        row = labels[sample]
        votes[:] = 0
        for column in range(min(n_neighbors, n_rows)):
            votes[row[column]] += 1
        winner = np.argmax(votes[:n_classes])
        for rival in range(n_rivals):
            fewer[rival] = votes[rival]
            more[rival] = votes[rival]
            smallest[0, rival] = votes[winner] - votes[rival]
            smallest[1, rival] = n_rows
        budget, safe = 0, True
        while safe and budget < limit:
            budget += 1
            if inserts and n_neighbors - budget < n_rows:
                fewer[row[n_neighbors - budget]] -= 1
            if deletes and n_neighbors + budget <= n_rows:
                more[row[n_neighbors + budget - 1]] += 1
            margins = smallest[budget % 2]
            for rival in range(n_rivals):
                if not (inserts and deletes):
                    margins[rival] = n_rows
                if inserts:
                    margins[rival] = min(margins[rival], fewer[winner] - fewer[rival])
                if deletes:
                    margins[rival] = min(margins[rival], more[winner] - more[rival])
                wins_ties = rival < winner or rival == n_classes
                if rival != winner and margins[rival] - budget < wins_ties:
                    safe = False
        predicted[sample] = winner
        radius[sample] = budget if safe else budget - 1
