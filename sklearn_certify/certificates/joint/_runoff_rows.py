"""The test rows that one attack on a run-off election can flip, and what each partition does."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._compute.blocks import run_on_blocks
from .._arrays import Dtype, Floats, Int64s, Integers, Room
from .._runoff_kernels import MOST_DAMAGE_BY_TWO
from .._spread_sums import cyclic_offsets, room_for_sums
from ._exhaustive_search import Conditions, may_search, most_flips
from ._partition_shares import raise_shares, write_rounded_up
from ._runoff_ballots import RunoffBallots
from ._runoff_ways import (
    BallotsOfRow,
    Corruption,
    are_voters,
    depends_on_votes,
    list_ways,
    room_for_ways,
    write_reached,
    write_sums,
    write_weights,
)

__all__ = [
    "RunoffRows",
    "fill_runoff_shares",
    "runoff_flips_by_search",
    "runoff_flips_by_single_partitions",
]

_SUMS_PER_BLOCK = 1 << 14  # fewer than these take less time than starting a thread

_Ballots: TypeAlias = tuple[Integers, NDArray[np.uint8], Int64s, Int64s, bool, bool]


class RunoffRows(NamedTuple):
    """Ballots for test rows that are predicted correctly, and the partitions behind them.

    Attributes
    ----------
    ballots : RunoffBallots
        Votes of both rounds, and who won.
    counts : ndarray of int64 of shape (n_rows, n_classes + 1)
        Votes of round one for each class, and none for an invented label.
    spread : ndarray of int64 of shape (n_partitions, spreading_degree)
        The voters that use each partition.
    phantom : bool
        Whether the attacker may invent labels.
    may_abstain : bool
        Whether a voter without a vote in round one has none in round two.
    """

    ballots: RunoffBallots
    counts: Int64s
    spread: Int64s
    phantom: bool
    may_abstain: bool

    def take(self, rows: slice | Int64s) -> RunoffRows:
        """Keep some rows."""
        return self._replace(ballots=self.ballots.take(rows), counts=self.counts[rows])

    def for_kernels(self) -> _Ballots:
        """Arrays and numbers that `_ballots_of_row` takes one row from."""
        votes, backers, predicted, _ = self.ballots
        return votes, backers, predicted, self.counts, self.phantom, self.may_abstain

    def corruption(self, budget: int) -> Corruption:
        """So many of the partitions corrupted."""
        offsets = cyclic_offsets(self.spread, self.ballots.votes.shape[1])
        return Corruption(self.spread, offsets, budget)

    def sum_type(self) -> Dtype:
        """The smallest type that holds what a partition can change; it adds fastest."""
        return np.min_scalar_type(MOST_DAMAGE_BY_TWO * self.spread.shape[1])

    def rows_per_block(self) -> int:
        """How many rows are worth a thread."""
        return _SUMS_PER_BLOCK // self.spread.size + 1


def runoff_flips_by_single_partitions(rows: RunoffRows) -> Int64s:
    """Count the rows that each partition, corrupted alone, can flip.

    Parameters
    ----------
    rows : RunoffRows
        Rows that may flip.

    Returns
    -------
    ndarray of int64 of shape (n_partitions,)
    """
    corruption, dtype = rows.corruption(1), rows.sum_type()
    parts = []

    def count_block(start: int, stop: int) -> None:
        flips = np.zeros(len(rows.spread), dtype=np.int64)
        _count_flips(rows.take(slice(start, stop)).for_kernels(), corruption, dtype, flips)
        parts.append(flips)

    run_on_blocks(count_block, len(rows.counts), min_block=rows.rows_per_block())
    return np.sum(parts, axis=0)


def runoff_flips_by_search(rows: RunoffRows, budget: int) -> int | None:
    """The most rows that `budget` corrupted partitions can flip together, exactly.

    Parameters
    ----------
    rows : RunoffRows
        Rows that may flip.
    budget : int
        Number of partitions that are corrupted.

    Returns
    -------
    int or None
        None if the search would take more than a few seconds, or much memory.
    """
    n_rows, n_voters = rows.ballots.votes.shape
    if not may_search(n_rows, n_voters, len(rows.spread), budget):
        return None
    ballots, corruption, dtype = rows.for_kernels(), rows.corruption(budget), rows.sum_type()
    sizes = _count_conditions(ballots, corruption, dtype)
    if not may_search(sizes[0], n_voters, len(rows.spread), budget):
        return None
    conditions = Conditions.room_for(n_rows, n_voters, *sizes)
    _write_conditions(ballots, corruption, dtype, conditions)
    return most_flips(conditions, rows.spread, budget)


def fill_runoff_shares(rows: RunoffRows, budget: int) -> NDArray[np.float32]:
    """Compute shares: corrupting `budget` partitions flips a row only if theirs sum to 1 or more.

    Of each way to flip the row, the condition that is hardest to meet stands for all of it. From
    there on they are the shares of a plurality vote, with ways in place of rivals.

    Parameters
    ----------
    rows : RunoffRows
        Rows that `budget` partitions may flip.
    budget : int
        Number of partitions that are corrupted.

    Returns
    -------
    ndarray of float32 of shape (n_rows, n_partitions)
        Shares from 0 to 1, rounded up.
    """
    corruption, dtype = rows.corruption(budget), rows.sum_type()
    shares = np.zeros((len(rows.counts), len(rows.spread)), dtype=np.float32)
    run_on_blocks(
        lambda start, stop: _fill_shares(
            rows.take(slice(start, stop)).for_kernels(), corruption, dtype, shares[start:stop]
        ),
        len(shares),
        min_block=rows.rows_per_block(),
    )
    return shares


@njit(nogil=True, cache=True)
def _ballots_of_row(
    ballots: _Ballots, row: int, corruption: Corruption, room: Room, reached: Integers
) -> BallotsOfRow:
    """One row, whose `reached` lasts until the next."""
    votes, backers, predicted, counts, phantom, may_abstain = ballots
    write_reached(votes[row], counts.shape[1] - 1, corruption, room, reached)
    return BallotsOfRow(
        votes[row], backers[row], counts[row], reached, predicted[row], phantom, may_abstain
    )


@njit(nogil=True, cache=True)
def _count_flips(ballots: _Ballots, corruption: Corruption, dtype: Dtype, flips: Int64s) -> None:
    votes, counts = ballots[0], ballots[3]
    room = room_for_sums(votes.shape[1], corruption.spread, MOST_DAMAGE_BY_TWO, dtype)
    reached = np.empty((counts.shape[1], len(corruption.spread)), dtype)
    ways = room_for_ways(counts.shape[1] - 1)
    conditions, _, members, ends = ways
    sums = room[1]
    for row in range(len(counts)):
        of_row = _ballots_of_row(ballots, row, corruption, room, reached)
        n_conditions, n_ways = list_ways(of_row, corruption, room, ways, False)
        met = np.empty((n_conditions, len(flips)), np.bool_)
        for condition in range(n_conditions):
            write_sums(of_row, conditions[condition], corruption, room)
            for partition in range(len(flips)):
                met[condition, partition] = sums[partition] >= conditions[condition, 3]
        flipped = np.zeros(len(flips), np.bool_)
        start = 0
        for end in ends[:n_ways]:
            all_met = np.ones(len(flips), np.bool_)
            for condition in members[start:end]:
                all_met &= met[condition]
            flipped |= all_met
            start = end
        flips += flipped


@njit(nogil=True, cache=True)
def _count_conditions(
    ballots: _Ballots, corruption: Corruption, dtype: Dtype
) -> tuple[int, int, int]:
    """How many conditions, conditions of ways, and ways there are for all rows together."""
    votes, counts = ballots[0], ballots[3]
    room = room_for_sums(votes.shape[1], corruption.spread, MOST_DAMAGE_BY_TWO, dtype)
    reached = np.empty((counts.shape[1], len(corruption.spread)), dtype)
    ways = room_for_ways(counts.shape[1] - 1)
    sizes = 0, 0, 0
    for row in range(len(counts)):
        of_row = _ballots_of_row(ballots, row, corruption, room, reached)
        n_conditions, n_ways = list_ways(of_row, corruption, room, ways, False)
        n_members = ways[3][n_ways - 1] if n_ways else 0
        sizes = sizes[0] + n_conditions, sizes[1] + n_members, sizes[2] + n_ways
    return sizes


@njit(nogil=True, cache=True)
def _write_conditions(
    ballots: _Ballots, corruption: Corruption, dtype: Dtype, found: Conditions
) -> None:
    votes, counts = ballots[0], ballots[3]
    n_voters = votes.shape[1]
    room = room_for_sums(n_voters, corruption.spread, MOST_DAMAGE_BY_TWO, dtype)
    reached = np.empty((counts.shape[1], len(corruption.spread)), dtype)
    ways = room_for_ways(counts.shape[1] - 1)
    conditions, _, members, ends = ways
    first_condition = first_member = first_way = 0
    for row in range(len(counts)):
        of_row = _ballots_of_row(ballots, row, corruption, room, reached)
        n_conditions, n_ways = list_ways(of_row, corruption, room, ways, False)
        for condition in range(n_conditions):
            write_weights(of_row, conditions[condition], room[0])
            found.weights[:, first_condition + condition] = room[0][:n_voters]
            found.needs[first_condition + condition] = conditions[condition, 3]
        n_members = ends[n_ways - 1] if n_ways else 0
        for member in range(n_members):
            found.members[first_member + member] = first_condition + members[member]
        for way in range(n_ways):
            found.way_ends[first_way + way] = first_member + ends[way]
        first_condition += n_conditions
        first_member += n_members
        first_way += n_ways
        found.row_ends[row] = first_way


@njit(nogil=True, cache=True)
def _with_votes(row: BallotsOfRow, votes: Integers) -> BallotsOfRow:
    """The same row, but for the votes of round one."""
    return BallotsOfRow(
        votes, row.backers, row.counts, row.reached, row.winner, row.phantom, row.may_abstain
    )


@njit(nogil=True, cache=True)
def _fill_shares(ballots: _Ballots, corruption: Corruption, dtype: Dtype, shares: Floats) -> None:
    votes, counts = ballots[0], ballots[3]
    room = room_for_sums(votes.shape[1], corruption.spread, MOST_DAMAGE_BY_TWO, dtype)
    reached = np.empty((counts.shape[1], len(corruption.spread)), dtype)
    ways = room_for_ways(counts.shape[1] - 1)
    conditions, reach, members, ends = ways
    sums = room[1]
    share = np.empty(len(corruption.spread), np.float64)
    every_vote = np.arange(-1, counts.shape[1] - 1).astype(votes.dtype)
    weights = np.empty(2 * len(every_vote), dtype)
    share_of_vote = np.empty(len(every_vote), np.float64)
    for row in range(len(counts)):
        of_row = _ballots_of_row(ballots, row, corruption, room, reached)
        n_conditions, n_ways = list_ways(of_row, corruption, room, ways, True)
        used = np.zeros(n_conditions, np.bool_)
        share[:] = share_of_vote[:] = 0
        farthest = 0.0
        start = 0
        for end in ends[:n_ways]:
            if start == end:
                share[:] = 1  # any attack will do
                continue
            hardest = members[start]
            for condition in members[start:end]:
                if reach[condition] < reach[hardest]:
                    hardest = condition
            used[hardest] = True
            farthest = max(farthest, reach[hardest])
            start = end
        for condition in np.flatnonzero(used):
            need, times = conditions[condition, 3], reach[condition]
            if are_voters(corruption) and depends_on_votes(conditions[condition]):
                of_votes = _with_votes(of_row, every_vote)
                write_weights(of_votes, conditions[condition], weights)
                added = weights[: len(every_vote)]
                raise_shares(share_of_vote, added, need, times, farthest, corruption.budget)
            else:
                write_sums(of_row, conditions[condition], corruption, room)
                raise_shares(share, sums, need, times, farthest, corruption.budget)
        if are_voters(corruption):
            for partition in range(len(share)):
                vote = of_row.votes[corruption.spread[partition, 0]]
                share[partition] = max(share[partition], share_of_vote[vote + 1])
        write_rounded_up(share, shares[row])
