"""How many partitions an attacker needs to make one label win, where partitions share voters.

For the target b to pass k classes C, their leads over it must all be gone, and so must the sum of
these leads. A voter that is reached takes at most k from it if it has no vote for b, one for each
lead, and one more if it has voted for a class of C. So r partitions do no harm if their r largest
sums of such weights stay below the sum of the leads. Every C proves a radius. Tried are the k
largest leads, for each k; with k = 1 that is Theorem 2 of Finite Aggregation for the rival b.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ._arrays import Dtype, Int64s, Integers, Room
from ._spread_sums import count_sums, most_within, room_for_sums, sum_over_voters
from ._tighten import STEPS, raise_radius, room_for_search

__all__ = ["targeted_radii"]


@njit(nogil=True, cache=True)
def _shortened(lanes: Integers, largest: int) -> Integers:
    """Return room for the histogram of sums up to `largest`: the less there is, the quicker."""
    shape = len(lanes), largest + 1
    return lanes.reshape(lanes.size)[: shape[0] * shape[1]].reshape(shape)


@njit(nogil=True, cache=True)
def _write_weights(
    votes: Integers, order: Int64s, n_passed: int, target: int, weights: Integers
) -> None:
    """Write, twice, what each voter can take from the sum of the first `n_passed` leads."""
    of_vote = np.full(len(order) + 2, n_passed)  # of abstentions, classes, an invented label
    for label in order[:n_passed]:
        of_vote[label + 1] += 1
    of_vote[target + 1] = 0
    first, second = weights[: len(votes)], weights[len(votes) :]
    for voter in range(len(votes)):
        weight = of_vote[votes[voter] + 1]
        first[voter] = weight
        second[voter] = weight


@njit(nogil=True, cache=True)
def _write_ceilings(
    votes: Integers,
    leads: Int64s,
    order: Int64s,
    target: int,
    uses: Int64s,
    n_partitions: int,
    ceilings: Int64s,
) -> int:
    """Write the most partitions that the first k leads can prove harmless; return how many k.

    The largest sums of weights are no smaller than the average one.
    """
    uses_of = np.zeros(len(order) + 2, np.int64)
    for voter in range(len(votes)):
        uses_of[votes[voter] + 1] += uses[voter]
    turnable = uses_of.sum() - uses_of[target + 1]
    lead, of_classes = 0, 0
    for k in range(len(order)):
        label = order[k]
        if leads[label] == 0:
            return k
        lead += leads[label]
        of_classes += uses_of[label + 1]
        weight = (k + 1) * turnable + of_classes
        ceilings[k] = n_partitions
        if weight > 0:
            ceilings[k] = min(n_partitions, (lead - 1) * n_partitions // weight)
    return len(order)


@njit(nogil=True, cache=True)
def _plain_radius(
    votes: Integers,
    leads: Int64s,
    order: Int64s,
    target: int,
    spread: Int64s,
    offsets: Int64s,
    ceilings: Int64s,
    room: Room,
) -> tuple[int, int]:
    """Return the most partitions that are proven harmless, and the number of leads that do it."""
    weights, sums, lanes = room
    radius, chosen = 0, 1
    while len(ceilings):
        k = int(ceilings.argmax())
        if ceilings[k] <= radius:
            break
        ceilings[k] = 0
        _write_weights(votes, order, k + 1, target, weights)
        sum_over_voters(weights, spread, offsets, sums)
        histogram = count_sums(sums, _shortened(lanes, spread.shape[1] * (k + 2)))
        harmless = most_within(histogram, leads[order[: k + 1]].sum() - 1)
        if harmless > radius:
            radius, chosen = harmless, k + 1
    return radius, chosen


@njit(nogil=True, cache=True)
def targeted_radii(
    votes: Integers,
    leads: Int64s,
    order: Int64s,
    target: int,
    cost: int,
    tighten: bool,
    spread: Int64s,
    offsets: Int64s,
    sum_type: Dtype,
    unit_type: Dtype,
    part_type: Dtype,
    radius: Int64s,
) -> None:
    """Write the radius of each row, in partitions.

    `leads` and `order` are those of `leads_over` and `largest_first`. Types are as in
    `tightened_radii`, for weights of up to one more than there are classes.
    """
    n_samples, n_voters = votes.shape
    n_partitions, n_classes = len(spread), leads.shape[1]
    room = room_for_sums(n_voters, spread, n_classes + 1, sum_type)
    search_room = room_for_search(n_voters, spread, n_classes + 1, unit_type, part_type)
    most = search_room[3]
    uses = np.zeros(n_voters, np.int64)
    for partition in range(n_partitions):
        for voter in spread[partition]:
            uses[voter] += 1
    ceilings = np.empty(n_classes, np.int64)
    backward = (n_voters - offsets) % n_voters
    for sample in range(n_samples):
        row = votes[sample], leads[sample], order[sample], target
        n_leads = _write_ceilings(*row, uses, n_partitions, ceilings)
        radius[sample], chosen = _plain_radius(*row, spread, offsets, ceilings[:n_leads], room)
        if not tighten or n_leads == 0:
            continue
        most[:] = 0
        units, sums, lanes = search_room[:3]
        most_units = (lanes.shape[1] - 1) // (n_classes + 1) * (chosen + 1)
        _write_weights(votes[sample], order[sample], chosen, target, room[0])
        radius[sample] = raise_radius(
            room[0][:n_voters],
            leads[sample][order[sample][:chosen]].sum() - 1,
            radius[sample],
            n_partitions,
            cost,
            STEPS,
            spread,
            offsets,
            backward,
            (units, sums, _shortened(lanes, most_units), *search_room[3:]),
        )[0]
