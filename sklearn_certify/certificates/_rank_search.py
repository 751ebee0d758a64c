"""Which ranks to count neighbours up to, so that few counts decide what a vote survives.

The gap g(m) is the smallest, over the rivals b of the class p that the k nearest rows elect, of
A(m) - B(m) - [b wins ties], A and B being the rows of p and b among the first m. An attack of i
insertions and j deletions reaches m = k + j - i and wins once i + j > g(m). The smallest attack
that wins at m thus has max(|m - k|, g(m) + 1) units, or one more, as i + j is even where m - k
is; with only insertions or only deletions it has |m - k| units or does not win.

From one rank to the next a gap moves by at most one. So two gaps, even if they are only known from
below, bound all between them: the search keeps intervals of ranks, drops those where no attack can
be smaller than the smallest found, and halves the others at a rank whose gap it is told, or is told
all gaps inside a short one. With only insertions or only deletions more units never win less, so
that half of each interval is dropped at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from ._arrays import Int64s

__all__ = [
    "RankSearch",
    "close_interval",
    "halve_interval",
    "new_search",
    "next_interval",
    "note_gap",
    "safe_budget",
    "smallest_gap",
    "start_search",
]

_ROOM = 80  # an interval is halved at most 63 times, and each time one more is left for later
_NO_RIVAL, _NO_ATTACK = 2**60, 2**61  # more than any gap, or any attack
_SMALLEST_ATTACK, _SAFE, _N_NEIGHBORS, _BOTH_WAYS, _N_OPEN = range(5)
_FIRST, _FIRST_GAP, _LAST, _LAST_GAP = range(4)


class RankSearch(NamedTuple):
    """A search on its way."""

    known: Int64s  # (5,)
    open: Int64s  # (_ROOM, 4): intervals with the gaps at their ends, the next one last


@njit(nogil=True, cache=True)
def new_search() -> RankSearch:
    """Return room for a search."""
    return RankSearch(np.empty(5, np.int64), np.empty((_ROOM, 4), np.int64))


@njit(nogil=True, cache=True)
def start_search(
    search: RankSearch, gap: int, n_neighbors: int, limit: int, inserts: bool, deletes: bool
) -> None:
    """Begin with the gap at `n_neighbors`; budgets above the limit do not matter."""
    known = search.known
    known[_SMALLEST_ATTACK], known[_SAFE], known[_N_OPEN] = limit + 1, 0, 0
    known[_N_NEIGHBORS], known[_BOTH_WAYS] = n_neighbors, inserts and deletes
    note_gap(search, n_neighbors, gap)
    reach = known[_SMALLEST_ATTACK]  # no attack from so far away is smaller
    if deletes:
        _leave_open(search, n_neighbors, gap, n_neighbors + reach, gap - reach)
    if inserts:
        _leave_open(search, n_neighbors - reach, gap - reach, n_neighbors, gap)


@njit(nogil=True, cache=True)
def next_interval(search: RankSearch) -> tuple[int, int]:
    """Return two ranks between which gaps must be known, or twice 0 at the end of the search.

    It ends when the smallest attack has been found.
    """
    known = search.known
    while known[_N_OPEN] > 0:
        interval = search.open[known[_N_OPEN] - 1]
        first, last = interval[_FIRST], interval[_LAST]
        farthest = max(known[_N_NEIGHBORS] - first, last - known[_N_NEIGHBORS]) - 1
        may_win = _attack_within(search, interval) < known[_SMALLEST_ATTACK]
        if last - first > 1 and farthest > known[_SAFE] and may_win:
            return first, last
        close_interval(search)
    return 0, 0


@njit(nogil=True, cache=True)
def close_interval(search: RankSearch) -> None:
    """Leave the interval that `next_interval` has returned: all gaps in it have been noted."""
    search.known[_N_OPEN] -= 1


@njit(nogil=True, cache=True)
def note_gap(search: RankSearch, rank: int, gap: int) -> None:
    """Note the smallest attack that wins at a rank, or that none does."""
    known = search.known
    distance = abs(rank - known[_N_NEIGHBORS])
    known[_SMALLEST_ATTACK] = min(known[_SMALLEST_ATTACK], _attack_at(search, rank, gap))
    if not known[_BOTH_WAYS] and gap >= distance:
        known[_SAFE] = max(known[_SAFE], distance)


@njit(nogil=True, cache=True)
def halve_interval(search: RankSearch, rank: int, gap: int) -> None:
    """Learn the gap at a rank in the interval that `next_interval` has returned."""
    note_gap(search, rank, gap)
    close_interval(search)
    place = search.known[_N_OPEN]
    halved = search.open[place]
    first, first_gap = halved[_FIRST], halved[_FIRST_GAP]
    last, last_gap = halved[_LAST], halved[_LAST_GAP]
    _leave_open(search, first, first_gap, rank, gap)
    _leave_open(search, rank, gap, last, last_gap)
    if _attack_within(search, search.open[place]) < _attack_within(search, search.open[place + 1]):
        for field in range(4):  # where a smaller attack may be comes next, so it goes last
            other = search.open[place, field]
            search.open[place, field] = search.open[place + 1, field]
            search.open[place + 1, field] = other


@njit(nogil=True, cache=True)
def safe_budget(search: RankSearch) -> int:
    """Return the largest budget that is safe, at most the limit, when nothing is left to ask."""
    return search.known[_SMALLEST_ATTACK] - 1


@njit(nogil=True, cache=True)
def smallest_gap(votes: Int64s, winner: int, phantom: bool) -> int:
    """Return the smallest gap of all rivals of the winner; the invented label has no votes."""
    most = votes[winner]
    gap = most - 1 if phantom else _NO_RIVAL
    for rival in range(len(votes)):
        if rival != winner:
            gap = min(gap, most - votes[rival] - (rival < winner))
    return gap


@njit(nogil=True, cache=True)
def _leave_open(search: RankSearch, first: int, first_gap: int, last: int, last_gap: int) -> None:
    interval = search.open[search.known[_N_OPEN]]
    interval[_FIRST], interval[_FIRST_GAP] = first, first_gap
    interval[_LAST], interval[_LAST_GAP] = last, last_gap
    search.known[_N_OPEN] += 1


@njit(nogil=True, cache=True)
def _attack_at(search: RankSearch, rank: int, gap: int) -> int:
    """Return the smallest attack that wins at a rank, more than any limit if there is none."""
    distance = abs(rank - search.known[_N_NEIGHBORS])
    attack = max(distance, gap + 1)
    if search.known[_BOTH_WAYS]:
        return attack + (attack - distance) % 2
    return attack if attack == distance else _NO_ATTACK


@njit(nogil=True, cache=True)
def _attack_within(search: RankSearch, interval: Int64s) -> int:
    """Return a lower bound of the attacks that win at any rank inside an interval."""
    first, first_gap = interval[_FIRST], interval[_FIRST_GAP]
    last, last_gap = interval[_LAST], interval[_LAST_GAP]
    n_neighbors = search.known[_N_NEIGHBORS]
    if last <= n_neighbors:
        distance, near_gap = n_neighbors - last, last_gap
    else:
        distance, near_gap = first - n_neighbors, first_gap
    deepest = (first_gap + last_gap - (last - first) + 1) // 2  # falling from both ends
    # on the way from the near end the gap falls by as much as the distance grows
    return max(distance, deepest + 1, (distance + near_gap + 2) // 2)
