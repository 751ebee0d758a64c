"""Durations where voter i learns from the periods i to i + length - 1, by compiled loops.

T consecutive periods then reach m = T + length - 1 neighbours among the voters, and the most damage
that m neighbours do is found without looking at one voter after the other. The rival with the
smallest gap tells how long an attack may last, at most. Most others are seen to bear that too: by
the damage to a rival without votes, less the votes for them in the blocks that are reached whole.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ._arrays import Dtype, Int64s, Integers
from ._partition_damage import MOST_DAMAGE, voter_damage

__all__ = ["durations_of_even_spans"]

_BLOCK = 32  # voters
_LANES = 4  # neighbours add to different rows of counters and do not wait for each other
_FEW = 1  # rivals that are looked at one by one, since counting their votes takes longer
_NOBODY = -2  # no vote is for it


@njit(nogil=True, cache=True)
def durations_of_even_spans(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    length: int,
    dtype: Dtype,
    duration: Int64s,
) -> None:
    """Write the duration of each row. `dtype` must hold twice the number of voters."""
    n_voters, n_rivals = votes.shape[1], gaps.shape[1]
    damages = np.empty((2, n_voters), np.int8)
    to_one = np.empty(n_voters + 1, dtype)  # the damages of the first voters, added up
    to_anyone = np.empty(n_voters + 1, dtype)  # to the lead over a rival without votes
    lanes = np.empty((_LANES, n_rivals + 1), dtype)  # column 0: abstentions
    counts = np.zeros((n_voters // _BLOCK + 1, n_rivals + 1), dtype)
    worst = np.empty(n_voters // _BLOCK + 1, dtype)
    for sample in range(len(votes)):
        row, winner = votes[sample], predicted[sample]
        nearest = gaps[sample].argmin()
        longest = n_voters + length - 1
        if gaps[sample, nearest] > MOST_DAMAGE * n_voters:  # nobody is a rival
            duration[sample] = longest
            continue
        _add_up(row, winner, nearest, damages, to_one, to_anyone)
        longest = _longest_harmless(to_one, gaps[sample, nearest], length, longest)
        if longest > 0:
            n_reached = min(longest + length - 1, n_voters)
            most = _most_damage(to_anyone, n_reached)
            n_left = -1  # the nearest one is done
            for rival in range(n_rivals):
                n_left += gaps[sample, rival] < most
            if n_left > _FEW:
                _count_in_blocks(row, lanes, counts)
                _worst_in_blocks(to_anyone, n_reached, worst)
            for rival in range(n_rivals):
                gap = gaps[sample, rival]
                if rival == nearest or gap >= most:
                    continue
                if n_left > _FEW and _is_harmless(worst, counts[:, rival + 1], n_reached, gap):
                    continue
                _add_up(row, winner, rival, damages, to_one, to_anyone)
                longest = _longest_harmless(to_one, gap, length, longest)
                if longest == 0:
                    break
        duration[sample] = longest


@njit(nogil=True, cache=True)
def _add_up(
    votes: Integers,
    predicted: int,
    rival: int,
    damages: Integers,
    to_one: Integers,
    to_anyone: Integers,
) -> None:
    """Write the damages of the first voters, added up, for each number of them.

    Done to the lead over one rival, and over one without votes: both take hardly longer than one.
    """
    as_vote = votes.dtype.type
    winning, losing, nobody = as_vote(predicted), as_vote(rival), as_vote(_NOBODY)
    of_one, of_anyone = damages[0], damages[1]
    for voter in range(len(votes)):
        of_one[voter] = voter_damage(votes[voter], winning, losing)
        of_anyone[voter] = voter_damage(votes[voter], winning, nobody)
    one, anyone = 0, 0
    to_one[0], to_anyone[0] = 0, 0
    for voter in range(len(votes)):
        one += of_one[voter]
        anyone += of_anyone[voter]
        to_one[voter + 1] = one
        to_anyone[voter + 1] = anyone


@njit(nogil=True, cache=True)
def _most_damage(sums: Integers, n_reached: int) -> int:
    """The most that so many neighbours do together."""
    return _largest_difference(sums[n_reached:], sums)


@njit(nogil=True, cache=True)
def _largest_difference(ends: Integers, starts: Integers) -> int:
    as_sum = ends.dtype.type
    most = as_sum(0)
    for start in range(len(ends)):
        most = max(most, as_sum(ends[start] - starts[start]))
    return int(most)


@njit(nogil=True, cache=True)
def _longest_harmless(sums: Integers, gap: int, length: int, longest: int) -> int:
    """The most consecutive periods, up to `longest`, whose voters leave the lead intact."""
    n_voters = len(sums) - 1
    if _most_damage(sums, min(longest + length - 1, n_voters)) <= gap:
        return longest
    n_periods = max(gap // MOST_DAMAGE - (length - 1), 0)  # harmless whatever the votes are
    while n_periods + 1 < longest:
        damage = _most_damage(sums, min(n_periods + length, n_voters))
        if damage > gap:
            break
        n_periods += 1 + (gap - damage) // MOST_DAMAGE  # as many more as do no harm
    return min(n_periods, longest - 1)


@njit(nogil=True, cache=True)
def _count_in_blocks(votes: Integers, lanes: Integers, counts: Integers) -> None:
    """Write how many voters of the first blocks, whole ones, vote for each class."""
    lanes[:] = 0
    one, other, third, fourth = lanes[0], lanes[1], lanes[2], lanes[3]
    for block in range(1, len(counts)):
        part = votes[(block - 1) * _BLOCK : block * _BLOCK]
        for quarter in range(_BLOCK // _LANES):
            # numbers without a sign: else each is looked at, whether it counts from the end
            voter = np.uint64(_LANES * quarter)
            one[np.uint64(part[voter] + 1)] += 1
            other[np.uint64(part[voter + np.uint64(1)] + 1)] += 1
            third[np.uint64(part[voter + np.uint64(2)] + 1)] += 1
            fourth[np.uint64(part[voter + np.uint64(3)] + 1)] += 1
        totals = counts[block]
        for label in range(len(totals)):
            totals[label] = one[label] + other[label] + third[label] + fourth[label]


@njit(nogil=True, cache=True)
def _worst_in_blocks(to_anyone: Integers, n_reached: int, worst: Integers) -> None:
    """Write the most that so many neighbours do who start in each block; 0 where none do."""
    starts = to_anyone[: len(to_anyone) - n_reached]
    ends = to_anyone[n_reached:]
    for block in range(len(worst)):
        begin, end = block * _BLOCK, (block + 1) * _BLOCK
        worst[block] = _largest_difference(ends[begin:end], starts[begin:end])


@njit(nogil=True, cache=True)
def _is_harmless(worst: Integers, counts: Integers, n_reached: int, gap: int) -> bool:
    """Whether so many neighbours are seen to do no harm: less a rival's votes in whole blocks.

    Those that start in a block reach all of the blocks that follow, one fewer than they could fill.
    """
    n_whole = max(n_reached // _BLOCK - 1, 0)
    for block in range(len(worst)):
        begin = min(block + 1, len(counts) - 1)
        end = min(begin + n_whole, len(counts) - 1)
        if worst[block] - (counts[end] - counts[begin]) > gap:
            return False
    return True
