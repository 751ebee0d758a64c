"""The most rows that a few corrupted partitions flip, by trying every choice of them."""

from __future__ import annotations

from math import comb

import numpy as np
from numba import njit

from ..._compute.blocks import run_on_blocks
from .._arrays import Int64s, Integers
from .._partition_damage import MOST_DAMAGE, voter_damage
from ._partition_votes import PartitionVotes

__all__ = ["flips_by_search", "flips_by_single_partitions"]

_MOST_STEPS = 2_000_000_000  # a step takes about a nanosecond
_MOST_NUMBERS = 1 << 24  # in each array
_HOPED_FOR = 30  # how many times more steps it would take if nothing were given up


def flips_by_single_partitions(rows: PartitionVotes) -> Int64s:
    """Count the rows that each partition, corrupted alone, can flip.

    Partition j flips a row if its damage toward some rival b exceeds gap(b).

    Parameters
    ----------
    rows : PartitionVotes
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
def _count_flips(
    votes: Integers, predicted: Int64s, gaps: Int64s, spread: Int64s, flips: Int64s
) -> None:
    degree = spread.shape[1]
    for row in range(len(votes)):
        near = np.flatnonzero(gaps[row] < MOST_DAMAGE * degree)
        for partition in range(len(spread)):
            for rival in near:
                damage = 0
                for voter in spread[partition]:
                    damage += voter_damage(votes[row, voter], predicted[row], rival)
                if damage > gaps[row, rival]:
                    flips[partition] += 1
                    break


def flips_by_search(rows: PartitionVotes, budget: int) -> int | None:
    """The most rows that `budget` corrupted partitions can flip together, exactly.

    Choices are built one partition at a time, and given up once too few rows could still flip.

    Parameters
    ----------
    rows : PartitionVotes
        Rows that may flip.
    budget : int
        Number of partitions that are corrupted.

    Returns
    -------
    int or None
        None if the search would take more than a few seconds, or much memory.
    """
    n_partitions, degree = rows.spread.shape
    can_win = rows.gaps < MOST_DAMAGE * degree * budget
    n_targets = int(np.count_nonzero(can_win))
    n_choices = comb(n_partitions, budget)
    if n_choices * n_targets > _MOST_STEPS * _HOPED_FOR:
        return None
    if n_targets * max(n_partitions, rows.votes.shape[1]) > _MOST_NUMBERS:
        return None
    row_of_target, rivals = np.nonzero(can_win)
    damages = np.empty((rows.votes.shape[1], n_targets), dtype=np.int8)
    _write_damages(rows.votes, rows.predicted, row_of_target, rivals, damages)
    needs = rows.gaps[row_of_target, rivals] + 1
    damage = np.zeros((n_partitions, n_targets), dtype=np.int32)
    for voters in rows.spread.T:
        damage += damages[voters]
    # the earlier a good choice is found, the more can be given up
    order = np.argsort(-(damage / needs).sum(axis=1), kind="stable")
    ends = np.searchsorted(row_of_target, np.arange(len(rows.votes)), side="right")
    most = _most_flips_of_choices(
        damages,
        needs.astype(np.int32),
        damage.max(axis=0),
        ends,
        rows.spread[order],
        budget,
        _MOST_STEPS,
    )
    return None if most < 0 else int(most)


@njit(nogil=True, cache=True)
def _write_damages(
    votes: Integers, predicted: Int64s, row_of_target: Int64s, rivals: Int64s, damages: Integers
) -> None:
    """Write what each voter can do to each target: all of one voter's lie side by side."""
    for voter in range(len(damages)):
        for target in range(len(rivals)):
            row = row_of_target[target]
            damages[voter, target] = voter_damage(votes[row, voter], predicted[row], rivals[target])


@njit(nogil=True, cache=True)
def _most_flips_of_choices(
    damages: Integers,
    needs: Integers,
    largest: Integers,
    ends: Int64s,
    spread: Int64s,
    budget: int,
    most_steps: int,
) -> int:
    """Return the most rows that flip, or -1 after too many steps."""
    n_partitions = len(spread)
    n_targets = len(needs)
    damage = np.zeros((budget + 1, n_targets), np.int32)  # row k: by the first k partitions
    covered = np.zeros(len(damages), np.int64)
    chosen = np.zeros(budget, np.int64)
    best = 0
    level = 0
    while level >= 0:
        partition = chosen[level]
        n_left = budget - level - 1
        if partition + n_left >= n_partitions:
            level -= 1
            if level >= 0:
                for voter in spread[chosen[level]]:
                    covered[voter] -= 1
                chosen[level] += 1
            continue
        most_steps -= n_targets
        if most_steps < 0:
            return -1
        before, after = damage[level], damage[level + 1]
        for target in range(n_targets):
            after[target] = before[target]
        for voter in spread[partition]:
            if covered[voter] == 0:
                for target in range(n_targets):
                    after[target] += damages[voter, target]
        reachable = _count_rows(after, needs, largest, n_left, ends)
        if n_left == 0:
            best = max(best, reachable)
        if n_left == 0 or reachable <= best:
            chosen[level] += 1
            continue
        for voter in spread[partition]:
            covered[voter] += 1
        level += 1
        chosen[level] = partition + 1
    return best


@njit(nogil=True, cache=True)
def _count_rows(
    damage: Integers, needs: Integers, largest: Integers, n_left: int, ends: Int64s
) -> int:
    """Count the rows that flip, or still can if `n_left` more partitions are corrupted."""
    n_rows = 0
    start = 0
    for end in ends:
        for target in range(start, end):
            if damage[target] + n_left * largest[target] >= needs[target]:
                n_rows += 1
                break
        start = end
    return n_rows
