"""The smallest attack by which a vote of the nearest neighbours makes one label win.

With i insertions and j deletions the vote is that of the first m = k + j - i clean rows, less j of
them, plus i for the target b. What the target lacks on a class c among these m rows, its lead
E_c(m), shrinks by i, and what is left of all leads must be deleted: the sum of max(0, E_c(m) - i)
is at most j. For each m there is a smallest such i, and j follows from it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ._arrays import Int64s, Integers
from ._neighbor_kernels import largest_budget_to_try
from ._numpy_neighbors import VOTES_AT_A_TIME, votes_of_first
from ._targets import fewest_turned, leads_over

__all__ = ["targeted_budgets", "targeted_budgets_by_numpy"]


@njit(nogil=True, cache=True)
def _smallest_attack(
    votes: Int64s, target: int, spared: int, inserts: bool, deletes: bool, none: int
) -> int:
    """Return the units of the smallest attack that leaves these clean rows; `none` if none does.

    `spared` is j - i. `votes` has a last entry, 0, for an invented label.
    """
    n_classes = len(votes) - 1
    i = max(-spared, 0)
    while True:
        left, n_left = 0, 1
        for label in range(n_classes):
            lead = votes[label] - votes[target] + (label < target < n_classes)
            if label != target and lead > i:
                left += lead
                n_left += 1
        # from below, a step to where the tangent of a convex function meets zero goes never too far
        needed = -((spared - left) // n_left)
        if needed <= i:
            break
        i = needed
        if not (inserts and deletes):  # then i follows from the rows that are left
            return none
    return 2 * i + spared


@njit(nogil=True, cache=True)
def targeted_budgets(
    labels: Integers,
    n_neighbors: int,
    n_rows: int,
    n_classes: int,
    inserts: bool,
    deletes: bool,
    target: int,
    predicted: Int64s,
    radius: Int64s,
) -> None:
    """Write the predicted class of every row of labels, and the units that do not make it `target`.

    Parameters are those of `largest_safe_budgets`. The radius is -1 where the target is predicted.
    """
    limit = largest_budget_to_try(n_neighbors, n_rows, labels.shape[1], inserts, deletes)
    votes = np.empty(n_classes + 1, np.int64)
    fewer = np.empty(n_classes + 1, np.int64)  # votes among the first k - e rows
    more = np.empty(n_classes + 1, np.int64)  # votes among the first k + e rows
    for sample in range(len(labels)):
        row = labels[sample]
        votes[:] = 0
        for column in range(min(n_neighbors, n_rows)):
            votes[row[column]] += 1
        predicted[sample] = np.argmax(votes[:n_classes])
        if predicted[sample] == target:
            radius[sample] = -1
            continue
        fewer[:] = votes
        more[:] = votes
        none = limit + 1
        smallest = none
        if inserts and deletes:
            smallest = min(none, _smallest_attack(votes, target, 0, inserts, deletes, none))
        distance = 1
        while distance < smallest:
            if inserts:
                if n_neighbors - distance < n_rows:
                    fewer[row[n_neighbors - distance]] -= 1
                attack = _smallest_attack(fewer, target, -distance, inserts, deletes, none)
                smallest = min(smallest, attack)
            if deletes:
                if n_neighbors + distance <= n_rows:
                    more[row[n_neighbors + distance - 1]] += 1
                attack = _smallest_attack(more, target, distance, inserts, deletes, none)
                smallest = min(smallest, attack)
            distance += 1
        radius[sample] = smallest - 1


def targeted_budgets_by_numpy(
    labels: Integers,
    n_neighbors: int,
    n_rows: int,
    n_classes: int,
    inserts: bool,
    deletes: bool,
    target: int,
    predicted: Int64s,
    radius: Int64s,
) -> None:
    """Write what `targeted_budgets` writes."""
    limit = max(
        largest_budget_to_try.py_func(n_neighbors, n_rows, labels.shape[1], inserts, deletes), 0
    )
    spared = np.arange(-limit if inserts else 0, (limit if deletes else 0) + 1)
    forced = np.maximum(-spared, 0)  # insertions without which there are too many rows
    size = max(VOTES_AT_A_TIME // ((labels.shape[1] + 1) * n_classes), 1)
    for start in range(0, len(labels), size):
        part = slice(start, start + size)
        votes = votes_of_first(labels[part], n_classes)
        predicted[part] = votes[:, min(n_neighbors, n_rows)].argmax(axis=1)
        leads = leads_over(votes[:, np.minimum(n_neighbors + spared, n_rows)], target)
        inserted = np.maximum(fewest_turned(leads, spared=spared), forced)
        attack = 2 * inserted + spared
        if not (inserts and deletes):
            attack[inserted > forced] = limit + 1
        radius[part] = attack.min(axis=1, initial=limit + 1) - 1
    radius[predicted == target] = -1
