"""Which leads over a target stand in the way: for explanations, one sample at a time.

The target must pass every other label. Where voters learn from partitions, the certificate follows
from some labels that it must pass together, or, of a run-off, from one other finalist.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ._arrays import Floats, Int64s, Integers
from ._deciding_rivals import backs_in_round_two
from ._targets import largest_first, leads_over

__all__ = ["finalist_to_beat", "labels_to_pass"]


def labels_to_pass(
    votes: Integers, counts: Int64s, predicted: int, target: int, *, spread: Int64s
) -> tuple[list[int], Int64s]:
    """Return the labels whose leads over the target prove most when they are added up.

    Parameters
    ----------
    votes : ndarray of int of shape (n_voters,)
        Index of the class each voter chooses; -1 where a voter abstains.
    counts : ndarray of int64 of shape (n_classes,)
        Votes for each class.
    predicted, target : int
        The class that wins, and another; `n_classes` is an invented label.
    spread : ndarray of int64 of shape (n_partitions, spreading_degree)
        The voters that use each partition.

    Returns
    -------
    labels : list of int
        That with the largest lead first.
    taken : ndarray of int64 of shape (n_voters,)
        What each voter can take from the sum of these leads.
    """
    leads = leads_over(counts, target)
    order = largest_first(leads[np.newaxis], np.array([predicted]))[0]
    best: tuple[int, list[int], Int64s] = (-1, [], np.zeros(len(votes), np.int64))
    for n_passed in range(1, int(np.count_nonzero(leads)) + 1):
        labels = order[:n_passed]
        taken = np.where(votes == target, 0, n_passed + np.isin(votes, labels))
        harmless = _withstood(taken, int(leads[labels].sum()), spread)
        if harmless > best[0]:
            best = harmless, labels.tolist(), taken
    return best[1:]


def finalist_to_beat(
    scores: Floats,
    votes: Integers,
    counts: Int64s,
    predicted: int,
    target: int,
    *,
    spread: Int64s,
    phantom: bool,
) -> tuple[int, int, int, Int64s]:
    """Return the other finalist with whom the target wins a run-off most easily.

    As `certificates._targeted_runoff`, where the conditions are those of its head. Voters whose
    scores are all -inf abstain in both rounds.

    Parameters
    ----------
    scores : ndarray of float of shape (n_voters, n_classes)
        What each voter thinks of each class.
    votes, counts, predicted, target, spread
        As for `labels_to_pass`, of round one.
    phantom : bool
        Whether the attacker may invent a label.

    Returns
    -------
    harmless : int
        Partitions that never make the target win.
    finalist : int
    round : {1, 2}
        In which the target needs most.
    taken : ndarray of int64 of shape (n_voters,)
        What each voter can give the target of that.
    """
    best = len(spread) + 1, predicted, 1, np.zeros(len(votes), np.int64)
    finalists = [predicted] + [c for c in range(len(counts) + phantom) if c != predicted]
    for finalist in finalists:
        if finalist == target < len(counts):
            continue
        against: tuple[int, int, int, Int64s] = (-1, finalist, 1, best[3])
        for number, taken, need in _conditions(scores, votes, counts, predicted, target, finalist):
            harmless = _withstood(taken, need, spread)
            if harmless > against[0]:
                against = harmless, finalist, number, taken
        if against[0] < best[0]:
            best = against
    return best


def _conditions(
    scores: Floats,
    votes: Integers,
    counts: Int64s,
    predicted: int,
    target: int,
    finalist: int,
) -> Iterator[tuple[int, Int64s, int]]:
    """Yield the round, what each voter can give, and the need of all that the target must meet."""
    leads = leads_over(counts, target)
    order = largest_first(leads[np.newaxis], np.array([predicted]))[0]
    order = order[order != finalist]
    shares = leads[order].cumsum() / np.arange(2, len(order) + 2)
    n_passed = int(shares.argmax()) + 1 if len(order) else 0
    labels = order[:n_passed]
    yield (
        1,
        np.where(votes == target, 0, n_passed + np.isin(votes, labels)),
        int(leads[labels].sum()),
    )
    if finalist < len(counts):
        backs = backs_in_round_two(scores, votes, finalist, target)
        need = 2 * int(backs.sum()) - int((votes >= 0).sum()) + (finalist < target < len(counts))
        yield 2, np.where(votes >= 0, 2 * backs, 1), need
    if finalist != predicted:
        padded = np.append(counts, 0)
        needs = [
            int(counts[predicted] - padded[c]) + (predicted < c < len(counts))
            for c in (finalist, target)
        ]
        taken = 1 + (votes == predicted).astype(np.int64) - (votes == finalist)
        yield 1, taken, needs[0]
        yield 1, taken + (votes == predicted) - (votes == target), sum(needs)


def _withstood(taken: Int64s, need: int, spread: Int64s) -> int:
    """The most partitions whose voters take less than what is needed."""
    largest_first_sums = np.sort(taken[spread].sum(axis=1))[::-1].cumsum()
    return int(np.searchsorted(largest_first_sums, need, side="left"))
