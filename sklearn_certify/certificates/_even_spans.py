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
    damages = np.empty(n_voters, np.int8)
    to_anyone = np.empty(n_voters + 1, dtype)  # the damages to a rival without votes, added up
    to_one = np.empty(n_voters + 1, dtype)
    counts = np.zeros((n_voters // _BLOCK + 1, n_rivals + 1), dtype)
    lanes = np.empty((_LANES, n_rivals + 1), dtype)  # column 0: abstentions
    worst = np.empty(n_rivals + 1, dtype)
    for sample in range(len(votes)):
        row, winner = votes[sample], predicted[sample]
        nearest = gaps[sample].argmin()
        n_periods = n_voters + length - 1
        if gaps[sample, nearest] > MOST_DAMAGE * n_voters:  # nobody is a rival
            duration[sample] = n_periods
            continue
        _add_up(row, winner, nearest, damages, to_one)
        longest = _longest_harmless(to_one, gaps[sample, nearest], length, n_periods)
        if longest > 0:
            n_reached = min(longest + length - 1, n_voters)
            _add_up(row, winner, _NOBODY, damages, to_anyone)
            most = _most_damage(to_anyone, n_reached)
            n_left = 0
            for rival in range(n_rivals):
                n_left += most > gaps[sample, rival]
            worst[:] = most
            if n_left > 2:
                _count_in_blocks(row, lanes, counts)
                _bound_damages(to_anyone, counts, n_reached, worst)
            for rival in range(n_rivals):
                if rival != nearest and worst[rival + 1] > gaps[sample, rival]:
                    _add_up(row, winner, rival, damages, to_one)
                    longest = _longest_harmless(to_one, gaps[sample, rival], length, longest)
        duration[sample] = longest


@njit(nogil=True, cache=True)
def _add_up(votes: Integers, predicted: int, rival: int, damages: Integers, sums: Integers) -> None:
    """Write the damages of the first voters, added up, for each number of them."""
    as_vote, as_sum = votes.dtype.type, sums.dtype.type
    winning, losing = as_vote(predicted), as_vote(rival)
    for voter in range(len(votes)):
        damages[voter] = voter_damage(votes[voter], winning, losing)
    total = as_sum(0)
    sums[0] = 0
    for voter in range(len(votes)):
        total = as_sum(total + damages[voter])
        sums[voter + 1] = total


@njit(nogil=True, cache=True)
def _most_damage(sums: Integers, n_reached: int) -> int:
    """The most that so many neighbours do together."""
    as_sum = sums.dtype.type
    most = as_sum(0)
    ends = sums[n_reached:]
    for start in range(len(ends)):
        most = max(most, as_sum(ends[start] - sums[start]))
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
    counts[0] = 0
    for block in range(1, len(counts)):
        for voter in range((block - 1) * _BLOCK, block * _BLOCK):
            lanes[voter % _LANES, votes[voter] + 1] += 1
        for label in range(counts.shape[1]):
            total = lanes[0, label]
            for lane in range(1, _LANES):
                total += lanes[lane, label]
            counts[block, label] = total


@njit(nogil=True, cache=True)
def _bound_damages(to_anyone: Integers, counts: Integers, n_reached: int, worst: Integers) -> None:
    """Write the most that so many neighbours can do to the lead over each rival, or more."""
    as_sum = worst.dtype.type
    worst[:] = 0
    n_starts = len(to_anyone) - n_reached
    for first in range(0, n_starts, _BLOCK):
        damage = as_sum(0)
        for start in range(first, min(first + _BLOCK, n_starts)):
            damage = max(damage, as_sum(to_anyone[start + n_reached] - to_anyone[start]))
        begin = min(first // _BLOCK + 1, len(counts) - 1)  # blocks that are reached in any case
        end = max((first + n_reached) // _BLOCK, begin)
        for label in range(1, len(worst)):
            votes = as_sum(counts[end, label] - counts[begin, label])
            worst[label] = max(worst[label], as_sum(damage - votes))
