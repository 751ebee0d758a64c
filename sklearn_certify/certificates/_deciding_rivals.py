"""Which rival stands in the way of a larger radius: for explanations, one sample at a time.

Each function is given what a certificate says of a sample and returns the rivals that one unit
more might let win, the one with most votes first. A rival is a class index, or `n_classes` for a
label that the attacker invents.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np

from ._arrays import Floats, Int64s, Integers

__all__ = [
    "backs_in_round_two",
    "rivals_among_counts",
    "rivals_among_ranks",
    "rivals_among_votes",
    "rivals_in_runoff",
]


def rivals_among_counts(counts: Int64s, predicted: int, *, phantom: bool) -> list[int]:
    """Return the rivals with the smallest gap: those of a vote that ends with the counts.

    Parameters
    ----------
    counts : ndarray of int64 of shape (n_classes,)
        Votes for each class.
    predicted : int
        The class that wins.
    phantom : bool
        Whether the attacker may invent a label.
    """
    rivals = _rivals(counts, predicted, phantom)
    needs = [_need(counts, predicted, rival) for rival in rivals]
    return [rival for rival, need in zip(rivals, needs, strict=True) if need == min(needs)]


def rivals_among_votes(
    radius: Callable[..., tuple[Int64s, Int64s]],
    votes: Integers,
    counts: Int64s,
    predicted: int,
    *,
    n_partitions: int,
    phantom: bool,
) -> list[int]:
    """Return the rivals that survive the fewest partitions: those of voters on partitions.

    Parameters
    ----------
    radius : callable
        The certificate, called as ``radius(votes, n_classes=2, cost=1, phantom=False)`` on the
        votes for the winner and one rival. The others abstain, which counts the same.
    votes : ndarray of int of shape (n_voters,)
        Index of the class each voter chooses; -1 where a voter abstains.
    counts, predicted, phantom
        As for `rivals_among_counts`.
    n_partitions : int
        Number of partitions: where all of them may be corrupted, nothing decides.
    """
    if counts[predicted] == 0:  # whoever votes first decides
        return _rivals(counts, predicted, phantom)
    survived = {}
    for rival in _rivals(counts, predicted, phantom):
        first = not _loses_ties(rival, predicted, len(counts))
        duel = np.full((1, len(votes)), -1, dtype=np.int8)
        duel[0, votes == predicted] = first  # ties go to the first
        duel[0, votes == rival] = not first
        survived[rival] = int(radius(duel, n_classes=2, cost=1, phantom=False)[1][0])
    fewest = min(survived.values(), default=n_partitions)
    return [rival for rival, r in survived.items() if r == fewest < n_partitions]


def rivals_among_ranks(
    labels: Integers,
    n_neighbors: int,
    counts: Int64s,
    predicted: int,
    radius: int,
    *,
    inserts: bool,
    deletes: bool,
    phantom: bool,
) -> list[int]:
    """Return the rivals that insertions and deletions among ranked neighbours may let win.

    Parameters
    ----------
    labels : ndarray of int of shape (n_ranked,)
        Class indices of the nearest training rows, ``n_neighbors + radius + 1`` or all.
    n_neighbors : int
        Number of neighbours that vote.
    counts, predicted, phantom
        As for `rivals_among_counts`.
    radius : int
        What the certificate says.
    inserts, deletes : bool
        Whether rows may be added, and whether rows may be removed.
    """
    budget = radius + 1
    fewest = n_neighbors - budget if inserts else n_neighbors + budget
    most = n_neighbors + budget if deletes else n_neighbors - budget
    # of the clean rows, the nearest that still vote
    kept = [n_kept for n_kept in range(fewest, most + 1, 2) if n_kept >= 0]
    found = []
    for rival in _rivals(counts, predicted, phantom):
        lead = np.cumsum(np.append(0, (labels == predicted).astype(int) - (labels == rival)))
        smallest = min((int(lead[min(n_kept, len(labels))]) for n_kept in kept), default=0)
        if smallest - budget < (not _loses_ties(rival, predicted, len(counts))):
            found.append(rival)
    return found


def rivals_in_runoff(
    scores: Floats,
    votes: Integers,
    counts: Int64s,
    predicted: int,
    n_corrupted: int,
    *,
    spread: Int64s,
    phantom: bool,
) -> tuple[int, list[int]]:
    """Return the round in which a run-off may be lost, and the rivals: two of them in round one.

    Voters whose scores are all -inf abstain in both rounds.

    Parameters
    ----------
    scores : ndarray of float of shape (n_voters, n_classes)
        What each voter thinks of each class.
    votes, counts, predicted, phantom
        As for `rivals_among_votes`, of round one.
    n_corrupted : int
        Partitions, one more than the certificate proves harmless.
    spread : ndarray of int64 of shape (n_partitions, spreading_degree)
        The voters that use each partition.

    Returns
    -------
    round : {0, 1, 2}
        0 if no other label can win.
    rivals : list of int
    """
    one_each = spread.shape == (len(votes), 1) and len(np.unique(spread)) == len(votes)
    rivals = _rivals(counts, predicted, phantom)
    loser = rivals[0] if rivals else -1  # the other finalist, if there is one

    def reach(damages: Any) -> int:
        return int(np.sort(damages[spread].sum(axis=1))[-n_corrupted:].sum())

    for rival in rivals:
        backs = backs_in_round_two(scores, votes, predicted, rival)
        lead = 2 * int(backs.sum()) - int((votes >= 0).sum())
        need = lead + _loses_ties(rival, predicted, len(counts))
        if one_each:
            loses = _is_beaten(votes, counts, backs, predicted, rival, need, n_corrupted)
        else:
            loses = reach(np.where(votes >= 0, 2 * backs, 1)) >= need
            if rival != loser < len(counts):
                damages = 1 + (votes == loser) - (votes == rival)
                loses = loses and reach(damages) >= _need(counts, loser, rival)
        if loses:
            return 2, [rival]
    rivals = rivals + [len(counts)] * phantom  # two invented labels are rivals like any other
    for rival, other in combinations(rivals, 2):
        needs = sorted(_need(counts, predicted, b) for b in (rival, other))
        if one_each:
            without_votes = sum(need > counts[predicted] for need in needs)
            both = -(-(max(needs[0], 0) + max(needs[1], 0)) // 3)
            loses = n_corrupted >= max(-(-needs[1] // 2), both, without_votes)
        else:
            first, second = (1 + (votes == predicted) - (votes == b) for b in (rival, other))
            loses = (
                reach(first) >= _need(counts, predicted, rival)
                and reach(second) >= _need(counts, predicted, other)
                and reach(first + second - 1) >= sum(needs)
            )
        if loses:
            return 1, [rival, other]
    return 0, []


def backs_in_round_two(scores: Floats, votes: Integers, label: int, rival: int) -> Any:
    """Say which voters back a label against a rival in round two of a run-off.

    Parameters
    ----------
    scores, votes
        As for `rivals_in_runoff`.
    label, rival : int
        Two classes; the rival may be an invented one.

    Returns
    -------
    ndarray of bool of shape (n_voters,)
    """
    if rival == scores.shape[1]:  # who never saw the label ties with an invented one
        return scores[:, label] > -np.inf
    prefers = scores[:, label] > scores[:, rival]
    ties = scores[:, label] == scores[:, rival]
    return (votes >= 0) & (prefers | (ties & (label < rival)))


def _rivals(counts: Int64s, predicted: int, phantom: bool) -> list[int]:
    """Return all rivals, those with most votes first, the invented label last."""
    order = np.argsort(-counts, kind="stable").tolist()
    return [rival for rival in order if rival != predicted] + [len(counts)] * phantom


def _loses_ties(rival: int, label: int, n_classes: int) -> bool:
    """Whether a rival loses a tie with a label; an invented label loses none."""
    return label < rival < n_classes


def _need(counts: Int64s, label: int, rival: int) -> int:
    """What a rival must gain on a label to stand before it."""
    votes = int(counts[rival]) if rival < len(counts) else 0
    return int(counts[label]) - votes + _loses_ties(rival, label, len(counts))


def _is_beaten(
    votes: Integers,
    counts: Int64s,
    backs: Any,
    predicted: int,
    rival: int,
    need: int,
    n_turned: int,
) -> bool:
    """Whether so many turned voters bring a rival into round two and past the winner there."""
    forced = wasted = 0
    for label in range(len(counts)):
        if label in (predicted, rival):
            continue
        must_turn = _need(counts, label, rival) - n_turned
        if must_turn > 0:
            forced += must_turn
            wasted += max(must_turn - int(backs[votes == label].sum()), 0)
    return forced <= n_turned and n_turned - wasted >= max(-(-need // 2), 0)
