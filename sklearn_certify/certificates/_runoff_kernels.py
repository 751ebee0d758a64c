"""Compiled kernels of the two certificates of a run-off election.

Conventions are those of `_runoff_election`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .._compute.sorting import stable_order
from ._arrays import Dtype, Floats, Int64s, Integers, Room
from ._partition_damage import MOST_DAMAGE, voter_damage, write_voter_damages
from ._runoff_election import (
    backs_over,
    cast_votes,
    count_backers,
    count_backing,
    elect,
    round_one_gap,
    smallest_gaps,
    takes_part,
    tie_against,
)
from ._spread_sums import count_sums, most_within, room_for_sums, sum_over_voters

__all__ = [
    "MOST_DAMAGE_BY_TWO",
    "identity_radii",
    "spread_radii",
    "write_damages_by_two",
    "write_second_damages",
]

MOST_DAMAGE_BY_TWO = 3  # of a voter, when two rivals are lifted together


# --- one voter per partition: the fewest voters to turn, exactly ------------------------------


@njit(nogil=True, cache=True)
def _half(need: int) -> int:
    """Voters to turn for a change of `need` where each one changes two."""
    return (need + 1) // 2 if need > 0 else 0


@njit(nogil=True, cache=True)
def _knock_out_size(counts: Int64s, winner: int, phantom: bool) -> int:
    """Fewest voters to turn so that two rivals stand before the winner in round one.

    The number grows with both rivals' gaps, so the two smallest gaps decide.
    """
    small, large = smallest_gaps(counts, winner, phantom)
    if large == np.iinfo(np.int64).max:
        return large
    # a voter of the winner that is turned takes 2 from one gap and 1 from the other
    size = max(_half(large), -((-max(small, 0) - max(large, 0)) // 3))
    # a rival without votes that loses the tie needs a vote of its own
    return max(size, (small > counts[winner]) + (large > counts[winner]))


@njit(nogil=True, cache=True)
def _tabulate_backers(
    row: Floats, votes: Integers, winner: int, may_abstain: bool, backers: Int64s
) -> None:
    """Fill backers[v, rival]: voters that voted v (last: abstained) and back the winner."""
    n_voters, n_classes = row.shape
    backers[:] = 0
    for voter in range(n_voters):
        if not takes_part(votes[voter], may_abstain):
            continue
        vote = votes[voter] if votes[voter] >= 0 else n_classes
        score = row[voter, winner]
        for rival in range(n_classes):
            backers[vote, rival] += backs_over(score, row[voter, rival], winner < rival)
        backers[vote, n_classes] += score > -np.inf


@njit(nogil=True, cache=True)
def _suffices(
    size: int, rival: int, winner: int, to_turn: int, counts: Int64s, backers: Int64s
) -> bool:
    """Whether `size` turned voters bring `rival` past all but the winner, and past it in round two.

    They all vote for the rival, so of the voters of every other class `label` at least
    gap - size must be among them; these are taken from the winner's backers while there are any.
    """
    forced = 0
    wasted = 0
    for label in range(len(counts) - 1):
        if label in (winner, rival):
            continue
        must_turn = round_one_gap(counts, label, rival) - size
        if must_turn > 0:
            forced += must_turn
            wasted += max(must_turn - backers[label, rival], 0)
    return forced <= size and size - wasted >= to_turn


@njit(nogil=True, cache=True)
def _must_turn(size: int, rival: int, winner: int, counts: Int64s) -> bool:
    """Whether some of `size` turned voters must be of certain classes: see `_suffices`."""
    for label in range(len(counts) - 1):
        if label not in (winner, rival) and round_one_gap(counts, label, rival) > size:
            return True
    return False


@njit(nogil=True, cache=True)
def _defeat_size(
    row: Floats,
    votes: Integers,
    counts: Int64s,
    winner: int,
    phantom: bool,
    may_abstain: bool,
    backers: Int64s,
    by_vote: Int64s,
    best: int,
) -> int:
    """Fewest voters to turn so that a rival beats the winner in round two; at most `best`.

    A backer of the winner that is turned changes two, a voter that abstains one: so backers are
    turned, unless nobody backs anyone and any voter will do. `backers` and `by_vote` are room to
    count them in.
    """
    n_classes = len(counts) - 1
    n_backing = count_backing(votes, may_abstain)
    if _half(2 * counts[winner] - n_backing) >= best:  # its own voters back it over every rival
        return best
    count_backers(row, votes, winner, may_abstain, backers)
    tabulated = False
    for rival in range(n_classes + phantom):
        if rival == winner:
            continue
        to_turn = _half(2 * backers[rival] - n_backing + tie_against(rival, winner, n_classes))
        size = max(1, to_turn)
        if size < best and not _must_turn(size, rival, winner, counts):
            best = size
        elif size < best and not tabulated:
            _tabulate_backers(row, votes, winner, may_abstain, by_vote)
            tabulated = True
        while size < best:  # bisect size .. best: what suffices goes on to suffice
            middle = (size + best) // 2
            if _suffices(middle, rival, winner, to_turn, counts, by_vote):
                best = middle
            else:
                size = middle + 1
    return best


@njit(nogil=True, cache=True)
def identity_radii(
    scores: Floats,
    phantom: bool,
    may_abstain: bool,
    most: int,
    predicted: Int64s,
    radius: Int64s,
) -> int:
    """Elect each sample's class and count the voters it can lose, up to `most`.

    Returns the first sample with a bad score, or -1.
    """
    n_samples, n_voters, n_classes = scores.shape
    votes = np.empty(n_voters, np.int32)
    counts = np.empty(n_classes + 1, np.int64)
    backers = np.empty(n_classes + 1, np.int64)
    by_vote = np.empty((n_classes + 1, n_classes + 1), np.int64)
    for i in range(n_samples):
        row = scores[i]
        if not cast_votes(row, votes):
            return i
        winner, _ = elect(row, votes, may_abstain, counts)
        predicted[i] = winner
        size = min(most + 1, max(1, _knock_out_size(counts, winner, phantom)))
        size = _defeat_size(
            row, votes, counts, winner, phantom, may_abstain, backers, by_vote, size
        )
        radius[i] = size - 1
    return -1


# --- partitions with several voters: greedy sums ----------------------------------------------
#
# Each condition that the attacker must meet is of the form "what the turned voters can change sums
# to at least `need`". It withstands any r partitions whose r largest sums stay below that.


@njit(nogil=True, cache=True)
def _tally(spread: Int64s, offsets: Int64s, room: Room) -> Integers:
    """Add up the numbers in `room` over each partition's voters; return the histogram of the sums.

    It is a view of `room`, like the sums, and lasts until the next tally.
    """
    values, sums, lanes = room
    sum_over_voters(values, spread, offsets, sums)
    return count_sums(sums, lanes)


@njit(nogil=True, cache=True)
def write_damages_by_two(
    votes: Integers, winner: int, rival: int, other: int, damages: Integers
) -> None:
    """Write, twice, what each voter can change when two rivals are lifted above the winner.

    That is the sum of its damages toward both, less the vote that it cannot give twice.
    """
    first, second = damages[: len(votes)], damages[len(votes) :]
    as_vote = votes.dtype.type
    winning, one, other_one = as_vote(winner), as_vote(rival), as_vote(other)
    for voter in range(len(votes)):
        vote = votes[voter]
        damage = voter_damage(vote, winning, one) + voter_damage(vote, winning, other_one) - 1
        first[voter] = damage
        second[voter] = damage


@njit(nogil=True, cache=True)
def _knock_out_radius(
    votes: Integers,
    counts: Int64s,
    winner: int,
    phantom: bool,
    spread: Int64s,
    offsets: Int64s,
    room: Room,
    best: int,
) -> int:
    """Partitions that bring no two rivals before the winner in round one; at most `best`.

    A rival withstands no fewer than with the damages toward an invented label (no voter has voted
    for it yet): two tallies that are made once and settle most rivals and pairs.
    """
    n_classes = len(counts) - 1
    small, large = smallest_gaps(counts, winner, phantom)
    most_damage = MOST_DAMAGE_BY_TWO * spread.shape[1]
    # without a second rival the larger gap is so large that it must not be added to
    if large > most_damage * best or small + large > most_damage * best:
        return best
    damages = room[0]
    write_voter_damages(votes, winner, n_classes, damages)
    single = _tally(spread, offsets, room).copy()
    write_damages_by_two(votes, winner, n_classes, n_classes, damages)
    double = _tally(spread, offsets, room).copy()
    if phantom:
        best = min(best, most_within(double, 2 * counts[winner] - 1))

    harmless = np.full(n_classes + 1, len(spread))
    for rival in range(n_classes + phantom):
        if rival == winner:
            continue
        need = round_one_gap(counts, winner, rival)
        harmless[rival] = most_within(single, need - 1)
        if harmless[rival] < best and rival < n_classes:
            write_voter_damages(votes, winner, rival, damages)
            harmless[rival] = most_within(_tally(spread, offsets, room), need - 1)

    order = stable_order(harmless)
    for j in range(1, n_classes + 1):
        rival = order[j]
        for i in range(j):
            if harmless[rival] >= best:
                return best
            other = order[i]
            need = round_one_gap(counts, winner, rival) + round_one_gap(counts, winner, other)
            if most_within(double, need - 1) >= best:
                continue
            write_damages_by_two(votes, winner, rival, other, damages)
            both = most_within(_tally(spread, offsets, room), need - 1)
            best = min(best, max(harmless[rival], both))
    return best


@njit(nogil=True, cache=True)
def write_second_damages(
    row: Floats, votes: Integers, winner: int, rival: int, may_abstain: bool, damages: Integers
) -> int:
    """Write, twice, what each voter can take in round two from the lead of the winner over `rival`.

    That is 2 from a backer of the winner and 1 from a voter that abstains. Returns the lead.
    """
    n_voters, n_classes = row.shape
    lead = 0
    for voter in range(n_voters):
        if not takes_part(votes[voter], may_abstain):
            damages[voter] = 1
            continue
        score = row[voter, winner]
        if rival < n_classes:
            backs = backs_over(score, row[voter, rival], winner < rival)
        else:
            backs = score > -np.inf
        damages[voter] = 2 * backs
        lead += 1 if backs else -1
    for voter in range(n_voters):
        damages[n_voters + voter] = damages[voter]
    return lead


@njit(nogil=True, cache=True)
def _defeat_radius(
    row: Floats,
    votes: Integers,
    counts: Int64s,
    winner: int,
    loser: int,
    phantom: bool,
    may_abstain: bool,
    spread: Int64s,
    offsets: Int64s,
    room: Room,
    best: int,
) -> int:
    """Partitions that let no rival beat the winner in round two; at most `best`."""
    n_classes = row.shape[1]
    damages = room[0]
    most_damage = MOST_DAMAGE * spread.shape[1]
    n_backing = count_backing(votes, may_abstain)
    if 2 * counts[winner] - n_backing > most_damage * best:  # its own voters back it over all
        return best
    backers = np.empty(n_classes + 1, np.int64)
    count_backers(row, votes, winner, may_abstain, backers)
    for rival in stable_order(backers):  # the nearest first
        need = 2 * backers[rival] - n_backing + tie_against(rival, winner, n_classes)
        if rival == winner or rival >= n_classes + phantom or need > most_damage * best:
            continue
        write_second_damages(row, votes, winner, rival, may_abstain, damages)
        harmless = most_within(_tally(spread, offsets, room), need - 1)
        if harmless < best and loser >= 0 and rival != loser:
            need = round_one_gap(counts, loser, rival)
            write_voter_damages(votes, loser, rival, damages)
            harmless = max(harmless, most_within(_tally(spread, offsets, room), need - 1))
        best = min(best, harmless)
    return best


@njit(nogil=True, cache=True)
def spread_radii(
    scores: Floats,
    spread: Int64s,
    offsets: Int64s,
    phantom: bool,
    may_abstain: bool,
    dtype: Dtype,
    most: int,
    predicted: Int64s,
    radius: Int64s,
) -> int:
    """Elect each sample's class and count the partitions it can lose, up to `most`.

    `offsets` is empty unless partition j reaches exactly the voters (j + offset) mod n_voters.
    `dtype` holds the most that a partition can change. Returns the first sample with a bad score,
    or -1.
    """
    n_samples, n_voters, n_classes = scores.shape
    room = room_for_sums(n_voters, spread, MOST_DAMAGE_BY_TWO, dtype)
    votes = np.empty(n_voters, np.int32)
    counts = np.empty(n_classes + 1, np.int64)
    for i in range(n_samples):
        row = scores[i]
        if not cast_votes(row, votes):
            return i
        winner, loser = elect(row, votes, may_abstain, counts)
        predicted[i] = winner
        best = _defeat_radius(
            row,
            votes,
            counts,
            winner,
            loser,
            phantom,
            may_abstain,
            spread,
            offsets,
            room,
            most,
        )
        radius[i] = _knock_out_radius(votes, counts, winner, phantom, spread, offsets, room, best)
    return -1
