"""Compiled kernels of the run-off election: who votes for whom, and who wins.

Conventions of this file. `row` holds the scores of one sample, (n_voters, n_classes). `counts`
has one entry per class and a last one, 0, for an invented label, so that the index n_classes
means the invented label wherever a rival is meant. Among equals the smaller index goes first,
and an invented label may go before every class: see `tie_against`. With `may_abstain`, voters
whose scores are all -inf have no vote in round two either: see `takes_part`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ._arrays import Floats, Int64s, Integers

__all__ = [
    "backs_over",
    "cast_votes",
    "count_backers",
    "count_backing",
    "elect",
    "first_choices",
    "round_one_gap",
    "smallest_gaps",
    "takes_part",
    "tie_against",
]


@njit(nogil=True, cache=True)
def cast_votes(row: Floats, votes: Integers) -> bool:
    """Write each voter's first choice (-1 = none); False if a score is NaN or +inf."""
    for voter in range(row.shape[0]):
        best = -np.inf
        choice = -1
        for label in range(row.shape[1]):
            score = row[voter, label]
            if not score < np.inf:
                return False
            if score > best:
                best = score
                choice = label
        votes[voter] = choice
    return True


@njit(nogil=True, cache=True)
def first_choices(scores: Floats, votes: Integers) -> int:
    """Cast every sample's votes; return the first sample with a bad score, or -1."""
    for i in range(scores.shape[0]):
        if not cast_votes(scores[i], votes[i]):
            return i
    return -1


@njit(nogil=True, cache=True)
def tie_against(rival: int, label: int, n_classes: int) -> int:
    """1 if `rival` loses a tie with `label`, else 0; an invented label loses none."""
    return 1 if label < rival < n_classes else 0


@njit(nogil=True, cache=True)
def backs_over(score: float, rival_score: float, wins_tie: bool) -> bool:
    return score > rival_score or (wins_tie and score == rival_score)


@njit(nogil=True, cache=True)
def takes_part(vote: int, may_abstain: bool) -> bool:
    """Whether a voter backs one of two classes in round two, by its vote in round one."""
    return vote >= 0 or not may_abstain


@njit(nogil=True, cache=True)
def count_backing(votes: Integers, may_abstain: bool) -> int:
    """Count the voters that take part in round two."""
    n_backing = 0
    for voter in range(len(votes)):
        n_backing += takes_part(votes[voter], may_abstain)
    return n_backing


@njit(nogil=True, cache=True)
def elect(row: Floats, votes: Integers, may_abstain: bool, counts: Int64s) -> tuple[int, int]:
    """Count the votes; return the winner and the losing finalist (-1 if there is one class)."""
    n_voters, n_classes = row.shape
    counts[:] = 0
    for voter in range(n_voters):
        if votes[voter] >= 0:
            counts[votes[voter]] += 1
    first = 0
    for label in range(1, n_classes):
        if counts[label] > counts[first]:
            first = label
    second = -1
    for label in range(n_classes):
        if label != first and (second < 0 or counts[label] > counts[second]):
            second = label
    n_backing = count_backing(votes, may_abstain)
    if second < 0 or 2 * counts[first] > n_backing:  # who votes for it backs it over any other
        return first, second
    low, high = min(first, second), max(first, second)
    low_backers = 0
    for voter in range(n_voters):
        if takes_part(votes[voter], may_abstain):
            low_backers += row[voter, low] >= row[voter, high]
    if 2 * low_backers >= n_backing:
        return low, high
    return high, low


@njit(nogil=True, cache=True)
def round_one_gap(counts: Int64s, label: int, rival: int) -> int:
    """What `rival` must gain on `label` in round one to stand before it."""
    return counts[label] - counts[rival] + tie_against(rival, label, len(counts) - 1)


@njit(nogil=True, cache=True)
def smallest_gaps(counts: Int64s, winner: int, phantom: bool) -> tuple[int, int]:
    """What the two nearest rivals must gain on the winner; two invented labels are rivals, too."""
    unreachable = np.iinfo(np.int64).max
    small = counts[winner] if phantom else unreachable
    large = small
    for rival in range(len(counts) - 1):
        if rival == winner:
            continue
        gap = round_one_gap(counts, winner, rival)
        if gap < small:
            small, large = gap, small
        elif gap < large:
            large = gap
    return small, large


@njit(nogil=True, cache=True)
def count_backers(
    row: Floats, votes: Integers, winner: int, may_abstain: bool, backers: Int64s
) -> None:
    """Write how many voters back the winner over each rival, the last an invented label."""
    n_voters, n_classes = row.shape
    backers[:] = 0
    for voter in range(n_voters):
        if not takes_part(votes[voter], may_abstain):
            continue
        score = row[voter, winner]
        for rival in range(n_classes):
            backers[rival] += backs_over(score, row[voter, rival], winner < rival)
        # who never saw the winner's class ties with an invented label, which may go first
        backers[n_classes] += score > -np.inf
