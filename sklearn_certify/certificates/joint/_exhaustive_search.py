"""The most rows that a few corrupted partitions flip, by trying every choice of them."""

from __future__ import annotations

from math import comb
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._compute.blocks import run_on_blocks
from .._arrays import Int64s, Integers
from .._partition_damage import MOST_DAMAGE, voter_damage
from ._partition_votes import PartitionVotes

__all__ = [
    "Conditions",
    "flips_by_search",
    "flips_by_single_partitions",
    "may_search",
    "most_flips",
]

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


class Conditions(NamedTuple):
    """What it takes to flip each row.

    A row flips if one of its ways stands open, and a way does if all of its conditions are met:
    the weights of the voters that are reached sum to what the condition needs.

    Attributes
    ----------
    weights : ndarray of int8 of shape (n_voters, n_conditions)
        What each voter adds to each condition.
    needs : ndarray of int32 of shape (n_conditions,)
        The sums that meet the conditions.
    members : ndarray of int64 of shape (n_members,)
        The conditions of each way, one way after the other.
    way_ends : ndarray of int64 of shape (n_ways,)
        Where in `members` each way ends; the ways of each row, one row after the other.
    row_ends : ndarray of int64 of shape (n_rows,)
        Where in `way_ends` each row ends.
    """

    weights: NDArray[np.int8]
    needs: NDArray[np.int32]
    members: Int64s
    way_ends: Int64s
    row_ends: Int64s

    @classmethod
    def room_for(
        cls, n_rows: int, n_voters: int, n_conditions: int, n_members: int, n_ways: int
    ) -> Conditions:
        """Arrays to write conditions in."""
        return cls(
            np.empty((n_voters, n_conditions), dtype=np.int8),
            np.empty(n_conditions, dtype=np.int32),
            np.empty(n_members, dtype=np.int64),
            np.empty(n_ways, dtype=np.int64),
            np.empty(n_rows, dtype=np.int64),
        )


def flips_by_search(rows: PartitionVotes, budget: int) -> int | None:
    """The most rows that `budget` corrupted partitions can flip together, exactly.

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
    n_rows, n_voters = rows.votes.shape
    can_win = rows.gaps < MOST_DAMAGE * degree * budget
    n_targets = int(np.count_nonzero(can_win))
    if not may_search(n_targets, n_voters, n_partitions, budget):
        return None
    row_of_target, rivals = np.nonzero(can_win)
    damages = np.empty((n_voters, n_targets), dtype=np.int8)
    _write_damages(rows.votes, rows.predicted, row_of_target, rivals, damages)
    conditions = Conditions(  # to win against one rival, a way of its own
        weights=damages,
        needs=(rows.gaps[row_of_target, rivals] + 1).astype(np.int32),
        members=np.arange(n_targets),
        way_ends=np.arange(1, n_targets + 1),
        row_ends=np.searchsorted(row_of_target, np.arange(n_rows), side="right"),
    )
    return most_flips(conditions, rows.spread, budget)


def may_search(n_conditions: int, n_voters: int, n_partitions: int, budget: int) -> bool:
    """Whether a search can take no more than a few seconds and little memory."""
    n_choices = comb(n_partitions, budget)
    return (
        n_choices * n_conditions <= _MOST_STEPS * _HOPED_FOR
        and n_conditions * max(n_partitions, n_voters) <= _MOST_NUMBERS
    )


def most_flips(conditions: Conditions, spread: Int64s, budget: int) -> int | None:
    """The most rows that `budget` corrupted partitions flip together, by all choices of them.

    Choices are built one partition at a time, and given up once too few rows could still flip.

    Parameters
    ----------
    conditions : Conditions
        What it takes to flip each row.
    spread : ndarray of int64 of shape (n_partitions, spreading_degree)
        The voters that use each partition.
    budget : int
        Number of partitions that are corrupted.

    Returns
    -------
    int or None
        None if the search was given up after a few seconds.
    """
    damage = np.zeros((len(spread), len(conditions.needs)), dtype=np.int32)
    for voters in spread.T:
        damage += conditions.weights[voters]
    # the earlier a good choice is found, the more can be given up
    order = np.argsort(-(damage / conditions.needs).sum(axis=1), kind="stable")
    largest = damage.max(axis=0)
    most = _most_flips_of_choices(conditions, largest, spread[order], budget, _MOST_STEPS)
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
    conditions: Conditions, largest: Integers, spread: Int64s, budget: int, most_steps: int
) -> int:
    """Return the most rows that flip, or -1 after too many steps."""
    damages, n_targets = conditions.weights, len(conditions.needs)
    n_partitions = len(spread)
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
        reachable = _count_rows(after, conditions, largest, n_left)
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
def _count_rows(damage: Integers, conditions: Conditions, largest: Integers, n_left: int) -> int:
    """Count the rows that flip, or still can if `n_left` more partitions are corrupted."""
    needs, members, way_ends = conditions.needs, conditions.members, conditions.way_ends
    n_rows = 0
    way = member = 0
    for row_end in conditions.row_ends:
        while way < row_end:
            end = way_ends[way]
            while member < end:
                target = members[member]
                if damage[target] + n_left * largest[target] < needs[target]:
                    break
                member += 1
            way += 1
            if member == end:
                n_rows += 1
                break
            member = end
        if way < row_end:
            way = row_end
            member = way_ends[row_end - 1]
    return n_rows
