"""Durations where spans are equally long and begin at equal distances, by compiled loops.

An attack reaches neighbours among the voters, and the most damage that m neighbours do is found
without looking at one voter after the other. The rival with the smallest gap tells how many of them
may be reached, at most. Most others are seen to bear that too: by the damage to a rival without
votes, less the votes for them in the blocks that are reached whole. To count these counts all.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ._arrays import Dtype, Int64s, Integers
from ._margins import write_gaps
from ._partition_damage import MOST_DAMAGE, voter_damage

__all__ = ["durations_of_even_spans"]

_BLOCK = 64  # voters: as many as are added up together
_LANES = 4  # neighbours add to different rows of counters and do not wait for each other
_NOBODY = -2  # no vote is for it


@njit(nogil=True, cache=True)
def durations_of_even_spans(
    votes: Integers,
    n_classes: int,
    phantom: bool,
    stride: int,
    length: int,
    n_periods: int,
    dtype: Dtype,
    predicted: Int64s,
    duration: Int64s,
) -> None:
    """Write the prediction and the duration of each row.

    Each voter learns from `length` periods, `stride` periods later than the one before. So an
    attack reaches more than m of them if, and only if, it takes more than stride * m - length + 1
    periods and begins in the last one of a voter. There are `n_periods` in all. `dtype` must hold
    twice the number of voters, and the opposite.
    """
    n_voters = votes.shape[1]
    fewest = (length - 1) // stride  # to bear no more than so many is a duration of 0
    gaps = np.empty(n_classes + phantom, np.int64)
    lanes = np.empty((_LANES, n_classes + 1), dtype)  # column 0: abstentions
    counts = np.empty((n_voters // _BLOCK + 1, n_classes + 1), dtype)
    totals = np.empty(n_classes + 1, dtype)
    worst = np.empty(n_voters // _BLOCK + 1, dtype)
    # a block without damage before all voters and one behind them
    damages = np.zeros((2, (len(counts) + 2) * _BLOCK), np.uint8)
    sums = np.zeros((2, (len(counts) + 2) * _BLOCK), dtype)
    # to the lead over one rival, and over one without votes: that of the first voters, added up
    to_one, to_anyone = sums[0][_BLOCK:], sums[1][_BLOCK:]
    for sample in range(len(votes)):
        row = votes[sample]
        _count_in_blocks(row, lanes, counts, totals)
        winner = int(totals[1:].argmax())
        predicted[sample] = winner
        write_gaps(totals[1:], winner, gaps)
        nearest = int(gaps.argmin())
        if gaps[nearest] > MOST_DAMAGE * n_voters:  # nobody is a rival
            duration[sample] = n_periods
            continue
        _add_up(row, winner, nearest, damages, sums[0])
        n_borne = _most_borne(to_one, n_voters, gaps[nearest], fewest, n_voters)
        if n_borne > fewest:
            _add_up(row, winner, _NOBODY, damages, sums[1])
            most = _worst_in_blocks(to_anyone, n_borne, n_voters, worst)
            for rival in range(len(gaps)):
                gap = gaps[rival]
                if rival == nearest or gap >= most:
                    continue
                if rival < n_classes and _bears(row, rival, gap, n_borne, to_anyone, worst, counts):
                    continue
                _add_up(row, winner, rival, damages, sums[0])
                n_borne = _most_borne(to_one, n_voters, gap, fewest, n_borne)
                if n_borne == fewest:
                    break
                most = _worst_in_blocks(to_anyone, n_borne, n_voters, worst)
        duration[sample] = max(stride * n_borne - length + 1, 0)


@njit(nogil=True, cache=True)
def _count_in_blocks(votes: Integers, lanes: Integers, counts: Integers, totals: Integers) -> None:
    """Write how many voters of the first blocks, whole ones, vote for each class; and of all."""
    lanes[:] = 0
    counts[0] = 0
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
        so_far = counts[block]
        for label in range(len(so_far)):
            so_far[label] = one[label] + other[label] + third[label] + fourth[label]
    totals[:] = counts[-1]
    for vote in votes[(len(counts) - 1) * _BLOCK :]:
        totals[vote + 1] += 1


@njit(nogil=True, cache=True)
def _add_up(votes: Integers, predicted: int, rival: int, damages: Integers, sums: Integers) -> None:
    """Write the damages of the first voters, added up, for each number of them.

    A sum is that of all voters but the last 64 and of these, which are added up in pairs, pairs of
    pairs and so on: many at once.
    """
    as_vote = votes.dtype.type
    winning, losing = as_vote(predicted), as_vote(rival)
    one, other = damages[0], damages[1]
    one[:_BLOCK] = 0
    own = one[_BLOCK:]
    for voter in range(len(votes)):
        own[voter] = voter_damage(votes[voter], winning, losing)
    _add_ahead(one, 1, other)
    _add_ahead(other, 2, one)
    _add_ahead(one, 4, other)
    _add_ahead(other, 8, one)
    _add_ahead(one, 16, other)
    _add_ahead(other, 32, one)
    for begin in range(0, len(sums) - _BLOCK, _BLOCK):
        before, after = sums[begin : begin + _BLOCK], sums[begin + _BLOCK : begin + 2 * _BLOCK]
        latest = one[begin : begin + _BLOCK]
        for voter in range(_BLOCK):
            after[voter] = before[voter] + latest[voter]


@njit(nogil=True, cache=True)
def _add_ahead(numbers: Integers, distance: int, sums: Integers) -> None:
    as_sum = sums.dtype.type
    ahead = numbers[distance:]
    for place in range(len(numbers) - _BLOCK):
        sums[place] = as_sum(numbers[place] + ahead[place])


@njit(nogil=True, cache=True)
def _most_damage(sums: Integers, n_reached: int, n_voters: int) -> int:
    """The most that so many neighbours do together."""
    n_blocks = (n_voters - n_reached) // _BLOCK + 1  # whole ones: there is no more damage beyond
    return _largest_difference(sums[n_reached:], sums[: n_blocks * _BLOCK])


@njit(nogil=True, cache=True)
def _largest_difference(ends: Integers, starts: Integers) -> int:
    as_sum = ends.dtype.type
    most = as_sum(0)
    for start in range(len(starts)):
        most = max(most, as_sum(ends[start] - starts[start]))
    return int(most)


@njit(nogil=True, cache=True)
def _most_borne(sums: Integers, n_voters: int, gap: int, fewest: int, most: int) -> int:
    """The most neighbours, from `fewest` to `most`, that leave the lead intact."""
    if most <= fewest:
        return fewest
    if _most_damage(sums, most, n_voters) <= gap:
        return most
    n_reached = max(gap // MOST_DAMAGE, fewest)  # harmless whatever the votes are, if not too few
    while n_reached + 1 < most:
        damage = _most_damage(sums, n_reached + 1, n_voters)
        if damage > gap:
            break
        n_reached += 1 + (gap - damage) // MOST_DAMAGE  # as many more as do no harm
    return min(n_reached, most - 1)


@njit(nogil=True, cache=True)
def _worst_in_blocks(to_anyone: Integers, n_reached: int, n_voters: int, worst: Integers) -> int:
    """Write the most that so many neighbours do who start in each block, 0 where none do.

    Returns the most of all.
    """
    n_blocks = (n_voters - n_reached) // _BLOCK + 1
    for block in range(n_blocks):
        begin = block * _BLOCK
        starts, ends = to_anyone[begin:], to_anyone[begin + n_reached :]
        worst[block] = _largest_difference(ends, starts[:_BLOCK])
    return int(worst[:n_blocks].max())


@njit(nogil=True, cache=True)
def _bears(
    votes: Integers,
    rival: int,
    gap: int,
    n_reached: int,
    to_anyone: Integers,
    worst: Integers,
    counts: Integers,
) -> bool:
    """Whether so many neighbours leave the lead over a rival intact.

    Those that start in a block reach all of the blocks that follow, one fewer than they could fill.
    Where the votes in these do not say it, those in the block of the last neighbour are added, and
    in the end the neighbours are looked at one after the other.
    """
    n_whole = max(n_reached // _BLOCK - 1, 0)
    for block in range((len(votes) - n_reached) // _BLOCK + 1):
        if worst[block] <= gap:
            continue
        following = min(block + 1, len(counts) - 1)
        behind = min(following + n_whole, len(counts) - 1)
        if worst[block] - (counts[behind, rival + 1] - counts[following, rival + 1]) <= gap:
            continue
        start = block * _BLOCK
        end = start + n_reached  # of the neighbours from the first of the block on
        for_rival = counts[end // _BLOCK, rival + 1]
        for_rival += _count_label(votes[end // _BLOCK * _BLOCK : end], rival)
        if following > block and worst[block] - (for_rival - counts[following, rival + 1]) <= gap:
            continue
        for_rival -= counts[block, rival + 1]
        n_starts = min(_BLOCK, len(votes) - end + 1)
        damages = to_anyone[end : end + n_starts] - to_anyone[start : start + n_starts]
        if _most_beyond_votes(damages, votes[start:], votes[end:], rival, for_rival) > gap:
            return False
    return True


@njit(nogil=True, cache=True)
def _count_label(votes: Integers, label: int) -> int:
    """Count the votes for a label, among fewer than a block."""
    as_vote = votes.dtype.type
    wanted = as_vote(label)
    count = np.int8(0)  # many are added at once
    for voter in range(len(votes)):
        count = np.int8(count + (votes[voter] == wanted))
    return int(count)


@njit(nogil=True, cache=True)
def _most_beyond_votes(
    damages: Integers, leaving: Integers, coming: Integers, rival: int, for_rival: int
) -> int:
    """The most damage that is left after taking votes for a rival, by the start of the neighbours.

    One voter leaves and one comes from one start to the next.
    """
    as_vote = leaving.dtype.type
    losing = as_vote(rival)
    most = int(damages[0]) - for_rival
    for start in range(1, len(damages)):
        before = start - 1
        for_rival += int(coming[before] == losing) - int(leaving[before] == losing)
        most = max(most, damages[start] - for_rival)
    return most
