"""The most rows that a few corrupted partitions flip, by trying every choice of them."""

from math import comb

import numpy as np
from numba import njit

from .._parallel import run_on_blocks

__all__ = ["flips_by_search", "flips_by_single_partitions", "is_searchable"]

_MOST_STEPS = 4_000_000_000  # a step is less than a nanosecond


def flips_by_single_partitions(rows):
    """Count the rows that each partition, corrupted alone, can flip.

    Partition j flips a row if its damage toward some rival b exceeds gap(b).

    Parameters
    ----------
    rows : Rows
        Rows that may flip.

    Returns
    -------
    ndarray of int64 of shape (n_partitions,)

    References
    ----------
    Wang, Levine and Feizi, "Improved Certified Defenses against Data Poisoning with
    (Deterministic) Finite Aggregation", ICML 2022, Appendix D.
    """
    flips = np.zeros(len(rows.spread), dtype=np.int64)
    run_on_blocks(
        lambda start, stop: _count_flips(
            rows.votes, rows.predicted, rows.gaps, rows.spread[start:stop], flips[start:stop]
        ),
        len(flips),
    )
    return flips


@njit(nogil=True, cache=True)
def _count_flips(votes, predicted, gaps, spread, flips):
    degree = spread.shape[1]
    for row in range(len(votes)):
        near = np.flatnonzero(gaps[row] < 2 * degree)
        for partition in range(len(spread)):
            for rival in near:
                damage = 0
                for voter in spread[partition]:
                    vote = votes[row, voter]
                    damage += 1 + (vote == predicted[row]) - (vote == rival)
                if damage > gaps[row, rival]:
                    flips[partition] += 1
                    break


def is_searchable(rows, budget):
    """Whether every choice of `budget` partitions can be tried within a few seconds."""
    n_targets = np.count_nonzero(_can_win(rows, budget))
    degree = rows.spread.shape[1]
    return comb(len(rows.spread), budget) * n_targets * (degree + 1) <= _MOST_STEPS


def _can_win(rows, budget):
    """Which rivals could win against the predicted class if all damage were the largest."""
    return rows.gaps < 2 * rows.spread.shape[1] * budget


def flips_by_search(rows, budget):
    """The most rows that `budget` corrupted partitions can flip together, exactly.

    Parameters
    ----------
    rows : Rows
        Rows that may flip.
    budget : int
        Number of partitions that are corrupted.

    Returns
    -------
    int
    """
    row_of_target, rivals = np.nonzero(_can_win(rows, budget))
    votes = rows.votes[row_of_target]
    # all that counts for one voter lies side by side; a weight is 0, 1 or 2
    weights = np.ascontiguousarray(
        (1 + (votes == rows.predicted[row_of_target, None]) - (votes == rivals[:, None]))
        .astype(np.int8)
        .T
    )
    needs = (rows.gaps[row_of_target, rivals] + 1).astype(np.int32)
    ends = np.searchsorted(row_of_target, np.arange(len(rows.votes)), side="right")
    most = np.zeros(len(rows.spread), dtype=np.int64)
    run_on_blocks(
        lambda start, stop: _search(
            start, weights, needs, ends, rows.spread, budget, most[start:stop]
        ),
        len(most) - budget + 1,
    )
    return int(most.max())


@njit(nogil=True, cache=True)
def _search(start, weights, needs, ends, spread, budget, most):
    """Write the most flips for each first partition, the others having larger numbers.

    Counts that are no improvement on an earlier first partition are not told apart.
    """
    n_partitions, degree = spread.shape
    damage = np.zeros((budget + 1, len(needs)), np.int32)  # row k: by the first k partitions
    covered = np.zeros(weights.shape[0], np.int64)
    chosen = np.empty(budget, np.int64)
    best = 0
    for first in range(start, start + len(most)):
        level = 0
        chosen[0] = first
        while level >= 0:
            partition = chosen[level]
            is_done = partition > first if level == 0 else partition > n_partitions - budget + level
            if is_done:
                level -= 1
                if level >= 0:
                    for voter in spread[chosen[level]]:
                        covered[voter] -= 1
                    chosen[level] += 1
                continue
            after = damage[level + 1]
            after[:] = damage[level]
            for voter in spread[partition]:
                if covered[voter] == 0:
                    after += weights[voter]
            n_left = budget - level - 1
            reachable = _count_rows(after, needs, ends, 2 * degree * n_left)
            if n_left == 0:
                best = max(best, reachable)
            if n_left == 0 or reachable <= best:
                chosen[level] += 1
                continue
            for voter in spread[partition]:
                covered[voter] += 1
            level += 1
            chosen[level] = partition + 1
        most[first - start] = best


@njit(nogil=True, cache=True)
def _count_rows(damage, needs, ends, extra):
    """Count the rows with a rival whose damage, and `extra`, reach what it needs."""
    n_rows = 0
    start = 0
    for end in ends:
        for target in range(start, end):
            if damage[target] + extra >= needs[target]:
                n_rows += 1
                break
        start = end
    return n_rows
