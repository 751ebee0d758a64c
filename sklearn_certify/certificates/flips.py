"""Label flips counted inside the voters: each voter tells how many turn its vote."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from .._compute.blocks import run_on_blocks
from .._compute.sorting import stable_order
from ..exceptions import InvalidInputError
from ._arrays import Int64s, Integers, Room
from ._margins import count_checked_votes
from ._targets import fewest_turned, leads_over
from ._validation import check_n_classes, check_target, check_votes

__all__ = ["flip_radius"]

_NEVER = np.iinfo(np.int32).max
_VOTES_PER_BLOCK = 1 << 14


def flip_radius(
    votes: ArrayLike, costs: ArrayLike, n_classes: int, *, target: int | None = None
) -> tuple[Int64s, Int64s]:
    """Certified radius, in flipped labels, of a plurality vote whose voters share no row.

    Where it is known how many of its own labels must change before a voter votes otherwise, a
    flipped label need not count as a voter lost. To let a rival b win, the margin between it and
    the predicted class p must shrink by n_p - n_b - [b < p] + 1. A voter for p takes one from it
    when it votes for any other class, and two when it votes for b; a voter for a third class, or
    one that abstains, takes one when it votes for b. The radius is the least total cost of such
    changes, over all rivals, less one. No larger radius is true of these costs.

    Parameters
    ----------
    votes : array-like of int of shape (n_samples, n_voters)
        Index of the class each voter chooses; -1 where a voter abstains.
    costs : array-like of int of shape (n_samples, n_voters, n_classes)
        How many labels of its own rows must change before a voter may vote for each class, at
        least; costs of other votes than the present one count as one if they are less. 2147483647
        (the largest int32) and more stand for "never". A voter for p must not come to abstain for
        less than the least of its costs.
    n_classes : int
        Number of classes, which is fixed: labels cannot be invented.
    target : int, default=None
        The class that an attacker wants. The radius is then about flips that make it the
        prediction; other changes do not matter.

    Returns
    -------
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    radius : ndarray of int64 of shape (n_samples,)
        The largest number of flipped labels that is proven harmless, never below that of
        `plurality_radius`; 2147483647 where no flips change the prediction. With a `target`, -1
        where that is the prediction already.

    Raises
    ------
    InvalidInputError
        If votes are not a 2-D array of integers from -1 to ``n_classes - 1``, if costs are not
        integers from 0 up, one for each vote and class, if `n_classes` is no whole number from
        1 up, or if `target` is no class.

    Notes
    -----
    A `target` must pass every other class. Its radius follows from the class that costs most to
    pass, or is that of `plurality_radius` if this is larger: never below the radius without a
    target, and in general not the largest that is true.

    References
    ----------
    Mohgaonkar, Gosch, Sabanayagam, Ghoshdastidar, Günnemann: "Exact Certification of Neural
    Networks and Partition Aggregation Ensembles against Label Poisoning" (EnsembleCert), ICLR 2026.

    Examples
    --------
    Three voters for class 0 and one for class 1. If a flip counts as a voter, the prediction
    stands one. But it takes two flips to turn the first voter, four the second, and five the third.

    >>> from sklearn_certify.certificates import flip_radius
    >>> costs = [[[0, 2], [0, 4], [0, 5], [3, 0]]]
    >>> flip_radius([[0, 0, 0, 1]], costs, n_classes=2)
    (array([0]), array([5]))
    """
    n_classes = check_n_classes(n_classes)
    if target is not None:
        target = check_target(target, n_classes, phantom=False)
    votes = check_votes(votes, n_classes)
    costs = _check_costs(costs, (*votes.shape, n_classes))
    counts = count_checked_votes(votes, n_classes)
    predicted = counts.argmax(axis=1)
    radius = np.empty(len(votes), dtype=np.int64)
    run_on_blocks(
        lambda start, stop: _radii(
            votes[start:stop],
            costs[start:stop],
            counts[start:stop],
            predicted[start:stop],
            -1 if target is None else target,
            radius[start:stop],
        ),
        len(votes),
        min_block=_VOTES_PER_BLOCK // votes.shape[1] + 1,
    )
    if target is not None:  # no voter is turned by less than one flip
        radius = np.maximum(radius, fewest_turned(leads_over(counts, target)) - 1)
    return predicted, radius


def _check_costs(costs: ArrayLike, shape: tuple[int, ...]) -> Integers:
    """Return costs as an array of int32 that holds no more than `_NEVER`."""
    costs = np.asarray(costs)
    if costs.shape != shape:
        raise InvalidInputError(
            f"costs must have shape (n_samples, n_voters, n_classes) = {shape}, got {costs.shape}."
        )
    if costs.dtype.kind not in "iu":
        raise InvalidInputError(f"costs must be integers (labels to flip), got {costs.dtype}.")
    if costs.size and costs.min() < 0:
        raise InvalidInputError(f"costs must not be negative, got {costs.min()}.")
    if costs.dtype.itemsize >= np.dtype(np.int32).itemsize:
        costs = np.minimum(costs, costs.dtype.type(_NEVER))
    return np.require(costs, np.int32, ["C", "W"])


@njit(nogil=True, cache=True)
def _radii(
    votes: Integers,
    costs: Integers,
    counts: Int64s,
    predicted: Int64s,
    target: int,
    radius: Int64s,
) -> None:
    """Write the radius of each row; a target of -1 is none."""
    n_classes = counts.shape[1]
    room = _room_for_voters(votes.shape[1])
    for sample in range(len(votes)):
        least, most = _NEVER + 1, 0
        for label in range(n_classes):
            if target < 0 and label != predicted[sample]:
                continue
            _write_costs_of_leaving(votes[sample], costs[sample], label, room[0])
            for rival in range(n_classes):
                if rival == label or (target >= 0 and rival != target):
                    continue
                need = counts[sample, label] - counts[sample, rival] - (rival < label) + 1
                cost = _least_cost(votes[sample], costs[sample], label, rival, need, room)
                least, most = min(least, cost), max(most, cost)
        radius[sample] = (least if target < 0 else most) - 1


@njit(nogil=True, cache=True)
def _room_for_voters(n_voters: int) -> Room:
    """Room for the costs of leaving, single offers, pairs and their halves, and sums."""
    return (
        np.empty(n_voters, np.int64),
        np.empty(2 * n_voters, np.int64),
        np.empty(n_voters, np.int64),
        np.empty(n_voters, np.int64),
        np.empty(2 * n_voters + 1, np.int64),
    )


@njit(nogil=True, cache=True)
def least_flips(votes: Integers, costs: Integers, counts: Int64s, label: int, rival: int) -> int:
    """The fewest flips that let one rival stand before a label, for an explanation of one row."""
    room = _room_for_voters(len(votes))
    _write_costs_of_leaving(votes, costs, label, room[0])
    need = counts[label] - counts[rival] - (rival < label) + 1
    return _least_cost(votes, costs, label, rival, need, room)


@njit(nogil=True, cache=True)
def _write_costs_of_leaving(votes: Integers, costs: Integers, label: int, leaving: Int64s) -> None:
    """Write what it costs, at least, that each voter for a class votes for any other."""
    for voter in range(len(votes)):
        leaving[voter] = _NEVER
        if votes[voter] == label:
            for other in range(costs.shape[1]):
                if other != label:
                    leaving[voter] = min(leaving[voter], max(np.int64(costs[voter, other]), 1))


@njit(nogil=True, cache=True)
def _least_cost(
    votes: Integers,
    costs: Integers,
    winner: int,
    rival: int,
    need: int,
    room: Room,
) -> int:
    """The fewest flips that shrink the margin of one class over another by `need`.

    A voter offers one for m flips and another for c - m. If m <= c - m these may be bought like
    the offers of two voters. Else both come for c together, and of the voters of this kind at most
    one is bought by half: of two, turning the cheaper one alone to the rival costs less.
    """
    if need <= 0:
        return 0
    leaving, singles, pairs, halves, sums = room
    n_singles, n_pairs = 0, 0
    for voter in range(len(votes)):
        vote = votes[voter]
        if vote == rival:
            continue
        cost = max(np.int64(costs[voter, rival]), 1)
        if vote != winner:
            singles[n_singles] = cost
            n_singles += 1
        elif 2 * leaving[voter] <= cost:
            singles[n_singles] = leaving[voter]
            singles[n_singles + 1] = cost - leaving[voter]
            n_singles += 2
        else:
            pairs[n_pairs] = cost
            halves[n_pairs] = leaving[voter]
            n_pairs += 1
    cheapest_first = stable_order(singles[:n_singles])
    sums[0] = 0
    for number in range(n_singles):
        sums[number + 1] = sums[number] + singles[cheapest_first[number]]
    order = stable_order(pairs[:n_pairs])
    later_halves = np.empty(n_pairs + 1, np.int64)  # the cheapest half of the pairs from here on
    later_halves[n_pairs] = _NEVER
    for number in range(n_pairs - 1, -1, -1):
        later_halves[number] = min(later_halves[number + 1], halves[order[number]])
    least, spent, saved = _NEVER + 1, 0, 0
    for bought in range(n_pairs + 1):
        left = max(need - 2 * bought, 0)
        if left <= n_singles:
            least = min(least, spent + sums[left])
        if left == 0 or bought == n_pairs:
            break
        if left - 1 <= n_singles:
            least = min(least, spent + later_halves[bought] + sums[left - 1])
        pair = pairs[order[bought]]
        spent += pair
        saved = min(saved, halves[order[bought]] - pair)  # by taking one of these by half instead
        if left - 1 <= n_singles:
            least = min(least, spent + saved + sums[left - 1])
    return min(least, _NEVER + 1)
