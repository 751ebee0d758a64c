"""Finite Aggregation: every training row reaches several voters, and the most votes win."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from .._compute.blocks import run_on_blocks
from .._compute.first_work import FirstWork
from ._arrays import Dtype, Int64s, Integers
from ._margins import count_checked_votes, rival_gaps
from ._numpy_overlap import targeted_radii_by_numpy, theorem_2_radii_by_numpy
from ._partition_damage import MOST_DAMAGE, damage_type, theorem_2_radius
from ._spread_sums import cyclic_offsets, room_for_sums
from ._targeted_overlap import targeted_radii
from ._targets import largest_first, leads_over
from ._tighten import search_types, tightened_radii
from ._validation import check_cost, check_n_classes, check_spread, check_target, check_votes

__all__ = ["overlap_radius"]

_FIRST_WORK = FirstWork(2**25)
_SUMS_PER_BLOCK = 1 << 18  # fewer than these take less time than starting a thread


def overlap_radius(
    votes: ArrayLike,
    spread: ArrayLike,
    n_classes: int,
    *,
    tighten: bool = False,
    cost: int = 1,
    phantom: bool = True,
    target: int | None = None,
) -> tuple[Int64s, Int64s]:
    """Certified radius of a plurality vote whose voters share training rows.

    Reaching voter i moves the margin between the predicted class p and a rival b by at most
    1 + [v_i = p] - [v_i = b], where v_i is its vote: by 2, 1 (an abstention counts like a vote for
    a third class) or 0. The damage of a partition is the sum over the voters that use it. The
    prediction stands against any r partitions if, for every rival, the r largest damages sum to
    at most n_p - n_b - [b < p].

    Parameters
    ----------
    votes : array-like of int of shape (n_samples, n_voters)
        Index of the class each voter chooses; -1 where a voter abstains.
    spread : array-like of int of shape (n_partitions, spreading_degree)
        The voters that use each partition.
    n_classes : int
        Number of classes.
    tighten : bool, default=False
        Whether to charge a voter less than its weight for each of several corrupted partitions
        that reach it, since it has one vote only. Never lowers a radius and takes longer.
    cost : int, default=1
        Partitions that one unit of poison corrupts.
    phantom : bool, default=True
        Whether the attacker may invent a label, which starts without votes and wins ties. Pass
        False if the set of labels is fixed.
    target : int, default=None
        The class that an attacker wants, or `n_classes` for an invented label (if `phantom`). The
        radius is then about attacks that make it the prediction; other changes do not matter.

    Returns
    -------
    predicted : ndarray of int64 of shape (n_samples,)
        The class with most votes, the first of them if there are several.
    radius : ndarray of int64 of shape (n_samples,)
        The largest amount of poison, in units, that is proven harmless; at most
        ``n_partitions // cost``, which is everything. With a `target`, -1 where that is the
        prediction already.

    Raises
    ------
    InvalidInputError
        If votes are not a 2-D array of integers from -1 to ``n_classes - 1``, if `spread` is not
        a 2-D array of voter numbers without repeats in a row, if `n_classes` or `cost` is no
        whole number from 1 up, or if `target` is no such class.

    Notes
    -----
    A `target` b must pass all classes. To pass k of them, C, it must gain the sum of
    n_c - n_b + [c < b] over C. A voter that is reached adds at most k [v_i != b] + [v_i in C] to
    that, so the prediction cannot become b by r partitions whose r largest sums of these weights
    stay below it. The k with the largest leads are tried for every k, and the best k counts (and is
    tightened). The radius is never below the one without a target.

    References
    ----------
    Wang, Levine and Feizi, "Improved Certified Defenses against Data Poisoning with
    (Deterministic) Finite Aggregation", ICML 2022, Theorem 2. `tighten` goes beyond the paper.

    Examples
    --------
    The paper's Figure 2: three of six voters say cat (1), one each says bird (0), deer (2) and
    dog (3). If they share no row, one poisoned row can make cat and bird tie, and bird comes first.

    >>> from sklearn_certify.certificates import overlap_radius, plurality_radius
    >>> plurality_radius([[1, 3, 1, 2, 1, 0]], n_classes=4)
    (array([1]), array([0]))

    Twelve voters choose in the same proportions. Each partition is used by two neighbours, which
    disagree, so one poisoned row never takes two votes from cat.

    >>> votes = [[1, 3, 1, 2, 1, 0, 1, 3, 1, 2, 1, 0]]
    >>> spread = [[j, (j + 1) % 12] for j in range(12)]
    >>> overlap_radius(votes, spread, n_classes=4)
    (array([1]), array([1]))
    """
    n_classes = check_n_classes(n_classes)
    cost = check_cost(cost)
    if target is not None:
        target = check_target(target, n_classes, phantom=phantom)
    votes = check_votes(votes, n_classes)
    n_voters = votes.shape[1]
    spread = check_spread(spread, n_voters)
    counts = count_checked_votes(votes, n_classes)
    predicted = counts.argmax(axis=1)
    if target is not None:
        radius = _targeted(votes, counts, predicted, spread, target, tighten=tighten, cost=cost)
        radius //= cost
        if tighten:  # the search there may have met better weights
            _, untargeted = overlap_radius(
                votes, spread, n_classes, tighten=True, cost=cost, phantom=phantom
            )
            np.maximum(radius, untargeted, out=radius)
        return predicted, np.where(predicted == target, -1, radius)
    gaps = rival_gaps(counts, predicted, phantom=phantom)
    if tighten:
        gaps[_can_never_win(gaps, votes, predicted, spread, n_classes)] = np.iinfo(gaps.dtype).max
    radius = np.empty(len(votes), dtype=np.int64)
    if not tighten and _FIRST_WORK.takes(gaps.size * spread.size):
        theorem_2_radii_by_numpy(votes, predicted, gaps, spread, radius)
        return predicted, radius // cost
    offsets = cyclic_offsets(spread, n_voters)
    order = gaps.argsort(axis=1, kind="stable")
    types = damage_type(spread), *search_types(spread)

    def kernel(start: int, stop: int) -> None:
        block = slice(start, stop)
        rows = votes[block], predicted[block], gaps[block]
        if tighten:
            tightened_radii(*rows, cost, spread, offsets, *types, radius[block])
        else:
            _plain_radii(*rows, order[block], spread, offsets, types[0], radius[block])

    run_on_blocks(kernel, len(votes), min_block=_SUMS_PER_BLOCK // spread.size + 1)
    return predicted, radius // cost


def _targeted(
    votes: Integers,
    counts: Int64s,
    predicted: Int64s,
    spread: Int64s,
    target: int,
    *,
    tighten: bool,
    cost: int,
) -> Int64s:
    """Radii against attacks that make `target` win, in partitions."""
    n_classes = counts.shape[1]
    n_voters = votes.shape[1]
    leads = leads_over(counts, target)
    order = largest_first(leads, predicted)
    radius = np.empty(len(votes), dtype=np.int64)
    if not tighten and _FIRST_WORK.takes(leads.size * spread.size):
        targeted_radii_by_numpy(votes, leads, order, target, spread, radius)
    else:
        offsets = cyclic_offsets(spread, n_voters)
        most = n_classes + 1  # a voter takes that, at most
        types = np.min_scalar_type(most * spread.shape[1]), *search_types(spread, most)

        def kernel(start: int, stop: int) -> None:
            block = slice(start, stop)
            rows = votes[block], leads[block], order[block], target
            targeted_radii(*rows, cost, tighten, spread, offsets, *types, radius[block])

        run_on_blocks(kernel, len(votes), min_block=_SUMS_PER_BLOCK // spread.size + 1)
    reached = np.unique(spread)
    if len(reached) < n_voters:  # there are voters that the target can never have
        kept = np.delete(votes, reached, axis=1)
        left = count_checked_votes(np.ascontiguousarray(kept), n_classes)
        if target < n_classes:
            left[:, target] += len(reached)
            never = leads_over(left, target).any(axis=1)
        else:
            never = left.max(axis=1) > len(reached)
        radius[never] = len(spread)
    return radius


def _can_never_win(
    gaps: Int64s, votes: Integers, predicted: Int64s, spread: Int64s, n_classes: int
) -> NDArray[np.bool_]:
    """Which rivals lose even if every voter that uses any partition backs them."""
    reached = np.unique(spread)
    if len(reached) == votes.shape[1]:
        return np.zeros_like(gaps, dtype=bool)
    counts = count_checked_votes(np.ascontiguousarray(votes[:, reached]), n_classes)
    counts = np.pad(counts, ((0, 0), (0, gaps.shape[1] - n_classes)))
    of_predicted = np.take_along_axis(counts, predicted[:, None], axis=1)
    damage: Int64s = len(reached) + of_predicted - counts  # of all these voters together
    return damage <= gaps


@njit(nogil=True, cache=True)
def _plain_radii(
    votes: Integers,
    predicted: Int64s,
    gaps: Int64s,
    order: Int64s,
    spread: Int64s,
    offsets: Int64s,
    dtype: Dtype,
    radius: Int64s,
) -> None:
    """Write the radius of each row by Theorem 2, in partitions."""
    n_partitions, degree = spread.shape
    room = room_for_sums(votes.shape[1], spread, MOST_DAMAGE, dtype)
    for sample in range(len(votes)):
        least = n_partitions
        for rival in order[sample]:  # smallest gap first
            gap = gaps[sample, rival]
            if gap // (MOST_DAMAGE * degree) >= least:
                break  # not even if every partition did all the damage that it might
            harmless = theorem_2_radius(
                votes[sample], predicted[sample], rival, gap, spread, offsets, room
            )
            least = min(least, harmless)
        radius[sample] = least
