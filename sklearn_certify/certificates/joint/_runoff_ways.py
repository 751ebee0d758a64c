"""The ways in which corrupted partitions can take a run-off election from its winner.

Let p be the winner, V the voters that the corrupted partitions reach, v a voter's vote, and
g(a, b) = n_a - n_b + [b > a] what b must gain on a in round one to stand before it. Some other
class wins in one of these ways, and in no other.

- Two rivals b and e stand before p in round one. The reached voters turn to these two, and b needs
  x_b = max(0, g(p, b)) of them once their old votes are gone. That there are enough of them for b,
  for e, and for both says: over V

      sum of 1 + [v=p] - [v=b]             >= g(p, b),     likewise for e, and
      sum of 1 + 2[v=p] - [v=b] - [v=e]    >= g(p, b) + g(p, e).

- A rival b meets p in round two and beats it. The reached voters all turn to b, and

      sum of 2 [backs p over b]            >= the lead of p over b in round two + [b > p],
      sum of 1 + [v=e] - [v=b]             >= g(e, b)      for all e but p and b;

  a voter that abstains in round two counts 1 in the first sum.

So each way is a list of conditions, each of the form "the weights of the reached voters sum to
`need` or more", and they are exact: V can do it if all of them hold. Conditions whose need is not
positive hold by themselves. A way that no `budget` partitions can go is left out: one with a
condition whose `budget` largest sums over a partition's voters stay below its need. An invented
label is the rival ``n_classes``, and two of them may stand before p.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._arrays import Floats, Int64s, Integers, Room
from .._partition_damage import MOST_DAMAGE, write_voter_damages
from .._runoff_election import round_one_gap, takes_part, tie_against
from .._runoff_kernels import write_damages_by_two
from .._spread_sums import sum_over_voters
from ._partition_shares import largest_sum, sum_of_largest_sums
from ._runoff_ballots import write_backing

__all__ = [
    "BallotsOfRow",
    "Corruption",
    "Ways",
    "are_voters",
    "depends_on_votes",
    "list_ways",
    "room_for_ways",
    "write_reached",
    "write_sums",
    "write_weights",
]

_PASS, _PASS_BOTH, _DEFEAT = 0, 1, 2

# Conditions (kind, label, rival, need); how many times over the budget meets each of them; the
# conditions of each way, one way after the other; where each way ends.
Ways: TypeAlias = tuple[Int64s, Floats, Int64s, Int64s]


class BallotsOfRow(NamedTuple):
    """Votes of both rounds for one row: see `RunoffBallots`.

    `counts` are those of round one, and ``reached[label, j]`` those of the voters that partition j
    reaches, unless partitions are voters.
    """

    votes: Integers
    backers: NDArray[np.uint8]
    counts: Int64s
    reached: Integers
    winner: int
    phantom: bool
    may_abstain: bool


class Corruption(NamedTuple):
    """How many partitions are corrupted, and what they reach.

    `offsets` is empty unless partition j reaches exactly the voters (j + offset) mod n_voters.
    """

    spread: Int64s
    offsets: Int64s
    budget: int


@njit(nogil=True, cache=True)
def room_for_ways(n_classes: int) -> Ways:
    """Arrays for `list_ways` to write in."""
    n_labels = n_classes + 1
    n_pairs = n_labels * (n_labels + 1) // 2
    n_lifts = n_labels * n_labels
    return (
        np.empty((2 * n_labels + n_pairs + n_lifts, 4), np.int64),
        np.empty(2 * n_labels + n_pairs + n_lifts, np.float64),
        np.empty(3 * n_pairs + n_labels + n_lifts, np.int64),
        np.empty(n_pairs + n_labels, np.int64),
    )


@njit(nogil=True, cache=True)
def write_weights(row: BallotsOfRow, condition: Int64s, weights: Integers) -> None:
    """Write, twice, what each voter adds to a condition if it is reached."""
    kind, label, rival = condition[0], condition[1], condition[2]
    if kind == _PASS:
        write_voter_damages(row.votes, label, rival, weights)
        return
    if kind == _PASS_BOTH:
        write_damages_by_two(row.votes, row.winner, label, rival, weights)
        return
    n_voters = len(row.votes)
    write_backing(row.backers, rival, 2, weights)
    if row.may_abstain:
        for voter in range(n_voters):
            weights[voter] = weights[voter] if takes_part(row.votes[voter], True) else 1
    for voter in range(n_voters):
        weights[n_voters + voter] = weights[voter]


@njit(nogil=True, cache=True)
def write_reached(
    votes: Integers, n_classes: int, corruption: Corruption, room: Room, reached: Integers
) -> None:
    """Write how many voters of each class each partition reaches; none of an invented label."""
    if are_voters(corruption):
        return
    values = room[0]
    for label in range(n_classes):
        for voter in range(len(votes)):
            values[voter] = votes[voter] == label
            values[len(votes) + voter] = values[voter]
        sum_over_voters(values, corruption.spread, corruption.offsets, reached[label])
    reached[n_classes] = 0


# To count references to a row's arrays from call to call takes longer than to add up numbers.
@njit(nogil=True, cache=True, inline="always")
def write_sums(row: BallotsOfRow, condition: Int64s, corruption: Corruption, room: Room) -> None:
    """Write what the voters of each partition add to a condition: the sums of their weights."""
    kind, label, rival = condition[0], condition[1], condition[2]
    weights, sums, _ = room
    if kind == _DEFEAT or are_voters(corruption):
        write_weights(row, condition, weights)
        sum_over_voters(weights, corruption.spread, corruption.offsets, sums)
        return
    as_sum = sums.dtype.type  # numbers of one type are added fastest, whatever is carried away
    degree = as_sum(corruption.spread.shape[1])
    of_label, of_rival = row.reached[label], row.reached[rival]
    if kind == _PASS:
        for partition in range(len(sums)):
            sums[partition] = as_sum(degree + of_label[partition]) - of_rival[partition]
        return
    of_winner = row.reached[row.winner]
    for partition in range(len(sums)):
        more = as_sum(degree + of_winner[partition]) - of_label[partition]
        sums[partition] = as_sum(more) + as_sum(of_winner[partition] - of_rival[partition])


@njit(nogil=True, cache=True, inline="always")
def are_voters(corruption: Corruption) -> bool:
    """Whether each partition reaches one voter, and each voter is reached by one."""
    return len(corruption.offsets) == 1


@njit(nogil=True, cache=True, inline="always")
def depends_on_votes(condition: Int64s) -> bool:
    """Whether what a voter adds to a condition follows from its vote in round one."""
    return condition[0] != _DEFEAT


@njit(nogil=True, cache=True, inline="always")
def _most_of_budget(
    row: BallotsOfRow, condition: Int64s, corruption: Corruption, room: Room
) -> int:
    """The most that partitions within the budget add to a condition."""
    sums, lanes = room[1], room[2]
    if not (are_voters(corruption) and depends_on_votes(condition)):
        write_sums(row, condition, corruption, room)
        return sum_of_largest_sums(sums, corruption.budget)
    label, rival = condition[1], condition[2]
    histogram = lanes[0]
    histogram[:] = 0
    if condition[0] == _PASS:
        histogram[0], histogram[2] = row.counts[rival], row.counts[label]
    else:
        histogram[0] = row.counts[label] + row.counts[rival]
        histogram[3] = row.counts[row.winner]
    histogram[1] = len(sums) - histogram.sum()
    return largest_sum(histogram, corruption.budget)


@njit(nogil=True, cache=True)
def _most_toward_invented(
    kind: int, row: BallotsOfRow, corruption: Corruption, room: Room, ways: Ways
) -> int:
    """The most that partitions add if the rivals are invented labels, which no voter has chosen.

    That is never less than if they are others.
    """
    condition, invented = ways[0][0], len(row.counts) - 1
    condition[0], condition[2] = kind, invented
    condition[1] = row.winner if kind == _PASS else invented
    return _most_of_budget(row, condition, corruption, room)


@njit(nogil=True, cache=True)
def _need_for_defeat(row: BallotsOfRow, rival: int, conditions: Int64s, weights: Integers) -> int:
    """The winner's lead over `rival` in round two, and one more if `rival` loses a tie.

    Backers weigh 2, who backs the rival 0, and who abstains 1: the lead is what is above 1.
    """
    n_voters = len(row.votes)
    conditions[0, 0], conditions[0, 2] = _DEFEAT, rival
    write_weights(row, conditions[0], weights)
    lead = weights[:n_voters].sum() - n_voters
    return lead + tie_against(rival, row.winner, len(row.counts) - 1)


@njit(nogil=True, cache=True)
def _add_condition(
    kind: int,
    label: int,
    rival: int,
    need: int,
    row: BallotsOfRow,
    corruption: Corruption,
    room: Room,
    ways: Ways,
    n_conditions: int,
) -> float:
    """Tell how many times over the budget meets a condition: 0 if less than once.

    It is infinity if the condition holds by itself; else the condition is written.
    """
    if need <= 0:
        return np.inf
    conditions, reach = ways[0], ways[1]
    condition = conditions[n_conditions]
    condition[0], condition[1], condition[2], condition[3] = kind, label, rival, need
    most = _most_of_budget(row, condition, corruption, room)
    reach[n_conditions] = most / need if most >= need else 0.0
    return reach[n_conditions]


@njit(nogil=True, cache=True)
def list_ways(
    row: BallotsOfRow, corruption: Corruption, room: Room, ways: Ways, hardest_alone: bool
) -> tuple[int, int]:
    """List what corrupted partitions may do to one row, in `ways`.

    Returns the number of conditions and the number of ways. A way without conditions stands open
    to any attack. With `hardest_alone` some conditions of a way may be missing, but not the first
    of those that the budget meets the fewest times over.
    """
    n_conditions, n_members, n_ways = _list_knock_outs(row, corruption, room, ways)
    return _list_defeats(
        row, corruption, room, ways, hardest_alone, n_conditions, n_members, n_ways
    )


@njit(nogil=True, cache=True)
def _list_knock_outs(
    row: BallotsOfRow, corruption: Corruption, room: Room, ways: Ways
) -> tuple[int, int, int]:
    """List the pairs of rivals that can stand before the winner in round one."""
    members, ends = ways[2], ways[3]
    winner, counts = row.winner, row.counts
    n_classes = len(counts) - 1
    n_conditions = n_members = n_ways = 0
    most = _most_toward_invented(_PASS, row, corruption, room, ways)
    most_of_both = _most_toward_invented(_PASS_BOTH, row, corruption, room, ways)
    passing = np.full(n_classes + 1, -2)  # condition; -1: none is needed, -2: cannot pass
    for rival in range(n_classes + row.phantom):
        if rival == winner:
            continue
        need = round_one_gap(counts, winner, rival)
        if need > most:
            continue
        times = _add_condition(
            _PASS, winner, rival, need, row, corruption, room, ways, n_conditions
        )
        if times == np.inf:
            passing[rival] = -1
        elif times > 0:
            passing[rival] = n_conditions
            n_conditions += 1
    for other in range(n_classes + row.phantom):
        if passing[other] == -2:
            continue
        for rival in range(other + 1):
            if passing[rival] == -2 or (rival == other and rival < n_classes):
                continue
            need = round_one_gap(counts, winner, rival) + round_one_gap(counts, winner, other)
            if need > most_of_both:
                continue
            times = _add_condition(
                _PASS_BOTH, rival, other, need, row, corruption, room, ways, n_conditions
            )
            if times == 0:
                continue
            if times < np.inf:
                members[n_members] = n_conditions
                n_members += 1
                n_conditions += 1
            for condition in (passing[rival], passing[other] if other != rival else -1):
                if condition >= 0:
                    members[n_members] = condition
                    n_members += 1
            ends[n_ways] = n_members
            n_ways += 1
    return n_conditions, n_members, n_ways


@njit(nogil=True, cache=True)
def _list_defeats(
    row: BallotsOfRow,
    corruption: Corruption,
    room: Room,
    ways: Ways,
    hardest_alone: bool,
    n_conditions: int,
    n_members: int,
    n_ways: int,
) -> tuple[int, int]:
    """List the rivals that can beat the winner in round two, after the other ways."""
    conditions, _, members, ends = ways
    counts, n_voters, n_classes = row.counts, len(row.votes), len(row.counts) - 1
    reaches = corruption.spread.shape[1] * corruption.budget  # voters, each as often as it is
    bound = MOST_DAMAGE * reaches
    if 2 * counts[row.winner] - n_voters > bound:  # who votes for it backs it over every rival
        return n_conditions, n_ways
    all_alike = hardest_alone and len(corruption.offsets) > 0  # as many partitions reach each voter
    for rival in range(n_classes + row.phantom):
        if rival == row.winner:
            continue
        need = _need_for_defeat(row, rival, conditions[n_conditions:], room[0])
        if need > bound:
            continue
        times = _add_condition(_DEFEAT, -1, rival, need, row, corruption, room, ways, n_conditions)
        if times == 0:
            continue
        first_condition, first_member, fewest_times = n_conditions, n_members, times
        if times < np.inf:
            members[n_members] = n_conditions
            n_members += 1
            n_conditions += 1
        for label in range(n_classes):
            need = round_one_gap(counts, label, rival)
            if need <= 0 or label in (row.winner, rival):
                continue
            # partitions of the mean add up to this much
            least = reaches * (n_voters + counts[label] - counts[rival]) // n_voters
            if all_alike and least / need >= fewest_times:
                continue
            times = 0.0
            if need <= bound:
                times = _add_condition(
                    _PASS, label, rival, need, row, corruption, room, ways, n_conditions
                )
            fewest_times = min(fewest_times, times)
            if times == 0:
                break
            members[n_members] = n_conditions
            n_members += 1
            n_conditions += 1
        if fewest_times == 0:
            n_conditions, n_members = first_condition, first_member
            continue
        ends[n_ways] = n_members
        n_ways += 1
    return n_conditions, n_ways
